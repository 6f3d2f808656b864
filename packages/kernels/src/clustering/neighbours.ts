import type { NeighboursKernels } from '../generated/clustering/kernels.ts';
import type { Heap } from '../heap.ts';

/** The pointers of a side, converted to indices of the views. */
interface Side {
  readonly values: number;
  readonly halves: number;
  readonly errors: number;
  readonly limits: number;
  readonly squares: number;
  readonly tags: number;
  readonly names: number;
}

export function neighbours(heap: Heap): NeighboursKernels {
  const sideAt = (pointer: number): Side => {
    const at = (which: number) => heap.i32[(pointer >>> 2) + which] >>> 0;
    return {
      values: at(0) >>> 3,
      halves: at(1) >>> 2,
      errors: at(2) >>> 3,
      limits: at(3) >>> 2,
      squares: at(4) >>> 3,
      tags: at(5) >>> 2,
      names: at(6) >>> 2,
    };
  };
  /** Summed in the order of the vector instructions. */
  const square = (d: number, x: number, y: number): number => {
    const f = heap.f64;
    const sums = [0, 0, 0, 0];
    for (let j = 0; j < (d & ~3); j++) sums[j & 3] += (f[x + j] - f[y + j]) ** 2;
    let sum = sums[0] + sums[2] + (sums[1] + sums[3]);
    for (let j = d & ~3; j < d; j++) sum += (f[x + j] - f[y + j]) ** 2;
    return sum;
  };
  const offer = (side: Side, p: number, k: number, v: number, tag: number, scale: number, slack: number): void => {
    const [f, w] = [heap.f64, heap.i32];
    const [values, tags] = [side.squares + p * k, side.tags + p * k];
    const after = (c: number, value: number, name: number) =>
      f[values + c] > value || (f[values + c] === value && w[tags + c] > name);
    if (!after(0, v, tag)) return;
    let at = 0;
    for (let child = 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && after(child + 1, f[values + child], w[tags + child])) child++;
      if (!after(child, v, tag)) break;
      f[values + at] = f[values + child];
      w[tags + at] = w[tags + child];
      at = child;
    }
    f[values + at] = v;
    w[tags + at] = tag;
    const far = Math.sqrt(f[values]) * scale + f[side.errors + p] + slack;
    w[side.limits + p] = Math.max(-(2 ** 31), -2 - Math.floor((far * far) / 2));
  };
  return {
    interleave(count, width, pairs, list, rows, out) {
      const w = heap.i32;
      const filled = Math.ceil(count / width) * width;
      for (let i = 0; i < filled; i++) {
        const from = (rows >>> 2) + w[(list >>> 2) + Math.min(i, count - 1)] * pairs;
        const to = (out >>> 2) + Math.floor(i / width) * pairs * width + (i % width);
        for (let t = 0; t < pairs; t++) w[to + t * width] = w[from + t];
      }
    },
    offerNear(m, count, pairs, d, k, scale, slack, panel, list, queries, block, first, base, others, mutual, self) {
      const w = heap.i32;
      const [x, y] = [sideAt(queries), sideAt(base)];
      for (let i = 0; i < m; i++) {
        const p = w[(list >>> 2) + i];
        for (let c = 0; c < count; c++) {
          const q = first + c;
          let sum = -w[x.halves + p] - w[y.halves + q];
          for (let t = 0; t < pairs; t++) {
            const u = w[(panel >>> 2) + (i >> 2) * 4 * pairs + 4 * t + (i & 3)];
            const v = w[(block >>> 2) + (c >> 3) * 8 * pairs + 8 * t + (c & 7)];
            sum += ((u << 16) >> 16) * ((v << 16) >> 16) + (u >> 16) * (v >> 16);
          }
          if (sum <= Math.min(w[x.limits + p], w[(others >>> 2) + c]) || (self && p === q)) continue;
          const v = square(d, x.values + p * d, y.values + q * d);
          offer(x, p, k, v, w[y.names + q], scale, slack);
          if (mutual) offer(y, q, k, v, w[x.names + p], scale, slack);
        }
      }
    },
  };
}

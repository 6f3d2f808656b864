import type { IncompleteKernels } from '../generated/systems/kernels.ts';
import type { Heap } from '../heap.ts';

export function incomplete(heap: Heap): IncompleteKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  const rowLevels: IncompleteKernels['rowLevels'] = (from, to, columns, backward, low, high, level) => {
    const { i32 } = heap;
    let most = 0;
    for (let t = low; t < high; t++) {
      const i = backward ? low + high - 1 - t : t;
      const reads = i32.subarray((columns >>> 2) + i32[(from >>> 2) + i], (columns >>> 2) + i32[(to >>> 2) + i]);
      let own = 0;
      for (const j of reads) if (j >= low && j < high) own = Math.max(own, i32[(level >>> 2) + j] + 1);
      i32[(level >>> 2) + i] = own;
      most = Math.max(most, own + 1);
    }
    return most;
  };
  return {
    rowLevels,
    rowDiagonals(n, pointers, columns, values, left, right, d) {
      const { f64, i32 } = heap;
      for (let i = 0; i < n; i++) {
        const end = i32[(pointers >>> 2) + i + 1];
        let k = i32[(pointers >>> 2) + i];
        while (k < end && i32[(columns >>> 2) + k] < i) k++;
        i32[(left >>> 2) + i] = k;
        const there = k < end && i32[(columns >>> 2) + k] === i;
        f64[(d >>> 3) + i] = there ? f64[(values >>> 3) + k] : 0;
        i32[(right >>> 2) + i] = there ? k + 1 : k;
      }
    },
    incompleteRows(n, pointers, columns, values, definite, shift, smallest, left, right, pivots, place) {
      const { f64, i32 } = heap;
      const column = (e: number) => i32[(columns >>> 2) + e];
      const [a, p, d] = [values >>> 3, pointers >>> 2, pivots >>> 3];
      i32.fill(-1, place >>> 2, (place >>> 2) + n);
      for (let i = 0; i < n; i++) {
        const [from, to] = [i32[p + i], i32[p + i + 1]];
        const [low, high] = [i32[(left >>> 2) + i], i32[(right >>> 2) + i]];
        for (let e = from; e < to; e++) i32[(place >>> 2) + column(e)] = e;
        const diagonal = low < high ? f64[a + low] : 0;
        const scale = definite ? diagonal : Math.hypot(...f64.subarray(a + from, a + to));
        let pivot = diagonal + shift * scale;
        for (let e = from; e < low; e++) {
          const k = column(e);
          for (let q = i32[(right >>> 2) + k]; q < i32[p + k + 1]; q++) {
            const by = f64[a + e] * f64[a + q];
            const at = i32[(place >>> 2) + column(q)];
            if (column(q) === i) pivot -= by;
            else if (at >= 0) f64[a + at] -= by;
          }
          f64[a + e] /= f64[d + k];
        }
        for (let e = from; e < to; e++) i32[(place >>> 2) + column(e)] = -1;
        f64[d + i] = pivot;
        if (!((definite ? pivot : Math.abs(pivot)) > smallest * scale)) return i;
        for (let e = high; e < to; e++) f64[a + e] /= pivot;
      }
      return -1;
    },
    scaleTriangles(n, pointers, columns, values, left, right, d, s) {
      const { f64, i32 } = heap;
      for (let i = 0; i < n; i++) {
        for (let e = i32[(pointers >>> 2) + i]; e < i32[(left >>> 2) + i]; e++) {
          f64[(values >>> 3) + e] *= s / f64[(d >>> 3) + i32[(columns >>> 2) + e]];
        }
        const by = s / f64[(d >>> 3) + i];
        for (let e = i32[(right >>> 2) + i]; e < i32[(pointers >>> 2) + i + 1]; e++) f64[(values >>> 3) + e] *= by;
      }
    },
    windowOrder(n, size, from, to, columns, backward, order, level, starts) {
      const { i32 } = heap;
      for (let at = 0; at < n; at += size) {
        const end = Math.min(n, at + size);
        const [low, high] = backward ? [n - end, n - at] : [at, end];
        const most = rowLevels(from, to, columns, backward, low, high, level);
        const s = starts >>> 2;
        const own = (t: number) => s + i32[(level >>> 2) + t];
        i32.fill(0, s, s + most + 1);
        for (let i = low; i < high; i++) i32[own(i) + 1]++;
        for (let l = 0; l < most; l++) i32[s + l + 1] += i32[s + l];
        for (let t = low; t < high; t++) {
          const i = backward ? low + high - 1 - t : t;
          i32[(order >>> 2) + at + i32[own(i)]++] = i;
        }
      }
    },
    layRows(n, order, from, to, columns, values, width, pointers, outColumns, outValues) {
      const { f64, i32 } = heap;
      let at = 0;
      if (pointers) i32[pointers >>> 2] = 0;
      let last = n > 0 ? i32[order >>> 2] : 0;
      const put = (value: number) => {
        i32[(outColumns >>> 2) + at] = last;
        f64[(outValues >>> 3) + at++] = value;
      };
      for (let t = 0; t < n; t++) {
        const i = i32[(order >>> 2) + t];
        for (let k = i32[(from >>> 2) + i]; k < i32[(to >>> 2) + i]; k++) {
          last = i32[(columns >>> 2) + k];
          put(f64[(values >>> 3) + k]);
        }
        if (pointers) i32[(pointers >>> 2) + t + 1] = at;
        else while (at < (t + 1) * width) put(0);
      }
    },
  };
}

import type { GathersKernels } from '../generated/kernels.ts';
import type { Heap } from '../heap.ts';

function gathersOf(heap: Heap, single: boolean) {
  const shift = single ? 2 : 3;
  const r = single ? Math.fround : (v: number) => v;
  const numbers = () => (single ? heap.f32 : heap.f64);
  const takeRows: GathersKernels['takeRows'] = (back, outer, count, length, inner, at, x, y) => {
    const a = numbers();
    const [px, py] = [x >>> shift, y >>> shift];
    if (back) a.fill(0, px, px + outer * length * inner);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < count; j++) {
        const index = heap.i32[(at >>> 2) + j];
        if (index < 0 || index >= length) return j;
        for (let i = 0; i < inner; i++) {
          const [p, q] = [px + (o * length + index) * inner + i, py + (o * count + j) * inner + i];
          if (back) a[p] += a[q];
          else a[q] = a[p];
        }
      }
    }
    return -1;
  };
  const takePlaces: GathersKernels['takePlaces'] = (back, blocks, count, length, at, x, y) => {
    const a = numbers();
    const [px, py] = [x >>> shift, y >>> shift];
    if (back) a.fill(0, px, px + blocks * length);
    for (let j = 0; j < blocks * count; j++) {
      const index = heap.i32[(at >>> 2) + j];
      if (index < 0 || index >= length) return j;
      const p = px + Math.floor(j / count) * length + index;
      if (back) a[p] += a[py + j];
      else a[py + j] = a[p];
    }
    return -1;
  };
  const adamStep: GathersKernels['adamStep'] = (n, beta1, beta2, step, root, epsilon, keep, g, m, v, p) => {
    const a = numbers();
    const [pg, pm, pv, pp] = [g, m, v, p].map((pointer) => pointer >>> shift);
    const [b1, c1, b2, c2, s, q, e, k] = [beta1, 1 - beta1, beta2, 1 - beta2, step, root, epsilon, keep].map(r);
    for (let i = 0; i < n; i++) {
      const x = a[pg + i];
      const mean = r(r(b1 * a[pm + i]) + r(c1 * x));
      const square = r(r(b2 * a[pv + i]) + r(c2 * r(x * x)));
      a[pm + i] = mean;
      a[pv + i] = square;
      const move = r(r(s * mean) / r(r(q * r(Math.sqrt(square))) + e));
      a[pp + i] = r(k * a[pp + i]) - move;
    }
  };
  return { takeRows, takePlaces, adamStep };
}

export function gathers(heap: Heap): GathersKernels {
  const single = gathersOf(heap, true);
  return {
    ...gathersOf(heap, false),
    stakeRows: single.takeRows,
    stakePlaces: single.takePlaces,
    sadamStep: single.adamStep,
  };
}

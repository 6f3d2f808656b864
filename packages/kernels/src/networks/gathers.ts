import type { GathersKernels } from '../generated/networks/kernels.ts';
import type { Heap } from '../heap.ts';

function gathersOf(heap: Heap, single: boolean) {
  const shift = single ? 2 : 3;
  const numbers = () => (single ? heap.f32 : heap.f64);
  const takeRows: GathersKernels['takeRows'] = (back, outer, count, length, inner, whole, at, x, y) => {
    const a = numbers();
    const [px, py] = [x >>> shift, y >>> shift];
    if (back) for (let i = 0; i < outer * length; i++) a.fill(0, px + i * whole, px + i * whole + inner);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < count; j++) {
        const index = heap.i32[(at >>> 2) + j];
        if (index < 0 || index >= length) return j;
        for (let i = 0; i < inner; i++) {
          const [p, q] = [px + (o * length + index) * whole + i, py + (o * count + j) * whole + i];
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
  return { takeRows, takePlaces };
}

export function gathers(heap: Heap): GathersKernels {
  const single = gathersOf(heap, true);
  return {
    ...gathersOf(heap, false),
    stakeRows: single.takeRows,
    stakePlaces: single.takePlaces,
  };
}

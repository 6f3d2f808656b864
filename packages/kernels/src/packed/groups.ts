import type { GroupsKernels } from '../generated/packed/kernels.ts';
import type { Heap } from '../heap.ts';

export function groups(heap: Heap): GroupsKernels {
  /** Calls f for every value of a row, with its column. */
  const each = (
    row: number,
    inner: number,
    values: number,
    places: number,
    f: (j: number, v: number) => void,
  ): void => {
    const { f32, i32 } = heap;
    const pair = (row >> 1) & 3;
    for (let group = 0; 4 * group < inner; group++) {
      const block = (row >> 3) * Math.ceil(inner / 16) + (group >> 2);
      const g = group & 3;
      for (const l of [2 * (row & 1), 2 * (row & 1) + 1]) {
        const j = 4 * group + ((i32[(places >>> 2) + 4 * block + g] >>> (8 * pair + 2 * l)) & 3);
        if (j < inner) f(j, f32[(values >>> 2) + 64 * block + (4 * g + pair) * 4 + l]);
      }
    }
  };
  return {
    groupsTimes(from, to, inner, values, places, _, x, y) {
      const { f32 } = heap;
      for (let row = from; row < to; row++) {
        let sum = 0;
        each(row, inner, values, places, (j, v) => {
          sum += v * f32[(x >>> 2) + j];
        });
        f32[(y >>> 2) + row - from] = sum;
      }
    },
    groupsRows(from, to, inner, values, places, y) {
      const { f32 } = heap;
      const at = y >>> 2;
      f32.fill(0, at, at + (to - from) * inner);
      for (let row = from; row < to; row++)
        each(row, inner, values, places, (j, v) => {
          f32[at + (row - from) * inner + j] += v;
        });
    },
  };
}

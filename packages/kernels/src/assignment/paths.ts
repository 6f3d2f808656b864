import type { PathsKernels } from '../generated/assignment/kernels.ts';
import type { Heap } from '../heap.ts';

export function paths(heap: Heap): PathsKernels {
  return {
    shortestPath(columns, start, costs, v, columnOf, rowOf, distance, from, scanned, saved) {
      const { f64, i32 } = heap;
      const [c, dual, dist, kept] = [costs, v, distance, saved].map((p) => p >>> 3);
      const [col, row, source, list] = [columnOf, rowOf, from, scanned].map((p) => p >>> 2);
      f64.fill(Number.POSITIVE_INFINITY, dist, dist + columns);
      let [i, done, offset, freeLeast, freeAt] = [start, 0, 0, Number.POSITIVE_INFINITY, -1];
      for (;;) {
        let [least, at] = [Number.POSITIVE_INFINITY, -1];
        for (let j = 0; j < columns; j++) {
          const d = offset + (f64[c + i * columns + j] - f64[dual + j]);
          if (d < f64[dist + j]) {
            f64[dist + j] = d;
            i32[source + j] = i;
            if (d < freeLeast && i32[row + j] < 0) [freeLeast, freeAt] = [d, j];
          }
          if (f64[dist + j] < least) [least, at] = [f64[dist + j], j];
        }
        if (least === Number.POSITIVE_INFINITY || freeLeast <= least) break;
        const own = f64[dual + at];
        i32[list + done] = at;
        f64[kept + 2 * done] = own;
        f64[kept + 2 * done + 1] = least;
        done++;
        f64[dual + at] = Number.NEGATIVE_INFINITY;
        f64[dist + at] = Number.POSITIVE_INFINITY;
        i = i32[row + at];
        offset = least - (f64[c + i * columns + at] - own);
      }
      for (let s = 0; s < done; s++) {
        const lower = freeAt < 0 ? 0 : Math.max(0, freeLeast - f64[kept + 2 * s + 1]);
        f64[dual + i32[list + s]] = f64[kept + 2 * s] - lower;
      }
      if (freeAt < 0) return -1 - done;
      for (let j = freeAt, r = -1; r !== start; ) {
        r = i32[source + j];
        i32[row + j] = r;
        const next = i32[col + r];
        i32[col + r] = j;
        j = next;
      }
      return freeAt;
    },
  };
}

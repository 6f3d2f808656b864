import type { CoarseningKernels } from '../generated/systems/kernels.ts';
import type { Heap } from '../heap.ts';

export function coarsening(heap: Heap): CoarseningKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  /** Visits row i of a matrix, entry by entry, with the position of its value. */
  const row = (i: number, pointers: number, indices: number, values = 0) => {
    const { f64, i32 } = heap;
    const from = i32[(pointers >>> 2) + i];
    const count = i32[(pointers >>> 2) + i + 1] - from;
    return Array.from({ length: count }, (_, k) => ({
      j: i32[(indices >>> 2) + from + k],
      at: (values >>> 3) + from + k,
      v: f64[(values >>> 3) + from + k],
    }));
  };
  const sizeOf = (v: number, negative: boolean) => (negative ? -v : Math.abs(v));
  const limit = (least: number, i: number) => heap.f64[(least >>> 3) + i];

  return {
    positiveDiagonal(n, pointers, indices, values, largest) {
      let most = 0;
      for (let i = 0; i < n; i++) {
        const own = row(i, pointers, indices, values);
        const diagonal = own.find(({ j }) => j === i)?.v ?? 0;
        if (!(diagonal > 0) || !own.every(({ v }) => Number.isFinite(v))) return i;
        most = Math.max(most, diagonal);
      }
      heap.f64[largest >>> 3] = most;
      return -1;
    },
    strongLimits(n, pointers, indices, values, inverse, negative, theta, dominant, least) {
      for (let i = 0; i < n; i++) {
        let [most, sum] = [0, 0];
        for (const { j, v } of row(i, pointers, indices, values)) {
          if (j === i) continue;
          most = Math.max(most, sizeOf(v, negative));
          sum += Math.abs(v);
        }
        const strong = most > 0 && sum * heap.f64[(inverse >>> 3) + i] > dominant;
        heap.f64[(least >>> 3) + i] = strong ? theta * most : Number.POSITIVE_INFINITY;
      }
    },
    strongCounts(n, pointers, indices, values, least, negative, counts) {
      let [kept, mutual] = [0, 0];
      for (let i = 0; i < n; i++) {
        for (const { j, v } of row(i, pointers, indices, values)) {
          const size = j === i ? Number.POSITIVE_INFINITY : sizeOf(v, negative);
          if (j !== i && !(size > limit(least, i))) continue;
          kept++;
          if (j === i || size > limit(least, j)) mutual++;
        }
      }
      heap.i32.set([kept, mutual], counts >>> 2);
    },
    strongRows(n, pointers, indices, values, least, negative, kP, kI, kV, gP, gI) {
      const { f64, i32 } = heap;
      let [at, edge] = [0, 0];
      if (kP) i32[kP >>> 2] = 0;
      if (gP) i32[gP >>> 2] = 0;
      for (let i = 0; i < n; i++) {
        let [diagonal, lumped] = [-1, 0];
        for (const { j, v } of row(i, pointers, indices, values)) {
          const size = sizeOf(v, negative);
          if (j !== i && !(size > limit(least, i))) {
            lumped += v;
            continue;
          }
          if (gP && (j === i || size > limit(least, j))) i32[(gI >>> 2) + edge++] = j;
          if (!kP) continue;
          if (j === i) diagonal = (kV >>> 3) + at;
          i32[(kI >>> 2) + at] = j;
          f64[(kV >>> 3) + at++] = v;
        }
        if (diagonal >= 0 && f64[diagonal] + lumped > 0.1 * f64[diagonal]) f64[diagonal] += lumped;
        if (kP) i32[(kP >>> 2) + i + 1] = at;
        if (gP) i32[(gP >>> 2) + i + 1] = edge;
      }
    },
    greedyAggregates(n, pointers, indices, of) {
      const parts = heap.i32.subarray(of >>> 2, (of >>> 2) + n).fill(-1);
      const others = (i: number) => row(i, pointers, indices).flatMap(({ j }) => (j === i ? [] : [j]));
      let count = 0;
      for (let i = 0; i < n; i++) {
        const near = others(i);
        if (parts[i] >= 0 || near.length === 0 || near.some((j) => parts[j] >= 0)) continue;
        for (const j of [i, ...near]) parts[j] = count;
        count++;
      }
      const first = parts.slice();
      for (let i = 0; i < n; i++) {
        if (parts[i] >= 0) continue;
        const joined = others(i).find((j) => first[j] >= 0);
        if (joined !== undefined) parts[i] = first[joined];
      }
      for (let i = 0; i < n; i++) {
        const near = others(i);
        if (parts[i] >= 0 || near.length === 0) continue;
        for (const j of [i, ...near]) if (parts[j] < 0) parts[j] = count;
        count++;
      }
      return count;
    },
    smoothedRows(n, fP, fI, fV, tP, tI, tV, omega, pP, pI, pV) {
      for (let i = 0; i < n; i++) {
        const own = row(i, pP, pI, pV);
        const diagonal = row(i, fP, fI, fV).findLast(({ j }) => j === i)?.v ?? 0;
        const tentative = row(i, tP, tI, tV);
        const by = diagonal > 0 ? -(tentative.length > 0 ? omega : 1) / diagonal : 0;
        for (const { at } of own) heap.f64[at] *= by;
        for (const { j, v } of tentative) {
          const place = own.find((entry) => entry.j === j);
          if (place) heap.f64[place.at] += v;
        }
      }
    },
    scaledRowSums(n, pointers, indices, values, root) {
      let bound = 0;
      for (let i = 0; i < n; i++) {
        const own = row(i, pointers, indices, values);
        const diagonal = own.findLast(({ j }) => j === i)?.v ?? 0;
        heap.f64[(root >>> 3) + i] = diagonal > 0 ? 1 / Math.sqrt(diagonal) : 0;
        if (diagonal > 0) bound = Math.max(bound, own.reduce((sum, { v }) => sum + Math.abs(v), 0) / diagonal);
      }
      return bound;
    },
    weightedSquares(n, cols, pointers, indices, values, inverse, out) {
      const sums = heap.f64.subarray(out >>> 3, (out >>> 3) + cols).fill(0);
      for (let i = 0; i < n; i++) {
        const own = heap.f64[(inverse >>> 3) + i];
        if (own === 0) continue;
        for (const { j, v } of row(i, pointers, indices, values)) sums[j] += v * v * (1 / own);
      }
    },
    lowerRows(n, pointers, indices, values, lP, lI, lV, diagonal) {
      const { f64, i32 } = heap;
      let at = 0;
      i32[lP >>> 2] = 0;
      for (let i = 0; i < n; i++) {
        const own = row(i, pointers, indices, values);
        for (const { j, v } of own.filter((entry) => entry.j < i)) {
          if (lI) {
            i32[(lI >>> 2) + at] = j;
            f64[(lV >>> 3) + at] = v;
          }
          at++;
        }
        if (lI) f64[(diagonal >>> 3) + i] = own.find(({ j }) => j === i)?.v ?? 0;
        i32[(lP >>> 2) + i + 1] = at;
      }
      return at;
    },
  };
}

import type { PackedKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';
import { sweeps } from './step.ts';

export function packed(heap: Heap): PackedKernels {
  const sweep = sweeps(heap);
  return {
    rootsOfWeights(n, d, v, root, z) {
      const a = heap.f64;
      for (let i = 0; i < n; i++) {
        const r = Math.sqrt(Math.max(a[(d >>> 3) + i], 1e-300));
        a[(root >>> 3) + i] = r;
        a[(z >>> 3) + i] = a[(v >>> 3) + i] / r;
      }
    },

    packSparseColumns(
      k,
      columns,
      colPointers,
      rowIndices,
      values,
      scale,
      root,
      z,
      starts,
      places,
      entries,
      sums,
      curvatures,
    ) {
      const { f64: a, i32 } = heap;
      let count = 0;
      for (let t = 0; t < k; t++) {
        const j = i32[(columns >>> 2) + t];
        i32[(starts >>> 2) + t] = count;
        let [sum, square] = [0, 0];
        let weighted = false;
        for (let e = i32[(colPointers >>> 2) + j]; e < i32[(colPointers >>> 2) + j + 1]; e++) {
          const i = i32[(rowIndices >>> 2) + e];
          const r = a[(root >>> 3) + i];
          const x = a[(scale >>> 3) + j] * a[(values >>> 3) + e] * r;
          i32[(places >>> 2) + count] = z + 8 * i;
          a[(entries >>> 3) + count++] = x;
          sum += x * r;
          square += x * x;
          weighted ||= r > 1.000001e-150;
        }
        a[(sums >>> 3) + t] = sum;
        a[(curvatures >>> 3) + t] = weighted ? square : 0;
      }
      i32[(starts >>> 2) + k] = count;
    },

    packedDescent(
      m,
      starts,
      places,
      entries,
      curvatures,
      sums,
      sumD,
      centre,
      state,
      b,
      kind,
      penalty,
      stride,
      epochs,
      tol,
    ) {
      const { f64: a, i32 } = heap;
      const x = entries >>> 3;
      /** The index of the number at the position given by entry e. */
      const at = (e: number) => i32[(places >>> 2) + e] >>> 3;
      const entriesOf = (k: number) => [i32[(starts >>> 2) + k], i32[(starts >>> 2) + k + 1]];
      return sweep(
        m,
        b,
        kind,
        penalty,
        stride,
        epochs,
        tol,
        (k) => a[(curvatures >>> 3) + k],
        (k) => {
          const [from, to] = entriesOf(k);
          let g = 0;
          for (let e = from; e < to; e++) g += a[x + e] * a[at(e)];
          return centre ? g + a[state >>> 3] * a[(sums >>> 3) + k] : g;
        },
        (k, delta) => {
          const [from, to] = entriesOf(k);
          for (let e = from; e < to; e++) a[at(e)] -= delta * a[x + e];
          if (centre) a[state >>> 3] += (delta * a[(sums >>> 3) + k]) / sumD;
        },
      );
    },
  };
}

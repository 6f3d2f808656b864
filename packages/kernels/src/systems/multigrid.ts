import type { MultigridKernels } from '../generated/systems/kernels.ts';
import type { Heap } from '../heap.ts';

export function multigrid(heap: Heap): MultigridKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  /** Converts the pointers of a compressed matrix to indices of the views. */
  const at = (pointers: number, indices: number, values = 0) => [pointers >>> 2, indices >>> 2, values >>> 3] as const;

  return {
    rowsProductSize(rows, cols, aPointers, aIndices, bPointers, bIndices, cPointers, marks) {
      const { i32 } = heap;
      const [ap, ai] = at(aPointers, aIndices);
      const [bp, bi] = at(bPointers, bIndices);
      const [c, m] = [cPointers >>> 2, marks >>> 2];
      i32.fill(-1, m, m + cols);
      i32[c] = 0;
      let total = 0;
      for (let i = 0; i < rows; i++) {
        for (let k = i32[ap + i]; k < i32[ap + i + 1]; k++) {
          const row = bp + i32[ai + k];
          for (let b = i32[row]; b < i32[row + 1]; b++) {
            const j = i32[bi + b];
            if (i32[m + j] === i) continue;
            i32[m + j] = i;
            total++;
          }
        }
        if (total > 0x7fffffff) return -1;
        i32[c + i + 1] = total;
      }
      return total;
    },
    rowsProduct(
      rows,
      cols,
      aPointers,
      aIndices,
      aValues,
      bPointers,
      bIndices,
      bValues,
      cPointers,
      cIndices,
      cValues,
      m,
    ) {
      const { f64, i32 } = heap;
      const [ap, ai, av] = at(aPointers, aIndices, aValues);
      const [bp, bi, bv] = at(bPointers, bIndices, bValues);
      const [cp, ci, cv] = at(cPointers, cIndices, cValues);
      const marks = m >>> 2;
      i32.fill(-1, marks, marks + cols);
      for (let i = 0; i < rows; i++) {
        const first = i32[cp + i];
        let next = first;
        for (let k = i32[ap + i]; k < i32[ap + i + 1]; k++) {
          const row = bp + i32[ai + k];
          for (let b = i32[row]; b < i32[row + 1]; b++) {
            const j = i32[bi + b];
            const x = f64[av + k] * f64[bv + b];
            const seen = i32[marks + j];
            if (seen >= first) {
              f64[cv + seen] += x;
              continue;
            }
            i32[marks + j] = next;
            i32[ci + next] = j;
            f64[cv + next++] = x;
          }
        }
      }
    },
    rowsTranspose(rows, cols, pointers, indices, values, tPointers, tIndices, tValues) {
      const { f64, i32 } = heap;
      const [p, q, v] = at(pointers, indices, values);
      const [tp, ti, tv] = at(tPointers, tIndices, tValues);
      i32.fill(0, tp, tp + cols + 2);
      for (let k = 0; k < i32[p + rows]; k++) i32[tp + i32[q + k] + 2]++;
      for (let j = 1; j <= cols; j++) i32[tp + j + 1] += i32[tp + j];
      for (let i = 0; i < rows; i++) {
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) {
          const place = i32[tp + i32[q + k] + 1]++;
          i32[ti + place] = i;
          f64[tv + place] = f64[v + k];
        }
      }
    },
    rowsAdd(rows, pointers, indices, values, e, x) {
      const { f64, i32 } = heap;
      const [p, q, v] = at(pointers, indices, values);
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) sum += f64[v + k] * f64[(e >>> 3) + i32[q + k]];
        f64[(x >>> 3) + i] += sum;
      }
    },
    halfForward(n, pointers, indices, values, inverse, b, x, r) {
      const { f64, i32 } = heap;
      const [p, q, v] = at(pointers, indices, values);
      const [d, bs, xs, rs] = [inverse >>> 3, b >>> 3, x >>> 3, r >>> 3];
      for (let i = 0; i < n; i++) {
        let sum = f64[bs + i];
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) sum -= f64[v + k] * f64[xs + i32[q + k]];
        const xi = sum * f64[d + i];
        f64[xs + i] = xi;
        f64[rs + i] = 0;
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) f64[rs + i32[q + k]] -= f64[v + k] * xi;
      }
    },
    halfBackward(n, pointers, indices, values, inverse, b, x, s) {
      const { f64, i32 } = heap;
      const [p, q, v] = at(pointers, indices, values);
      const [d, bs, xs, ss] = [inverse >>> 3, b >>> 3, x >>> 3, s >>> 3];
      f64.fill(0, ss, ss + n);
      for (let i = n - 1; i >= 0; i--) {
        let sum = f64[bs + i] - f64[ss + i];
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) sum -= f64[v + k] * f64[xs + i32[q + k]];
        const xi = sum * f64[d + i];
        f64[xs + i] = xi;
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) f64[ss + i32[q + k]] += f64[v + k] * xi;
      }
    },
    halfResidual(n, pointers, indices, values, diagonal, b, x, r) {
      const { f64, i32 } = heap;
      const [p, q, v] = at(pointers, indices, values);
      const [d, bs, xs, rs] = [diagonal >>> 3, b >>> 3, x >>> 3, r >>> 3];
      for (let i = 0; i < n; i++) {
        const xi = f64[xs + i];
        let sum = f64[bs + i] - f64[d + i] * xi;
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) {
          sum -= f64[v + k] * f64[xs + i32[q + k]];
          f64[rs + i32[q + k]] -= f64[v + k] * xi;
        }
        f64[rs + i] = sum;
      }
    },
    rowsSweep(n, pointers, indices, values, inverse, b, x, backward) {
      const { f64, i32 } = heap;
      const [p, q, v] = at(pointers, indices, values);
      for (let t = 0; t < n; t++) {
        const i = backward ? n - 1 - t : t;
        let sum = f64[(b >>> 3) + i];
        for (let k = i32[p + i]; k < i32[p + i + 1]; k++) sum -= f64[v + k] * f64[(x >>> 3) + i32[q + k]];
        f64[(x >>> 3) + i] += sum * f64[(inverse >>> 3) + i];
      }
    },
    chebyshevStep(n, beta, gamma, inverse, r, p, x, first) {
      const { f64 } = heap;
      const [ps, xs] = [p >>> 3, x >>> 3];
      for (let i = 0; i < n; i++) {
        const step = gamma * f64[(inverse >>> 3) + i] * f64[(r >>> 3) + i];
        f64[ps + i] = first ? step : beta * f64[ps + i] + step;
        f64[xs + i] = first ? step : f64[xs + i] + f64[ps + i];
      }
    },
  };
}

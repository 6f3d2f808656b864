import type { SweepsKernels } from '../generated/systems/kernels.ts';
import type { Heap } from '../heap.ts';

export function sweeps(heap: Heap): SweepsKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  /** Σ values[k]·x[columns[k]] for from ≤ k < to. */
  const rowDot = (from: number, to: number, columns: number, values: number, x: number): number => {
    const { f64, i32 } = heap;
    let sum = 0;
    for (let k = from; k < to; k++) sum += f64[(values >>> 3) + k] * f64[(x >>> 3) + i32[(columns >>> 2) + k]];
    return sum;
  };
  return {
    rowsProductDot(n, pointers, columns, values, x, y) {
      const { f64, i32 } = heap;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const at = (pointers >>> 2) + i;
        f64[(y >>> 3) + i] = rowDot(i32[at], i32[at + 1], columns, values, x);
        sum += f64[(y >>> 3) + i] * f64[(x >>> 3) + i];
      }
      return sum;
    },
    rowsResidual(n, pointers, columns, values, x, b, r) {
      const { f64, i32 } = heap;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const at = (pointers >>> 2) + i;
        const s = f64[(b >>> 3) + i] - rowDot(i32[at], i32[at + 1], columns, values, x);
        f64[(r >>> 3) + i] = s;
        sum += s * s;
      }
      return sum;
    },
    halfProduct(n, pointers, rows, values, x, y) {
      const { f64, i32 } = heap;
      [x, y] = [x >>> 3, y >>> 3];
      f64.fill(0, y, y + n);
      for (let j = 0; j < n; j++) {
        const at = (pointers >>> 2) + j;
        for (let k = i32[at]; k < i32[at + 1]; k++) {
          const i = i32[(rows >>> 2) + k];
          const v = f64[(values >>> 3) + k];
          f64[y + j] += v * f64[x + i];
          if (i !== j) f64[y + i] += v * f64[x + j];
        }
      }
    },
    unitSweep(n, order, pointers, columns, values, d, r, z) {
      const { f64, i32 } = heap;
      let sum = 0;
      for (let t = 0; t < n; t++) {
        const at = (pointers >>> 2) + t;
        const i = order ? i32[(order >>> 2) + t] : t;
        const ri = f64[(r >>> 3) + i];
        let s = d ? ri * f64[(d >>> 3) + i] : ri;
        for (let k = i32[at]; k < i32[at + 1]; k++) {
          s -= f64[(values >>> 3) + k] * f64[(z >>> 3) + i32[(columns >>> 2) + k]];
        }
        f64[(z >>> 3) + i] = s;
        sum += ri * s;
      }
      return sum;
    },
    paddedSweep(n, width, order, columns, values, d, r, z) {
      const { f64, i32 } = heap;
      [order, columns, values, d, r, z] = [order >>> 2, columns >>> 2, values >>> 3, d >>> 3, r >>> 3, z >>> 3];
      if (n > 0) f64[z + i32[order]] = f64[r + i32[order]];
      for (let t = 0; t < n; t++) {
        const i = i32[order + t];
        let s = d ? f64[r + i] * f64[d + i] : f64[r + i];
        for (let k = t * width; k < (t + 1) * width; k++) s -= f64[values + k] * f64[z + i32[columns + k]];
        f64[z + i] = s;
      }
    },
    mirrored(n, pointers, rows, values, relative) {
      const { f64, i32 } = heap;
      [pointers, rows, values] = [pointers >>> 2, rows >>> 2, values >>> 3];
      const entries = new Map<number, number>();
      let largest = 0;
      for (let j = 0; j < n; j++) {
        for (let k = i32[pointers + j]; k < i32[pointers + j + 1]; k++) {
          entries.set(i32[rows + k] * n + j, f64[values + k]);
          largest = Math.max(largest, Math.abs(f64[values + k]));
        }
      }
      const equal = [...entries].every(([at, v]) => {
        const across = entries.get((at % n) * n + Math.floor(at / n));
        return across !== undefined && Math.abs(v - across) <= relative * largest;
      });
      return +equal;
    },
    relaxSweep(n, pointers, columns, values, inverse, omega, b, x, backward) {
      const { f64, i32 } = heap;
      for (let t = 0; t < n; t++) {
        const i = backward ? n - 1 - t : t;
        const at = (pointers >>> 2) + i;
        const s = f64[(b >>> 3) + i] - rowDot(i32[at], i32[at + 1], columns, values, x);
        f64[(x >>> 3) + i] += omega * s * f64[(inverse >>> 3) + i];
      }
    },
    sorStep(n, pointers, diagonal, columns, values, omega, x, r, e) {
      const { f64, i32 } = heap;
      [x, r, e] = [x >>> 3, r >>> 3, e >>> 3];
      for (let i = 0; i < n; i++) {
        const to = i32[(diagonal >>> 2) + i];
        const s = f64[r + i] - rowDot(i32[(pointers >>> 2) + i], to, columns, values, 8 * e);
        f64[e + i] = (omega * s) / f64[(values >>> 3) + to];
        f64[x + i] += f64[e + i];
      }
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const from = i32[(diagonal >>> 2) + i];
        const own = (1 / omega - 1) * f64[(values >>> 3) + from] * f64[e + i];
        f64[r + i] = own - rowDot(from + 1, i32[(pointers >>> 2) + i + 1], columns, values, 8 * e);
        sum += f64[r + i] ** 2;
      }
      return sum;
    },
    directionStep(n, a, b, z, p, x) {
      const { f64 } = heap;
      [z, p, x] = [z >>> 3, p >>> 3, x >>> 3];
      for (let i = 0; i < n; i++) {
        f64[x + i] += a * f64[p + i];
        f64[p + i] = f64[z + i] + b * f64[p + i];
      }
    },
    subtractDot(n, a, x, y) {
      const { f64 } = heap;
      [x, y] = [x >>> 3, y >>> 3];
      let sum = 0;
      for (let i = 0; i < n; i++) {
        f64[y + i] -= a * f64[x + i];
        sum += f64[y + i] ** 2;
      }
      return sum;
    },
    scaleByDot(n, x, y, z) {
      const { f64 } = heap;
      [x, y, z] = [x >>> 3, y >>> 3, z >>> 3];
      let sum = 0;
      for (let i = 0; i < n; i++) {
        f64[z + i] = f64[x + i] * f64[y + i];
        sum += f64[x + i] * f64[z + i];
      }
      return sum;
    },
    xpby(n, x, b, y) {
      const { f64 } = heap;
      for (let i = 0; i < n; i++) f64[(y >>> 3) + i] = f64[(x >>> 3) + i] + b * f64[(y >>> 3) + i];
    },
    scaleBy(n, x, y, z) {
      const { f64 } = heap;
      for (let i = 0; i < n; i++) f64[(z >>> 3) + i] = f64[(x >>> 3) + i] * f64[(y >>> 3) + i];
    },
  };
}

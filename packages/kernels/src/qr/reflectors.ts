import type { ReflectorsKernels } from '../generated/qr/kernels.ts';
import type { Heap } from '../heap.ts';

/** As in the assembly: overwrites the vector by β and the rest of v, and returns τ. */
function reflectorOf(a: Float64Array, count: number, x: number): number {
  let most = 0;
  for (let i = x + 1; i < x + count; i++) most = Math.max(most, Math.abs(a[i]));
  if (most === 0) return 0;
  const unit = Math.max(most, Math.abs(a[x]));
  let square = 0;
  for (let i = x + 1; i < x + count; i++) square += (a[i] / unit) ** 2;
  const alpha = a[x] / unit;
  const norm = Math.sqrt(alpha * alpha + square);
  const beta = alpha >= 0 ? -norm : norm;
  for (let i = x + 1; i < x + count; i++) a[i] = a[i] / unit / (alpha - beta);
  a[x] = beta * unit;
  return (beta - alpha) / beta;
}

/** Applies the reflector below `pivot`, whose first entry is 1, to the vector at c. */
function reflectVector(a: Float64Array, length: number, pivot: number, tau: number, c: number): void {
  let sum = a[c];
  for (let i = 1; i < length; i++) sum += a[pivot + i] * a[c + i];
  sum *= tau;
  a[c] -= sum;
  for (let i = 1; i < length; i++) a[c + i] -= sum * a[pivot + i];
}

export function reflectors(heap: Heap): ReflectorsKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  return {
    reflectColumns(A, rows, from, limit, pivotal, ends, least, blocked, column, end, tau, state) {
      const { f64: a, i32 } = heap;
      let [count, live] = [i32[state >>> 2], i32[(state >>> 2) + 1]];
      const start = count;
      let filled = 0;
      let j = from;
      for (; j < limit && count < rows; j++) {
        const last = i32[(ends >>> 2) + j];
        const length = last - count;
        if (length <= 0) continue;
        if (blocked && count > start) {
          const zeros = (last - start) * (count - start + 1) - filled - length;
          if (zeros > Math.max(16, filled)) break;
        }
        const pivot = (A >>> 3) + j * rows + count;
        const t = reflectorOf(a, length, pivot);
        if (j < pivotal) {
          if (Math.abs(a[pivot]) <= least) {
            a.fill(0, pivot, pivot + length);
            continue;
          }
          live++;
        }
        i32[(column >>> 2) + count] = j;
        i32[(end >>> 2) + count] = last;
        a[(tau >>> 3) + count] = t;
        count++;
        filled += length;
        for (let c = j + 1; c < limit; c++) reflectVector(a, length, pivot, t, pivot + (c - j) * rows);
      }
      i32[state >>> 2] = count;
      i32[(state >>> 2) + 1] = live;
      return count === rows ? limit : j;
    },
    applyReflectors(A, rows, start, count, column, end, tau, from, cols) {
      const { f64: a, i32 } = heap;
      for (let t = start; t < count; t++) {
        const pivot = (A >>> 3) + i32[(column >>> 2) + t] * rows + t;
        const length = i32[(end >>> 2) + t] - t;
        for (let c = from; c < cols; c++) reflectVector(a, length, pivot, a[(tau >>> 3) + t], (A >>> 3) + c * rows + t);
      }
    },
    placeRows(count, ids, places, pointers, columns, values, where, A, ld) {
      const { f64, i32 } = heap;
      for (let r = 0; r < count; r++) {
        const i = i32[(ids >>> 2) + r];
        for (let e = i32[(pointers >>> 2) + i]; e < i32[(pointers >>> 2) + i + 1]; e++) {
          const c = i32[(where >>> 2) + i32[(columns >>> 2) + e]];
          f64[(A >>> 3) + c * ld + i32[(places >>> 2) + r]] = f64[(values >>> 3) + e];
        }
      }
    },
    keepRemainder(A, ld, top, left, rows, cols, lead, S) {
      const { f64, i32 } = heap;
      let to = S >>> 3;
      for (let c = 0; c < cols; c++) {
        for (let t = 0; t < rows && i32[(lead >>> 2) + t] <= c; t++)
          f64[to++] = f64[(A >>> 3) + (left + c) * ld + top + t];
      }
      return to - (S >>> 3);
    },
    placeRemainder(rows, cols, lead, S, rowPlaces, columnPlaces, A, ld) {
      const { f64, i32 } = heap;
      let from = S >>> 3;
      for (let c = 0; c < cols; c++) {
        const column = (A >>> 3) + i32[(columnPlaces >>> 2) + c] * ld;
        for (let t = 0; t < rows && i32[(lead >>> 2) + t] <= c; t++)
          f64[column + i32[(rowPlaces >>> 2) + t]] = f64[from++];
      }
    },
    keepFactor(A, ld, cols, pivotal, live, pivot, count, column, end, out) {
      const { f64, i32 } = heap;
      let [to, height] = [out >>> 3, 0];
      for (let j = 0; j < cols; j++) {
        height = j < pivotal ? Math.max(height, i32[(pivot >>> 2) + j] + 1) : live;
        for (let t = 0; t < height; t++) f64[to++] = f64[(A >>> 3) + j * ld + t];
      }
      for (let t = 0; t < count; t++) {
        const at = (A >>> 3) + i32[(column >>> 2) + t] * ld;
        for (let i = t + 1; i < i32[(end >>> 2) + t]; i++) f64[to++] = f64[at + i];
      }
      return to - (out >>> 3);
    },
    applyKeptReflectors(backward, count, end, tau, V, y) {
      const { f64, i32 } = heap;
      const starts: number[] = [V >>> 3];
      for (let t = 0; t < count; t++) starts.push(starts[t] + i32[(end >>> 2) + t] - t - 1);
      for (let s = 0; s < count; s++) {
        const t = backward ? count - 1 - s : s;
        const v = [1, ...f64.subarray(starts[t], starts[t + 1])];
        const at = (y >>> 3) + t;
        const sum = f64[(tau >>> 3) + t] * v.reduce((total, value, i) => total + value * f64[at + i], 0);
        v.forEach((value, i) => {
          f64[at + i] -= sum * value;
        });
      }
    },
    solveKeptRows(pivotal, cols, live, pivot, R, size, x, y) {
      const { f64, i32 } = heap;
      const [to, p] = [y >>> 3, pivot >>> 2];
      let [at, height] = [(R >>> 3) + size, live];
      for (let j = cols - 1; j >= 0; j--) {
        at -= height;
        const row = j < pivotal ? i32[p + j] : live;
        if (j < pivotal) f64[(x >>> 3) + j] = row < 0 ? 0 : f64[to + row] / f64[at + row];
        for (let t = 0; t < row; t++) f64[to + t] -= f64[at + t] * f64[(x >>> 3) + j];
        if (row >= 0) height = row;
      }
    },
    solveKeptColumns(pivotal, cols, live, pivot, R, b, sizes, y) {
      const { f64, i32 } = heap;
      let [at, height] = [R >>> 3, 0];
      for (let j = 0; j < cols; j++) {
        const row = j < pivotal ? i32[(pivot >>> 2) + j] : -1;
        height = j < pivotal ? Math.max(height, row + 1) : live;
        for (let t = 0; t < (row >= 0 ? row : height); t++) {
          const term = f64[at + t] * f64[(y >>> 3) + t];
          f64[(b >>> 3) + j] -= term;
          f64[(sizes >>> 3) + j] += Math.abs(term);
        }
        if (row >= 0) f64[(y >>> 3) + row] = f64[(b >>> 3) + j] / f64[at + row];
        at += height;
      }
    },
  };
}

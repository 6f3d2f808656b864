// LU of square fronts with exchanges of rows and columns among those that are fully assembled.
import { int, real, setInt, setReal } from '../common/lists';

/** The row of the pivot of column c in step k, or −1 if no entry of the first `whole` rows is large enough. */
function pivotOf(column: usize, M: i32, whole: i32, k: i32, rowIds: usize, id: i32, threshold: f64): i32 {
  let best = -1, diagonal = -1;
  let most: f64 = 0;
  for (let i = k; i < whole; i++) {
    const v = abs(real(column, i));
    if (v > most) {
      most = v;
      best = i;
    }
    if (int(rowIds, i) == id) diagonal = i;
  }
  let all = most;
  for (let i = whole; i < M; i++) all = max(all, abs(real(column, i)));
  if (all == 0) return diagonal >= 0 ? diagonal : k;
  if (diagonal >= 0 && abs(real(column, diagonal)) >= threshold * all) return diagonal;
  return most > 0 && most >= threshold * all ? best : -1;
}

function exchangeInts(list: usize, a: i32, b: i32): void {
  const v = int(list, a);
  setInt(list, a, int(list, b));
  setInt(list, b, v);
}

/**
 * Eliminates columns `from` … `end` − 1 of a front F of M rows and columns, whose first `whole` rows and columns are fully assembled, as far
 * as they have a pivot among these rows of at least `threshold` times the largest entry of the column; the diagonal of the matrix, where row
 * and column have the same id, is preferred. Pivots are exchanged to the front. Only columns before `reach` are updated. A column of zeros
 * has a zero pivot. Returns the column after the last pivot. O(M (end − from)(reach − from)).
 */
export function eliminatePanel(
  F: usize, M: i32, whole: i32, from: i32, end: i32, reach: i32, rowIds: usize, columnIds: usize, threshold: f64,
): i32 {
  const ld = <usize>M << 3;
  let k = from;
  for (let c = k; c < end; ) {
    const pivot = pivotOf(F + <usize>c * ld, M, whole, k, rowIds, int(columnIds, c), threshold);
    if (pivot < 0) {
      c++;
      continue;
    }
    const column = F + <usize>k * ld;
    if (c != k) {
      exchangeInts(columnIds, k, c);
      const other = F + <usize>c * ld;
      for (let i = 0; i < M; i++) {
        const v = real(column, i);
        setReal(column, i, real(other, i));
        setReal(other, i, v);
      }
    }
    if (pivot != k) {
      exchangeInts(rowIds, k, pivot);
      const a = <usize>k << 3, b = <usize>pivot << 3;
      let to = F;
      for (let j = 0; j < M; j++) {
        const v = load<f64>(to + a);
        store<f64>(to + a, load<f64>(to + b));
        store<f64>(to + b, v);
        to += ld;
      }
    }
    const p = real(column, k);
    if (p != 0) {
      for (let i = k + 1; i < M; i++) setReal(column, i, real(column, i) / p);
      for (let j = k + 1; j < reach; j++) {
        let to = F + <usize>j * ld + (<usize>k << 3);
        const x = load<f64>(to);
        if (x == 0) continue;
        const v = f64x2.splat(x);
        let source = column + (<usize>k << 3) + 8;
        to += 8;
        for (let i = (M - k - 1) >> 1; i > 0; i--) {
          v128.store(to, f64x2.sub(v128.load(to), f64x2.mul(v128.load(source), v)));
          to += 16;
          source += 16;
        }
        if ((M - k - 1) & 1) store<f64>(to, load<f64>(to) - load<f64>(source) * x);
      }
    }
    k++;
    c = k;
  }
  return k;
}

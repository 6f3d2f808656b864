// What is looked at before a sparse matrix is factored.
import { int, real, setInt, setReal } from '../common/lists';

/**
 * How symmetric the pattern of a square matrix is: into `out` go the number of entries beside the diagonal that have one at the transposed
 * place, that of all entries beside the diagonal, and that of entries on it. `starts` and `list` are scratch for the transpose (n + 1 and
 * a place an entry), `seen` of a place a column.
 */
export function symmetryCounts(n: i32, pointers: usize, rows: usize, starts: usize, list: usize, seen: usize, out: usize): void {
  const entries = int(pointers, n);
  memory.fill(starts, 0, <usize>(n + 1) << 2);
  for (let k = 0; k < entries; k++) {
    const i = int(rows, k);
    setInt(starts, i, int(starts, i) + 1);
  }
  // The end of each row, from which its columns are listed backwards.
  let end = 0;
  for (let i = 0; i <= n; i++) {
    end += int(starts, i);
    setInt(starts, i, end);
  }
  for (let j = n - 1; j >= 0; j--) {
    for (let k = int(pointers, j + 1) - 1; k >= int(pointers, j); k--) {
      const i = int(rows, k), at = int(starts, i) - 1;
      setInt(starts, i, at);
      setInt(list, at, j);
    }
  }
  for (let j = 0; j < n; j++) setInt(seen, j, -1);
  let both = 0, off = 0, diagonal = 0;
  for (let j = 0; j < n; j++) {
    const to = int(pointers, j + 1), last = int(starts, j + 1);
    for (let k = int(pointers, j); k < to; k++) setInt(seen, int(rows, k), j);
    for (let k = int(starts, j); k < last; k++) {
      const i = int(list, k);
      if (i == j) diagonal++;
      else {
        off++;
        if (int(seen, i) == j) both++;
      }
    }
  }
  setInt(out, 0, both);
  setInt(out, 1, off);
  setInt(out, 2, diagonal);
}

/** The largest magnitude of each row, and the sum of magnitudes relative to it; both of a place a row. */
export function rowSizes(n: i32, entries: i32, rows: usize, values: usize, most: usize, sums: usize): void {
  memory.fill(most, 0, <usize>n << 3);
  memory.fill(sums, 0, <usize>n << 3);
  for (let k = 0; k < entries; k++) {
    const v = Math.abs(real(values, k)), i = int(rows, k);
    if (v > real(most, i)) setReal(most, i, v);
  }
  for (let k = 0; k < entries; k++) {
    const v = Math.abs(real(values, k)), i = int(rows, k);
    if (v != 0) setReal(sums, i, real(sums, i) + v / real(most, i));
  }
}

/** The values times the scale of their row, and the number of entries of each row. */
export function scaleRows(n: i32, entries: i32, rows: usize, values: usize, scales: usize, scaled: usize, counts: usize): void {
  memory.fill(counts, 0, <usize>n << 2);
  for (let k = 0; k < entries; k++) {
    const i = int(rows, k);
    setReal(scaled, k, real(values, k) * real(scales, i));
    setInt(counts, i, int(counts, i) + 1);
  }
}

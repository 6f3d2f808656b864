// Solves with L and U by columns, as columnLu.ts leaves them.
import { int, real, setReal, subtractColumns } from '../common/lists';

/** y ← L⁻¹y in the order of pivots, for supernodes whose rows are listed as steps. */
export function solveLowerColumns(
  count: i32, first: usize, starts: usize, rows: usize, offsets: usize, L: usize, y: usize, sums: usize,
): void {
  for (let s = 0; s < count; s++) {
    const j0 = int(first, s), w = int(first, s + 1) - j0, from = int(starts, s), m = int(starts, s + 1) - from;
    const V = L + (<usize>int(offsets, s) << 3), ld = <usize>m << 3, u = y + (<usize>j0 << 3);
    for (let c = 0; c + 1 < w; c++) {
      const v = real(u, c);
      if (v == 0) continue;
      const col = V + <usize>c * ld;
      for (let r = c + 1; r < w; r++) setReal(u, r, real(u, r) - real(col, r) * v);
    }
    if (m == w) continue;
    memory.fill(sums, 0, <usize>(m - w) << 3);
    subtractColumns(m - w, V + (<usize>w << 3), ld, 0, w, u, sums);
    for (let r = w; r < m; r++) {
      const i = int(rows, from + r);
      setReal(y, i, real(y, i) + real(sums, r - w));
    }
  }
}

/** y ← U⁻¹y. */
export function solveUpperColumns(
  count: i32, first: usize, starts: usize, offsets: usize, L: usize, pointers: usize, uRows: usize, uValues: usize, y: usize,
): void {
  for (let s = count - 1; s >= 0; s--) {
    const j0 = int(first, s), w = int(first, s + 1) - j0, m = int(starts, s + 1) - int(starts, s);
    const u = y + (<usize>j0 << 3);
    for (let c = w - 1; c >= 0; c--) {
      const col = L + ((<usize>int(offsets, s) + <usize>c * <usize>m) << 3);
      const v = real(u, c) / real(col, c);
      setReal(u, c, v);
      if (v == 0) continue;
      for (let r = 0; r < c; r++) setReal(u, r, real(u, r) - real(col, r) * v);
      const end = int(pointers, j0 + c + 1);
      for (let p = int(pointers, j0 + c); p < end; p++) {
        const i = int(uRows, p);
        setReal(y, i, real(y, i) - real(uValues, p) * v);
      }
    }
  }
}

/** y ← U⁻ᵀy. */
export function solveUpperColumnsTransposed(
  count: i32, first: usize, starts: usize, offsets: usize, L: usize, pointers: usize, uRows: usize, uValues: usize, y: usize,
): void {
  for (let s = 0; s < count; s++) {
    const j0 = int(first, s), w = int(first, s + 1) - j0, m = int(starts, s + 1) - int(starts, s);
    const u = y + (<usize>j0 << 3);
    for (let c = 0; c < w; c++) {
      const col = L + ((<usize>int(offsets, s) + <usize>c * <usize>m) << 3);
      let v = real(u, c);
      const end = int(pointers, j0 + c + 1);
      for (let p = int(pointers, j0 + c); p < end; p++) v -= real(uValues, p) * real(y, int(uRows, p));
      for (let r = 0; r < c; r++) v -= real(col, r) * real(u, r);
      setReal(u, c, v / real(col, c));
    }
  }
}

/** y ← L⁻ᵀy. */
export function solveLowerColumnsTransposed(
  count: i32, first: usize, starts: usize, rows: usize, offsets: usize, L: usize, y: usize,
): void {
  for (let s = count - 1; s >= 0; s--) {
    const j0 = int(first, s), w = int(first, s + 1) - j0, from = int(starts, s), m = int(starts, s + 1) - from;
    const u = y + (<usize>j0 << 3);
    for (let c = w - 1; c >= 0; c--) {
      const col = L + ((<usize>int(offsets, s) + <usize>c * <usize>m) << 3);
      let v = real(u, c);
      for (let r = c + 1; r < w; r++) v -= real(col, r) * real(u, r);
      for (let r = w; r < m; r++) v -= real(col, r) * real(y, int(rows, from + r));
      setReal(u, c, v);
    }
  }
}

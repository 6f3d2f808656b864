// Triangular solves with the dense columns of supernodes, one after the other in memory: those of supernode s are first_s … first_{s + 1} − 1;
// its rows are these, and then the ones listed from starts_s on.
import { int, real, setReal, subtractColumns } from '../common/lists';

/** y ← L⁻¹y. With `unit`, the diagonal is 1. `sums` has a place a row of the largest supernode. */
export function solveFrontsLower(
  count: i32, first: usize, starts: usize, rows: usize, values: usize, y: usize, sums: usize, unit: i32,
): void {
  let V = values;
  for (let s = 0; s < count; s++) {
    const j0 = int(first, s), k = int(first, s + 1) - j0, from = int(starts, s), below = int(starts, s + 1) - from;
    const ld = <usize>(k + below) << 3, u = y + (<usize>j0 << 3);
    for (let c = 0; c < k; c++) {
      const col = V + <usize>c * ld;
      let v = real(u, c);
      if (unit == 0) setReal(u, c, (v /= real(col, c)));
      if (v == 0) continue;
      for (let r = c + 1; r < k; r++) setReal(u, r, real(u, r) - real(col, r) * v);
    }
    if (k == 1) {
      const v = real(u, 0);
      if (v != 0) {
        for (let r = 0; r < below; r++) {
          const i = int(rows, from + r);
          setReal(y, i, real(y, i) - real(V, r + 1) * v);
        }
      }
    } else if (below > 0) {
      memory.fill(sums, 0, <usize>below << 3);
      subtractColumns(below, V + (<usize>k << 3), ld, 0, k, u, sums);
      for (let r = 0; r < below; r++) {
        const i = int(rows, from + r);
        setReal(y, i, real(y, i) + real(sums, r));
      }
    }
    V += <usize>k * ld;
  }
}

/** y ← L⁻ᵀy; `end` is the end of the values. */
export function solveFrontsUpper(
  count: i32, first: usize, starts: usize, rows: usize, end: usize, y: usize, gathered: usize, unit: i32,
): void {
  let V = end;
  for (let s = count - 1; s >= 0; s--) {
    const j0 = int(first, s), k = int(first, s + 1) - j0, from = int(starts, s), below = int(starts, s + 1) - from;
    const ld = <usize>(k + below) << 3, u = y + (<usize>j0 << 3);
    V -= <usize>k * ld;
    for (let r = 0; r < below; r++) setReal(gathered, r, real(y, int(rows, from + r)));
    if (below > 0) subtractDots(below, V + (<usize>k << 3), ld, k, gathered, u);
    for (let c = k - 1; c >= 0; c--) {
      const col = V + <usize>c * ld;
      let v = real(u, c);
      for (let r = c + 1; r < k; r++) v -= real(col, r) * real(u, r);
      setReal(u, c, unit != 0 ? v : v / real(col, c));
    }
  }
}

/** y_c −= the product of column c with t, for `columns` of them, `ld` apart. */
function subtractDots(count: i32, V: usize, ld: usize, columns: i32, t: usize, y: usize): void {
  const even = <usize>(count & ~1) << 3;
  let c = 0;
  for (; c + 2 <= columns; c += 2) {
    let a = V + <usize>c * ld, b = a + ld, p = t;
    let x = f64x2.splat(0), z = f64x2.splat(0);
    for (const last = t + even; p != last; p += 16, a += 16, b += 16) {
      const v = v128.load(p);
      x = f64x2.add(x, f64x2.mul(v128.load(a), v));
      z = f64x2.add(z, f64x2.mul(v128.load(b), v));
    }
    let one = f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1), two = f64x2.extract_lane(z, 0) + f64x2.extract_lane(z, 1);
    if (count & 1) {
      one += load<f64>(a) * load<f64>(p);
      two += load<f64>(b) * load<f64>(p);
    }
    setReal(y, c, real(y, c) - one);
    setReal(y, c + 1, real(y, c + 1) - two);
  }
  if (c < columns) {
    const a = V + <usize>c * ld;
    let sum = 0.0;
    for (let r = 0; r < count; r++) sum += real(a, r) * real(t, r);
    setReal(y, c, real(y, c) - sum);
  }
}

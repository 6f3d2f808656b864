/** √(x² + y²) without overflow, with the same bits in every engine. */
export function hypotenuse(x: number, y: number): number {
  const [a, b] = [Math.abs(x), Math.abs(y)];
  const most = Math.max(a, b);
  const least = Math.min(a, b);
  if (most === 0 || least === 0) return most;
  if (most < 1e150 && least > 1e-150) return Math.sqrt(a * a + b * b);
  const t = least / most;
  return most * Math.sqrt(1 + t * t);
}

/** Maximum number of iterations per eigenvalue; two or three are usual. */
const SWEEPS = 80;

/**
 * Eigenvalues of the tridiagonal matrix with diagonal d[from …] and off-diagonal e[from …], `count` rows, written to d
 * in no particular order, by implicit QL with Wilkinson's shift (Golub and Van Loan, §8.3); e is overwritten. If `q` is
 * given, the rotations are applied to its columns of `rows` values, `ld` apart, from q[at] on. Returns false if it does
 * not converge, which is not expected for finite input. O(count²), with columns O(3 · rows · count²).
 */
export function tridiagonalQl(
  d: Float64Array,
  e: Float64Array,
  from: number,
  count: number,
  q?: Float64Array,
  at = 0,
  ld = 0,
  rows = 0,
): boolean {
  const end = from + count - 1;
  // Off-diagonal entries below rounding relative to the largest entry are dropped; otherwise values near zero among
  // large ones would never converge.
  let floor = 0;
  for (let i = from; i <= end; i++) floor = Math.max(floor, Math.abs(d[i]), i < end ? Math.abs(e[i]) : 0);
  floor *= Number.EPSILON / 4;
  const negligible = (i: number) =>
    Math.abs(e[i]) <= floor || Math.abs(e[i]) <= (Number.EPSILON / 2) * (Math.abs(d[i]) + Math.abs(d[i + 1]));
  for (let l = from; l < end; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < end && !negligible(m)) m++;
      if (m === l) break;
      if (sweep === SWEEPS) return false;
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = hypotenuse(g, 1);
      g = d[m] - d[l] + e[l] / (g >= 0 ? g + r : g - r);
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        r = hypotenuse(f, g);
        if (m < end || i < m - 1) e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          if (m < end) e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        if (q) {
          const x = at + (i - from) * ld;
          const y = x + ld;
          for (let k = 0; k < rows; k++) {
            const [u, v] = [q[x + k], q[y + k]];
            q[y + k] = s * u + c * v;
            q[x + k] = c * u - s * v;
          }
        }
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      if (m < end) e[m] = 0;
    }
  }
  return true;
}

/**
 * A lower bound, nearly always within a factor of three, on the 1-norm of a matrix that is given by products with it
 * and with its transpose, in place: four or five of each (Hager 1984; Higham, Accuracy and Stability of Numerical
 * Algorithms, 2nd ed., algorithm 15.1).
 */
export function estimateOneNorm(
  n: number,
  product: (x: Float64Array) => Float64Array,
  transposed: (x: Float64Array) => Float64Array,
): number {
  if (n === 0) return 0;
  const sum = (x: Float64Array) => x.reduce((s, v) => s + Math.abs(v), 0);
  let x = product(new Float64Array(n).fill(1 / n));
  if (n === 1) return Math.abs(x[0]);
  let norm = sum(x);
  let signs = x.map((v) => (v >= 0 ? 1 : -1));
  let z = transposed(signs.slice());
  let at = largest(z);
  for (let round = 2; round <= 5; round++) {
    const unit = new Float64Array(n);
    unit[at] = 1;
    x = product(unit);
    const before = norm;
    norm = Math.max(norm, sum(x));
    const next = x.map((v) => (v >= 0 ? 1 : -1));
    if (next.every((s, i) => s === signs[i]) || norm <= before) break;
    signs = next;
    z = transposed(signs.slice());
    const to = largest(z);
    if (Math.abs(z[to]) === Math.abs(z[at])) break;
    at = to;
  }
  // Catches matrices for which probing with sign vectors alone fails.
  const probe = product(Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / (n - 1))));
  return Math.max(norm, (2 * sum(probe)) / (3 * n));
}

function largest(x: Float64Array): number {
  let at = 0;
  for (let i = 1; i < x.length; i++) if (Math.abs(x[i]) > Math.abs(x[at])) at = i;
  return at;
}

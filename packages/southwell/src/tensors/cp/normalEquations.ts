import { factorPositive } from '@southwell/numerics/linalg';

/** Least squares of a factor by its normal equations: A·V ≈ M, V r × r symmetric, A and M n × r, column-major. */

/** AᵀA, r × r. */
export function gramOf(A: Float64Array, n: number, r: number): Float64Array {
  const out = new Float64Array(r * r);
  for (let a = 0; a < r; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += A[a * n + i] * A[b * n + i];
      out[a * r + b] = sum;
      out[b * r + a] = sum;
    }
  }
  return out;
}

/** A ← M·V⁻¹; the minimum-norm least-squares solution if V is singular. O(nr² + r³). */
export function solveFactor(A: Float64Array, M: Float64Array, V: Float64Array, n: number, r: number): void {
  // Scaled, so that columns of very different norms do not look dependent.
  const scale = Float64Array.from({ length: r }, (_, a) => (V[a * r + a] > 0 ? 1 / Math.sqrt(V[a * r + a]) : 0));
  const scaled = V.map((v, at) => v * scale[at % r] * scale[Math.floor(at / r)]);
  const factor = factorPositive(scaled, r);
  const x = new Float64Array(r);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < r; a++) x[a] = M[a * n + i] * scale[a];
    factor.solve(x);
    for (let a = 0; a < r; a++) A[a * n + i] = x[a] * scale[a];
  }
}

/**
 * Updates the columns of A one by one to their non-negative optimum given the others: hierarchical alternating least
 * squares.
 */
export function halsColumns(
  A: Float64Array,
  M: Float64Array,
  V: Float64Array,
  n: number,
  r: number,
  passes: number,
): void {
  const change = new Float64Array(n);
  for (let pass = 0; pass < passes; pass++) {
    for (let a = 0; a < r; a++) {
      const v = V[a * r + a];
      if (!(v > 0)) continue;
      for (let i = 0; i < n; i++) change[i] = M[a * n + i];
      for (let b = 0; b < r; b++) {
        const w = V[b * r + a];
        if (w === 0) continue;
        for (let i = 0; i < n; i++) change[i] -= A[b * n + i] * w;
      }
      for (let i = 0; i < n; i++) A[a * n + i] = Math.max(0, A[a * n + i] + change[i] / v);
    }
  }
}

/**
 * Gradient norm with respect to a factor, invariant to the scaling of columns: that with respect to relative changes of
 * each column. The norm of a zero column counts as one. With `nonNegative` entries at zero count only if they would
 * increase.
 */
export function projectedSlope(
  gradient: Float64Array,
  A: Float64Array,
  n: number,
  r: number,
  nonNegative: boolean,
): number {
  let squares = 0;
  for (let a = 0; a < r; a++) {
    let [slope, size] = [0, 0];
    for (let i = a * n; i < (a + 1) * n; i++) {
      const g = gradient[i];
      if (!nonNegative || A[i] > 0 || g < 0) slope += g * g;
      size += A[i] * A[i];
    }
    squares += slope * (size > 0 ? size : 1);
  }
  return Math.sqrt(squares);
}

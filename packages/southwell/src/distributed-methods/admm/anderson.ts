import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';

const dot = (a: readonly Float64Array[], b: readonly Float64Array[]): number => {
  let sum = 0;
  a.forEach((u, k) => {
    const v = b[k];
    for (let i = 0; i < u.length; i++) sum += u[i] * v[i];
  });
  return sum;
};

/** Added to the unit diagonal of the scaled normal equations. */
const RIDGE = 1e-13;

/**
 * Weights, one for each residual and with sum 1, of the combination Σ αⱼ fⱼ with the least norm: Anderson acceleration of the second type (Walker &
 * Ni, 2011), from scaled normal equations of consecutive differences. A residual is a vector of each client. Where older residuals are
 * dependent, these get weight 0. O(m² K L).
 */
export function combination(residuals: ReadonlyArray<readonly Float64Array[]>): Float64Array {
  const m = residuals.length - 1;
  const alpha = new Float64Array(m + 1);
  alpha[m] = 1;
  const last = residuals[m];
  const steps = Array.from({ length: m }, (_, j) =>
    residuals[j + 1].map((f, k) => f.map((v, i) => v - residuals[j][k][i])),
  );
  const norms = steps.map((step) => Math.sqrt(dot(step, step)));
  for (let from = 0; from < m; from++) {
    const n = m - from;
    if (norms.slice(from).some((v) => !(v > 0))) continue;
    const G = new Float64Array(n * n);
    const gamma = new Float64Array(n);
    for (let a = 0; a < n; a++) {
      gamma[a] = dot(steps[from + a], last) / norms[from + a];
      for (let b = 0; b <= a; b++)
        G[a * n + b] = a === b ? 1 : dot(steps[from + a], steps[from + b]) / (norms[from + a] * norms[from + b]);
    }
    if (!choleskyInPlace(G, n, RIDGE)) continue;
    choleskySolveInPlace(G, n, gamma);
    // Σ αF = F_last − Σ γ (F_{j+1} − F_j).
    for (let a = 0; a < n; a++) {
      const share = gamma[a] / norms[from + a];
      alpha[from + a + 1] -= share;
      alpha[from + a] += share;
    }
    return alpha;
  }
  return alpha;
}

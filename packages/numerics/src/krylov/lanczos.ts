import { Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';

/**
 * The largest eigenvalue of a symmetric positive semi-definite operator that is known by its products alone: Lanczos
 * with full reorthogonalisation (Paige 1972; Golub & Van Loan, §10.1). Stops when the Ritz residual, which bounds the
 * error, is ≤ tol·θ, or after `maxSteps`; returns θ + residual, so that 1/value is a safe step length.
 *
 * @param product out ← A v.
 * @returns 0 for n = 0 or the zero operator. O(steps · (product + steps · n)).
 */
export function largestEigenvalueOf(
  product: (v: Float64Array, out: Float64Array) => void,
  n: number,
  options: { tol?: number; maxSteps?: number } = {},
): number {
  const { tol = 1e-7, maxSteps = 100 } = options;
  if (n === 0) return 0;
  const random = new Random(1);
  let v: Float64Array = Float64Array.from({ length: n }, () => random.normal());
  scale(v, 1 / norm(v));
  const basis: Float64Array[] = [];
  const alpha: number[] = [];
  const beta: number[] = [];
  const w = new Float64Array(n);
  const steps = Math.min(n, maxSteps);
  let best = 0;
  for (let k = 0; k < steps; k++) {
    basis.push(v);
    product(v, w);
    alpha.push(dot(w, v));
    for (let pass = 0; pass < 2; pass++) for (const u of basis) axpy(-dot(w, u), u, w);
    const b = norm(w);
    const last = k + 1 === steps || b <= Number.EPSILON * Math.abs(alpha[0]);
    if (last || k % 5 === 4) {
      const m = k + 1;
      const t = new Float64Array(m * m);
      for (let i = 0; i < m; i++) {
        t[i * m + i] = alpha[i];
        if (i > 0) t[i * m + i - 1] = t[(i - 1) * m + i] = beta[i - 1];
      }
      const { values, vectors } = symmetricEigen(t, m);
      let top = 0;
      for (let i = 1; i < m; i++) if (values[i] > values[top]) top = i;
      const residual = b * Math.abs(vectors[(m - 1) * m + top]);
      best = Math.max(0, values[top]) + residual;
      if (last || residual <= tol * values[top]) return best;
    }
    beta.push(b);
    v = w.slice();
    scale(v, 1 / b);
  }
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function axpy(s: number, a: Float64Array, out: Float64Array): void {
  for (let i = 0; i < a.length; i++) out[i] += s * a[i];
}

function scale(a: Float64Array, s: number): void {
  for (let i = 0; i < a.length; i++) a[i] *= s;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

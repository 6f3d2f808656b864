import { fail } from '../core/index.ts';
import { jacobiSvd } from './jacobiSvd.ts';

/** Condition number beyond which inverses are not trusted. */
const WORST = 1e12;
const STEPS = 30;

/**
 * The orthogonal polar factor of a square G = S·H, H positive semi-definite: the orthogonal matrix nearest to G, and
 * the maximiser of ⟨S, G⟩ over matrices of spectral norm at most 1, where the maximum is the nuclear norm of G. By
 * Newton's iteration with Higham's scaling (Higham, Functions of Matrices, §8.6) and a final Newton–Schulz step, or by
 * the SVD if G is singular to working precision. In that case S is not unique, and `near`, an n × n matrix (default:
 * the identity), determines it in the directions that G leaves undetermined. O(8n³).
 *
 * @param g n × n row-major values; if they are column-major, so is S.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function polarFactor(g: Float64Array, n: number, near?: Float64Array): Float64Array {
  if (g.length !== n * n) fail('INVALID_SHAPE', `${n} × ${n} needs ${n * n} values, but ${g.length} were given.`);
  let largest = 0;
  for (const v of g) {
    if (!Number.isFinite(v)) fail('NON_FINITE', `The matrix holds ${v}.`);
    largest = Math.max(largest, Math.abs(v));
  }
  if (largest === 0) return near ? polarFactor(near, n) : identity(n);
  const X = g.map((v) => v / largest);
  return scaledNewton(X, n) ?? bySingularValues(g, n, near);
}

function identity(n: number): Float64Array {
  const I = new Float64Array(n * n);
  for (let i = 0; i < n; i++) I[i * n + i] = 1;
  return I;
}

/** Polar factor of X with entries of at most 1, which is overwritten; undefined if an inverse cannot be trusted. */
export function scaledNewton(X: Float64Array, n: number): Float64Array | undefined {
  const Y = new Float64Array(n * n);
  const pivots = new Int32Array(n);
  let scaling = true;
  for (let step = 0; step < STEPS; step++) {
    Y.set(X);
    if (!invert(Y, n, pivots)) return undefined;
    const x = norms(X, n);
    const y = norms(Y, n);
    if (!(x.one * y.one < WORST)) return undefined;
    const gamma = scaling ? Math.sqrt(Math.sqrt((y.one / x.one) * (y.infinity / x.infinity))) : 1;
    let change = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const next = 0.5 * (gamma * X[i * n + j] + Y[j * n + i] / gamma);
        change += (next - X[i * n + j]) ** 2;
        X[i * n + j] = next;
      }
    }
    if (change < 0.01) scaling = false;
    // Convergence is quadratic: after this step the error is the square of the change.
    if (change < 1e-10) {
      newtonSchulz(X, n, Y);
      return X;
    }
  }
  return undefined;
}

/** X ← X(3I − XᵀX)/2: reduces an error e to order e², without an inverse. */
function newtonSchulz(X: Float64Array, n: number, XtX: Float64Array): void {
  XtX.fill(0);
  for (let r = 0; r < n; r++) {
    for (let i = 0; i < n; i++) {
      const v = X[r * n + i];
      for (let j = 0; j < n; j++) XtX[i * n + j] += v * X[r * n + j];
    }
  }
  const row = new Float64Array(n);
  for (let r = 0; r < n; r++) {
    for (let j = 0; j < n; j++) row[j] = 1.5 * X[r * n + j];
    for (let i = 0; i < n; i++) {
      const v = 0.5 * X[r * n + i];
      for (let j = 0; j < n; j++) row[j] -= v * XtX[i * n + j];
    }
    X.set(row, r * n);
  }
}

/** The largest absolute column sum and row sum. */
function norms(X: Float64Array, n: number): { one: number; infinity: number } {
  const columns = new Float64Array(n);
  let infinity = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) {
      const v = Math.abs(X[i * n + j]);
      row += v;
      columns[j] += v;
    }
    infinity = Math.max(infinity, row);
  }
  return { one: columns.reduce((a, b) => Math.max(a, b), 0), infinity };
}

/** A ← A⁻¹ by Gauss–Jordan with row pivoting; false where a pivot is zero. O(n³). */
function invert(A: Float64Array, n: number, pivots: Int32Array): boolean {
  for (let k = 0; k < n; k++) {
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i * n + k]) > Math.abs(A[p * n + k])) p = i;
    const pivot = A[p * n + k];
    if (!(Math.abs(pivot) > 0)) return false;
    pivots[k] = p;
    if (p !== k) for (let j = 0; j < n; j++) swap(A, k * n + j, p * n + j);
    const inverse = 1 / pivot;
    A[k * n + k] = 1;
    for (let j = 0; j < n; j++) A[k * n + j] *= inverse;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = A[i * n + k];
      if (factor === 0) continue;
      A[i * n + k] = 0;
      for (let j = 0; j < n; j++) A[i * n + j] -= factor * A[k * n + j];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    if (pivots[k] !== k) for (let i = 0; i < n; i++) swap(A, i * n + k, i * n + pivots[k]);
  }
  return true;
}

function swap(A: Float64Array, a: number, b: number): void {
  const v = A[a];
  A[a] = A[b];
  A[b] = v;
}

/** Singular values below this fraction of the largest leave their direction undetermined. */
const OPEN = 1e-12;

function bySingularValues(g: Float64Array, n: number, near: Float64Array | undefined): Float64Array {
  const { sizes, left, right } = jacobiSvd(g, n, n);
  const rank = sizes.reduce((count, s) => count + (s > OPEN * sizes[0] ? 1 : 0), 0);
  const sum = (from: number, to: number): Float64Array => {
    const out = new Float64Array(n * n);
    for (let k = from; k < to; k++) {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] += left[k][i] * right[k][j];
    }
    return out;
  };
  if (rank === n) return sum(0, n);
  const S = sum(0, rank);
  const m = n - rank;
  // `near` restricted to the undetermined directions, and its polar factor.
  const N = near ?? identity(n);
  const inner = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      let v = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) v += left[rank + a][i] * N[i * n + j] * right[rank + b][j];
      inner[a * m + b] = v;
    }
  }
  const open = polarFactor(inner, m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      const v = open[a * m + b];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) S[i * n + j] += v * left[rank + a][i] * right[rank + b][j];
      }
    }
  }
  return S;
}

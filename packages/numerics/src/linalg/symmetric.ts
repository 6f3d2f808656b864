/**
 * Small dense symmetric matrices (block Hessians, up to a few hundred rows) as n × n values in one Float64Array;
 * because of symmetry, row-major and column-major order coincide. Plain TypeScript, because the call overhead of a
 * kernel would dominate. Eigenvalues of larger matrices are delegated to `eigenSymmetric`, which takes four times as
 * long for 5 rows and half as long for 160.
 */
import { DenseMatrix } from '../arrays/index.ts';
import { eigenSymmetric } from './factorisations/spectral/eigenSymmetric.ts';
import { hypotenuse, tridiagonalQl } from './factorisations/spectral/tridiagonalQl.ts';

/** Number of rows up to which plain loops are faster. */
const SMALL = 64;

/**
 * Overwrites the lower triangle (row i, column j ≤ i at `a[i * n + j]`) with the Cholesky factor of A + ridge·I.
 * Returns false, leaving `a` in an undefined state, if a pivot falls to rounding level: ≤ 8nε times its diagonal entry.
 * `from` and `to` delimit the rows to process now, given that the rows before them are done, for callers that pause in
 * between. O(n³/3).
 */
export function choleskyInPlace(a: Float64Array, n: number, ridge = 0, from = 0, to = n): boolean {
  const threshold = 8 * n * Number.EPSILON;
  for (let i = from; i < to; i++) {
    const at = i * n;
    for (let j = 0; j < i; j++) {
      const bt = j * n;
      let sum = a[at + j];
      for (let k = 0; k < j; k++) sum -= a[at + k] * a[bt + k];
      a[at + j] = sum / a[bt + j];
    }
    const diagonal = a[at + i] + ridge;
    let pivot = diagonal;
    for (let k = 0; k < i; k++) pivot -= a[at + k] * a[at + k];
    if (!(pivot > threshold * diagonal)) return false;
    a[at + i] = Math.sqrt(pivot);
  }
  return true;
}

/** x ← (L Lᵀ)⁻¹ x for a factor from {@link choleskyInPlace}. O(n²). */
export function choleskySolveInPlace(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = x[i];
    const at = i * n;
    for (let k = 0; k < i; k++) sum -= l[at + k] * x[k];
    x[i] = sum / l[at + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    const at = i * n;
    const xi = x[i] / l[at + i];
    x[i] = xi;
    for (let k = 0; k < i; k++) x[k] -= l[at + k] * xi;
  }
}

/**
 * Householder reduction to tridiagonal form: `d` receives the diagonal, `e[1 … n−1]` the subdiagonal. With `vectors`,
 * `a` is overwritten by the orthogonal Q (columns) with A = Q T Qᵀ; otherwise row i holds the i values of reflector i,
 * and the β are returned. O(4n³/3).
 */
function tridiagonalise(a: Float64Array, n: number, d: Float64Array, e: Float64Array, vectors: boolean): Float64Array {
  const w = new Float64Array(n);
  const betas = new Float64Array(n);
  // Reduces row i, from the last to the third, by a reflector H = I − β v vᵀ on coordinates 0 … i−1; v is stored there.
  for (let i = n - 1; i >= 2; i--) {
    const at = i * n;
    let scale = 0;
    for (let k = 0; k < i - 1; k++) scale = Math.max(scale, Math.abs(a[at + k]));
    if (scale === 0) {
      e[i] = a[at + i - 1];
      continue;
    }
    scale = Math.max(scale, Math.abs(a[at + i - 1]));
    let norm2 = 0;
    for (let k = 0; k < i; k++) {
      const v = a[at + k] / scale;
      norm2 += v * v;
    }
    const norm = Math.sqrt(norm2) * scale;
    const last = a[at + i - 1];
    const alpha = last > 0 ? -norm : norm;
    a[at + i - 1] = last - alpha;
    e[i] = alpha;
    const vnorm2 = 2 * norm * (norm + Math.abs(last));
    const beta = 2 / vnorm2;
    betas[i] = beta;
    // p = β A v, then A ← A − v wᵀ − w vᵀ with w = p − (β/2)(pᵀv) v, on the leading i × i part (lower triangle).
    w.fill(0, 0, i);
    for (let r = 0; r < i; r++) {
      const rt = r * n;
      const vr = a[at + r];
      let sum = a[rt + r] * vr;
      for (let c = 0; c < r; c++) {
        sum += a[rt + c] * a[at + c];
        w[c] += a[rt + c] * vr;
      }
      w[r] += sum;
    }
    let pv = 0;
    for (let r = 0; r < i; r++) {
      w[r] *= beta;
      pv += w[r] * a[at + r];
    }
    const half = (beta / 2) * pv;
    for (let r = 0; r < i; r++) w[r] -= half * a[at + r];
    for (let r = 0; r < i; r++) {
      const rt = r * n;
      const vr = a[at + r];
      const wr = w[r];
      for (let c = 0; c <= r; c++) a[rt + c] -= vr * w[c] + wr * a[at + c];
    }
  }
  if (n > 1) e[1] = a[n];
  for (let i = 0; i < n; i++) d[i] = a[i * n + i];
  if (!vectors) return betas;
  // Accumulates Q = H_{n−1} … H_2 from the inside out, in place: the leading part grows by one row and column at a
  // time.
  for (let i = 0; i < n; i++) {
    const beta = betas[i];
    if (beta !== 0) {
      const at = i * n;
      // Row by row, as they lie in memory: w = β Aᵀv, then A ← A − v wᵀ.
      w.fill(0, 0, i);
      for (let r = 0; r < i; r++) for (let c = 0; c < i; c++) w[c] += a[at + r] * a[r * n + c];
      for (let c = 0; c < i; c++) w[c] *= beta;
      for (let r = 0; r < i; r++) for (let c = 0; c < i; c++) a[r * n + c] -= w[c] * a[at + r];
    }
    for (let k = 0; k < i; k++) {
      a[i * n + k] = 0;
      a[k * n + i] = 0;
    }
    a[i * n + i] = 1;
  }
  return betas;
}

/** Non-finite matrices go through the plain loops, with unspecified results. */
function finite(a: Float64Array, n: number): boolean {
  let probe = 0;
  for (let k = 0; k < n * n; k++) probe += a[k] * 0;
  return probe === 0;
}

/**
 * Eigenvalues (unsorted) and orthonormal eigenvectors (column j of the row-major `vectors` belongs to value j). O(n³).
 */
export function symmetricEigen(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  if (n > SMALL && finite(a, n)) {
    const A = DenseMatrix.fromColumnMajor(a.length === n * n ? a : a.subarray(0, n * n), n, n);
    const { values, vectors: V } = eigenSymmetric(A);
    const vectors = V.data.slice();
    A.free();
    V.free();
    transposeInPlace(vectors, n);
    return { values, vectors };
  }
  const values = new Float64Array(n);
  const vectors = a.slice(0, n * n);
  const e = new Float64Array(n);
  if (n > 0) {
    tridiagonalise(vectors, n, values, e, true);
    // Vectors are stored as rows in the meantime, so that rotations access contiguous memory.
    transposeInPlace(vectors, n);
    tridiagonalQl(values, e.subarray(1), 0, n, vectors, 0, n, n);
    transposeInPlace(vectors, n);
  }
  return { values, vectors };
}

/**
 * Eigenvalues (unsorted) and the last `count` coordinates of the eigenvectors, for eigenvector j from `tails[j *
 * count]` on: applies the reflectors and rotations of {@link symmetricEigen} to these coordinates alone. O(4n³/3).
 */
export function symmetricEigenTails(
  a: Float64Array,
  n: number,
  count: number,
): { values: Float64Array; tails: Float64Array } {
  const values = new Float64Array(n);
  const e = new Float64Array(n);
  const tails = new Float64Array(n * count);
  const reflectors = a.slice(0, n * n);
  const betas = tridiagonalise(reflectors, n, values, e, false);
  for (let r = 0; r < count; r++) {
    const x = new Float64Array(n);
    x[n - count + r] = 1;
    for (let i = n - 1; i >= 2; i--) {
      if (betas[i] === 0) continue;
      let sum = 0;
      for (let c = 0; c < i; c++) sum += x[c] * reflectors[i * n + c];
      sum *= betas[i];
      for (let c = 0; c < i; c++) x[c] -= sum * reflectors[i * n + c];
    }
    for (let j = 0; j < n; j++) tails[j * count + r] = x[j];
  }
  tridiagonalQl(values, e.subarray(1), 0, n, tails, 0, count, count);
  return { values, tails };
}

function transposeInPlace(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const v = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = v;
    }
  }
}

/** Eigenvalues in ascending order. O(4n³/3). */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  if (n > SMALL && finite(a, n)) {
    const A = DenseMatrix.fromColumnMajor(a.length === n * n ? a : a.subarray(0, n * n), n, n);
    const { values } = eigenSymmetric(A, { vectors: false });
    A.free();
    return values;
  }
  const values = new Float64Array(n);
  const e = new Float64Array(n);
  if (n > 0) {
    tridiagonalise(a.slice(0, n * n), n, values, e, false);
    tridiagonalQl(values, e.subarray(1), 0, n);
  }
  return values.sort();
}

/** A matrix prepared for solves: a Cholesky factor, or the pseudo-inverse if it is singular to working precision. */
export interface SymmetricFactor {
  readonly n: number;
  /** n for Cholesky, otherwise the number of eigenvalues that are not treated as zero. */
  readonly rank: number;
  /** x ← A⁻¹ x (or A⁺ x), in place. */
  solve(x: Float64Array): void;
}

/** Relative magnitude below which an eigenvalue is treated as zero in a pseudo-inverse. */
const RANK_TOLERANCE = 1e-12;

/**
 * Factorises a positive semi-definite A, which is not modified: Cholesky if all pivots are sound; otherwise eigenvalues
 * below 10⁻¹²λ_max are dropped, which gives the minimum-norm solution for right-hand sides in the range. O(n³).
 */
export function factorPositive(a: Float64Array, n: number): SymmetricFactor {
  const l = a.slice(0, n * n);
  if (choleskyInPlace(l, n)) return { n, rank: n, solve: (x) => choleskySolveInPlace(l, n, x) };
  const { values, vectors } = symmetricEigen(a, n);
  let largest = 0;
  for (const v of values) largest = Math.max(largest, v);
  const inverse = values.map((v) => (v > RANK_TOLERANCE * largest ? 1 / v : 0));
  const t = new Float64Array(n);
  return {
    n,
    rank: inverse.reduce((count, v) => count + (v > 0 ? 1 : 0), 0),
    solve(x) {
      t.fill(0);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) t[j] += vectors[i * n + j] * x[i];
      for (let j = 0; j < n; j++) t[j] *= inverse[j];
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += vectors[i * n + j] * t[j];
        x[i] = sum;
      }
    },
  };
}

/**
 * The largest eigenvalue of a positive semi-definite matrix, accurate to rounding, by {@link symmetricEigenvalues}.
 * O(n³).
 */
export function largestEigenvalue(a: Float64Array, n: number): number {
  if (n === 0) return 0;
  if (n === 1) return a[0];
  if (n === 2) {
    const mean = (a[0] + a[3]) / 2;
    return mean + hypotenuse((a[0] - a[3]) / 2, a[2]);
  }
  return symmetricEigenvalues(a, n)[n - 1];
}

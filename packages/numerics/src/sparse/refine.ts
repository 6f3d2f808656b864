import type { CscMatrix } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';
import { estimateOneNorm } from '../linalg/index.ts';
import { checkEntries, checkRightHandSide } from './factor.ts';

export interface RefineOptions {
  /** Maximum number of corrections (default 10). */
  readonly maxIterations?: number;
}
const keys: OptionKeys<RefineOptions> = { maxIterations: true };

/** Solves with A and with its transpose; every factor is one. */
export interface Solver {
  readonly n: number;
  solve(b: Float64Array): Float64Array;
  solveTransposed(b: Float64Array): Float64Array;
}

export interface Refined {
  readonly x: Float64Array;
  /** Number of corrections made and accepted. */
  readonly iterations: number;
  /**
   * Componentwise backward error: the largest relative change to entries of A and b for which x is exact (Arioli,
   * Demmel and Duff 1989).
   */
  readonly backwardError: number;
  /** A bound on ‖x − A⁻¹b‖∞/‖x‖∞, up to the estimate of ‖|A⁻¹|w‖∞ (nearly always within a factor of three). */
  readonly forwardError: number;
}

const EPS = Number.EPSILON;

/**
 * Solves Ax = b with a factor and refines x iteratively by residuals in twice the working precision, until corrections
 * no longer change x, or neither halve nor reduce the backward error. A must contain both triangles. About ten solves
 * and as many products.
 *
 * @example const { x, backwardError } = refine(A, sparseLu(A), b);
 * @throws INVALID_SHAPE, NON_FINITE, SINGULAR.
 */
export function refine(A: CscMatrix, factor: Solver, b: Float64Array, options: RefineOptions = {}): Refined {
  knownKeys('refine', options, keys);
  checkEntries(A, 'refine');
  const { maxIterations = 10 } = options;
  if (!Number.isInteger(maxIterations) || maxIterations < 0) {
    fail('INVALID_PARAMETER', `maxIterations must be a whole number of at least 0, not ${maxIterations}.`);
  }
  const { n } = factor;
  if (A.rows !== n || A.cols !== n) {
    fail('INVALID_SHAPE', `The factor is ${n} × ${n}, but the matrix is ${A.rows} × ${A.cols}.`);
  }
  checkRightHandSide(b, n);
  const rowMost = new Float64Array(n);
  const rowCount = new Int32Array(n);
  for (let k = 0; k < A.nnz; k++) {
    const i = A.rowIndices[k];
    rowMost[i] = Math.max(rowMost[i], Math.abs(A.values[k]));
    rowCount[i]++;
  }
  let x = factor.solve(b);
  let state = residual(A, x, b);
  let error = backwardErrorOf(state, x, b, rowMost);
  let iterations = 0;
  // Residuals in twice the precision continue to improve x after its backward error has reached rounding level.
  let last = 0.5;
  while (iterations < maxIterations && state.r.every(Number.isFinite)) {
    const step = factor.solve(state.r);
    const size = largest(step) / largest(x);
    // Small entries of x may still need large corrections when the largest ones are already accurate.
    if (!(size > EPS / 4) && error <= EPS) break;
    const next = x.map((v, i) => v + step[i]);
    const after = residual(A, next, b);
    const then = backwardErrorOf(after, next, b, rowMost);
    if (!(then < error || (then <= EPS && size < last))) break;
    x = next;
    state = after;
    error = then;
    last = size / 2;
    iterations++;
  }
  return { x, iterations, backwardError: error, forwardError: forwardErrorOf(factor, state, x, rowCount, b) };
}

const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** b − Ax as if in twice the working precision, and |A||x|. */
function residual(A: CscMatrix, x: Float64Array, b: Float64Array): { r: Float64Array; size: Float64Array } {
  const { cols, colPointers, rowIndices, values } = A;
  const sum = b.slice();
  const rest = new Float64Array(b.length);
  const size = new Float64Array(b.length);
  for (let j = 0; j < cols; j++) {
    const y = -x[j];
    if (y === 0) continue;
    // Splits into halves of 26 bits (Veltkamp); very large numbers are scaled down to avoid overflow.
    const far = Math.abs(y) > 2 ** 990;
    const ty = 134217729 * (far ? y * 2 ** -30 : y);
    const yh = far ? (ty - (ty - y * 2 ** -30)) * 2 ** 30 : ty - (ty - y);
    const yl = y - yh;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      const v = values[k];
      const p = v * y;
      size[i] += Math.abs(p);
      const wide = Math.abs(v) > 2 ** 990;
      const tv = 134217729 * (wide ? v * 2 ** -30 : v);
      const vh = wide ? (tv - (tv - v * 2 ** -30)) * 2 ** 30 : tv - (tv - v);
      const vl = v - vh;
      const lost = vl * yl - (p - vh * yh - vl * yh - vh * yl);
      const s = sum[i];
      const t = s + p;
      const z = t - s;
      rest[i] += s - (t - z) + (p - z) + lost;
      sum[i] = t;
    }
  }
  return { r: sum.map((v, i) => v + rest[i]), size };
}

/** If |A||x| + |b| is negligible, |b| is replaced by the sum of absolute values of the row times ‖x‖∞. */
function backwardErrorOf(
  { r, size }: { r: Float64Array; size: Float64Array },
  x: Float64Array,
  b: Float64Array,
  rowMost: Float64Array,
): number {
  const n = x.length;
  const most = largest(x);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    const first = size[i] + Math.abs(b[i]);
    const second = rowMost[i] * most;
    const base = first > 1000 * n * EPS * (second + Math.abs(b[i])) ? first : size[i] + second;
    const share = r[i] === 0 ? 0 : Math.abs(r[i]) / base;
    if (!(share <= worst)) worst = share;
  }
  return worst;
}

/** ‖|A⁻¹|w‖∞/‖x‖∞, where w is the residual plus a bound on its rounding error. */
function forwardErrorOf(
  factor: Solver,
  { r, size }: { r: Float64Array; size: Float64Array },
  x: Float64Array,
  rowCount: Int32Array,
  b: Float64Array,
): number {
  const n = x.length;
  const most = largest(x);
  if (n === 0 || most === 0) return 0;
  const w = r.map(
    (v, i) => Math.abs(v) * (1 + EPS) + 4 * (rowCount[i] + 2) ** 2 * EPS * EPS * (size[i] + Math.abs(b[i])),
  );
  const guarded = (v: Float64Array, solve: (x: Float64Array) => Float64Array) =>
    v.every(Number.isFinite) ? solve(v) : v.fill(Number.POSITIVE_INFINITY);
  const norm = estimateOneNorm(
    n,
    (v) => guarded(v, (u) => factor.solveTransposed(u)).map((u, i) => u * w[i]),
    (v) =>
      guarded(
        v.map((u, i) => u * w[i]),
        (u) => factor.solve(u),
      ),
  );
  const bound = norm / most;
  return Number.isNaN(bound) ? Number.POSITIVE_INFINITY : bound;
}

import { DenseMatrix } from '../../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../../core/index.ts';
import { checkSquare, copyForFactor, largestEntry, safeScale, settle } from '../common.ts';
import { applyReflectors } from '../reflectors.ts';
import { ascending, divideSymmetric } from './divideSymmetric.ts';
import { reduceToTridiagonal } from './tridiagonal.ts';
import { tridiagonalQl } from './tridiagonalQl.ts';

export interface EigenSymmetricOptions {
  /** Whether to compute eigenvectors too (default true). */
  readonly vectors?: boolean;
}
const optionKeys: OptionKeys<EigenSymmetricOptions> = { vectors: true };

/** A = V diag(values) Vᵀ. */
export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** n × n, orthonormal: column j belongs to values[j]. */
  readonly vectors: DenseMatrix;
}

/**
 * All eigenvalues of a symmetric matrix and, by default, its eigenvectors: reduction to tridiagonal form, divide and
 * conquer, and back-transformation (Golub and Van Loan, ch. 8; LAPACK's dsyevd). Only the lower triangle is read; A is
 * not modified; extreme magnitudes are rescaled internally. Eigenvalues are within n·ε·‖A‖ of the true ones,
 * eigenvectors orthogonal to n·ε, even for repeated eigenvalues. O(4n³), without vectors O(4n³/3).
 *
 * @example const { values, vectors } = eigenSymmetric(A);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for an unknown option.
 */
export function eigenSymmetric(A: DenseMatrix, options?: { readonly vectors?: true }): SymmetricEigen;
/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
export function eigenSymmetric(
  A: DenseMatrix,
  options: EigenSymmetricOptions,
): Pick<SymmetricEigen, 'values'> & Partial<SymmetricEigen>;
/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
export function eigenSymmetric(
  A: DenseMatrix,
  options: EigenSymmetricOptions = {},
): Pick<SymmetricEigen, 'values'> & Partial<SymmetricEigen> {
  knownKeys('eigenSymmetric', options, optionKeys);
  const { vectors: wanted = true } = options;
  const n = checkSquare(A, 'eigenSymmetric');
  const scale = safeScale(largestEntry(A, true));
  if (n === 0) return { values: new Float64Array(0), ...(wanted && { vectors: DenseMatrix.create(0, 0) }) };
  const factors = copyForFactor(A, wanted ? 3 * n * n : 0);
  const { arena, pointer } = factors;
  const values = new Float64Array(n);
  const unscale = () => {
    if (scale !== 1) for (let j = 0; j < n; j++) values[j] /= scale;
  };
  if (scale !== 1) for (let j = 0; j < n; j++) for (let i = j; i < n; i++) factors.data[j * n + i] *= scale;
  const { lapack } = arena;
  if (lapack) {
    if (lapack.syevd(wanted, n, pointer, n, values) !== 0) fail('NUMERICAL', 'The eigenvalues did not converge.');
    unscale();
    if (wanted) return { values, vectors: factors };
    factors.free();
    return { values };
  }
  const { diagonal, below, tau } = reduceToTridiagonal(arena, pointer, n);
  // Scaled so that the largest entry is near 1.
  let most = 0;
  for (const v of diagonal) most = Math.max(most, Math.abs(v));
  for (const v of below) most = Math.max(most, Math.abs(v));
  const unit = most > 0 ? most : 1;
  const d = diagonal.map((v) => v / unit);
  const e = below.map((v) => v / unit);
  if (!wanted) {
    if (!tridiagonalQl(d, e, 0, n)) fail('NUMERICAL', 'The eigenvalues did not converge.');
    d.sort();
    for (let j = 0; j < n; j++) values[j] = d[j] * unit;
    unscale();
    factors.free();
    return { values };
  }
  const scratch = arena.scratch();
  try {
    const Q = scratch.f64(n * n).pointer;
    const order = n <= 2 ? small(arena.f64, Q / 8, d, e) : divideSymmetric(arena, d, e, Q);
    applyReflectors({ arena, pointer: pointer + 8, ld: n, rows: n - 1, tau }, false, Q + 8, n, n);
    const heap = arena.f64;
    for (let j = 0; j < n; j++) {
      values[j] = d[order[j]] * unit;
      const from = Q / 8 + order[j] * n;
      heap.copyWithin(pointer / 8 + j * n, from, from + n);
    }
  } finally {
    scratch.release();
  }
  unscale();
  const [vectors] = settle([factors]);
  return { values, vectors };
}

/** Too small for divide and conquer. */
function small(heap: Float64Array, at: number, d: Float64Array, e: Float64Array): Int32Array {
  const n = d.length;
  for (let k = 0; k < n * n; k++) heap[at + k] = k % (n + 1) === 0 ? 1 : 0;
  tridiagonalQl(d, e, 0, n, heap, at, n, n);
  return ascending(d);
}

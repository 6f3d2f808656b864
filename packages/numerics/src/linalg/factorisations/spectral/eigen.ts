import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '../../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../../core/index.ts';
import { checkSquare, copyForFactor, largestEntry, safeScale, settle } from '../common.ts';
import { applyReflectors } from '../reflectors.ts';
import { balance, unbalance } from './balance.ts';
import { francis } from './francis.ts';
import { reduceToHessenberg } from './hessenberg.ts';
import { triangularVectors } from './triangularVectors.ts';

export interface EigenOptions {
  /** Whether to compute eigenvectors too (default true). */
  readonly vectors?: boolean;
}
const optionKeys: OptionKeys<EigenOptions> = { vectors: true };

/** Complex eigenvalues as two arrays; conjugate pairs are adjacent, the one with positive imaginary part first. */
export interface EigenValues {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

export interface Eigen extends EigenValues {
  /**
   * n × n: column j is the eigenvector of a real eigenvalue j; for a conjugate pair j, j + 1 the eigenvectors are
   * column j ± i · column j + 1. They have unit norm, and the largest entry of complex ones is real.
   */
  readonly vectors: DenseMatrix;
}

/** A = QTQᵀ. */
export interface Schur extends EigenValues {
  /** n × n, orthogonal. */
  readonly Q: DenseMatrix;
  /** n × n, upper triangular except for a 2 × 2 block with equal diagonal entries for each complex pair. */
  readonly T: DenseMatrix;
}

/**
 * All eigenvalues of a square matrix and, by default, its right eigenvectors: balancing, reduction to Hessenberg form,
 * Francis's double-shift QR algorithm, back-substitution (Golub and Van Loan, ch. 7; LAPACK's dgeev). A is not
 * modified; extreme magnitudes are rescaled internally. Eigenvalues are those of a matrix within n·ε·‖A‖ of the
 * balanced one; eigenvectors of a defective matrix coincide up to rounding. O(25n³), without vectors O(10n³).
 *
 * @example const { real, imaginary, vectors } = eigen(A);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for an unknown option.
 */
export function eigen(A: DenseMatrix, options?: { readonly vectors?: true }): Eigen;
/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
export function eigen(A: DenseMatrix, options: EigenOptions): EigenValues & Partial<Eigen>;
/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
export function eigen(A: DenseMatrix, options: EigenOptions = {}): EigenValues & Partial<Eigen> {
  knownKeys('eigen', options, optionKeys);
  const { vectors: wanted = true } = options;
  const n = checkSquare(A, 'eigen');
  const scale = safeScale(largestEntry(A));
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)];
  if (n === 0) return { real, imaginary, ...(wanted && { vectors: DenseMatrix.create(0, 0) }) };
  const H = copyForFactor(A, wanted ? 3 * n * n : 0);
  const { arena } = H;
  try {
    if (scale !== 1) for (let k = 0; k < n * n; k++) H.data[k] *= scale;
    const vectors = wanted ? DenseMatrix.create(n, n, { fill: false, arena }) : undefined;
    if (arena.lapack) {
      const info = arena.lapack.geev(wanted, n, H.pointer, n, real, imaginary, (vectors ?? H).pointer, n);
      if (info !== 0) fail('NUMERICAL', 'The eigenvalues did not converge.');
    } else {
      const balanced = balance(arena.f64, H.pointer / 8, n);
      const { low, high } = balanced;
      const tau = reduceToHessenberg(arena, H.pointer, n, low, high);
      const scratch = arena.scratch();
      try {
        const Z = vectors && scratch.f64(n * n).pointer;
        if (Z !== undefined) formQ(arena, H.pointer, n, low, high, tau, Z);
        clearBelow(arena, H.pointer, n);
        francis(arena, H.pointer, n, low, high, real, imaginary, wanted, Z);
        if (vectors && Z !== undefined) {
          const X = scratch.f64(n * n).pointer;
          const work = scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer;
          triangularVectors(arena, H.pointer, n, real, imaginary, X);
          arena.kernels.gemm(false, false, n, n, n, 1, Z, n, X, n, 0, vectors.pointer, n, work);
          unbalance(balanced, arena.f64, vectors.pointer / 8, n, n);
          normalise(vectors, imaginary);
        }
      } finally {
        scratch.release();
      }
    }
    if (scale !== 1) {
      for (let k = 0; k < n; k++) {
        real[k] /= scale;
        imaginary[k] /= scale;
      }
    }
    return { real, imaginary, ...(vectors && { vectors: settle([vectors])[0] }) };
  } finally {
    H.free();
  }
}

/**
 * The real Schur form A = QTQᵀ by Hessenberg reduction and Francis's double-shift QR algorithm (Golub and Van Loan,
 * §7.4–7.5), without balancing, so that Q is orthogonal. A is not modified. O(25n³).
 *
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function schur(A: DenseMatrix): Schur {
  const n = checkSquare(A, 'schur');
  const scale = safeScale(largestEntry(A));
  const T = copyForFactor(A, 2 * n * n);
  const { arena } = T;
  const Q = DenseMatrix.create(n, n, { arena });
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)];
  if (n > 0) {
    if (scale !== 1) for (let k = 0; k < n * n; k++) T.data[k] *= scale;
    if (arena.lapack) {
      const info = arena.lapack.gees(n, T.pointer, n, real, imaginary, Q.pointer, n);
      if (info !== 0) fail('NUMERICAL', 'The eigenvalues did not converge.');
    } else {
      const tau = reduceToHessenberg(arena, T.pointer, n, 0, n - 1);
      formQ(arena, T.pointer, n, 0, n - 1, tau, Q.pointer);
      clearBelow(arena, T.pointer, n);
      francis(arena, T.pointer, n, 0, n - 1, real, imaginary, true, Q.pointer);
    }
    if (scale !== 1)
      for (const values of [T.data, real, imaginary]) for (let k = 0; k < values.length; k++) values[k] /= scale;
  }
  const [settledQ, settledT] = settle([Q, T]);
  return { Q: settledQ, T: settledT, real, imaginary };
}

/** Forms Q of the reduction from its reflectors, which are stored below H. */
function formQ(arena: Arena, H: number, n: number, low: number, high: number, tau: Float64Array, Q: number): void {
  const heap = arena.f64;
  heap.fill(0, Q / 8, Q / 8 + n * n);
  for (let j = 0; j < n; j++) heap[Q / 8 + j * (n + 1)] = 1;
  const rows = high - low;
  const reflectors = { arena, pointer: H + 8 * (low * n + low + 1), ld: n, rows, tau };
  applyReflectors(reflectors, false, Q + 8 * (low + 1) * (n + 1), n, rows, true);
}

/** Overwrites the reflectors by zeros. */
function clearBelow(arena: Arena, H: number, n: number): void {
  const heap = arena.f64;
  for (let j = 0; j < n - 2; j++) heap.fill(0, H / 8 + j * n + j + 2, H / 8 + (j + 1) * n);
}

function normalise(vectors: DenseMatrix, imaginary: Float64Array): void {
  const n = vectors.rows;
  const toUnit = (columns: readonly Float64Array[]): void => {
    let most = 0;
    for (const column of columns) for (const v of column) most = Math.max(most, Math.abs(v));
    if (most === 0) return;
    let square = 0;
    for (const column of columns) {
      for (let i = 0; i < n; i++) {
        column[i] /= most;
        square += column[i] * column[i];
      }
    }
    const length = Math.sqrt(square);
    for (const column of columns) for (let i = 0; i < n; i++) column[i] /= length;
  };
  for (let j = 0; j < n; j++) {
    const u = vectors.column(j);
    if (imaginary[j] === 0) {
      toUnit([u]);
      continue;
    }
    const v = vectors.column(j + 1);
    toUnit([u, v]);
    let at = 0;
    let size = 0;
    for (let i = 0; i < n; i++) {
      const square = u[i] * u[i] + v[i] * v[i];
      if (square > size) [at, size] = [i, square];
    }
    const length = Math.sqrt(size);
    const [c, s] = [u[at] / length, v[at] / length];
    for (let i = 0; i < n; i++) [u[i], v[i]] = [c * u[i] + s * v[i], c * v[i] - s * u[i]];
    v[at] = 0;
    j++;
  }
}

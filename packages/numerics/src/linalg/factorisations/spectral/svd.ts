import { type Arena, arenaFor } from '@southwell/kernels';
import { DenseMatrix } from '../../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../../core/index.ts';
import type { Svd } from '../../svdTriplets.ts';
import { checkDense, largestEntry, safeScale, settle } from '../common.ts';
import { applyReflectors, factorByReflectors } from '../reflectors.ts';
import { reduceToBidiagonal } from './bidiagonal.ts';
import { divideBidiagonal } from './divideBidiagonal.ts';
import { tridiagonalQl } from './tridiagonalQl.ts';

export interface SvdOptions {
  /** Whether to compute singular vectors too (default true). */
  readonly vectors?: boolean;
}
const optionKeys: OptionKeys<SvdOptions> = { vectors: true };

/** From this ratio of rows to columns on, an initial QR factorisation is cheaper (Chan 1982). */
const TALL = 11 / 6;

/**
 * The thin singular value decomposition A = U diag(s) Vᵀ, where U is m × k and V is n × k with k = min(m, n), or the
 * singular values alone: initial QR if one dimension is much larger, reduction to bidiagonal form, divide and conquer,
 * and back-transformation (Golub and Van Loan, §8.6; LAPACK's dgesdd). A is not modified; extreme magnitudes are
 * rescaled internally. Singular values are within n·ε·s₁ of the true ones; if small ones need high relative accuracy,
 * use {@link jacobiSvd}. O(4mn² + 8n³) for m ≥ n, without vectors O(4mn² − 4n³/3), less for tall matrices.
 *
 * @example const { U, singularValues, V } = svd(A);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for an unknown option.
 */
export function svd(A: DenseMatrix, options?: { readonly vectors?: true }): Svd;
/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
export function svd(A: DenseMatrix, options: SvdOptions): Pick<Svd, 'singularValues'> & Partial<Svd>;
/** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
export function svd(A: DenseMatrix, options: SvdOptions = {}): Pick<Svd, 'singularValues'> & Partial<Svd> {
  knownKeys('svd', options, optionKeys);
  const { vectors: wanted = true } = options;
  checkDense(A, 'svd');
  const scale = safeScale(largestEntry(A));
  const wide = A.rows < A.cols;
  const [m, n] = wide ? [A.cols, A.rows] : [A.rows, A.cols];
  const arena = arenaFor(8 * (wanted ? 2 * m * n + 6 * n * n : m * n + n * n));
  if (n === 0) {
    const none = () => DenseMatrix.create(m, 0);
    const empty = DenseMatrix.create(0, 0);
    return {
      singularValues: new Float64Array(0),
      ...(wanted && (wide ? { U: empty, V: none() } : { U: none(), V: empty })),
    };
  }
  const work = DenseMatrix.create(m, n, { fill: false, arena });
  try {
    copyScaled(A, work, wide, scale);
    const found = arena.lapack ? byLibrary(arena, work, wanted) : tallSvd(arena, work, wanted);
    if (scale !== 1) for (let k = 0; k < n; k++) found.singularValues[k] /= scale;
    if (!found.U || !found.V) return { singularValues: found.singularValues };
    const [U, V] = settle(wide ? [found.V, found.U] : [found.U, found.V]);
    orient(U, V);
    return { U, singularValues: found.singularValues, V };
  } finally {
    work.free();
  }
}

type Found = Pick<Svd, 'singularValues'> & Partial<Svd>;

/** out ← scale·A, or its transpose, in blocks that fit the first-level cache. */
function copyScaled(A: DenseMatrix, out: DenseMatrix, transpose: boolean, scale: number): void {
  const { rows, cols, data } = A;
  const to = out.data;
  if (!transpose) {
    if (scale === 1) to.set(data);
    else for (let k = 0; k < data.length; k++) to[k] = scale * data[k];
    return;
  }
  const B = 32;
  for (let j0 = 0; j0 < cols; j0 += B) {
    for (let i0 = 0; i0 < rows; i0 += B) {
      const [j1, i1] = [Math.min(cols, j0 + B), Math.min(rows, i0 + B)];
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) to[i * cols + j] = scale * data[j * rows + i];
    }
  }
}

/** Makes the entry of largest magnitude positive in each column of V (the first one on ties). */
function orient(U: DenseMatrix, V: DenseMatrix): void {
  for (let k = 0; k < V.cols; k++) {
    const v = V.column(k);
    let at = 0;
    for (let i = 1; i < v.length; i++) if (Math.abs(v[i]) > Math.abs(v[at])) at = i;
    if (v[at] >= 0) continue;
    const u = U.column(k);
    for (let i = 0; i < v.length; i++) v[i] = -v[i];
    for (let i = 0; i < u.length; i++) u[i] = -u[i];
  }
}

/** SVD of a matrix with at least as many rows as columns, which is overwritten. */
function tallSvd(arena: Arena, work: DenseMatrix, wanted: boolean): Found {
  const { rows: m, cols: n, pointer } = work;
  if (m < TALL * n) return bidiagonalSvd(arena, work, wanted);
  const tau = factorByReflectors(arena, pointer, m, m, n);
  const R = DenseMatrix.create(n, n, { arena });
  try {
    const [from, to] = [work.data, R.data];
    for (let j = 0; j < n; j++) for (let i = 0; i <= j; i++) to[j * n + i] = from[j * m + i];
    const found = bidiagonalSvd(arena, R, wanted);
    if (!found.U) return found;
    const U = DenseMatrix.create(m, n, { arena });
    for (let j = 0; j < n; j++) U.column(j).set(found.U.column(j));
    found.U.free();
    applyReflectors({ arena, pointer, ld: m, rows: m, tau }, false, U.pointer, m, n);
    return { ...found, U };
  } finally {
    R.free();
  }
}

function bidiagonalSvd(arena: Arena, work: DenseMatrix, wanted: boolean): Found {
  const { rows: m, cols: n, pointer } = work;
  const scratch = arena.scratch();
  try {
    const P = scratch.f64(n * n).pointer;
    const { diagonal, above, tauLeft, tauRight } = reduceToBidiagonal(arena, pointer, m, n, P);
    let unit = 0;
    for (const v of diagonal) unit = Math.max(unit, Math.abs(v));
    for (const v of above) unit = Math.max(unit, Math.abs(v));
    const zero = unit === 0;
    if (zero) unit = 1;
    const d = diagonal.map((v) => v / unit);
    const e = above.map((v) => v / unit);
    const singularValues = new Float64Array(n);
    if (!wanted) {
      // The singular values of B are, up to sign, the eigenvalues of the tridiagonal matrix with a zero diagonal and
      // the entries of B beside it.
      const off = new Float64Array(2 * n - 1);
      for (let k = 0; k < n; k++) off[2 * k] = d[k];
      for (let k = 0; k < n - 1; k++) off[2 * k + 1] = e[k];
      const values = new Float64Array(2 * n);
      if (!tridiagonalQl(values, off, 0, 2 * n)) fail('NUMERICAL', 'The singular values did not converge.');
      values.sort();
      for (let k = 0; k < n; k++) singularValues[k] = Math.max(0, values[2 * n - 1 - k]) * unit;
      return { singularValues };
    }
    const [left, right] = [scratch.f64(n * n).pointer, scratch.f64(n * n).pointer];
    let order: Int32Array = Int32Array.from({ length: n }, (_, k) => k);
    if (zero) for (const at of [left, right]) setIdentity(arena.f64, at / 8, n);
    else order = divideBidiagonal(arena, d, e, left, right);
    const U = DenseMatrix.create(m, n, { arena });
    const V = DenseMatrix.create(n, n, { fill: false, arena });
    const heap = arena.f64;
    for (let k = 0; k < n; k++) {
      const j = order[n - 1 - k];
      singularValues[k] = d[j] * unit;
      heap.copyWithin(U.pointer / 8 + k * m, left / 8 + j * n, left / 8 + (j + 1) * n);
      heap.copyWithin(V.pointer / 8 + k * n, right / 8 + j * n, right / 8 + (j + 1) * n);
    }
    applyReflectors({ arena, pointer, ld: m, rows: m, tau: tauLeft }, false, U.pointer, m, n);
    applyReflectors({ arena, pointer: P + 8, ld: n, rows: n - 1, tau: tauRight }, false, V.pointer + 8, n, n);
    return { U, singularValues, V };
  } finally {
    scratch.release();
  }
}

function setIdentity(heap: Float64Array, at: number, n: number): void {
  heap.fill(0, at, at + n * n);
  for (let j = 0; j < n; j++) heap[at + j * (n + 1)] = 1;
}

function byLibrary(arena: Arena, work: DenseMatrix, wanted: boolean): Found {
  const { rows: m, cols: n, pointer } = work;
  const singularValues = new Float64Array(n);
  const U = DenseMatrix.create(wanted ? m : 1, wanted ? n : 1, { fill: false, arena });
  const VT = DenseMatrix.create(wanted ? n : 1, wanted ? n : 1, { fill: false, arena });
  const info = arena.lapack!.gesdd(wanted, m, n, pointer, m, singularValues, U.pointer, U.rows, VT.pointer, VT.rows);
  if (info !== 0) fail('NUMERICAL', 'The singular values did not converge.');
  if (!wanted) return { singularValues };
  const V = DenseMatrix.create(n, n, { fill: false, arena });
  arena.kernels.transpose(n, n, VT.pointer, n, V.pointer, n);
  VT.free();
  return { U, singularValues, V };
}

import { asMatrix, checkFinite, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '../core/index.ts';
import { multiply, qr, svd } from '../linalg/index.ts';
import { createSketch } from './create.ts';

export interface LeverageOptions {
  /** Compute all scores exactly, from a factorisation of A itself, O(nd²). Default false. */
  readonly exact?: boolean;
  /** Number of rows of the sketch, which is sparse. Default 8 per column, but at least 200. */
  readonly rows?: number;
  /**
   * Number of random directions for estimating row norms; the relative error of a score is about √(2/directions).
   * Default 8 ln n, rounded up.
   */
  readonly directions?: number;
  readonly seed?: number;
}

const keys: OptionKeys<LeverageOptions> = { exact: true, rows: true, directions: true, seed: true };

/**
 * Leverage scores of the rows of A: ‖row of U‖² for A = UΣVᵀ, between 0 and 1, which sum to the rank. Approximate by
 * default: norms of the rows of A·R⁻¹, where R is the triangular factor of a sketch of A, estimated from random
 * directions (Drineas, Magdon-Ismail, Mahoney and Woodruff 2012), within a factor of about two. O(nnz · directions).
 * @throws INVALID_SHAPE, NON_FINITE, EMPTY, INVALID_PARAMETER.
 */
export function leverageScores(A: MatrixLike, options: LeverageOptions = {}): Float64Array {
  knownKeys('leverageScores', options, keys);
  const { exact = false, seed = 0 } = options;
  const matrix: Matrix = asMatrix(A);
  try {
    const { rows: n, cols: d } = matrix;
    if (n === 0 || d === 0) fail('EMPTY', `A ${n} × ${d} matrix is empty and has no leverage scores.`);
    checkFinite(matrix, 'A');
    const { rows = Math.max(8 * d, 200), directions = Math.ceil(8 * Math.log(n + 1)) } = options;
    wholeNumber('rows', rows, 1);
    wholeNumber('directions', directions, 1);
    const small = exact || rows >= n ? dense(matrix) : createSketch('osnap', n, rows, seed).apply(matrix);
    const inverse = rightInverse(small);
    small.free();
    const { rank, columns } = inverse;
    const random = new Random(seed).split(1);
    const all = exact || directions >= rank;
    const out = new Float64Array(n);
    const image = new Float64Array(n);
    const v = new Float64Array(d);
    for (let t = 0; t < (all ? rank : directions); t++) {
      if (all) v.set(columns[t]);
      else {
        v.fill(0);
        for (const column of columns) {
          const by = random.normal() / Math.sqrt(directions);
          for (let j = 0; j < d; j++) v[j] += by * column[j];
        }
      }
      multiply(matrix, v, image);
      for (let i = 0; i < n; i++) out[i] += image[i] * image[i];
    }
    return out;
  } finally {
    if (matrix !== A) matrix.free();
  }
}

/** VΣ⁻¹ for the singular values above rounding level, with columns first scaled to unit norm. */
function rightInverse(A: DenseMatrix): { readonly rank: number; readonly columns: Float64Array[] } {
  const scales = Float64Array.from({ length: A.cols }, (_, j) => {
    const length = Math.hypot(...chunks(A.column(j)));
    return length > 0 ? length : 1;
  });
  const scaled = DenseMatrix.create(A.rows, A.cols, { fill: false });
  for (let j = 0; j < A.cols; j++) {
    const to = scaled.column(j);
    to.set(A.column(j));
    for (let i = 0; i < to.length; i++) to[i] /= scales[j];
  }
  const factor = qr(scaled);
  const { singularValues: s, V } = svd(factor.R());
  const tolerance = Math.max(A.rows, A.cols) * Number.EPSILON * (s[0] ?? 0);
  const rank = s.findIndex((v) => !(v > tolerance));
  const count = rank < 0 ? s.length : rank;
  const columns = Array.from({ length: count }, (_, k) => V.column(k).map((v, j) => v / s[k] / scales[j]));
  for (const M of [scaled, V]) M.free();
  factor.free();
  return { rank: count, columns };
}

/** Norms of chunks, since the number of arguments of Math.hypot is limited. */
function chunks(v: Float64Array): number[] {
  const out: number[] = [];
  for (let at = 0; at < v.length; at += 1024) out.push(Math.hypot(...v.subarray(at, at + 1024)));
  return out;
}

function dense(M: Matrix): DenseMatrix {
  const out = DenseMatrix.create(M.rows, M.cols);
  if (M.kind === 'dense') {
    out.data.set(M.data);
    return out;
  }
  const { colPointers, rowIndices, values } = M;
  for (let j = 0; j < M.cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out.set(rowIndices[k], j, values[k]);
  }
  return out;
}

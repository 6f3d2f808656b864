import { type CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../core/index.ts';
import { columnOrder } from '../amd.ts';
import { checkEntries, oneNormOf } from '../factor.ts';
import { maximumMatching } from '../matching.ts';
import {
  checkPattern,
  checkPermutation,
  checkSquare,
  copyPattern,
  type Pattern,
  symmetricGraph,
  transposed,
} from '../pattern.ts';
import { type Supernodes, supernodes } from '../supernodes.ts';
import { ColumnElimination, ColumnLuFactor, type PlainColumnLu } from './luColumns.ts';
import type { SparseLuFactor } from './luFactor.ts';
import { FrontalLuFactor, factorFronts, type PlainFrontalLu } from './luFronts.ts';

export interface LuOptions {
  /**
   * `auto` (the default): `symmetric` where half of the entries or more have one at the transposed place and nearly all of the
   * diagonal is there, else `columns`. `columns`: minimum degree on AᵀA; `symmetric`: on A + Aᵀ, with pivots on the diagonal
   * where they are large enough; `natural`; or the columns in the order in which they are to be eliminated.
   */
  readonly ordering?: 'auto' | 'columns' | 'symmetric' | 'natural' | ArrayLike<number>;
  /**
   * A pivot on the diagonal is taken where it is at least this share of the largest in its column: by default 0.1, and for
   * `columns` 1, the largest always.
   */
  readonly threshold?: number;
  /**
   * `columns`: one column at a time; `fronts`: in dense blocks on the pattern of A + Aᵀ; `auto` (the default): fronts for
   * symmetric orderings where there is enough to multiply.
   */
  readonly method?: 'auto' | 'columns' | 'fronts';
}
const keys: OptionKeys<LuOptions> = { ordering: true, threshold: true, method: true };

/** A factor as plain data with typed arrays, as checkpoints store it. */
export type PlainLu = PlainColumnLu | PlainFrontalLu;

/** From so many multiplications of A + Aᵀ's Cholesky factor a column on, fronts are faster. */
const DENSE_ENOUGH = 300;

/** @throws INVALID_FORMAT for what a factor's `toPlain` did not make. */
export function luFromPlain(plain: PlainLu): SparseLuFactor {
  if (plain?.kind === 'sparse lu, columns') return new ColumnLuFactor(plain);
  if (plain?.kind === 'sparse lu, fronts') {
    const { values, ...rest } = plain;
    return new FrontalLuFactor(rest, DenseMatrix.fromColumnMajor(values, values.length, 1));
  }
  return fail('INVALID_FORMAT', 'This is not a sparse LU factor.');
}

/** What a pattern tells of LU factors, for any values: an order of columns, and fronts. */
export class LuAnalysis {
  /** @internal */
  constructor(
    private readonly n: number,
    private readonly columns: Int32Array,
    private readonly fronts: Supernodes | undefined,
    private readonly threshold: number,
    private readonly pattern: Pattern,
  ) {}

  /** Columns in the order in which they are eliminated, but for those that have to wait. */
  get order(): Int32Array {
    return this.columns.slice();
  }

  /**
   * The factor of a matrix with this pattern. A singular matrix has a factor too, which cannot solve
   * and says which column is to blame.
   * @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED for factors that memory cannot hold.
   */
  factor(A: CscMatrix): SparseLuFactor {
    checkEntries(A, 'sparseLu');
    const { n, fronts, columns, threshold } = this;
    checkPattern(A, this.pattern);
    const scales = rowScales(A);
    const oneNorm = oneNormOf(A);
    if (fronts) {
      const { plain, matrix } = factorFronts(A, fronts, scales, threshold);
      const flaw = flawOf(A, plain);
      return new FrontalLuFactor({ ...plain, n, oneNorm, scales, flaw }, matrix);
    }
    const parts = { ...new ColumnElimination(A, columns, scales, threshold).run(), columnOrder: columns };
    return new ColumnLuFactor({ kind: 'sparse lu, columns', n, oneNorm, scales, flaw: flawOf(A, parts), ...parts });
  }
}

/**
 * Orders the columns of a square matrix for LU, and chooses how it is to be made.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function analyseLu(A: Pattern, options: LuOptions = {}): LuAnalysis {
  knownKeys('sparseLu', options, keys);
  const n = checkSquare(A, 'sparseLu');
  const { ordering = 'auto', method = 'auto' } = options;
  if (options.threshold !== undefined && !(options.threshold > 0 && options.threshold <= 1)) {
    fail('INVALID_PARAMETER', `The threshold is a share above 0 and at most 1, not ${options.threshold}.`);
  }
  if (!['auto', 'columns', 'fronts'].includes(method)) {
    fail('INVALID_PARAMETER', `The method is auto, columns or fronts, not ${String(method)}.`);
  }
  const symmetric = ordering === 'symmetric' || (ordering === 'auto' && (method === 'fronts' || nearlySymmetric(A)));
  const threshold =
    options.threshold ?? (symmetric || ordering === 'natural' || typeof ordering === 'object' ? 0.1 : 1);
  if (!symmetric && method !== 'fronts') {
    return new LuAnalysis(n, columnsOf(A, ordering), undefined, threshold, copyPattern(A));
  }
  const graph = symmetricGraph(A);
  const both = { rows: n, cols: n, colPointers: graph.pointers, rowIndices: graph.neighbours };
  const shape = supernodes(both, symmetric ? 'amd' : columnsOf(A, ordering));
  const fronts = method === 'fronts' || (method === 'auto' && shape.operations > DENSE_ENOUGH * n);
  return new LuAnalysis(n, shape.order, fronts ? shape : undefined, threshold, copyPattern(A));
}

function columnsOf(A: Pattern, ordering: LuOptions['ordering']): Int32Array {
  if (ordering === 'columns' || ordering === 'auto') return columnOrder(A);
  if (ordering === 'natural') return Int32Array.from({ length: A.cols }, (_, j) => j);
  if (typeof ordering === 'object') return checkPermutation(ordering, A.cols);
  return fail(
    'INVALID_PARAMETER',
    `The ordering is auto, columns, symmetric, natural or a list, not ${String(ordering)}.`,
  );
}

/**
 * LU of a sparse square matrix with exchanges of rows: one column at a time (Gilbert and Peierls, SIAM J. Sci. Stat. Comput.
 * 9(5), 1988), searches shortened by symmetric pruning (Eisenstat and Liu 1992); or, where the pattern is nearly symmetric and
 * the factor large, multifrontal (Duff and Reid 1984). A singular matrix has a factor too, which cannot solve and says which
 * column is to blame.
 *
 * @example const x = sparseLu(A).solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, NOT_SUPPORTED for factors that memory cannot hold.
 */
export function sparseLu(A: CscMatrix, options: LuOptions = {}): SparseLuFactor {
  checkEntries(A, 'sparseLu');
  return analyseLu(A, options).factor(A);
}

function nearlySymmetric(A: Pattern): boolean {
  const T = transposed(A);
  const seen = new Int32Array(A.rows).fill(-1);
  let [both, off, diagonal] = [0, 0, 0];
  for (let j = 0; j < A.cols; j++) {
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) seen[A.rowIndices[k]] = j;
    for (let k = T.colPointers[j]; k < T.colPointers[j + 1]; k++) {
      const i = T.rowIndices[k];
      if (i === j) diagonal++;
      else {
        off++;
        if (seen[i] === j) both++;
      }
    }
  }
  return both >= off / 2 && diagonal >= 0.9 * A.cols;
}

function flawOf(A: CscMatrix, factor: { diagonal: Float64Array; columnOrder: Int32Array }): string | undefined {
  const zero = factor.diagonal.indexOf(0);
  if (zero < 0) return undefined;
  const column = factor.columnOrder[zero];
  const rowOf = maximumMatching(A);
  const rank = rowOf.reduce((sum, row) => (row === -1 ? sum : sum + 1), 0);
  if (rank < A.cols) {
    return (
      `The matrix is structurally singular: whatever the values of its entries, its rank is at most ${rank} of ${A.cols}. ` +
      `Column ${rowOf.indexOf(-1) + 1} is left without a row.`
    );
  }
  return `The matrix is singular: column ${column + 1} depends on the others. Solve by sparseQr(A), in the sense of least squares.`;
}

/** For each row the power of two that brings its largest entry to between 1 and 2. */
function rowScales({ rows, rowIndices, values }: CscMatrix): Float64Array {
  const most = new Float64Array(rows);
  for (let k = 0; k < values.length; k++) most[rowIndices[k]] = Math.max(most[rowIndices[k]], Math.abs(values[k]));
  return most.map((v) => (v === 0 ? 1 : 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(v))))));
}

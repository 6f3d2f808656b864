import { arenaFor } from '@southwell/kernels';
import { luKernels } from '@southwell/kernels/lu';
import { type CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../core/index.ts';
import { columnOrder } from '../amd.ts';
import { checkEntries, oneNormOf } from '../factor.ts';
import { maximumMatching } from '../matching.ts';
import { checkPattern, checkPermutation, checkSquare, copyPattern, type Pattern, symmetricGraph } from '../pattern.ts';
import { orderedTree, type Supernodes, supernodes } from '../supernodes.ts';
import { ColumnLuFactor, factorColumns, type PlainColumnLu } from './luColumns.ts';
import type { SparseLuFactor } from './luFactor.ts';
import { FrontalLuFactor, factorFronts, type PlainFrontalLu } from './luFronts.ts';

export interface LuOptions {
  /**
   * Column ordering. `auto` (the default): `symmetric` if at least half of the entries have a counterpart at the
   * transposed position and nearly the whole diagonal is present, otherwise `columns`. `columns`: minimum degree on
   * AᵀA; `symmetric`: minimum degree on A + Aᵀ, with pivots on the diagonal where they are large enough; `natural`; or
   * a list of columns in elimination order.
   */
  readonly ordering?: 'auto' | 'columns' | 'symmetric' | 'natural' | ArrayLike<number>;
  /**
   * A pivot is accepted if it is at least this fraction of the largest entry in its column: the diagonal one, otherwise
   * that of the row with the fewest entries. Default 0.1; 1 is partial pivoting.
   */
  readonly threshold?: number;
  /**
   * `columns`: one column at a time, with supernodes; `fronts`: multifrontal, with dense blocks on the pattern of A + Aᵀ; `auto` (the
   * default): fronts for symmetric orderings if there is enough arithmetic.
   */
  readonly method?: 'auto' | 'columns' | 'fronts';
}
const keys: OptionKeys<LuOptions> = { ordering: true, threshold: true, method: true };

/** A factor as plain data with typed arrays, for checkpoints. */
export type PlainLu = PlainColumnLu | PlainFrontalLu;

/** From this many multiplications per column of the Cholesky factor of A + Aᵀ on, fronts are faster. */
const DENSE_ENOUGH = 300;

/** @throws INVALID_FORMAT unless `plain` was returned by the `toPlain` method of a factor. */
export function luFromPlain(plain: PlainLu): SparseLuFactor {
  if (plain?.kind === 'sparse lu, columns') return ColumnLuFactor.fromPlain(plain);
  if (plain?.kind === 'sparse lu, fronts') {
    const { values, ...rest } = plain;
    return new FrontalLuFactor(rest, DenseMatrix.fromColumnMajor(values, values.length, 1));
  }
  return fail('INVALID_FORMAT', 'This is not a sparse LU factor.');
}

/** The symbolic analysis for LU, valid for any values: column ordering and fronts. */
export class LuAnalysis {
  /** @internal */
  constructor(
    private readonly n: number,
    private readonly columns: Int32Array,
    private readonly fronts: Supernodes | undefined,
    private readonly threshold: number,
    private readonly pattern: Pattern,
  ) {}

  /** Columns in elimination order, apart from delayed ones. */
  get order(): Int32Array {
    return this.columns.slice();
  }

  /**
   * Factorises a matrix with this pattern. A singular matrix has a factor too, which cannot solve and reports the
   * column with the zero pivot.
   * @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED for factors that exceed the memory.
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
    return factorColumns(A, columns, scales, threshold, (diagonal, rowOrder) => {
      const flaw = flawOf(A, { diagonal, columnOrder: columns });
      return { n, oneNorm, rowOrder, columnOrder: columns, scales, diagonal, flaw };
    });
  }
}

/**
 * Orders the columns of a square matrix for LU, and chooses the factorisation method.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function analyseLu(A: Pattern, options: LuOptions = {}): LuAnalysis {
  knownKeys('sparseLu', options, keys);
  const n = checkSquare(A, 'sparseLu');
  const { ordering = 'auto', method = 'auto' } = options;
  if (options.threshold !== undefined && !(options.threshold > 0 && options.threshold <= 1)) {
    fail('INVALID_PARAMETER', `The threshold must be above 0 and at most 1, not ${options.threshold}.`);
  }
  if (!['auto', 'columns', 'fronts'].includes(method)) {
    fail('INVALID_PARAMETER', `The method must be auto, columns or fronts, not ${String(method)}.`);
  }
  const symmetric = ordering === 'symmetric' || (ordering === 'auto' && (method === 'fronts' || nearlySymmetric(A)));
  const threshold = options.threshold ?? 0.1;
  if (!symmetric && method !== 'fronts') {
    return new LuAnalysis(n, columnsOf(A, ordering), undefined, threshold, copyPattern(A));
  }
  const graph = symmetricGraph(A);
  const both = { rows: n, cols: n, colPointers: graph.pointers, rowIndices: graph.neighbours };
  const { order, counts } = orderedTree(graph, symmetric ? 'auto' : columnsOf(A, ordering));
  const operations = counts.reduce((sum, count) => sum + count * count, 0);
  const fronts = method === 'fronts' || (method === 'auto' && operations > DENSE_ENOUGH * n);
  const shape = fronts ? supernodes(both, order) : undefined;
  return new LuAnalysis(n, shape?.order ?? order, shape, threshold, copyPattern(A));
}

function columnsOf(A: Pattern, ordering: LuOptions['ordering']): Int32Array {
  if (ordering === 'columns' || ordering === 'auto') return columnOrder(A);
  if (ordering === 'natural') return Int32Array.from({ length: A.cols }, (_, j) => j);
  if (typeof ordering === 'object') return checkPermutation(ordering, A.cols);
  return fail(
    'INVALID_PARAMETER',
    `The ordering must be auto, columns, symmetric, natural or a list, not ${String(ordering)}.`,
  );
}

/**
 * LU factorisation of a sparse square matrix with row exchanges: one column at a time (Gilbert and Peierls, SIAM J.
 * Sci. Stat. Comput. 9(5), 1988), with symmetric pruning (Eisenstat and Liu 1992) and supernodes (Demmel et al. 1999), or, if the pattern is nearly
 * symmetric and the factor large, multifrontal (Duff and Reid 1984). A singular matrix has a factor too, which cannot
 * solve and reports the column with the zero pivot.
 *
 * @example const x = sparseLu(A).solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, NOT_SUPPORTED for factors that exceed the memory.
 */
export function sparseLu(A: CscMatrix, options: LuOptions = {}): SparseLuFactor {
  checkEntries(A, 'sparseLu');
  return analyseLu(A, options).factor(A);
}

function nearlySymmetric({ cols: n, colPointers, rowIndices }: Pattern): boolean {
  const entries = colPointers[n];
  const scratch = arenaFor(8 * entries + 16 * n).scratch();
  try {
    const [pointers, rows, starts, list, seen, out] = [n + 1, entries, n + 1, entries, n, 3].map((k) => scratch.i32(k));
    const kernels = scratch.arena.use(luKernels);
    pointers.view.set(colPointers);
    rows.view.set(rowIndices.subarray(0, entries));
    const places = [pointers.pointer, rows.pointer, starts.pointer, list.pointer, seen.pointer, out.pointer] as const;
    kernels.symmetryCounts(n, ...places);
    const [both, off, diagonal] = out.view;
    return both >= off / 2 && diagonal >= 0.9 * n;
  } finally {
    scratch.release();
  }
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

/**
 * For each row, the power of two that scales the sum of its absolute values to between 1 and 2, so that full rows, which
 * would fill in the factors, are pivots only where others are too small (the choice of UMFPACK).
 */
function rowScales({ rows, nnz, arena, pointers }: CscMatrix): Float64Array {
  const scratch = arena.scratch();
  try {
    const [most, sums] = [scratch.f64(rows), scratch.f64(rows)];
    const kernels = arena.use(luKernels);
    kernels.rowSizes(rows, nnz, pointers.rowIndices, pointers.values, most.pointer, sums.pointer);
    const sizes = sums.view;
    return most.view.slice().map((v, i) => {
      if (v === 0) return 1;
      const exponent = Math.floor(Math.log2(v)) + Math.floor(Math.log2(sizes[i]));
      return 2 ** -Math.max(-1000, Math.min(1000, exponent));
    });
  } finally {
    scratch.release();
  }
}

import { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../core/index.ts';
import { columnOrder } from '../amd.ts';
import { checkEntries, checkRightHandSide, type Vectors } from '../factor.ts';
import { checkPermutation, transposed } from '../pattern.ts';
import { FrontSolves } from './frontSolves.ts';
import { factorFronts, type QrFronts } from './qrFronts.ts';

export interface SparseQrOptions {
  /**
   * Ordering of the columns (of the rows if there are fewer rows than columns). `columns` (the default): minimum degree
   * on AᵀA; `natural`; or a list in elimination order. Columns may be exchanged where that does not
   * change the number of entries.
   */
  readonly ordering?: 'columns' | 'natural' | ArrayLike<number>;
  /**
   * A column is treated as dependent on the preceding ones if its remainder has a norm of at most this fraction of the
   * largest column norm. Default 20 (m + n) 2⁻⁵² (SPQR's choice; Heath 1982).
   */
  readonly tolerance?: number;
}
const keys: OptionKeys<SparseQrOptions> = { ordering: true, tolerance: true };

/** What a factor is besides its fronts. */
interface Kind {
  readonly kind: 'sparse qr';
  /** Number of rows of A, or of Aᵀ if that was factorised. */
  readonly rows: number;
  readonly cols: number;
  readonly transposed: boolean;
  /** The power of two by which A was scaled. */
  readonly scale: number;
  /**
   * The tolerance in absolute terms, for the scaled matrix: the remainder of a dependent column has at most this norm.
   */
  readonly least: number;
}

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainQr extends Kind, QrFronts {
  readonly values: Float64Array;
}

/**
 * The factorisation AP = QR of a sparse matrix, with Q as Householder vectors; of Aᵀ if A has fewer rows than columns.
 * Both are stored as dense columns of fronts.
 */
export class SparseQrFactor {
  private readonly solves: FrontSolves;

  private constructor(
    private readonly kind: Kind,
    private readonly fronts: QrFronts,
    private readonly values: DenseMatrix,
  ) {
    this.solves = new FrontSolves(fronts, kind.rows, values);
  }

  /** @internal */
  static of(kind: Kind, fronts: QrFronts, values: DenseMatrix): SparseQrFactor {
    return new SparseQrFactor(kind, fronts, values);
  }

  /** @throws INVALID_FORMAT unless `plain` was returned by {@link SparseQrFactor.toPlain} of this version. */
  static fromPlain(plain: PlainQr): SparseQrFactor {
    if (plain?.kind !== 'sparse qr') fail('INVALID_FORMAT', 'This is not a sparse QR factor.');
    const { kind, rows, cols, transposed, scale, least, values, ...fronts } = plain;
    if (!(fronts.valueStart instanceof Float64Array)) {
      fail('INVALID_FORMAT', 'This QR factor was saved by an earlier version: factor the matrix again.');
    }
    const matrix = DenseMatrix.fromColumnMajor(values, values.length, 1);
    return new SparseQrFactor({ kind, rows, cols, transposed, scale, least }, fronts, matrix);
  }

  /** Plain data from which {@link SparseQrFactor.fromPlain} restores the factor. A copy of the values. */
  toPlain(): PlainQr {
    return { ...this.kind, ...this.fronts, values: this.values.data.slice() };
  }

  /** Number of rows of A. */
  get rows(): number {
    return this.kind.transposed ? this.kind.cols : this.kind.rows;
  }

  /** Number of columns of A. */
  get cols(): number {
    return this.kind.transposed ? this.kind.rows : this.kind.cols;
  }

  /**
   * The numerical rank: the number of columns (rows, if there are fewer of them) that are independent to within the
   * tolerance.
   */
  get rank(): number {
    return this.fronts.pivot.reduce((sum, row) => (row < 0 ? sum : sum + 1), 0);
  }

  /** Indices of columns of A (rows, if there are fewer of them) that depend on those eliminated before them. */
  get dependent(): Int32Array {
    const { pivot, columnOrder: order } = this.fronts;
    return order.filter((_, k) => pivot[k] < 0).sort();
  }

  /** Number of entries of R and of the Householder vectors, counting the zeros of merged supernodes. */
  get factorEntries(): number {
    return this.fronts.valueStart[this.fronts.valueStart.length - 1];
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.values.free();
  }

  /**
   * Least-squares solutions: minimises ‖AX − B‖ column by column, for B with m rows. If A has fewer rows than columns,
   * the minimum-norm solution of AX = B. Dependent columns are left out, that is, their entries of X are 0. Four
   * operations per entry of the factor and column of B.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR if dependent rows are inconsistent.
   */
  leastSquares<T extends Vectors>(B: T): T {
    checkRightHandSide(B, this.rows);
    const solve = (b: Float64Array) => (this.kind.transposed ? this.shortest(b) : this.nearest(b));
    if (B instanceof Float64Array) return solve(B) as T;
    const columns = Array.from({ length: B.cols }, (_, c) => solve(B.column(c).slice()));
    const X = DenseMatrix.create(this.cols, B.cols, { fill: false });
    columns.forEach((x, c) => {
      X.column(c).set(x);
    });
    return X as T;
  }

  /**
   * R, square and upper triangular, with the independent columns in elimination order P: RᵀR = (AP)ᵀ(AP) for these
   * columns. For Aᵀ if A has fewer rows than columns.
   */
  R(): { readonly R: CscMatrix; readonly order: Int32Array } {
    const { pivot, columnOrder: order } = this.fronts;
    const kept = Int32Array.from({ length: this.kind.cols }, (_, k) => k).filter((k) => pivot[k] >= 0);
    const place = new Int32Array(this.kind.cols).fill(-1);
    kept.forEach((k, at) => {
      place[k] = at;
    });
    const [rows, columns, values]: number[][] = [[], [], []];
    this.solves.eachEntry((row, column, value) => {
      // Remainders of dependent columns are rounding errors.
      if (place[column] < 0 || value === 0) return;
      rows.push(place[row]);
      columns.push(place[column]);
      values.push(value / this.kind.scale);
    });
    return {
      R: CscMatrix.fromTriplets(kept.length, kept.length, rows, columns, values),
      order: kept.map((k) => order[k]),
    };
  }

  private nearest(b: Float64Array): Float64Array {
    const { columnOrder: order } = this.fronts;
    const y = b.slice();
    this.solves.reflect(y, false);
    const z = this.solves.solveRows(y);
    const x = new Float64Array(z.length);
    for (let k = 0; k < z.length; k++) x[order[k]] = z[k] * this.kind.scale;
    return x;
  }

  private shortest(b: Float64Array): Float64Array {
    const { columnOrder: order, pivot } = this.fronts;
    const { rows, cols, scale, least } = this.kind;
    const c = Float64Array.from({ length: cols }, (_, k) => b[order[k]]);
    const x = new Float64Array(rows);
    const sizes = this.solves.solveColumns(c, x);
    // The tolerated residual of a dependent equation: the remainder of its row times the solution, and rounding.
    const missing = least * norm2(x);
    for (let k = 0; k < cols; k++) {
      if (pivot[k] >= 0 || Math.abs(c[k]) - 100 * cols * Number.EPSILON * sizes[k] <= missing) continue;
      fail(
        'SINGULAR',
        `Row ${order[k] + 1} depends on the others, and its right-hand side contradicts theirs: no vector solves the system. ` +
          'Leave it out, or solve in the sense of least squares with more rows than columns.',
      );
    }
    for (let i = 0; i < rows; i++) x[i] *= scale;
    this.solves.reflect(x, true);
    return x;
  }
}

/**
 * QR factorisation of a sparse matrix of any shape by dense fronts (multifrontal, with Householder reflectors). Columns
 * without a remainder are left out, and pass their rows on to their parents in the elimination tree of AᵀA (Heath 1982).
 * Memory for R, the reflectors, the largest front and the remainders that wait for their parents; time proportional to
 * the arithmetic in the fronts.
 *
 * @example const x = sparseQr(A).leastSquares(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, NOT_SUPPORTED for factors that exceed the memory.
 */
export function sparseQr(A: CscMatrix, options: SparseQrOptions = {}): SparseQrFactor {
  knownKeys('sparseQr', options, keys);
  checkEntries(A, 'sparseQr');
  const { tolerance = 20 * (A.rows + A.cols) * Number.EPSILON } = options;
  if (!(tolerance >= 0)) fail('INVALID_PARAMETER', `The tolerance must be at least 0, not ${tolerance}.`);
  const flip = A.rows < A.cols;
  // Outside shared memory, which loops read several times as fast.
  const { rows, cols, nnz } = A;
  const [colPointers, rowIndices, given] = [A.colPointers.slice(), A.rowIndices.slice(), A.values.slice()];
  const byColumn = { rows, cols, colPointers, rowIndices };
  const byRow = transposed(byColumn);
  const most = given.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const scale = most === 0 ? 1 : 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(most))));
  const values = given.map((v) => v * scale);
  const turned = new Float64Array(nnz);
  for (let k = 0; k < nnz; k++) turned[k] = values[byRow.source[k]];
  const M = flip ? byRow : byColumn;
  const T = flip ? { ...byColumn, values } : { ...byRow, values: turned };
  const least = tolerance * longestColumn(M.colPointers, flip ? turned : values);
  const { fronts, values: kept } = factorFronts(M, T, orderOf(M, options.ordering), least);
  const kind = { kind: 'sparse qr', rows: M.rows, cols: M.cols, transposed: flip, scale, least } as const;
  return SparseQrFactor.of(kind, fronts, kept);
}

function orderOf(M: Parameters<typeof columnOrder>[0], ordering: SparseQrOptions['ordering'] = 'columns'): Int32Array {
  if (ordering === 'columns') return columnOrder(M);
  if (ordering === 'natural') return Int32Array.from({ length: M.cols }, (_, j) => j);
  return checkPermutation(ordering, M.cols);
}

function longestColumn(pointers: Int32Array, values: Float64Array): number {
  let longest = 0;
  for (let j = 0; j + 1 < pointers.length; j++) {
    let sum = 0;
    for (let p = pointers[j]; p < pointers[j + 1]; p++) sum += values[p] * values[p];
    longest = Math.max(longest, sum);
  }
  return Math.sqrt(longest);
}

/** ‖y‖₂ without overflow. */
function norm2(y: Float64Array): number {
  return y.reduce((sum, v) => Math.hypot(sum, v), 0);
}

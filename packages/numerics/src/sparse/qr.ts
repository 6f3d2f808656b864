import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';
import { columnOrder } from './amd.ts';
import { checkEntries, checkRightHandSide, type Vectors } from './factor.ts';
import { checkPermutation, grown, transposed } from './pattern.ts';
import { columnEliminationTree, postorder } from './tree.ts';

export interface SparseQrOptions {
  /**
   * Ordering of the columns (of the rows if there are fewer rows than columns). `columns` (the default): minimum degree
   * on AᵀA; `natural`; or a list in elimination order.
   */
  readonly ordering?: 'columns' | 'natural' | ArrayLike<number>;
  /**
   * A column is treated as dependent on the preceding ones if its remainder has a norm of at most this fraction of the
   * largest column norm. Default 20 (m + n) 2⁻⁵² (SPQR's choice; Heath 1982).
   */
  readonly tolerance?: number;
}
const keys: OptionKeys<SparseQrOptions> = { ordering: true, tolerance: true };

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainQr {
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
  readonly columnOrder: Int32Array;
  /** The row of A that contains row k of R; −1 if column k depends on preceding ones. */
  readonly pivotRow: Int32Array;
  readonly diagonal: Float64Array;
  readonly upperPointers: Int32Array;
  readonly upperRows: Int32Array;
  readonly upperValues: Float64Array;
  readonly tau: Float64Array;
  readonly vectorPointers: Int32Array;
  readonly vectorRows: Int32Array;
  readonly vectorValues: Float64Array;
}

/**
 * The factorisation AP = QR of a sparse matrix, with Q as Householder vectors; of Aᵀ if A has fewer rows than columns.
 */
export class SparseQrFactor {
  private constructor(private readonly plain: PlainQr) {}

  /** @throws INVALID_FORMAT unless `plain` was returned by {@link SparseQrFactor.toPlain}. */
  static fromPlain(plain: PlainQr): SparseQrFactor {
    if (plain?.kind !== 'sparse qr') fail('INVALID_FORMAT', 'This is not a sparse QR factor.');
    return new SparseQrFactor(plain);
  }

  /**
   * Plain data from which {@link SparseQrFactor.fromPlain} restores the factor. The arrays belong to this factor and
   * must not be modified.
   */
  toPlain(): PlainQr {
    return this.plain;
  }

  /** Number of rows of A. */
  get rows(): number {
    return this.plain.transposed ? this.plain.cols : this.plain.rows;
  }

  /** Number of columns of A. */
  get cols(): number {
    return this.plain.transposed ? this.plain.rows : this.plain.cols;
  }

  /**
   * The numerical rank: the number of columns (rows, if there are fewer of them) that are independent to within the
   * tolerance.
   */
  get rank(): number {
    return this.plain.pivotRow.reduce((sum, row) => (row < 0 ? sum : sum + 1), 0);
  }

  /** Indices of columns of A (rows, if there are fewer of them) that depend on those eliminated before them. */
  get dependent(): Int32Array {
    const { pivotRow, columnOrder: order } = this.plain;
    return order.filter((_, k) => pivotRow[k] < 0).sort();
  }

  /** Number of entries of R and of the Householder vectors. */
  get factorEntries(): number {
    return this.plain.upperRows.length + this.plain.cols + this.plain.vectorRows.length;
  }

  /**
   * Least-squares solutions: minimises ‖AX − B‖ column by column, for B with m rows. If A has fewer rows than columns,
   * the minimum-norm solution of AX = B. Dependent columns are left out, that is, their entries of X are 0. Four
   * operations per entry of the factor and column of B.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR if dependent rows are inconsistent.
   */
  leastSquares<T extends Vectors>(B: T): T {
    checkRightHandSide(B, this.rows);
    const solve = (b: Float64Array) => (this.plain.transposed ? this.shortest(b) : this.nearest(b));
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
    const { cols, pivotRow, columnOrder: order, upperPointers, upperRows, upperValues, diagonal, scale } = this.plain;
    const kept = Int32Array.from({ length: cols }, (_, k) => k).filter((k) => pivotRow[k] >= 0);
    const place = new Int32Array(cols).fill(-1);
    kept.forEach((k, at) => {
      place[k] = at;
    });
    const [rows, columns, values]: number[][] = [[], [], []];
    for (const k of kept) {
      for (let p = upperPointers[k]; p < upperPointers[k + 1]; p++) {
        rows.push(place[upperRows[p]]);
        columns.push(place[k]);
        values.push(upperValues[p] / scale);
      }
      rows.push(place[k]);
      columns.push(place[k]);
      values.push(diagonal[k] / scale);
    }
    return {
      R: CscMatrix.fromTriplets(kept.length, kept.length, rows, columns, values),
      order: kept.map((k) => order[k]),
    };
  }

  private nearest(b: Float64Array): Float64Array {
    const { cols, pivotRow, columnOrder: order, upperPointers, upperRows, upperValues, diagonal, scale } = this.plain;
    const y = b.map((v) => v);
    for (let k = 0; k < cols; k++) this.reflect(k, y);
    const x = new Float64Array(cols);
    for (let k = cols - 1; k >= 0; k--) {
      if (pivotRow[k] < 0) continue;
      const v = y[pivotRow[k]] / diagonal[k];
      x[order[k]] = v * scale;
      for (let p = upperPointers[k]; p < upperPointers[k + 1]; p++) y[pivotRow[upperRows[p]]] -= upperValues[p] * v;
    }
    return x;
  }

  private shortest(b: Float64Array): Float64Array {
    const { rows, cols, pivotRow, columnOrder: order, upperPointers, upperRows, upperValues, diagonal } = this.plain;
    const { scale, least } = this.plain;
    const y = new Float64Array(cols);
    const x = new Float64Array(rows);
    const left: Array<readonly [row: number, excess: number]> = [];
    for (let k = 0; k < cols; k++) {
      let v = b[order[k]];
      let size = Math.abs(v);
      for (let p = upperPointers[k]; p < upperPointers[k + 1]; p++) {
        const term = upperValues[p] * y[upperRows[p]];
        v -= term;
        size += Math.abs(term);
      }
      if (pivotRow[k] < 0) left.push([order[k], Math.abs(v) - 100 * cols * Number.EPSILON * size]);
      else {
        y[k] = v / diagonal[k];
        x[pivotRow[k]] = y[k] * scale;
      }
    }
    // The tolerated residual of a dependent equation: the remainder of its row times the solution, and rounding.
    const missing = least * norm2(y);
    for (const [row, excess] of left) {
      if (excess <= missing) continue;
      fail(
        'SINGULAR',
        `Row ${row + 1} depends on the others, and its right-hand side contradicts theirs: no vector solves the system. ` +
          'Leave it out, or solve in the sense of least squares with more rows than columns.',
      );
    }
    for (let k = cols - 1; k >= 0; k--) this.reflect(k, x);
    return x;
  }

  /** y ← H_k y. */
  private reflect(k: number, y: Float64Array): void {
    const { tau, vectorPointers, vectorRows, vectorValues } = this.plain;
    if (tau[k] === 0) return;
    const [from, to] = [vectorPointers[k], vectorPointers[k + 1]];
    let sum = 0;
    for (let p = from; p < to; p++) sum += vectorValues[p] * y[vectorRows[p]];
    sum *= tau[k];
    for (let p = from; p < to; p++) y[vectorRows[p]] -= sum * vectorValues[p];
  }
}

/**
 * QR factorisation of a sparse matrix of any shape, column by column with Householder vectors, whose rows come from the
 * children in the elimination tree of AᵀA (George and Heath 1980; Davis 2006, chapter 5). Columns without a remainder
 * pass their rows on to their parents (Heath 1982).
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
  const most = A.values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const scale = most === 0 ? 1 : 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(most))));
  const T = flip ? transposed(A) : undefined;
  const source = T?.source;
  const pattern = T ?? A;
  const { values } = A;
  const scaled = Float64Array.from({ length: A.nnz }, (_, k) => values[source ? source[k] : k] * scale);
  return SparseQrFactor.fromPlain({
    kind: 'sparse qr',
    rows: pattern.rows,
    cols: pattern.cols,
    transposed: flip,
    scale,
    ...eliminate(pattern, scaled, options.ordering, tolerance),
  });
}

type Input = { rows: number; cols: number; colPointers: Int32Array; rowIndices: Int32Array };

function orderOf(
  M: Input,
  ordering: SparseQrOptions['ordering'] = 'columns',
): { order: Int32Array; parent: Int32Array } {
  let order: Int32Array;
  if (ordering === 'columns') order = columnOrder(M);
  else if (ordering === 'natural') order = Int32Array.from({ length: M.cols }, (_, j) => j);
  else order = checkPermutation(ordering, M.cols);
  const parent = columnEliminationTree(M, order);
  if (ordering !== 'columns') return { order, parent };
  // In postorder, rows are more often passed on to the next column.
  const post = postorder(parent);
  const place = new Int32Array(M.cols);
  for (let k = 0; k < M.cols; k++) place[post[k]] = k;
  return { order: post.map((k) => order[k]), parent: post.map((k) => (parent[k] < 0 ? -1 : place[parent[k]])) };
}

function eliminate(M: Input, values: Float64Array, ordering: SparseQrOptions['ordering'], tolerance: number) {
  // Long because it is one loop over columns, whose reach, vector and row of R are lists that grow along the way.
  const { rows, cols, colPointers, rowIndices } = M;
  const { order, parent } = orderOf(M, ordering);
  // The first column with an entry in each row, and the rows grouped by it.
  const leftmost = new Int32Array(rows).fill(-1);
  const head = new Int32Array(cols).fill(-1);
  const next = new Int32Array(rows).fill(-1);
  let longest = 0;
  for (let k = cols - 1; k >= 0; k--) {
    let sum = 0;
    for (let p = colPointers[order[k]]; p < colPointers[order[k] + 1]; p++) {
      leftmost[rowIndices[p]] = k;
      sum += values[p] * values[p];
    }
    longest = Math.max(longest, Math.sqrt(sum));
  }
  for (let i = rows - 1; i >= 0; i--) {
    if (leftmost[i] < 0) continue;
    next[i] = head[leftmost[i]];
    head[leftmost[i]] = i;
  }
  const least = tolerance * longest;
  const pivotRow = new Int32Array(cols).fill(-1);
  const [diagonal, tau] = [new Float64Array(cols), new Float64Array(cols)];
  const [upperPointers, vectorPointers] = [new Int32Array(cols + 1), new Int32Array(cols + 1)];
  let [upperRows, upperValues] = [new Int32Array(1024), new Float64Array(1024)];
  let [vectorRows, vectorValues] = [new Int32Array(1024), new Float64Array(1024)];
  let [upper, vector] = [0, 0];
  const x = new Float64Array(rows);
  const seen = new Int32Array(cols).fill(-1);
  const path = new Int32Array(cols);
  const reach = new Int32Array(cols);
  for (let k = 0; k < cols; k++) {
    let top = cols;
    seen[k] = k;
    for (let p = colPointers[order[k]]; p < colPointers[order[k] + 1]; p++) {
      const i = rowIndices[p];
      x[i] = values[p];
      // Columns whose vectors reach this one: up the tree from the first column of each row.
      let length = 0;
      for (let j = leftmost[i]; j !== -1 && seen[j] !== k; j = parent[j]) {
        path[length++] = j;
        seen[j] = k;
      }
      while (length > 0) reach[--top] = path[--length];
    }
    if (upper + cols - top > upperRows.length) {
      upperRows = grown(upperRows, upper + cols - top);
      upperValues = grown(upperValues, upper + cols - top);
    }
    for (let t = top; t < cols; t++) {
      const j = reach[t];
      if (pivotRow[j] < 0) continue;
      const [from, to] = [vectorPointers[j], vectorPointers[j + 1]];
      let sum = 0;
      for (let p = from; p < to; p++) sum += vectorValues[p] * x[vectorRows[p]];
      sum *= tau[j];
      if (sum !== 0) for (let p = from; p < to; p++) x[vectorRows[p]] -= sum * vectorValues[p];
      upperRows[upper] = j;
      upperValues[upper++] = x[pivotRow[j]];
      x[pivotRow[j]] = 0;
    }
    upperPointers[k + 1] = upper;
    // The rows of this column's vector, as a linked list; the first becomes the row of R.
    let count = 0;
    let size = 0;
    for (let i = head[k]; i !== -1; i = next[i]) {
      count++;
      size = Math.hypot(size, x[i]);
    }
    let last = -1;
    if (size <= least) {
      for (let i = head[k]; i !== -1; i = next[i]) {
        x[i] = 0;
        last = i;
      }
      passOn(head[k], last, parent[k], head, next);
    } else {
      if (vector + count > vectorRows.length) {
        vectorRows = grown(vectorRows, vector + count);
        vectorValues = grown(vectorValues, vector + count);
      }
      const row = head[k];
      pivotRow[k] = row;
      const alpha = x[row];
      const beta = alpha > 0 ? -size : size;
      diagonal[k] = beta;
      // H = I − τvvᵀ, where v is 1 at the row of R.
      tau[k] = (beta - alpha) / beta;
      for (let i = row; i !== -1; i = next[i]) {
        vectorRows[vector] = i;
        vectorValues[vector++] = i === row ? 1 : x[i] / (alpha - beta);
        x[i] = 0;
        last = i;
      }
      if (last !== row) passOn(next[row], last, parent[k], head, next);
    }
    vectorPointers[k + 1] = vector;
  }
  return {
    least,
    columnOrder: order,
    pivotRow,
    diagonal,
    upperPointers,
    upperRows: upperRows.slice(0, upper),
    upperValues: upperValues.slice(0, upper),
    tau,
    vectorPointers,
    vectorRows: vectorRows.slice(0, vector),
    vectorValues: vectorValues.slice(0, vector),
  };
}

/** ‖y‖₂ without overflow. */
function norm2(y: Float64Array): number {
  return y.reduce((sum, v) => Math.hypot(sum, v), 0);
}

/** Prepends the rows from `first` to `last` to those of another column. */
function passOn(first: number, last: number, to: number, head: Int32Array, next: Int32Array): void {
  if (first === -1 || to === -1) return;
  next[last] = head[to];
  head[to] = first;
}

import type { CscMatrix } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';
import { LongProduct } from '../linalg/index.ts';
import { columnOrder, minimumDegree } from './amd.ts';
import { checkEntries, oneNormOf, SparseFactor } from './factor.ts';
import { maximumMatching, signOf } from './matching.ts';
import { checkPermutation, checkSquare, grown, type Pattern, symmetricGraph, transposed } from './pattern.ts';

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
}
const keys: OptionKeys<LuOptions> = { ordering: true, threshold: true };

/** A factor as plain data with typed arrays, as checkpoints store it. */
export interface PlainLu {
  readonly kind: 'sparse lu';
  readonly n: number;
  readonly oneNorm: number;
  /** Row k of the pivots is row rowOrder[k] of A. */
  readonly rowOrder: Int32Array;
  readonly columnOrder: Int32Array;
  /** Powers of two by which rows of A were multiplied. */
  readonly scales: Float64Array;
  readonly lowerPointers: Int32Array;
  readonly lowerRows: Int32Array;
  readonly lowerValues: Float64Array;
  readonly upperPointers: Int32Array;
  readonly upperRows: Int32Array;
  readonly upperValues: Float64Array;
  readonly diagonal: Float64Array;
  /** What solves say of a singular matrix. */
  readonly flaw: string | undefined;
}

/** PRAQ = LU of a sparse square matrix: L with a diagonal of ones, R powers of two. */
export class SparseLuFactor extends SparseFactor {
  readonly n: number;
  readonly oneNorm: number;
  protected readonly flaw: string | undefined;

  private constructor(private readonly plain: PlainLu) {
    super();
    this.n = plain.n;
    this.oneNorm = plain.oneNorm;
    this.flaw = plain.flaw;
  }

  /** @throws INVALID_FORMAT for what {@link SparseLuFactor.toPlain} did not make. */
  static fromPlain(plain: PlainLu): SparseLuFactor {
    if (plain?.kind !== 'sparse lu') fail('INVALID_FORMAT', 'This is not a sparse LU factor.');
    return new SparseLuFactor(plain);
  }

  /** Plain data, of which {@link SparseLuFactor.fromPlain} makes the factor again. Arrays are this factor's own: do not change them. */
  toPlain(): PlainLu {
    return this.plain;
  }

  /** Entries of L and U, the diagonal once. */
  get factorEntries(): number {
    return this.plain.lowerRows.length + this.plain.upperRows.length + this.n;
  }

  /** The first column of A, from 0, whose pivot is exactly zero; −1 where A has an inverse. */
  get zeroPivot(): number {
    const k = this.plain.diagonal.indexOf(0);
    return k < 0 ? -1 : this.plain.columnOrder[k];
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite where it leaves the range of doubles. O(n). */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } {
    const product = new LongProduct();
    const { diagonal, scales, rowOrder, columnOrder } = this.plain;
    for (let k = 0; k < this.n; k++) {
      product.multiply(diagonal[k]);
      product.multiply(1 / scales[k]);
    }
    product.multiply(signOf(rowOrder) * signOf(columnOrder));
    return { sign: product.sign, log: product.log, value: product.value };
  }

  protected solveVector(x: Float64Array): void {
    const { n } = this;
    const { rowOrder, columnOrder, scales, diagonal } = this.plain;
    const { lowerPointers, lowerRows, lowerValues, upperPointers, upperRows, upperValues } = this.plain;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[rowOrder[k]] * scales[rowOrder[k]];
    for (let k = 0; k < n; k++) {
      const v = y[k];
      if (v === 0) continue;
      for (let p = lowerPointers[k], end = lowerPointers[k + 1]; p < end; p++) y[lowerRows[p]] -= lowerValues[p] * v;
    }
    for (let k = n - 1; k >= 0; k--) {
      const v = y[k] / diagonal[k];
      y[k] = v;
      for (let p = upperPointers[k], end = upperPointers[k + 1]; p < end; p++) y[upperRows[p]] -= upperValues[p] * v;
    }
    for (let k = 0; k < n; k++) x[columnOrder[k]] = y[k];
  }

  protected solveVectorTransposed(x: Float64Array): void {
    const { n } = this;
    const { rowOrder, columnOrder, scales, diagonal } = this.plain;
    const { lowerPointers, lowerRows, lowerValues, upperPointers, upperRows, upperValues } = this.plain;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[columnOrder[k]];
    for (let k = 0; k < n; k++) {
      let v = y[k];
      for (let p = upperPointers[k], end = upperPointers[k + 1]; p < end; p++) v -= upperValues[p] * y[upperRows[p]];
      y[k] = v / diagonal[k];
    }
    for (let k = n - 1; k >= 0; k--) {
      let v = y[k];
      for (let p = lowerPointers[k], end = lowerPointers[k + 1]; p < end; p++) v -= lowerValues[p] * y[lowerRows[p]];
      y[k] = v;
    }
    for (let k = 0; k < n; k++) x[rowOrder[k]] = y[k] * scales[rowOrder[k]];
  }
}

/** The order of columns that `options` ask for, and whether pivots on the diagonal come first. */
export function luOrder(
  A: Pattern,
  ordering: LuOptions['ordering'] = 'auto',
): { order: Int32Array; diagonal: boolean } {
  if (ordering === 'auto') return luOrder(A, nearlySymmetric(A) ? 'symmetric' : 'columns');
  if (ordering === 'columns') return { order: columnOrder(A), diagonal: false };
  if (ordering === 'symmetric') return { order: minimumDegree(symmetricGraph(A)), diagonal: true };
  if (ordering === 'natural') return { order: Int32Array.from({ length: A.cols }, (_, j) => j), diagonal: true };
  return { order: checkPermutation(ordering, A.cols), diagonal: true };
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

/**
 * LU of a sparse square matrix, one column at a time, with exchanges of rows (Gilbert and Peierls, SIAM J. Sci. Stat. Comput.
 * 9(5), 1988), searches shortened by symmetric pruning (Eisenstat and Liu 1992). Time about that of the multiplications. A
 * singular matrix has a factor too, which cannot solve and says which column is to blame.
 *
 * @example const x = sparseLu(A).solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function sparseLu(A: CscMatrix, options: LuOptions = {}): SparseLuFactor {
  knownKeys('sparseLu', options, keys);
  checkEntries(A, 'sparseLu');
  const n = checkSquare(A, 'sparseLu');
  const { threshold = 0.1 } = options;
  if (!(threshold > 0 && threshold <= 1)) {
    fail('INVALID_PARAMETER', `The threshold is a share above 0 and at most 1, not ${threshold}.`);
  }
  const { order, diagonal } = luOrder(A, options.ordering);
  const scales = rowScales(A);
  const { rowOrder, ...parts } = new Elimination(
    A,
    order,
    scales,
    options.threshold ?? (diagonal ? threshold : 1),
  ).run();
  const zero = parts.diagonal.indexOf(0);
  const flaw = zero < 0 ? undefined : flawOf(A, order[zero]);
  const plain = { kind: 'sparse lu', n, oneNorm: oneNormOf(A), rowOrder, columnOrder: order, scales, flaw } as const;
  return SparseLuFactor.fromPlain({ ...plain, ...parts });
}

function flawOf(A: CscMatrix, column: number): string {
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

/** Entries of columns that are appended one after the other. */
class Store {
  readonly pointers: Int32Array;
  rows = new Int32Array(1024);
  values = new Float64Array(1024);
  size = 0;

  constructor(n: number) {
    this.pointers = new Int32Array(n + 1);
  }

  reserve(more: number): void {
    if (this.size + more <= this.rows.length) return;
    this.rows = grown(this.rows, this.size + more);
    this.values = grown(this.values, this.size + more);
  }
}

class Elimination {
  private readonly n: number;
  private readonly L: Store;
  private readonly U: Store;
  private readonly diagonal: Float64Array;
  /** The step at which a row was the pivot's; −1 for those left. */
  private readonly step: Int32Array;
  private readonly x: Float64Array;
  private readonly seen: Int32Array;
  /** Columns of L that reach this one, in reverse topological order, from `top` on; before it the rows without a step. */
  private readonly found: Int32Array;
  private readonly path: Int32Array;
  private readonly at: Int32Array;
  /** Where searches of a column of L may end. */
  private readonly pruned: Int32Array;

  constructor(
    private readonly A: CscMatrix,
    private readonly order: Int32Array,
    private readonly scales: Float64Array,
    private readonly threshold: number,
  ) {
    const n = A.rows;
    this.n = n;
    this.L = new Store(n);
    this.U = new Store(n);
    this.diagonal = new Float64Array(n);
    this.step = new Int32Array(n).fill(-1);
    this.x = new Float64Array(n);
    this.seen = new Int32Array(n).fill(-1);
    this.found = new Int32Array(n);
    this.path = new Int32Array(n);
    this.at = new Int32Array(n);
    this.pruned = new Int32Array(n).fill(-1);
  }

  run() {
    const { n, L, U, step, diagonal } = this;
    const rowOrder = new Int32Array(n);
    let spare = 0;
    for (let k = 0; k < n; k++) {
      L.reserve(n - k);
      U.reserve(k);
      const pivot = this.column(k);
      // Where nothing is left in a column its pivot is zero in any row.
      while (pivot === -1 && step[spare] !== -1) spare++;
      const row = pivot === -1 ? spare : pivot;
      step[row] = k;
      rowOrder[k] = row;
      L.pointers[k + 1] = L.size;
      U.pointers[k + 1] = U.size;
      if (pivot !== -1) this.prune(k, pivot);
    }
    const lowerRows = L.rows.slice(0, L.size);
    for (let p = 0; p < lowerRows.length; p++) lowerRows[p] = step[lowerRows[p]];
    return {
      rowOrder,
      lowerPointers: L.pointers,
      lowerRows,
      lowerValues: L.values.slice(0, L.size),
      upperPointers: U.pointers,
      upperRows: U.rows.slice(0, U.size),
      upperValues: U.values.slice(0, U.size),
      diagonal,
    };
  }

  /** Eliminates column k and appends it to L and U; the row of its pivot, −1 where nothing is left. */
  private column(k: number): number {
    const { A, n, L, U, step, x, found, scales, threshold } = this;
    const column = this.order[k];
    const { colPointers, rowIndices, values } = A;
    let top = n;
    let free = 0;
    for (let p = colPointers[column]; p < colPointers[column + 1]; p++) {
      const i = rowIndices[p];
      if (this.seen[i] !== k) [top, free] = this.search(i, k, top, free);
      x[i] = values[p] * scales[i];
    }
    // Rows of `found` from `top` on have steps, in an order in which each comes before those that it changes.
    for (let t = top; t < n; t++) {
      const row = found[t];
      const j = step[row];
      const v = x[row];
      x[row] = 0;
      U.rows[U.size] = j;
      U.values[U.size++] = v;
      if (v === 0) continue;
      const { rows, values } = L;
      for (let p = L.pointers[j], end = L.pointers[j + 1]; p < end; p++) x[rows[p]] -= values[p] * v;
    }
    let pivot = -1;
    let most = 0;
    for (let t = 0; t < free; t++) {
      const v = Math.abs(x[found[t]]);
      if (v > most) {
        most = v;
        pivot = found[t];
      }
    }
    if (pivot === -1) {
      for (let t = 0; t < free; t++) x[found[t]] = 0;
      return -1;
    }
    if (step[column] === -1 && this.seen[column] === k && Math.abs(x[column]) >= threshold * most) pivot = column;
    const d = x[pivot];
    this.diagonal[k] = d;
    for (let t = 0; t < free; t++) {
      const row = found[t];
      const v = x[row];
      x[row] = 0;
      // Zeros stay: pruning counts on the pattern.
      if (row === pivot) continue;
      L.rows[L.size] = row;
      L.values[L.size++] = v / d;
    }
    return pivot;
  }

  /** Adds what row i reaches: rows with steps before `top`, others to the front. */
  private search(i: number, k: number, top: number, free: number): [number, number] {
    const { L, step, seen, found, path, at, pruned } = this;
    seen[i] = k;
    if (step[i] === -1) {
      found[free++] = i;
      return [top, free];
    }
    const { rows } = L;
    let depth = 0;
    path[0] = i;
    at[0] = L.pointers[step[i]];
    while (depth >= 0) {
      const j = step[path[depth]];
      const end = pruned[j] >= 0 ? pruned[j] : L.pointers[j + 1];
      let p = at[depth];
      let down = -1;
      for (; p < end; p++) {
        const row = rows[p];
        if (seen[row] === k) continue;
        seen[row] = k;
        if (step[row] === -1) found[free++] = row;
        else {
          down = row;
          p++;
          break;
        }
      }
      at[depth] = p;
      if (down === -1) found[--top] = path[depth--];
      else {
        path[++depth] = down;
        at[depth] = L.pointers[step[down]];
      }
    }
    return [top, free];
  }

  /**
   * A column j of L that has the new pivot's row, where U has (j, k), need not be searched beyond rows that have steps: column k
   * reaches the others.
   */
  private prune(k: number, pivot: number): void {
    const { L, U, step, pruned } = this;
    const { rows, values } = L;
    for (let q = U.pointers[k]; q < U.pointers[k + 1]; q++) {
      const j = U.rows[q];
      if (pruned[j] >= 0 || U.values[q] === 0) continue;
      let has = false;
      for (let p = L.pointers[j], end = L.pointers[j + 1]; p < end && !has; p++) has = rows[p] === pivot;
      if (!has) continue;
      let [head, tail] = [L.pointers[j], L.pointers[j + 1]];
      while (head < tail) {
        if (step[rows[head]] !== -1) head++;
        else {
          tail--;
          const [row, value] = [rows[head], values[head]];
          rows[head] = rows[tail];
          values[head] = values[tail];
          rows[tail] = row;
          values[tail] = value;
        }
      }
      pruned[j] = tail;
    }
  }
}

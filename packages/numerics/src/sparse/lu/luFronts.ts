import { arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { frontKernels } from '@southwell/kernels/fronts';
import type { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { eliminateFront } from '../frontPivots.ts';
import { grown, inverted, transposed } from '../pattern.ts';
import { checkSize, FactorStore, Rooms } from '../rooms.ts';
import type { Supernodes } from '../supernodes.ts';
import { type LuParts, SparseLuFactor } from './luFactor.ts';

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainFrontalLu extends LuParts {
  readonly kind: 'sparse lu, fronts';
  /** The pivots of front s are first[s] … first[s + 1] − 1. */
  readonly first: Int32Array;
  /** Offset of the rows and columns of a front beyond its pivots; there are equally many of both. */
  readonly start: Int32Array;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** For each front, its pivot columns, followed by its pivot rows in the columns beyond. */
  readonly values: Float64Array;
}

/** L and U, stored as dense fronts. */
export class FrontalLuFactor extends SparseLuFactor<Omit<PlainFrontalLu, 'values'>> {
  /** @internal */
  constructor(
    plain: Omit<PlainFrontalLu, 'values'>,
    private readonly matrix: DenseMatrix,
  ) {
    super(plain);
  }

  override toPlain(): PlainFrontalLu {
    return { ...this.plain, values: this.matrix.data.slice() };
  }

  /** Number of entries of L and U, counting the diagonal once and the zeros of merged supernodes. */
  get factorEntries(): number {
    return this.matrix.rows;
  }

  free(): void {
    this.matrix.free();
  }

  protected solveVector(x: Float64Array): void {
    const { n, rowOrder, columnOrder, scales, first, start, rows, columns } = this.plain;
    const { data } = this.matrix;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[rowOrder[k]] * scales[rowOrder[k]];
    const t = new Float64Array(n);
    const fronts = first.length - 1;
    let at = 0;
    for (let s = 0; s < fronts; s++) {
      const from = first[s];
      const k = first[s + 1] - first[s];
      const r = start[s];
      const u = start[s + 1] - r;
      for (let i = 0; i < u; i++) t[i] = 0;
      for (let j = 0; j < k; j++) {
        const v = y[from + j];
        for (let i = j + 1; i < k; i++) y[from + i] -= data[at + i] * v;
        for (let i = 0; i < u; i++) t[i] += data[at + k + i] * v;
        at += k + u;
      }
      at += k * u;
      for (let i = 0; i < u; i++) y[rows[r + i]] -= t[i];
    }
    for (let s = fronts - 1; s >= 0; s--) {
      const from = first[s];
      const k = first[s + 1] - first[s];
      const r = start[s];
      const u = start[s + 1] - r;
      for (let c = u - 1; c >= 0; c--) {
        at -= k;
        const v = y[columns[r + c]];
        for (let i = 0; i < k; i++) y[from + i] -= data[at + i] * v;
      }
      for (let j = k - 1; j >= 0; j--) {
        at -= k + u;
        const v = y[from + j] / data[at + j];
        y[from + j] = v;
        for (let i = 0; i < j; i++) y[from + i] -= data[at + i] * v;
      }
    }
    for (let k = 0; k < n; k++) x[columnOrder[k]] = y[k];
  }

  protected solveVectorTransposed(x: Float64Array): void {
    const { n, rowOrder, columnOrder, scales, first, start, rows, columns } = this.plain;
    const { data } = this.matrix;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[columnOrder[k]];
    const fronts = first.length - 1;
    let at = 0;
    for (let s = 0; s < fronts; s++) {
      const from = first[s];
      const k = first[s + 1] - first[s];
      const r = start[s];
      const u = start[s + 1] - r;
      for (let j = 0; j < k; j++) {
        let v = y[from + j];
        for (let i = 0; i < j; i++) v -= data[at + i] * y[from + i];
        y[from + j] = v / data[at + j];
        at += k + u;
      }
      for (let c = 0; c < u; c++) {
        let v = 0;
        for (let i = 0; i < k; i++) v += data[at + i] * y[from + i];
        y[columns[r + c]] -= v;
        at += k;
      }
    }
    for (let s = fronts - 1; s >= 0; s--) {
      const from = first[s];
      const k = first[s + 1] - first[s];
      const r = start[s];
      const u = start[s + 1] - r;
      at -= k * u;
      for (let j = k - 1; j >= 0; j--) {
        at -= k + u;
        let v = y[from + j];
        for (let i = j + 1; i < k; i++) v -= data[at + i] * y[from + i];
        for (let i = 0; i < u; i++) v -= data[at + k + i] * y[rows[r + i]];
        y[from + j] = v;
      }
    }
    for (let k = 0; k < n; k++) x[rowOrder[k]] = y[k] * scales[rowOrder[k]];
  }
}

/** The contribution block of a pending front. */
interface Waiting {
  readonly s: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

type Built = Omit<PlainFrontalLu, 'values' | 'n' | 'oneNorm' | 'scales' | 'flaw'>;

/**
 * Multifrontal LU on the pattern of A + Aᵀ (Duff and Reid 1984): pivots are chosen among the fully assembled rows and
 * columns of a front and are at least `threshold` times the largest entry of their columns; columns without such a
 * pivot are delayed to the parent, with as many rows.
 * @throws NOT_SUPPORTED for factors of more than 4 GiB.
 */
export function factorFronts(
  A: CscMatrix,
  shape: Supernodes,
  scales: Float64Array,
  threshold: number,
): { plain: Built; matrix: DenseMatrix } {
  // Long because a front is assembled, eliminated and passed on in one loop, over lists that grow along the way.
  const { n, count, first, rowStart, rows, parent, place, order } = shape;
  const inverse = inverted(order);
  const T = transposed(A);
  let widest = 0;
  for (let s = 0; s < count; s++) widest = Math.max(widest, first[s + 1] - first[s] + rowStart[s + 1] - rowStart[s]);
  let expected = 0;
  for (let s = 0; s < count; s++) {
    const k = first[s + 1] - first[s];
    expected += k * (k + 2 * (rowStart[s + 1] - rowStart[s]));
  }
  const bytes = 8 * (expected + shape.stackSize + widest * widest);
  checkSize(bytes);
  const arena = arenaFor(bytes);
  const kernels = arena.use(frontKernels);
  const rooms = new Rooms(arena);
  const store = new FactorStore(arena, expected);
  let built = false;
  try {
    rooms.reserve('stack', shape.stackSize + widest * widest);
    const [rowStep, columnStep] = [new Int32Array(n), new Int32Array(n)];
    const diagonal = new Float64Array(n);
    const newFirst = [0];
    const newStart = [0];
    let [newRows, newColumns] = [new Int32Array(rows.length), new Int32Array(rows.length)];
    const pending: Waiting[] = [];
    /** Positions of the rows and columns of the analysis in the current front. */
    const where = new Int32Array(n);
    let [size, top, taken, beyond] = [0, 0, 0, 0];
    for (let s = 0; s < count; s++) {
      const own = first[s + 1] - first[s];
      const u = rowStart[s + 1] - rowStart[s];
      let children = pending.length;
      let d = 0;
      while (children > 0 && parent[pending[children - 1].s] === s) d += pending[--children].rows.length;
      const M = d + own + u;
      const stack = rooms.reserve('stack', top + M * M, top) / 8;
      const work = rooms.reserve('work', gemmWorkBytes(M, M, M) / 8 + 1060);
      const row = rooms.reserve('row', M);
      const map = rooms.reserve('map', M);
      const heap = arena.f64;
      const F = stack + top;
      heap.fill(0, F, F + M * M);
      const rowIds = new Int32Array(M);
      const columnIds = new Int32Array(M);
      for (let i = 0; i < own; i++) rowIds[d + i] = first[s] + i;
      for (let i = 0; i < u; i++) rowIds[d + own + i] = rows[rowStart[s] + i];
      columnIds.set(rowIds);
      for (let i = d; i < M; i++) where[rowIds[i]] = i;
      scatter(A, T, heap, F, M, d, first[s], first[s + 1], order, inverse, where, scales);
      let under = top;
      let offset = 0;
      for (let c = children; c < pending.length; c++) {
        const { s: child, rows: lateRows, columns: lateColumns } = pending[c];
        const late = lateRows.length;
        const from = rowStart[child];
        const side = late + rowStart[child + 1] - from;
        under -= side * side;
        rowIds.set(lateRows, offset);
        columnIds.set(lateColumns, offset);
        offset += late;
      }
      let at = stack + under;
      let before = 0;
      for (let c = children; c < pending.length; c++) {
        const { s: child, rows: lateRows } = pending[c];
        const late = lateRows.length;
        const from = rowStart[child];
        const side = late + rowStart[child + 1] - from;
        const { i32 } = arena;
        for (let a = 0; a < late; a++) i32[map / 4 + a] = before + a;
        for (let a = late; a < side; a++) i32[map / 4 + a] = d + place[from + a - late];
        kernels.extendAdd(side, 8 * at, map, M, 8 * F, 0);
        at += side * side;
        before += late;
      }
      pending.length = children;
      const whole = d + own;
      const done = eliminateFront(arena, { at: F, M, whole, rowIds, columnIds }, row, work, threshold);
      for (let j = 0; j < done; j++) {
        rowStep[rowIds[j]] = taken + j;
        columnStep[columnIds[j]] = taken + j;
        diagonal[taken + j] = heap[F + j * M + j];
      }
      taken += done;
      const left = M - done;
      if (done > 0) {
        const more = done * (M + left);
        const L = store.reserve(size + more, size) + size;
        arena.f64.copyWithin(L, F, F + M * done);
        kernels.packBlock(done, left, 8 * (F + M * done), M, 8 * (L + M * done));
        size += more;
        if (beyond + left > newRows.length) {
          [newRows, newColumns] = [grown(newRows, beyond + left), grown(newColumns, beyond + left)];
        }
        newRows.set(rowIds.subarray(done), beyond);
        newColumns.set(columnIds.subarray(done), beyond);
        beyond += left;
        newFirst.push(taken);
        newStart.push(beyond);
      }
      if (left > 0) {
        kernels.packBlock(left, left, 8 * (F + done * (M + 1)), M, 8 * (stack + under));
        pending.push({ s, rows: rowIds.slice(done, whole), columns: columnIds.slice(done, whole) });
      }
      top = under + left * left;
    }
    const [rowOrder, columnOrder] = [new Int32Array(n), new Int32Array(n)];
    for (let j = 0; j < n; j++) {
      rowOrder[rowStep[j]] = order[j];
      columnOrder[columnStep[j]] = order[j];
    }
    const plain: Built = {
      kind: 'sparse lu, fronts',
      rowOrder,
      columnOrder,
      diagonal,
      first: Int32Array.from(newFirst),
      start: Int32Array.from(newStart),
      rows: newRows.slice(0, beyond).map((j) => rowStep[j]),
      columns: newColumns.slice(0, beyond).map((j) => columnStep[j]),
    };
    built = true;
    return { plain, matrix: store.finish(size) };
  } finally {
    rooms.release();
    if (!built) store.free();
  }
}

/**
 * Assembles into this front those entries of A whose row or column, whichever is eliminated first, is among the columns
 * `begin` … `end` − 1. The front's own columns begin at d.
 */
function scatter(
  A: CscMatrix,
  T: ReturnType<typeof transposed>,
  heap: Float64Array,
  F: number,
  M: number,
  d: number,
  begin: number,
  end: number,
  order: Int32Array,
  inverse: Int32Array,
  where: Int32Array,
  scales: Float64Array,
): void {
  const { colPointers, rowIndices, values } = A;
  for (let c = begin; c < end; c++) {
    const node = order[c];
    const column = F + (d + c - begin) * M;
    for (let p = colPointers[node]; p < colPointers[node + 1]; p++) {
      const i = inverse[rowIndices[p]];
      if (i >= begin) heap[column + where[i]] = values[p] * scales[rowIndices[p]];
    }
    const row = F + d + c - begin;
    for (let p = T.colPointers[node]; p < T.colPointers[node + 1]; p++) {
      const j = inverse[T.rowIndices[p]];
      if (j >= end) heap[row + where[j] * M] = values[T.source[p]] * scales[node];
    }
  }
}

import { type Arena, arenaFor } from '@southwell/kernels';
import { type QrKernels, qrKernels } from '@southwell/kernels/qr';
import type { DenseMatrix } from '../../arrays/index.ts';
import { grown, inverted, type Pattern } from '../pattern.ts';
import { checkSize, FactorStore, Rooms } from '../rooms.ts';
import { type Supernodes, supernodes } from '../supernodes.ts';
import { type FrontReflectors, reduceFront } from './frontReflectors.ts';

/**
 * R and Q by fronts. Front s eliminates columns first[s] … first[s + 1] − 1 (positions in the elimination order); its
 * columns are these, followed by below[belowStart[s]] … below[belowStart[s + 1] − 1].
 */
export interface QrFronts {
  /** Column k of AP is column columnOrder[k] of A. */
  readonly columnOrder: Int32Array;
  readonly first: Int32Array;
  readonly belowStart: Int32Array;
  readonly below: Int32Array;
  /** The rows of front s are in the places of rows frontRows[rowStart[s]] … frontRows[rowStart[s + 1] − 1] of A. */
  readonly rowStart: Int32Array;
  readonly frontRows: Int32Array;
  /** The row of its front where R has the row of column k; −1 if the column depends on preceding ones. */
  readonly pivot: Int32Array;
  /** Number t of the reflectors reflectorStart[s] … reflectorStart[s + 1] − 1 of a front begins in row t of the front. */
  readonly reflectorStart: Int32Array;
  /** The row of the front after the last one of each reflector. */
  readonly reflectorEnd: Int32Array;
  readonly tau: Float64Array;
  /** Offset of the values of each front: R by columns, each down to its last row, then the reflectors without their 1. */
  readonly valueStart: Float64Array;
}

/** The remainder of a front, which waits for its parent. */
interface Waiting {
  readonly s: number;
  /** Rows of A in whose places its rows are. */
  readonly rows: Int32Array;
  /** The first column of each of its rows, from the first column that is not eliminated; ascending. */
  readonly lead: Int32Array;
  /** Offset and number of its values. */
  readonly at: number;
  readonly size: number;
}

/** The transpose of A with its values. */
export interface ByRow extends Pattern {
  readonly values: Float64Array;
}

/**
 * Multifrontal QR factorisation (Davis, ACM Trans. Math. Softw. 38(1), 2011): a front consists of the rows of A whose
 * first column it eliminates, and of the remainders of its children. `least`: norm up to which the remainder of a
 * column counts as zero.
 * @throws NOT_SUPPORTED for factors of more than 4 GiB.
 */
export function factorFronts(
  A: Pattern,
  byRow: ByRow,
  order: Int32Array,
  least: number,
): { fronts: QrFronts; values: DenseMatrix } {
  const shape = structure(A, order);
  const { count, first, rowStart } = shape;
  const rows = new RowsOfFronts(byRow, shape);
  const expected = sizesAtFullRank(rows, shape);
  const bytes = 8 * (expected.values + expected.front + expected.stack + 2 * byRow.values.length);
  checkSize(bytes);
  const arena = arenaFor(bytes);
  const rooms = new Rooms(arena);
  const store = new FactorStore(arena, expected.values);
  let built = false;
  try {
    rooms.reserve('front', expected.front);
    rooms.reserve('stack', expected.stack);
    const assembly = new Assembly(arena, rooms, byRow, rows, shape);
    const kernels = arena.use(qrKernels);
    const pivot = new Int32Array(A.cols).fill(-1);
    const [reflectorStart, rowsStart] = [new Int32Array(count + 1), new Int32Array(count + 1)];
    const valueStart = new Float64Array(count + 1);
    let [reflectorEnd, tau] = [new Int32Array(A.cols), new Float64Array(A.cols)];
    let frontRows = new Int32Array(A.rows);
    for (let s = 0; s < count; s++) {
      const front = assembly.front(s);
      const { rows, cols, pivotal } = front;
      const reduced = reduceFront(arena, rooms, front, least);
      const total = reflectorStart[s] + reduced.count;
      if (rowsStart[s] + rows > frontRows.length) frontRows = grown(frontRows, rowsStart[s] + rows);
      if (total > tau.length) [reflectorEnd, tau] = [grown(reflectorEnd, total), grown(tau, total)];
      frontRows.set(front.ids, rowsStart[s]);
      const { i32, f64 } = arena;
      reflectorEnd.set(i32.subarray(reduced.end / 4, reduced.end / 4 + reduced.count), reflectorStart[s]);
      tau.set(f64.subarray(reduced.tau / 8, reduced.tau / 8 + reduced.count), reflectorStart[s]);
      for (let t = 0; t < reduced.live; t++) pivot[first[s] + i32[reduced.column / 4 + t]] = t;
      const own = pivot.subarray(first[s], first[s] + pivotal);
      const pivots = rooms.reserve('pivots', pivotal);
      arena.i32.set(own, pivots / 4);
      const size = keptSize(own, cols, reduced, arena);
      const to = 8 * (store.reserve(valueStart[s] + size, valueStart[s]) + valueStart[s]);
      kernels.keepFactor(
        ...([front.pointer, rows, cols, pivotal, reduced.live, pivots, reduced.count] as const),
        ...([reduced.column, reduced.end, to] as const),
      );
      assembly.keepRemainder(s, front, reduced, kernels);
      reflectorStart[s + 1] = total;
      rowsStart[s + 1] = rowsStart[s] + rows;
      valueStart[s + 1] = valueStart[s] + size;
    }
    built = true;
    const fronts = {
      ...{ columnOrder: shape.order, first, belowStart: rowStart, below: shape.rows, pivot, valueStart },
      ...{ rowStart: rowsStart, frontRows: frontRows.slice(0, rowsStart[count]), reflectorStart },
      reflectorEnd: reflectorEnd.slice(0, reflectorStart[count]),
      tau: tau.slice(0, reflectorStart[count]),
    };
    return { fronts, values: store.finish(valueStart[count]) };
  } finally {
    rooms.release();
    if (!built) store.free();
  }
}

/**
 * The structure of R: the supernodes of AᵀA, which is not formed. The edges from the first column of each row to the
 * others have the same fill-in, since eliminating the first connects the others.
 */
function structure(A: Pattern, order: Int32Array): Supernodes {
  const { cols, colPointers, rowIndices } = A;
  const leftmost = new Int32Array(A.rows);
  const each = (visit: (low: number, high: number) => void) => {
    leftmost.fill(-1);
    for (let k = 0; k < cols; k++) {
      const j = order[k];
      for (let p = colPointers[j]; p < colPointers[j + 1]; p++) {
        const from = leftmost[rowIndices[p]];
        if (from < 0) leftmost[rowIndices[p]] = j;
        else visit(Math.min(from, j), Math.max(from, j));
      }
    }
  };
  const pointers = new Int32Array(cols + 1);
  each((low) => {
    pointers[low + 1]++;
  });
  for (let j = 0; j < cols; j++) pointers[j + 1] += pointers[j];
  const next = pointers.slice(0, cols);
  const indices = new Int32Array(pointers[cols]);
  each((low, high) => {
    indices[next[low]++] = high;
  });
  // Rows with the same first column have edges in common.
  const seen = new Int32Array(cols).fill(-1);
  const unique = new Int32Array(cols + 1);
  let at = 0;
  for (let j = 0; j < cols; j++) {
    for (let p = pointers[j]; p < pointers[j + 1]; p++) {
      if (seen[indices[p]] === j) continue;
      seen[indices[p]] = j;
      indices[at++] = indices[p];
    }
    unique[j + 1] = at;
  }
  return supernodes({ rows: cols, cols, colPointers: unique, rowIndices: indices.subarray(0, at) }, order);
}

/** Number of values of R and of the reflectors of a front. */
function keptSize(pivot: Int32Array, cols: number, { count, live, end }: FrontReflectors, { i32 }: Arena): number {
  let [size, height] = [0, 0];
  for (let j = 0; j < pivot.length; j++) {
    height = Math.max(height, pivot[j] + 1);
    size += height;
  }
  size += live * (cols - pivot.length);
  for (let t = 0; t < count; t++) size += i32[end / 4 + t] - t - 1;
  return size;
}

interface Front {
  readonly pointer: number;
  readonly rows: number;
  readonly cols: number;
  readonly pivotal: number;
  readonly ends: number;
  /** The rows of A in whose places its rows are. */
  readonly ids: Int32Array;
}

/** The rows of A by the front that eliminates their first column, and the leading columns of the rows of fronts. */
class RowsOfFronts {
  /** The first column of each row of A, in elimination order. */
  readonly leading: Int32Array;
  readonly inverse: Int32Array;
  /** The rows of each front as linked lists. */
  readonly head: Int32Array;
  readonly next: Int32Array;

  constructor(
    { rows: cols, cols: rows, colPointers, rowIndices }: ByRow,
    private readonly shape: Supernodes,
  ) {
    const { count, first, order } = shape;
    this.inverse = inverted(order);
    this.leading = new Int32Array(rows).fill(cols);
    for (let i = 0; i < rows; i++) {
      for (let p = colPointers[i]; p < colPointers[i + 1]; p++) {
        const k = this.inverse[rowIndices[p]];
        if (k < this.leading[i]) this.leading[i] = k;
      }
    }
    const owner = new Int32Array(cols);
    for (let s = 0; s < count; s++) owner.fill(s, first[s], first[s + 1]);
    this.head = new Int32Array(count).fill(-1);
    this.next = new Int32Array(rows);
    for (let i = rows - 1; i >= 0; i--) {
      if (this.leading[i] === cols) continue;
      const s = owner[this.leading[i]];
      this.next[i] = this.head[s];
      this.head[s] = i;
    }
  }

  /**
   * The number of rows of front s that lead before each of its columns, of which there is one more: rows of A, and
   * those that remain of its children.
   */
  before(s: number, children: ReadonlyArray<Pick<Waiting, 's' | 'lead'>>): Int32Array {
    const { first, rowStart, place } = this.shape;
    const cols = first[s + 1] - first[s] + rowStart[s + 1] - rowStart[s];
    const before = new Int32Array(cols + 1);
    for (let i = this.head[s]; i !== -1; i = this.next[i]) before[this.leading[i] - first[s] + 1]++;
    for (const child of children) for (const j of child.lead) before[place[rowStart[child.s] + j] + 1]++;
    for (let j = 0; j < cols; j++) before[j + 1] += before[j];
    return before;
  }
}

/** Sizes in doubles of the largest front, of what waits for parents at most, and of the factor, if no column is left out. */
function sizesAtFullRank(rows: RowsOfFronts, { count, first, parent }: Supernodes) {
  const waiting: Array<Pick<Waiting, 's' | 'lead' | 'size'>> = [];
  let [front, stack, values, top] = [0, 0, 0, 0];
  for (let s = 0; s < count; s++) {
    const from = childrenFrom(waiting, parent, s);
    const children = waiting.slice(from);
    const before = rows.before(s, children);
    const [cols, pivotal] = [before.length - 1, first[s + 1] - first[s]];
    front = Math.max(front, before[cols] * cols);
    const lead: number[] = [];
    let [reflectors, size] = [0, 0];
    for (let j = 0; j < cols; j++) {
      if (before[j + 1] > reflectors) {
        values += before[j + 1] - reflectors - 1;
        reflectors++;
        if (j >= pivotal) {
          lead.push(j - pivotal);
          size += cols - j;
        }
      }
      values += reflectors - lead.length;
    }
    stack = Math.max(stack, top + size);
    for (const child of children) top -= child.size;
    top += size;
    waiting.length = from;
    if (size > 0) waiting.push({ s, lead: Int32Array.from(lead), size });
  }
  return { front, stack, values };
}

/** The index from which on all that waits belongs to children of front s. */
function childrenFrom(waiting: ReadonlyArray<Pick<Waiting, 's'>>, parent: Int32Array, s: number): number {
  let from = waiting.length;
  while (from > 0 && parent[waiting[from - 1].s] === s) from--;
  return from;
}

/** Builds fronts from rows of A and from the remainders of their children. */
class Assembly {
  /** A by rows in kernel memory, with its columns in elimination order, and the place of columns in the front. */
  private readonly pointers: number;
  private readonly columns: number;
  private readonly values: number;
  private readonly where: number;
  private readonly waiting: Waiting[] = [];
  /** Number of values of all that wait. */
  private top = 0;

  constructor(
    private readonly arena: Arena,
    private readonly rooms: Rooms,
    byRow: ByRow,
    private readonly owned: RowsOfFronts,
    private readonly shape: Supernodes,
  ) {
    const { cols: rows, rows: cols, colPointers, rowIndices, values } = byRow;
    const entries = colPointers[rows];
    this.pointers = rooms.reserve('pointers', rows + 1);
    this.columns = rooms.reserve('columns of A', entries);
    this.values = rooms.reserve('values of A', entries);
    this.where = rooms.reserve('where', cols);
    const { i32, f64 } = arena;
    i32.set(colPointers, this.pointers / 4);
    f64.set(values, this.values / 8);
    for (let p = 0; p < entries; p++) i32[this.columns / 4 + p] = this.owned.inverse[rowIndices[p]];
  }

  /** Builds front s. What waited for it is still there: see {@link keepRemainder}. */
  front(s: number): Front {
    const { arena, rooms } = this;
    const { head, next, leading } = this.owned;
    const { first, rowStart, rows: below } = this.shape;
    const children = this.waiting.slice(childrenFrom(this.waiting, this.shape.parent, s));
    // Rows are sorted by their leading columns: counted, then placed.
    const last = this.owned.before(s, children);
    const [cols, pivotal] = [last.length - 1, first[s + 1] - first[s]];
    const rows = last[cols];
    const ends = rooms.reserve('ends', cols);
    const lists = rooms.reserve('lists', rows);
    const pointer = rooms.reserve('front', rows * cols);
    const kernels = arena.use(qrKernels);
    const { i32, f64 } = arena;
    for (let j = 0; j < cols; j++) i32[ends / 4 + j] = last[j + 1];
    f64.fill(0, pointer / 8, pointer / 8 + rows * cols);
    const where = this.where / 4;
    for (let j = 0; j < pivotal; j++) i32[where + first[s] + j] = j;
    for (let j = pivotal; j < cols; j++) i32[where + below[rowStart[s] + j - pivotal]] = j;
    const ids = new Int32Array(rows);
    let own = 0;
    for (let i = head[s]; i !== -1; i = next[i]) {
      const to = last[leading[i] - first[s]]++;
      ids[to] = i;
      i32[lists / 4 + own] = i;
      i32[lists / 4 + rows + own++] = to;
    }
    const { pointers, columns, values } = this;
    kernels.placeRows(own, lists, lists + 4 * rows, pointers, columns, values, this.where, pointer, rows);
    for (const child of children) this.place(child, last, ids, pointer, rows, kernels);
    return { pointer, rows, cols, pivotal, ends, ids };
  }

  private place(
    child: Waiting,
    last: Int32Array,
    ids: Int32Array,
    pointer: number,
    rows: number,
    kernels: QrKernels,
  ): void {
    const { rowStart, place } = this.shape;
    const count = child.rows.length;
    const [from, to] = [rowStart[child.s], rowStart[child.s + 1]];
    const lists = this.rooms.reserve('lists of children', count + to - from);
    const stack = this.rooms.reserve('stack', this.top, this.top);
    const { i32 } = this.arena;
    const [lead, rowPlaces, columnPlaces] = [lists, lists + 4 * count, lists + 8 * count];
    i32.set(child.lead, lead / 4);
    for (let t = 0; t < count; t++) {
      const at = last[place[from + child.lead[t]]]++;
      ids[at] = child.rows[t];
      i32[rowPlaces / 4 + t] = at;
    }
    i32.set(place.subarray(from, to), columnPlaces / 4);
    kernels.placeRemainder(count, to - from, lead, stack + 8 * child.at, rowPlaces, columnPlaces, pointer, rows);
  }

  /** Replaces what waited for front s by what is left of it. */
  keepRemainder(s: number, { pointer, rows, cols, pivotal, ids }: Front, reduced: FrontReflectors, kernels: QrKernels) {
    for (const { size } of this.waiting.splice(childrenFrom(this.waiting, this.shape.parent, s))) this.top -= size;
    const { count, live } = reduced;
    if (count === live) return;
    const lead = this.arena.i32.slice(reduced.column / 4 + live, reduced.column / 4 + count).map((j) => j - pivotal);
    let most = 0;
    for (const j of lead) most += cols - pivotal - j;
    const stack = this.rooms.reserve('stack', this.top + most, this.top);
    const lists = this.rooms.reserve('lists', count - live);
    this.arena.i32.set(lead, lists / 4);
    const to = stack + 8 * this.top;
    const size = kernels.keepRemainder(pointer, rows, live, pivotal, count - live, cols - pivotal, lists, to);
    this.waiting.push({ s, rows: ids.slice(live, count), lead, at: this.top, size });
    this.top += size;
  }
}

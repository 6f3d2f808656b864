import { type Arena, arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { LU_TABLE, type LuTableEntry, luKernels } from '@southwell/kernels/lu';
import { type CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import { eliminateFront } from '../frontPivots.ts';
import { inverted } from '../pattern.ts';
import { checkSize, Rooms } from '../rooms.ts';
import { type LuParts, SparseLuFactor } from './luFactor.ts';

/**
 * L and U by columns. The columns of supernode s are first[s] … first[s + 1] − 1; its rows, as steps, are rows[starts[s]] …
 * rows[starts[s + 1] − 1], of which the first are its own columns; its values begin at values[offsets[s]], as many in each
 * column as it has rows: L without its unit diagonal below that of U. Other entries of U are listed by column.
 */
interface Lists {
  readonly first: Int32Array;
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly offsets: Int32Array;
  readonly values: Float64Array;
  readonly upperPointers: Int32Array;
  readonly upperRows: Int32Array;
  readonly upperValues: Float64Array;
}

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainColumnLu extends LuParts, Lists {
  readonly kind: 'sparse lu, columns';
}

const names = ['values', 'upperValues', 'first', 'starts', 'rows', 'offsets', 'upperPointers', 'upperRows'] as const;
type Lengths = Readonly<Record<(typeof names)[number], number>>;
const isReal = (name: (typeof names)[number]) => name === 'values' || name === 'upperValues';

/** L and U by columns, in kernel memory. */
export class ColumnLuFactor extends SparseLuFactor<LuParts> {
  private readonly memory: DenseMatrix;
  private readonly pointers: Lengths;
  private readonly lengths: Lengths;

  /**
   * @param view Returns the lists, which may be views of the arena in which the factor allocates memory before.
   * @internal
   */
  constructor(parts: LuParts, lengths: Lengths, arena: Arena, view: () => Lists) {
    super(parts);
    this.lengths = lengths;
    let size = 0;
    const places = names.map((name) => {
      size += isReal(name) ? lengths[name] : Math.ceil(lengths[name] / 2);
      return size;
    });
    this.memory = DenseMatrix.create(size, 1, { fill: false, arena });
    const pointers: Partial<Record<(typeof names)[number], number>> = {};
    names.forEach((name, k) => {
      pointers[name] = this.memory.pointer + 8 * (k === 0 ? 0 : places[k - 1]);
    });
    this.pointers = pointers as Record<(typeof names)[number], number>;
    const lists = view();
    for (const name of names) {
      if (isReal(name)) arena.f64.set(lists[name], this.pointers[name] / 8);
      else arena.i32.set(lists[name], this.pointers[name] / 4);
    }
  }

  /** @throws INVALID_FORMAT for a factor of an earlier version. */
  static fromPlain({ kind, ...plain }: PlainColumnLu): ColumnLuFactor {
    if (!(plain.offsets instanceof Int32Array)) {
      fail('INVALID_FORMAT', 'This LU factor was saved by an earlier version: factor the matrix again.');
    }
    const { n, oneNorm, rowOrder, columnOrder, scales, diagonal, flaw } = plain;
    const lengths = Object.fromEntries(names.map((name) => [name, plain[name].length]));
    const arena = arenaFor(12 * (plain.values.length + plain.upperValues.length));
    const parts = { n, oneNorm, rowOrder, columnOrder, scales, diagonal, flaw };
    return new ColumnLuFactor(parts, lengths as Lengths, arena, () => plain);
  }

  override toPlain(): PlainColumnLu {
    const { f64, i32 } = this.memory.arena;
    const lists = names.map((name) => {
      const [heap, at] = isReal(name) ? [f64, this.pointers[name] / 8] : [i32, this.pointers[name] / 4];
      return [name, heap.slice(at, at + this.lengths[name])];
    });
    return { kind: 'sparse lu, columns', ...this.plain, ...(Object.fromEntries(lists) as unknown as Lists) };
  }

  get factorEntries(): number {
    return this.lengths.values + this.lengths.upperValues;
  }

  free(): void {
    this.memory.free();
  }

  protected solveVector(x: Float64Array): void {
    const { n, rowOrder, columnOrder, scales } = this.plain;
    this.withVector((y, at, sums) => {
      for (let k = 0; k < n; k++) y[at + k] = x[rowOrder[k]] * scales[rowOrder[k]];
      const { first, starts, rows, offsets, values, upperPointers, upperRows, upperValues } = this.pointers;
      const kernels = this.memory.arena.use(luKernels);
      kernels.solveLowerColumns(this.count, first, starts, rows, offsets, values, 8 * at, sums);
      kernels.solveUpperColumns(
        ...([this.count, first, starts, offsets, values, upperPointers, upperRows, upperValues, 8 * at] as const),
      );
      for (let k = 0; k < n; k++) x[columnOrder[k]] = y[at + k];
    });
  }

  protected solveVectorTransposed(x: Float64Array): void {
    const { n, rowOrder, columnOrder, scales } = this.plain;
    this.withVector((y, at) => {
      for (let k = 0; k < n; k++) y[at + k] = x[columnOrder[k]];
      const { first, starts, rows, offsets, values, upperPointers, upperRows, upperValues } = this.pointers;
      const kernels = this.memory.arena.use(luKernels);
      kernels.solveUpperColumnsTransposed(
        ...([this.count, first, starts, offsets, values, upperPointers, upperRows, upperValues, 8 * at] as const),
      );
      kernels.solveLowerColumnsTransposed(this.count, first, starts, rows, offsets, values, 8 * at);
      for (let k = 0; k < n; k++) x[rowOrder[k]] = y[at + k] * scales[rowOrder[k]];
    });
  }

  private get count(): number {
    return this.lengths.offsets;
  }

  private withVector(run: (y: Float64Array, at: number, sums: number) => void): void {
    const { arena } = this.memory;
    const scratch = arena.scratch();
    try {
      const [y, sums] = [scratch.f64(this.n).pointer, scratch.f64(this.n).pointer];
      run(arena.f64, y / 8, sums);
    } finally {
      scratch.release();
    }
  }
}

/**
 * The share of the remaining rows in a column of L from which on the rest of the matrix is factored as a dense one:
 * twice the arithmetic at worst, at several times the speed.
 */
const DENSE = 0.6;

/** LU factorisation one column at a time (Gilbert and Peierls 1988), in kernel memory. */
class Elimination {
  private readonly rooms: Rooms;
  private readonly table: number;
  private readonly n: number;

  constructor(
    private readonly arena: Arena,
    A: CscMatrix,
    order: Int32Array,
    scales: Float64Array,
  ) {
    const { cols: n, nnz, colPointers, rowIndices, values } = A;
    this.n = n;
    this.rooms = new Rooms(arena);
    this.table = this.rooms.reserve('table', Math.ceil(Object.keys(LU_TABLE).length / 2));
    const lists = ['ORDER', 'STEP', 'OWNER', 'VALUE_START', 'SEARCH_END', 'SEEN', 'VISITED', 'LENGTH'] as const;
    for (const name of [...lists, 'FOUND', 'PATH', 'PLACE', 'FREE'] as const) this.list(name, n);
    for (const name of ['A_POINTERS', 'FIRST', 'ROW_START', 'U_POINTERS'] as const) this.list(name, n + 1);
    this.list('A_ROWS', nnz);
    this.list('A_VALUES', 2 * nnz);
    for (const name of ['DIAGONAL', 'X', 'OWN'] as const) this.list(name, 2 * n);
    this.list('SUMS', 4 * n);
    const sizes = ['COUNT', 'ROWS', 'VALUES', 'UPPER', 'SPARE', 'ROW_ROOM', 'VALUE_ROOM', 'UPPER_ROOM'] as const;
    for (const name of sizes) this.put(name, 0);
    this.put('N', n);
    this.makeRoom(2 * nnz, 4 * nnz, 2 * nnz);
    const { i32, f64 } = arena;
    i32.set(colPointers, this.at('A_POINTERS') / 4);
    i32.set(rowIndices, this.at('A_ROWS') / 4);
    i32.set(order, this.at('ORDER') / 4);
    const [to, factors] = [this.at('A_VALUES'), this.at('SUMS')];
    f64.set(values, to / 8);
    f64.set(scales, factors / 8);
    arena.use(luKernels).scaleRows(n, nnz, this.at('A_ROWS'), to, factors, to, this.at('LENGTH'));
    for (const name of ['STEP', 'SEEN', 'VISITED'] as const) i32.fill(-1, this.at(name) / 4, this.at(name) / 4 + n);
    f64.fill(0, this.at('X') / 8, this.at('X') / 8 + n);
    for (const name of ['FIRST', 'ROW_START', 'U_POINTERS'] as const) i32[this.at(name) / 4] = 0;
  }

  /** @throws NOT_SUPPORTED for factors that exceed the memory. */
  run(order: Int32Array, threshold: number): void {
    const { n, table } = this;
    const kernels = this.arena.use(luKernels);
    for (let k = 0; k < n; ) {
      k = kernels.eliminateColumns(table, k, threshold, DENSE);
      if (k === n) return;
      if (this.full()) {
        this.makeRoom(this.size('ROWS'), this.size('VALUES'), this.size('UPPER'));
        continue;
      }
      this.finishDense(k, order, threshold);
      return;
    }
  }

  /** The lists, with rows as steps, and the diagonal; views of the memory. */
  lists(): {
    readonly lengths: Lengths;
    readonly view: () => Lists;
    readonly diagonal: Float64Array;
    readonly rowOrder: Int32Array;
  } {
    const { n } = this;
    const [count, rows, values, upper] = (['COUNT', 'ROWS', 'VALUES', 'UPPER'] as const).map((name) => this.size(name));
    const ints = (name: LuTableEntry, length: number) =>
      this.arena.i32.subarray(this.at(name) / 4, this.at(name) / 4 + length);
    const reals = (name: LuTableEntry, length: number) =>
      this.arena.f64.subarray(this.at(name) / 8, this.at(name) / 8 + length);
    const step = ints('STEP', n);
    const list = ints('ROW_LIST', rows);
    for (let p = 0; p < rows; p++) list[p] = step[list[p]];
    const rowOrder = inverted(step);
    const diagonal = reals('DIAGONAL', n).slice();
    return {
      lengths: {
        ...{ first: count + 1, starts: count + 1, rows, offsets: count, values },
        ...{ upperPointers: n + 1, upperRows: upper, upperValues: upper },
      },
      view: () => ({
        first: ints('FIRST', count + 1),
        starts: ints('ROW_START', count + 1),
        rows: ints('ROW_LIST', rows),
        offsets: ints('VALUE_START', count),
        values: reals('L', values),
        upperPointers: ints('U_POINTERS', n + 1),
        upperRows: ints('U_ROWS', upper),
        upperValues: reals('U_VALUES', upper),
      }),
      diagonal,
      rowOrder,
    };
  }

  release(): void {
    this.rooms.release();
  }

  /** Factors the remaining columns, from `from` on, as one dense supernode. */
  private finishDense(from: number, order: Int32Array, threshold: number): void {
    const { n, table, arena, rooms } = this;
    const size = n - from;
    const kernels = arena.use(luKernels);
    this.makeRoom(size, size * size, 0);
    const step = this.at('STEP') / 4;
    const left = new Int32Array(size);
    const place = rooms.reserve('place', Math.ceil(n / 2));
    let count = 0;
    for (let i = 0; i < n; i++) {
      if (arena.i32[step + i] >= 0) continue;
      arena.i32[place / 4 + i] = count;
      left[count++] = i;
    }
    const start = this.size('VALUES');
    const D = () => this.at('L') + 8 * start;
    arena.f64.fill(0, D() / 8, D() / 8 + size * size);
    for (let k = from; k < n; ) {
      k = kernels.reduceColumns(table, from, k, place, D(), size);
      if (k < n) this.makeRoom(0, 0, this.size('UPPER'));
    }
    const work = rooms.reserve('work', gemmWorkBytes(size, size, size) / 8 + 1060);
    const row = rooms.reserve('row', size);
    const columnIds = order.slice(from);
    const front = { at: D() / 8, M: size, whole: size, rowIds: left, columnIds };
    eliminateFront(arena, front, row, work, threshold);
    // Only columns without a pivot would have been exchanged, and all rows are here.
    const { i32, f64 } = arena;
    const [supernode, rows] = [this.size('COUNT'), this.size('ROWS')];
    for (let j = 0; j < size; j++) {
      i32[this.at('ROW_LIST') / 4 + rows + j] = left[j];
      i32[step + left[j]] = from + j;
      f64[this.at('DIAGONAL') / 8 + from + j] = f64[D() / 8 + j * (size + 1)];
    }
    i32[this.at('FIRST') / 4 + supernode] = from;
    i32[this.at('FIRST') / 4 + supernode + 1] = n;
    i32[this.at('VALUE_START') / 4 + supernode] = start;
    i32[this.at('ROW_START') / 4 + supernode + 1] = rows + size;
    this.put('COUNT', supernode + 1);
    this.put('ROWS', rows + size);
    this.put('VALUES', start + size * size);
  }

  private at(name: LuTableEntry): number {
    return this.size(name) >>> 0;
  }

  private size(name: LuTableEntry): number {
    return this.arena.i32[this.table / 4 + LU_TABLE[name]];
  }

  private put(name: LuTableEntry, value: number): void {
    this.arena.i32[this.table / 4 + LU_TABLE[name]] = value;
  }

  /** Reserves a list of `ints` integers of 32 bits, of which the first `kept` are preserved. */
  private list(name: LuTableEntry, ints: number, kept = 0): void {
    this.put(name, this.rooms.reserve(name, Math.ceil(ints / 2), Math.ceil(kept / 2)));
  }

  /** Whether there is no room for a column. */
  private full(): boolean {
    const lacks = (size: LuTableEntry, room: LuTableEntry) => this.size(size) + this.n > this.size(room);
    return lacks('ROWS', 'ROW_ROOM') || lacks('VALUES', 'VALUE_ROOM') || lacks('UPPER', 'UPPER_ROOM');
  }

  /** Makes room for further rows, values and entries of U beside those of one column. */
  private makeRoom(rows: number, values: number, upper: number): void {
    const { n } = this;
    const [usedRows, usedValues, usedUpper] = (['ROWS', 'VALUES', 'UPPER'] as const).map((name) => this.size(name));
    const [rowRoom, valueRoom, upperRoom] = [usedRows + rows + n, usedValues + values + n, usedUpper + upper + n];
    // Offsets are 32-bit integers.
    if (Math.max(rowRoom, valueRoom, upperRoom) > 2 ** 31 - 1) checkSize(Number.POSITIVE_INFINITY);
    if (rowRoom > this.size('ROW_ROOM')) {
      this.list('ROW_LIST', rowRoom, usedRows);
      this.list('SEARCH_LIST', rowRoom, usedRows);
      this.put('ROW_ROOM', rowRoom);
    }
    if (valueRoom > this.size('VALUE_ROOM')) {
      this.list('L', 2 * valueRoom, 2 * usedValues);
      this.put('VALUE_ROOM', valueRoom);
    }
    if (upperRoom > this.size('UPPER_ROOM')) {
      this.list('U_ROWS', upperRoom, usedUpper);
      this.list('U_VALUES', 2 * upperRoom, 2 * usedUpper);
      this.put('UPPER_ROOM', upperRoom);
    }
  }
}

/**
 * LU factorisation one column at a time (Gilbert and Peierls 1988) with supernodes (Demmel et al. 1999), and as a dense
 * matrix from where on columns are nearly full.
 * @throws NOT_SUPPORTED for factors that exceed the memory.
 */
export function factorColumns(
  A: CscMatrix,
  order: Int32Array,
  scales: Float64Array,
  threshold: number,
  finish: (diagonal: Float64Array, rowOrder: Int32Array) => LuParts,
): ColumnLuFactor {
  const arena = arenaFor(64 * A.nnz);
  const elimination = new Elimination(arena, A, order, scales);
  try {
    elimination.run(order, threshold);
    const { lengths, view, diagonal, rowOrder } = elimination.lists();
    return new ColumnLuFactor(finish(diagonal, rowOrder), lengths, arena, view);
  } finally {
    elimination.release();
  }
}

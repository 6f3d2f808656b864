import { type Arena, arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { type FrontKernels, frontKernels } from '@southwell/kernels/fronts';
import type { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import { grown } from '../pattern.ts';
import { checkSize, FactorStore, Rooms } from '../rooms.ts';
import type { Entries, Supernodes } from '../supernodes.ts';
import { eliminatePivots, PANEL } from './pivoting.ts';

/**
 * Smallest acceptable ratio of a pivot to the largest entry of its column (MA57's default): multipliers are at most
 * 100.
 */
export const THRESHOLD = 0.01;

/** A front with M rows at `at`, the first `whole` of which are fully assembled. */
interface Assembled {
  readonly at: number;
  readonly M: number;
  readonly whole: number;
  /** Offset on the stack of the fronts below, where the remainder of this one goes. */
  readonly under: number;
}

/**
 * Multifrontal LDLᵀ: a column without an acceptable pivot in its front is delayed to the parent front. The memory of
 * the factor and all lists are kept, so that another matrix with the same pattern can be factored in their place.
 */
export class LdltFronts {
  readonly n: number;
  /** The diagonal of D. */
  readonly diagonal: Float64Array;
  /** The subdiagonal of D: non-zero at k if rows k and k + 1 form a 2 × 2 block. */
  readonly below: Float64Array;
  /** Row k of PAPᵀ is row order[k] of A. */
  readonly order: Int32Array;
  private readonly arena: Arena;
  private readonly kernels: FrontKernels;
  private readonly store: FactorStore;
  // The supernodes of the factor: at most one for each of the analysis.
  private readonly firsts: Int32Array;
  private readonly rowStarts: Int32Array;
  private rowList = new Int32Array(0);
  private supernodes = 0;
  /** Number of values of L. */
  private size = 0;
  private eliminated = 0;
  /** The elimination position of each column of the analysis. */
  private readonly step: Int32Array;
  // Pending fronts: their supernodes, the numbers of their delayed columns, and these columns.
  private readonly pending: Int32Array;
  private readonly late: Int32Array;
  private waiting = new Int32Array(64);
  private depth = 0;
  private waitingCount = 0;
  /** Height of the stack, in doubles, and its room if no column is delayed. */
  private top = 0;
  private readonly stackRoom: number;
  /** The columns of the front at hand. */
  private ids = new Int32Array(64);

  /** @throws NOT_SUPPORTED for factors of more than 4 GiB. */
  constructor(
    private readonly shape: Supernodes,
    private readonly entries: Entries,
  ) {
    const { n, count, first, rowStart, rows, panel, stackSize } = shape;
    let widest = 0;
    for (let s = 0; s < count; s++) widest = Math.max(widest, first[s + 1] - first[s] + rowStart[s + 1] - rowStart[s]);
    const bytes = 8 * (panel[count] + stackSize + widest * (widest + PANEL + 1));
    checkSize(bytes);
    this.n = n;
    this.arena = arenaFor(bytes);
    this.kernels = this.arena.use(frontKernels);
    this.store = new FactorStore(this.arena, panel[count]);
    this.stackRoom = stackSize + widest * widest;
    [this.diagonal, this.below] = [new Float64Array(n), new Float64Array(n)];
    [this.order, this.step] = [new Int32Array(n), new Int32Array(n)];
    [this.firsts, this.rowStarts] = [new Int32Array(count + 1), new Int32Array(count + 1)];
    [this.pending, this.late] = [new Int32Array(count), new Int32Array(count)];
    this.rowList = new Int32Array(rows.length);
  }

  /** Whether these are the fronts of an analysis. */
  isOf(shape: Supernodes): boolean {
    return this.shape === shape;
  }

  get first(): Int32Array {
    return this.firsts.subarray(0, this.supernodes + 1);
  }

  get rowStart(): Int32Array {
    return this.rowStarts.subarray(0, this.supernodes + 1);
  }

  get rows(): Int32Array {
    return this.rowList.subarray(0, this.rowStarts[this.supernodes]);
  }

  /** The columns of the supernodes, one after the other. */
  get values(): DenseMatrix {
    return this.store.values;
  }

  /**
   * Factorises a matrix with the pattern of the analysis, given by its lower triangle.
   * @param threshold Smallest acceptable ratio of a pivot to the largest entry of its column.
   * @throws NUMERICAL if values overflow, NOT_SUPPORTED for factors of more than 4 GiB. What was here is lost.
   */
  factor(A: CscMatrix, threshold: number): void {
    this.below.fill(0);
    this.supernodes = this.size = this.eliminated = this.depth = this.waitingCount = this.top = 0;
    const rooms = new Rooms(this.arena);
    try {
      const row = rooms.reserve('row', PANEL + 1);
      rooms.reserve('stack', this.stackRoom);
      const push = (d: number, e: number) => {
        this.diagonal[this.eliminated] = d;
        this.below[this.eliminated++] = e;
      };
      for (let s = 0; s < this.shape.count; s++) {
        const front = this.assemble(A, s, rooms);
        const { M } = front;
        const W = rooms.reserve('W', M * (PANEL + 1));
        const work = rooms.reserve('work', gemmWorkBytes(M, M, PANEL) / 8 + 1060);
        const done = eliminatePivots(this.arena, { ...front, ids: this.ids }, { W, row, work }, threshold, push);
        this.keep(front, done);
        this.passOn(front, done, s);
      }
    } finally {
      rooms.release();
    }
    const { order, step, shape, rowList } = this;
    for (let j = 0; j < this.n; j++) order[step[j]] = shape.order[j];
    for (let q = this.rowStarts[this.supernodes] - 1; q >= 0; q--) rowList[q] = step[rowList[q]];
  }

  /** Returns memory beyond that of the factor. */
  trim(): void {
    this.store.finish(this.size);
  }

  free(): void {
    this.store.free();
  }

  /** Builds the front of a supernode on top of the stack: entries of A, and the remainders of its children. */
  private assemble(A: CscMatrix, s: number, rooms: Rooms): Assembled {
    const { first, rowStart, rows, panel, parent, place } = this.shape;
    const { entryStart, source, target } = this.entries;
    const { arena, pending, late } = this;
    const columns = first[s + 1] - first[s];
    const u = rowStart[s + 1] - rowStart[s];
    const m = columns + u;
    let children = this.depth;
    let d = 0;
    while (children > 0 && parent[pending[children - 1]] === s) d += late[pending[--children]];
    const M = d + m;
    if (M > this.ids.length) this.ids = grown(this.ids, M);
    const { ids, waiting, top } = this;
    const map = rooms.reserve('map', M);
    const stack = rooms.reserve('stack', top + M * M, top) / 8;
    const heap = arena.f64;
    const F = stack + top;
    heap.fill(0, F, F + M * M);
    this.waitingCount -= d;
    for (let i = 0; i < d; i++) ids[i] = waiting[this.waitingCount + i];
    for (let i = 0; i < columns; i++) ids[d + i] = first[s] + i;
    for (let i = 0; i < u; i++) ids[d + columns + i] = rows[rowStart[s] + i];
    for (let q = entryStart[s]; q < entryStart[s + 1]; q++) {
      const t = target[q] - panel[s];
      const c = Math.floor(t / m);
      heap[F + (c + d) * M + d + t - c * m] = A.values[source[q]];
    }
    let under = top;
    let offset = d;
    while (this.depth > children) {
      const child = pending[--this.depth];
      const from = rowStart[child];
      const side = late[child] + rowStart[child + 1] - from;
      under -= side * side;
      offset -= late[child];
      const { i32 } = arena;
      for (let a = 0; a < late[child]; a++) i32[map / 4 + a] = offset + a;
      for (let a = late[child]; a < side; a++) i32[map / 4 + a] = d + place[from + a - late[child]];
      this.kernels.extendAdd(side, 8 * (stack + under), map, M, 8 * F, 1);
    }
    return { at: F, M, whole: d + columns, under };
  }

  /** Appends the eliminated columns of a front to the factor. */
  private keep({ at, M }: Assembled, done: number): void {
    if (done === 0) return;
    const { firsts, rowStarts, ids, step } = this;
    const k = this.supernodes;
    for (let j = 0; j < done; j++) step[ids[j]] = firsts[k] + j;
    const L = this.store.reserve(this.size + M * done, this.size);
    this.arena.f64.copyWithin(L + this.size, at, at + M * done);
    this.size += M * done;
    const end = rowStarts[k] + M - done;
    if (end > this.rowList.length) this.rowList = grown(this.rowList, end);
    this.rowList.set(ids.subarray(done, M), rowStarts[k]);
    this.supernodes = k + 1;
    firsts[k + 1] = firsts[k] + done;
    rowStarts[k + 1] = end;
  }

  /** Moves the remainder of the front of supernode s down over those of its children, to wait for its parent. */
  private passOn({ at, M, whole, under }: Assembled, done: number, s: number): void {
    const left = M - done;
    const { late, ids } = this;
    late[s] = whole - done;
    if (left > 0) {
      if (this.shape.parent[s] === -1) {
        fail(
          'NUMERICAL',
          'The factorisation left the range of doubles: divide the matrix by the size of its entries first.',
        );
      }
      const to = at - this.top + under;
      this.kernels.packBlock(left, left, 8 * (at + done * (M + 1)), M, 8 * to);
      const waiting = this.waitingCount + late[s];
      if (waiting > this.waiting.length) this.waiting = grown(this.waiting, waiting);
      this.waiting.set(ids.subarray(done, whole), this.waitingCount);
      this.waitingCount = waiting;
      this.pending[this.depth++] = s;
    }
    this.top = under + left * left;
  }
}

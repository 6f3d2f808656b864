import type { Arena, Block } from '@southwell/kernels';
import { fail } from '../core/index.ts';
import type { Preconditioner } from '../operators/index.ts';
import { onPointers } from './space.ts';

/** Rows of a strictly triangular matrix: row i has columns[k] with values[k] for pointers[i] ≤ k < pointers[i+1]. */
export interface TriangularRows {
  readonly pointers: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

interface Half {
  /** None where all rows have `width` entries. */
  readonly pointers: Block<Int32Array> | undefined;
  readonly width: number;
  readonly columns: Block<Int32Array>;
  readonly values: Block<Float64Array>;
  readonly order: Block<Int32Array>;
}

/**
 * M⁻¹r = (I + U)⁻¹·D·(I + L)⁻¹·r with strictly triangular L and U and a diagonal D: what incomplete factors are applied as.
 * Unit diagonals leave no division on the way from one unknown to the next, and rows are worked off in an order in which
 * neighbours wait for each other as little as possible.
 */
export class TriangularPair implements Preconditioner {
  private readonly lower: Half;
  private readonly upper: Half;
  private readonly middle: Block<Float64Array>;
  private readonly blocks: Array<{ free(): void }> = [];
  private freed = false;
  /** Of both factors beside their diagonals. */
  entries = 0;

  /** @param middle D. @throws NUMERICAL where a factor is not finite. */
  constructor(
    readonly arena: Arena,
    readonly size: number,
    readonly symmetric: boolean,
    L: TriangularRows,
    middle: Float64Array,
    U: TriangularRows,
  ) {
    this.lower = this.place(L, windowOrder(L, false));
    this.upper = this.place(U, windowOrder(U, true));
    this.middle = this.keep(arena.f64Block(size));
    this.middle.view.set(middle);
    for (const values of [L.values, middle, U.values]) {
      let probe = 0;
      for (let k = 0; k < values.length; k++) probe += values[k] * 0;
      if (probe !== 0) {
        this.free();
        fail(
          'NUMERICAL',
          'The incomplete factors leave the range of doubles: bring rows and columns to like units first.',
        );
      }
    }
  }

  private keep<T extends { free(): void }>(block: T): T {
    this.blocks.push(block);
    return block;
  }

  private place({ pointers, columns, values }: TriangularRows, order: Int32Array): Half {
    const { arena, size } = this;
    const nnz = pointers[size];
    let width = 0;
    for (let i = 0; i < size; i++) width = Math.max(width, pointers[i + 1] - pointers[i]);
    const padded = width * size <= PADDING * nnz;
    const room = padded ? width * size : nnz;
    const half = {
      pointers: padded ? undefined : this.keep(arena.i32Block(size + 1)),
      width,
      columns: this.keep(arena.i32Block(room)),
      values: this.keep(arena.f64Block(room)),
      order: this.keep(arena.i32Block(size)),
    };
    // Filled outside of shared memory, where loops are faster, and copied.
    const p = padded ? undefined : new Int32Array(size + 1);
    const [c, v] = [new Int32Array(room), new Float64Array(room)];
    let at = 0;
    for (let t = 0; t < size; t++) {
      const i = order[t];
      for (let k = pointers[i]; k < pointers[i + 1]; k++) {
        c[at] = columns[k];
        v[at++] = values[k];
      }
      if (p) p[t + 1] = at;
      else {
        // Zeros read what has just been read, or the first unknown.
        const from = at > t * width ? c[at - 1] : order[0];
        for (; at < (t + 1) * width; at++) {
          c[at] = from;
          v[at] = 0;
        }
      }
    }
    half.order.view.set(order);
    if (p) half.pointers?.view.set(p);
    half.columns.view.set(c);
    half.values.view.set(v);
    this.entries += nnz;
    return half;
  }

  apply(r: Float64Array, z: Float64Array): void {
    onPointers(this.arena, r, z, (from, to) => {
      this.sweeps(from, to);
    });
  }

  /** z ← M⁻¹r by pointers into the arena; rᵀz. */
  applyDot(r: number, z: number): number {
    this.sweeps(r, z);
    return this.arena.kernels.dot(this.size, r, z);
  }

  private sweeps(r: number, z: number): void {
    if (this.freed) fail('INVALID_PARAMETER', 'The preconditioner has been freed: make it anew.');
    this.sweep(this.lower, 0, r, z);
    this.sweep(this.upper, this.middle.pointer, z, z);
  }

  private sweep({ pointers, width, order, columns, values }: Half, d: number, r: number, z: number): void {
    const { arena, size: n } = this;
    const [o, c, v] = [order.pointer, columns.pointer, values.pointer];
    if (pointers) arena.kernels.unitSweep(n, o, pointers.pointer, c, v, d, r, z);
    else arena.kernels.paddedSweep(n, width, o, c, v, d, r, z);
  }

  /** Gives the memory back; the object cannot be used afterwards. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    for (const block of this.blocks) block.free();
  }
}

/** Rows are padded with zeros where that makes no more entries than this many times as many. */
const PADDING = 1.15;
/** Rows side by side that do not wait for each other: as many as hide the time from a store to the load that reads it. */
const ABREAST = 3.5;
const [LEAST, MOST] = [256, 8192];

/**
 * An order in which every row comes after those that it reads, backward for upper triangles: in windows of neighbouring rows by
 * levels, so that rows side by side do not wait for each other, which in the natural order of a grid each does. Windows are as
 * small as that allows, as what is near in memory is near in the cache. O(entries).
 */
export function windowOrder(rows: TriangularRows, backward: boolean): Int32Array {
  const n = rows.pointers.length - 1;
  const order = new Int32Array(n);
  const level = new Int32Array(n);
  let size = LEAST;
  // One window in the middle stands for all.
  const middle = (size: number): number => {
    const low = Math.max(0, Math.min(n >> 1, n - size));
    const high = Math.min(n, low + size);
    return (high - low) / levels(rows, backward, low, high, level);
  };
  while (size < MOST && size < n && middle(size) < ABREAST) size *= 2;
  const starts = new Int32Array(size + 1);
  for (let at = 0; at < n; at += size) {
    const end = Math.min(n, at + size);
    const [low, high] = backward ? [n - end, n - at] : [at, end];
    const most = levels(rows, backward, low, high, level);
    starts.fill(0, 0, most + 1);
    for (let i = low; i < high; i++) starts[level[i] + 1]++;
    for (let l = 0; l < most; l++) starts[l + 1] += starts[l];
    for (let t = 0; t < high - low; t++) {
      const i = backward ? high - 1 - t : low + t;
      order[at + starts[level[i]]++] = i;
    }
  }
  return order;
}

/** level[i] ← one more than the most of those that row i reads among low … high − 1; the number of levels. */
function levels(
  { pointers, columns }: TriangularRows,
  backward: boolean,
  low: number,
  high: number,
  level: Int32Array,
): number {
  let most = 0;
  for (let t = 0; t < high - low; t++) {
    const i = backward ? high - 1 - t : low + t;
    let own = 0;
    for (let k = pointers[i]; k < pointers[i + 1]; k++) {
      const j = columns[k];
      if (j >= low && j < high && level[j] >= own) own = level[j] + 1;
    }
    level[i] = own;
    if (own >= most) most = own + 1;
  }
  return most;
}

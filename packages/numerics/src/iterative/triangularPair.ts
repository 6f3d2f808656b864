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
  readonly pointers: Block<Int32Array>;
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
        fail('NUMERICAL', 'The incomplete factors leave the range of doubles: bring rows and columns to like units first.');
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
    const half = {
      pointers: this.keep(arena.i32Block(size + 1)),
      columns: this.keep(arena.i32Block(nnz)),
      values: this.keep(arena.f64Block(nnz)),
      order: this.keep(arena.i32Block(size)),
    };
    const [p, c, v] = [half.pointers.view, half.columns.view, half.values.view];
    half.order.view.set(order);
    p[0] = 0;
    let at = 0;
    for (let t = 0; t < size; t++) {
      const i = order[t];
      for (let k = pointers[i]; k < pointers[i + 1]; k++) {
        c[at] = columns[k];
        v[at++] = values[k];
      }
      p[t + 1] = at;
    }
    return half;
  }

  /** Entries of both factors beside their diagonals. */
  get entries(): number {
    return this.lower.values.length + this.upper.values.length;
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
    const { kernels } = this.arena;
    const { lower, upper, size: n } = this;
    kernels.unitSweep(
      n,
      lower.order.pointer,
      lower.pointers.pointer,
      lower.columns.pointer,
      lower.values.pointer,
      0,
      r,
      z,
    );
    kernels.unitSweep(
      n,
      upper.order.pointer,
      upper.pointers.pointer,
      upper.columns.pointer,
      upper.values.pointer,
      this.middle.pointer,
      z,
      z,
    );
  }

  /** Gives the memory back; the object cannot be used afterwards. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    for (const block of this.blocks) block.free();
  }
}

/** Rows that are ordered among themselves: few enough that what they read is in the cache. */
const WINDOW = 4096;

/**
 * An order in which every row comes after those that it reads, backward for upper triangles: in windows of neighbouring rows by
 * levels, so that rows side by side do not wait for each other, which in the natural order of a grid each does. O(entries).
 */
export function windowOrder({ pointers, columns }: TriangularRows, backward: boolean): Int32Array {
  const n = pointers.length - 1;
  const order = new Int32Array(n);
  const level = new Int32Array(n);
  let at = 0;
  for (let start = 0; start < n; start += WINDOW) {
    const end = Math.min(n, start + WINDOW);
    const starts = new Int32Array(end - start + 1);
    // Window w of a backward order is the w-th from the end.
    const [low, high] = backward ? [n - end, n - start] : [start, end];
    for (let t = 0; t < high - low; t++) {
      const i = backward ? high - 1 - t : low + t;
      let own = 0;
      for (let k = pointers[i]; k < pointers[i + 1]; k++) {
        const j = columns[k];
        if (j >= low && j < high && level[j] >= own) own = level[j] + 1;
      }
      level[i] = own;
      starts[own + 1]++;
    }
    for (let l = 0; l < end - start; l++) starts[l + 1] += starts[l];
    for (let t = 0; t < high - low; t++) {
      const i = backward ? high - 1 - t : low + t;
      order[at + starts[level[i]]++] = i;
    }
    at += high - low;
  }
  return order;
}

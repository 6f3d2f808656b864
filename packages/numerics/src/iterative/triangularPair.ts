import type { Arena, Block, Scratch } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import { fail } from '../core/index.ts';
import type { Preconditioner } from '../operators/index.ts';
import { onPointers } from './space.ts';

/** Rows of a strictly triangular matrix: row i has columns[k] with values[k] for pointers[i] ≤ k < pointers[i+1]. */
export interface TriangularRows {
  readonly pointers: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** The same as pointers into an arena: row i has the entries from_i … to_i − 1. */
export interface PlacedRows {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  readonly values: number;
}

/** Copies rows into an arena. */
export function placeRows(scratch: Scratch, { pointers, columns, values }: TriangularRows): PlacedRows {
  const [p, c, v] = [scratch.i32(pointers.length), scratch.i32(columns.length), scratch.f64(values.length)];
  p.view.set(pointers);
  c.view.set(columns);
  v.view.set(values);
  return { from: p.pointer, to: p.pointer + 4, columns: c.pointer, values: v.pointer };
}

/** The triangles of a square matrix with ascending column indices, and its diagonal, 0 where it has no entry. */
export interface Triangles {
  readonly lower: PlacedRows;
  readonly upper: PlacedRows;
  readonly diagonal: Block<Float64Array>;
  /** In each row, the index of the first entry from the diagonal on, and of the first one after it. */
  readonly left: number;
  readonly right: number;
}

/** Locates the triangles; `values` are stored in the order of the entries of the matrix. O(entries). */
export function triangles(
  arena: Arena,
  scratch: Scratch,
  n: number,
  { colPointers, rowIndices }: { readonly colPointers: number; readonly rowIndices: number },
  values: number,
): Triangles {
  const [left, right] = [scratch.i32(n).pointer, scratch.i32(n).pointer];
  const diagonal = scratch.f64(n);
  arena.use(systemKernels).rowDiagonals(n, colPointers, rowIndices, values, left, right, diagonal.pointer);
  const both = { columns: rowIndices, values };
  return {
    lower: { from: colPointers, to: left, ...both },
    upper: { from: right, to: colPointers + 4, ...both },
    diagonal,
    left,
    right,
  };
}

interface Half {
  /** Undefined if all rows are padded to `width` entries. */
  readonly pointers: Block<Int32Array> | undefined;
  readonly width: number;
  readonly columns: Block<Int32Array>;
  readonly values: Block<Float64Array>;
  readonly order: Block<Int32Array>;
}

/**
 * M⁻¹r = (I + U)⁻¹·D·(I + L)⁻¹·r with strictly triangular L and U and a diagonal D: the form in which incomplete
 * factors are applied. Unit diagonals avoid divisions in the dependency chain, and rows are processed in an order that
 * keeps dependent rows apart.
 */
export class TriangularPair implements Preconditioner {
  private readonly lower: Half;
  private readonly upper: Half;
  private readonly middle: Block<Float64Array>;
  private readonly blocks: Array<{ free(): void }> = [];
  private freed = false;
  /** Number of off-diagonal entries of both factors. */
  entries = 0;

  /** @param middle D. @throws NUMERICAL if a factor is not finite. */
  constructor(
    readonly arena: Arena,
    readonly size: number,
    readonly symmetric: boolean,
    L: PlacedRows,
    middle: Float64Array,
    U: PlacedRows,
  ) {
    this.lower = this.place(L, false);
    this.upper = this.place(U, true);
    this.middle = this.keep(arena.f64Block(size));
    this.middle.view.set(middle);
    for (const { pointer, length } of [this.lower.values, this.middle, this.upper.values]) {
      // The dot product overflows for large finite values too, so these are checked one by one.
      if (arena.kernels.dot(length, pointer, pointer) < Number.POSITIVE_INFINITY) continue;
      if (!new Float64Array(arena.f64.buffer, pointer, length).every(Number.isFinite)) {
        this.free();
        fail('NUMERICAL', 'The incomplete factors overflow: scale rows and columns to similar magnitudes first.');
      }
    }
  }

  private keep<T extends { free(): void }>(block: T): T {
    this.blocks.push(block);
    return block;
  }

  /** Stores rows in the order of the sweep. */
  private place(rows: PlacedRows, backward: boolean): Half {
    const { arena, size: n } = this;
    const kernels = arena.use(systemKernels);
    const order = this.keep(arena.i32Block(n));
    windowOrder(arena, n, rows, backward, order.pointer);
    const { from, to, columns, values } = rows;
    const [first, end] = [from, to].map((pointer) => new Int32Array(arena.i32.buffer, pointer, n));
    let [nnz, width] = [0, 0];
    for (let i = 0; i < n; i++) {
      const length = end[i] - first[i];
      nnz += length;
      if (length > width) width = length;
    }
    const padded = width * n <= PADDING * nnz;
    const room = padded ? width * n : nnz;
    const half: Half = {
      pointers: padded ? undefined : this.keep(arena.i32Block(n + 1)),
      width,
      columns: this.keep(arena.i32Block(room)),
      values: this.keep(arena.f64Block(room)),
      order,
    };
    const [p, c, v] = [half.pointers?.pointer ?? 0, half.columns.pointer, half.values.pointer];
    kernels.layRows(n, order.pointer, from, to, columns, values, width, p, c, v);
    this.entries += nnz;
    return half;
  }

  apply(r: Float64Array, z: Float64Array): void {
    onPointers(this.arena, r, z, (from, to) => {
      this.sweeps(from, to);
    });
  }

  /** z ← M⁻¹r for pointers into the arena; returns rᵀz. */
  applyDot(r: number, z: number): number {
    this.sweeps(r, z);
    return this.arena.kernels.dot(this.size, r, z);
  }

  private sweeps(r: number, z: number): void {
    if (this.freed) fail('INVALID_PARAMETER', 'The preconditioner has been freed: create a new one.');
    this.sweep(this.lower, 0, r, z);
    this.sweep(this.upper, this.middle.pointer, z, z);
  }

  private sweep({ pointers, width, order, columns, values }: Half, d: number, r: number, z: number): void {
    const { arena, size: n } = this;
    const [o, c, v] = [order.pointer, columns.pointer, values.pointer];
    if (pointers) arena.use(systemKernels).unitSweep(n, o, pointers.pointer, c, v, d, r, z);
    else arena.use(systemKernels).paddedSweep(n, width, o, c, v, d, r, z);
  }

  /** Frees the memory; the object must not be used afterwards. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    for (const block of this.blocks) block.free();
  }
}

/** Rows are padded with zeros if that increases the number of entries by at most this factor. */
const PADDING = 1.15;
/** Number of consecutive independent rows needed to hide the latency from a store to the load that depends on it. */
const ABREAST = 3.5;
const [LEAST, MOST] = [256, 8192];

/**
 * An order in which every row follows those that it depends on (in reverse for upper triangles): within windows of
 * neighbouring rows, sorted by level, so that adjacent rows are independent, unlike in the natural order of a grid.
 * Windows are as small as possible, for the sake of cache locality. O(entries).
 */
function windowOrder(
  arena: Arena,
  n: number,
  { from, to, columns }: PlacedRows,
  backward: boolean,
  order: number,
): void {
  const kernels = arena.use(systemKernels);
  const scratch = arena.scratch();
  try {
    const level = scratch.i32(n).pointer;
    let size = LEAST;
    // The window in the middle is taken as representative.
    const middle = (size: number): number => {
      const low = Math.max(0, Math.min(n >> 1, n - size));
      const high = Math.min(n, low + size);
      return (high - low) / kernels.rowLevels(from, to, columns, backward, low, high, level);
    };
    while (size < MOST && size < n && middle(size) < ABREAST) size *= 2;
    const starts = scratch.i32(size + 1).pointer;
    kernels.windowOrder(n, size, from, to, columns, backward, order, level, starts);
  } finally {
    scratch.release();
  }
}

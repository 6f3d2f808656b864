import { type Arena, type Block, gemmWorkBytes } from '@southwell/kernels';

/** Columns of length n, stored contiguously in the arena of a method, for products with small matrices. */
export class TallBlock {
  private readonly block: Block<Float64Array>;

  constructor(
    readonly arena: Arena,
    readonly n: number,
    readonly capacity: number,
  ) {
    this.block = arena.f64Block(n * capacity);
  }

  /** The byte offset of a column. */
  at(column: number): number {
    return this.block.pointer + 8 * this.n * column;
  }

  /** A view of a column, valid until the next allocation. */
  column(j: number): Float64Array {
    return this.block.view.subarray(j * this.n, (j + 1) * this.n);
  }

  /** Columns [from, from + count) ← those of another block from `start` on. */
  copy(from: number, other: TallBlock, start: number, count: number): void {
    const { n } = this;
    this.block.view.set(other.block.view.subarray(start * n, (start + count) * n), from * n);
  }

  /** A copy of columns [from, from + count) outside kernel memory. */
  values(from: number, count: number): Float64Array {
    return this.block.view.slice(from * this.n, (from + count) * this.n);
  }

  set(from: number, values: Float64Array): void {
    this.block.view.set(values, from * this.n);
  }

  /**
   * UᵀV for `rows` columns of this block from `from` on and `cols` columns of another from `start` on, column-major.
   * O(n · rows · cols).
   */
  inner(from: number, rows: number, other: TallBlock, start: number, cols: number): Float64Array {
    const { arena, n } = this;
    if (rows === 0 || cols === 0) return new Float64Array(0);
    const scratch = arena.scratch();
    try {
      const out = scratch.f64(rows * cols);
      const work = scratch.f64(gemmWorkBytes(rows, cols, n) / 8).pointer;
      arena.kernels.gemm(
        ...([true, false, rows, cols, n, 1, this.at(from), n, other.at(start), n, 0, out.pointer, rows, work] as const),
      );
      return out.view.slice();
    } finally {
      scratch.release();
    }
  }

  /**
   * Columns [to, to + cols) ← beta · themselves + alpha · (`rows` columns of another block from `from` on) · C, C
   * column-major.
   */
  combine(
    to: number,
    other: TallBlock,
    from: number,
    rows: number,
    C: Float64Array,
    { alpha = 1, beta = 0 }: { readonly alpha?: number; readonly beta?: number } = {},
  ): void {
    const { arena, n } = this;
    if (rows === 0 || C.length === 0) return;
    const cols = C.length / rows;
    const scratch = arena.scratch();
    try {
      const small = scratch.f64(C.length);
      small.view.set(C);
      const work = scratch.f64(gemmWorkBytes(n, cols, rows) / 8).pointer;
      arena.kernels.gemm(
        ...([false, false, n, cols, rows, alpha, other.at(from), n, small.pointer, rows] as const),
        ...([beta, this.at(to), n, work] as const),
      );
    } finally {
      scratch.release();
    }
  }

  free(): void {
    this.block.free();
  }
}

/** ‖v‖, for vectors whose squares stay in range. */
export function length(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
}

/** v ← v · by. */
export function scaleVector(v: Float64Array, by: number): void {
  for (let i = 0; i < v.length; i++) v[i] *= by;
}

/** Normalises v to unit norm, whatever its magnitude; false if it is zero. */
export function unitLength(v: Float64Array): boolean {
  let most = 0;
  for (let i = 0; i < v.length; i++) most = Math.max(most, Math.abs(v[i]));
  if (!(most > 0)) return false;
  // A power of two whose reciprocal is representable too.
  scaleVector(v, 2 ** -Math.min(1000, Math.max(-1000, Math.round(Math.log2(most)))));
  scaleVector(v, 1 / length(v));
  return true;
}

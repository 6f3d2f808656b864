import type { Arena, Block } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import { fail } from '../../core/index.ts';

/** A sparse matrix in compressed rows, in the arena of its hierarchy. */
export class Rows {
  private constructor(
    readonly arena: Arena,
    readonly rows: number,
    readonly cols: number,
    /** rows + 2 entries, of which the last is scratch for transposes. */
    readonly pointers: Block<Int32Array>,
    readonly indices: Block<Int32Array>,
    readonly values: Block<Float64Array>,
  ) {}

  /** Allocates room for `entries`, uninitialised. */
  static create(arena: Arena, rows: number, cols: number, entries: number, pointers?: Block<Int32Array>): Rows {
    const starts = pointers ?? arena.i32Block(rows + 2);
    return new Rows(arena, rows, cols, starts, arena.i32Block(entries), arena.f64Block(entries));
  }

  get entries(): number {
    return this.indices.length;
  }

  /** Byte offsets, for kernels. */
  get at(): readonly [pointers: number, indices: number, values: number] {
    return [this.pointers.pointer, this.indices.pointer, this.values.pointer];
  }

  /** Views, valid until the next allocation. */
  get views(): { pointers: Int32Array; indices: Int32Array; values: Float64Array } {
    return { pointers: this.pointers.view, indices: this.indices.view, values: this.values.view };
  }

  /** The columns in each row of the result are ascending. O(entries). */
  transpose(): Rows {
    const { arena, rows, cols } = this;
    const out = Rows.create(arena, cols, rows, this.entries);
    arena.use(systemKernels).rowsTranspose(rows, cols, ...this.at, ...out.at);
    return out;
  }

  /**
   * this · B. O(products).
   * @throws NOT_SUPPORTED for more than 2³¹ − 1 entries.
   */
  times(B: Rows): Rows {
    const { arena, rows } = this;
    const marks = arena.i32Block(B.cols);
    const pointers = arena.i32Block(rows + 2);
    const [ap, ai] = this.at;
    const [bp, bi] = B.at;
    const entries = arena
      .use(systemKernels)
      .rowsProductSize(rows, B.cols, ap, ai, bp, bi, pointers.pointer, marks.pointer);
    if (entries < 0) fail('NOT_SUPPORTED', 'A product of sparse matrices would have more than 2^31 - 1 entries.');
    const out = Rows.create(arena, rows, B.cols, entries, pointers);
    arena.use(systemKernels).rowsProduct(rows, B.cols, ...this.at, ...B.at, ...out.at, marks.pointer);
    marks.free();
    return out;
  }

  /** A copy in another arena. */
  copyTo(arena: Arena): Rows {
    const out = Rows.create(arena, this.rows, this.cols, this.entries);
    const [from, to] = [this.views, out.views];
    to.pointers.set(from.pointers);
    to.indices.set(from.indices);
    to.values.set(from.values);
    return out;
  }

  free(): void {
    for (const block of [this.pointers, this.indices, this.values]) block.free();
  }
}

/** The Galerkin product Pᵀ A P with R = Pᵀ, with ascending columns. O(products). */
export function galerkin(A: Rows, P: Rows, R: Rows, symmetric: boolean): Rows {
  const AP = A.times(P);
  const C = R.times(AP);
  AP.free();
  // Transposing sorts the rows; a symmetric product equals its transpose, so once is enough.
  const T = C.transpose();
  C.free();
  if (symmetric) return T;
  const back = T.transpose();
  T.free();
  return back;
}

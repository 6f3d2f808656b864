import type { Arena, Block } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import { fail } from '../../core/index.ts';

/** A sparse matrix in compressed rows, in the memory of its hierarchy. */
export class Rows {
  private constructor(
    readonly arena: Arena,
    readonly rows: number,
    readonly cols: number,
    /** Room for rows + 2 places, of which the last is scratch of transposes. */
    readonly pointers: Block<Int32Array>,
    readonly indices: Block<Int32Array>,
    readonly values: Block<Float64Array>,
  ) {}

  /** Room for `entries`, contents undefined. */
  static create(arena: Arena, rows: number, cols: number, entries: number, pointers?: Block<Int32Array>): Rows {
    const starts = pointers ?? arena.i32Block(rows + 2);
    return new Rows(arena, rows, cols, starts, arena.i32Block(entries), arena.f64Block(entries));
  }

  get entries(): number {
    return this.indices.length;
  }

  /** Byte offsets, as kernels take them. */
  get at(): readonly [pointers: number, indices: number, values: number] {
    return [this.pointers.pointer, this.indices.pointer, this.values.pointer];
  }

  /** Views, until something is allocated. */
  get views(): { pointers: Int32Array; indices: Int32Array; values: Float64Array } {
    return { pointers: this.pointers.view, indices: this.indices.view, values: this.values.view };
  }

  /** Columns ascend in its rows. O(entries). */
  transpose(): Rows {
    const { arena, rows, cols } = this;
    const out = Rows.create(arena, cols, rows, this.entries);
    arena.use(systemKernels).rowsTranspose(rows, cols, ...this.at, ...out.at);
    return out;
  }

  /**
   * this · B. O(products).
   * @throws NOT_SUPPORTED past 2³¹ − 1 entries.
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

  /** A copy in another memory. */
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

/** Pᵀ A P with R = Pᵀ; columns ascend. O(products). */
export function galerkin(A: Rows, P: Rows, R: Rows, symmetric: boolean): Rows {
  const AP = A.times(P);
  const C = R.times(AP);
  AP.free();
  // Its own transpose where it is symmetric: once then sorts it.
  const T = C.transpose();
  C.free();
  if (symmetric) return T;
  const back = T.transpose();
  T.free();
  return back;
}

import type { Block, Scratch } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import type { DenseMatrix } from '@southwell/numerics/arrays';

/**
 * Some rows of dense data, stored contiguously, for predictions of only these at many points: the rows that a fold
 * holds out.
 */
export class PackedRows {
  private readonly keep: Scratch;
  private readonly X: Block<Float64Array>;
  private readonly list: Block<Int32Array>;
  private readonly values: Block<Float64Array>;
  private readonly eta: Block<Float64Array>;
  private readonly offset: Float64Array | undefined;

  /** X̃ = X·diag(scale). O(rows · columns). */
  constructor(
    from: DenseMatrix,
    readonly rows: ArrayLike<number>,
    private readonly scale: Float64Array,
    offset: Float64Array | undefined,
  ) {
    const { arena, rows: n, cols: p } = from;
    const m = rows.length;
    this.keep = arena.scratch();
    this.X = this.keep.f64(m * p);
    this.list = this.keep.i32(p);
    this.values = this.keep.f64(p);
    this.eta = this.keep.f64(m);
    this.offset = offset && Float64Array.from(rows, (i) => offset[i]);
    const listed = this.keep.i32(m);
    listed.view.set(rows);
    arena.kernels.gatherRows(m, p, listed.pointer, from.pointer, n, this.X.pointer);
  }

  /** X̃b + intercept + offset. O(rows · non-zeros of b). */
  times(b: Float64Array, intercept: number): Float64Array {
    const { X, list, values, eta, offset, scale } = this;
    let k = 0;
    for (let j = 0; j < b.length; j++) {
      if (b[j] === 0) continue;
      list.view[k] = j;
      values.view[k++] = b[j] * scale[j];
    }
    const m = this.rows.length;
    if (offset) for (let t = 0; t < m; t++) eta.view[t] = offset[t] + intercept;
    else eta.view.fill(intercept);
    X.arena.use(modelKernels).addColumns(m, k, list.pointer, X.pointer, m, 1, values.pointer, eta.pointer);
    return eta.view.slice();
  }

  release(): void {
    this.keep.release();
  }
}

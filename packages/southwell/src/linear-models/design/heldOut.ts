import { modelKernels } from '@southwell/kernels/models';
import type { Design } from './design.ts';
import type { RowProducts } from './rowProducts.ts';

/** Bound on the relative error of a product of two columns, or of a mean, from blockwise summation. */
const ROUNDING = 4e-15;
/** Bound on the relative error of a mean square, above which rows are predicted individually. */
const TRUSTED = 1e-10;
/** Below this value, rounding errors of the terms are no longer small relative to the result. */
const TINY = 1e-280;

/** Mean squared residuals on rows for which products are known: Σ w(z − a − x̃ᵀb)², without a pass over these rows. */
export class HeldOut {
  private readonly ratio: Float64Array;

  /** Products are in units of `scale`, coefficients in those of the design. O(p). */
  constructor(
    private readonly design: Design,
    private readonly of: RowProducts,
    scale: Float64Array,
  ) {
    this.ratio = design.scale.view.map((s, j) => s / scale[j]);
  }

  /**
   * For the linear predictor a + X̃b: Σ w(z − z̄)² − 2bᵀc + bᵀGb + (z̄ − a − μᵀb)². Undefined if cancellation could
   * make the relative error exceed 1e-10, as for a nearly perfect fit. O(p · non-zeros of b).
   */
  meanSquare(b: Float64Array, a: number): number | undefined {
    const { design, of, ratio } = this;
    const { target, G, means } = of;
    if (!target) return undefined;
    const { arena, p } = design;
    const work = arena.f64Block(p + 5);
    const { view, pointer } = work;
    for (let j = 0; j < p; j++) view[j] = b[j] * ratio[j];
    arena.use(modelKernels).modelSquare(p, G.pointer, means.pointer, target.c.pointer, pointer, pointer + 8 * p);
    const [square, product, shift, size, shifts] = view.subarray(p);
    work.free();
    const mean = target.mean - a - shift;
    const value = target.square - 2 * product + square + mean * mean;
    const most = size + Math.sqrt(target.square);
    const slip = ROUNDING * (Math.abs(target.mean) + Math.abs(a) + shifts);
    const error = ROUNDING * most * most + slip * (2 * Math.abs(mean) + slip);
    return error <= TRUSTED * value && value > TINY ? value : undefined;
  }
}

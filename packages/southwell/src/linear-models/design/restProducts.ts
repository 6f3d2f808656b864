import { modelKernels } from '@southwell/kernels/models';
import { Moments } from '../solvers/moments.ts';
import type { Design } from './design.ts';
import type { About, RowProducts } from './rowProducts.ts';

/** Minimum fraction of a sum of squares that must remain when rows are removed: below it, too many digits cancel. */
const LEAST_LEFT = 1e-4;

/**
 * Products of all rows minus those of some, under weights that sum to 1, in the scale of a design. For the removed
 * rows, Σ w(x − μ)(x − μ)ᵀ is the sum about their own means plus share·δδᵀ, with δ = their means − μ.
 */
export class RestProducts {
  private readonly rest: number;
  private readonly factor: number;
  private readonly delta: Float64Array;
  private readonly ratio: Float64Array;

  /** O(p). */
  constructor(
    private readonly design: Design,
    private readonly all: RowProducts & Pick<About, 'scale' | 'centred'>,
    /** Weight of the removed rows as a fraction of the total. */
    private readonly share: number,
    /** Products of the removed rows; undefined if there are none. */
    private readonly less: RowProducts | undefined,
  ) {
    const { p } = design;
    const [G, mu, scale] = [all.G.view, all.means.view, design.scale.view];
    this.rest = 1 - share;
    this.factor = share / this.rest;
    this.delta = new Float64Array(p);
    this.ratio = new Float64Array(p);
    for (let j = 0; j < p; j++) {
      this.ratio[j] = scale[j] / all.scale[j];
      if (all.centred && less && G[j * p + j] > 0) this.delta[j] = less.means.view[j] - mu[j];
    }
  }

  /** Whether no column suffers from cancellation. */
  get exact(): boolean {
    const { design, all, less, share, factor, delta } = this;
    if (!less) return true;
    const { p } = design;
    const [G, H] = [all.G.view, less.G.view];
    for (let j = 0; j < p; j++) {
      const at = j * p + j;
      if (G[at] - share * H[at] - factor * delta[j] * delta[j] < LEAST_LEFT * G[at]) return false;
    }
    return true;
  }

  /** O(p²). */
  moments(): Moments {
    const { design, all, less, share, rest, factor, delta, ratio } = this;
    const { arena, p } = design;
    const { G, means, release } = Moments.empty(design);
    const scratch = arena.scratch();
    try {
      const [d, r] = [scratch.f64(p), scratch.f64(p)];
      d.view.set(delta);
      r.view.set(ratio);
      const [from, taken] = [all.G.pointer, (less ?? all).G.pointer];
      const by = [d.pointer, r.pointer] as const;
      arena.use(modelKernels).modelWithout(p, from, less ? share : 0, taken, factor, ...by, 1 / rest, G.pointer);
      const [mv, mu] = [means.view, all.means.view];
      for (let j = 0; j < p; j++) mv[j] = (mu[j] - factor * delta[j]) * ratio[j];
    } finally {
      scratch.release();
    }
    return Moments.own(design, G, means, release);
  }

  /** Products of the columns with the target; undefined if there are none, or if precision would be lost. O(p). */
  withTarget(): Float64Array | undefined {
    const { all, less, share, rest, factor, delta, ratio } = this;
    const [whole, part] = [all.target, less?.target];
    if (!whole || !part) return undefined;
    const apart = part.mean - whole.mean;
    if (!(whole.square - share * part.square - factor * apart * apart >= LEAST_LEFT * whole.square)) return undefined;
    const [c, own] = [whole.c.view, part.c.view];
    return ratio.map((r, j) => ((c[j] - share * own[j] - factor * delta[j] * apart) / rest) * r);
  }
}

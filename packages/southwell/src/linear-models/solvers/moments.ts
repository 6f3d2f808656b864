import type { Block } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import type { Design } from '../design/design.ts';

/** The largest number of columns for which all products are kept: a matrix of 50 MB. */
export const MOST_COLUMNS = 2500;
/** Approximate number of passes over the data that each point of a path would otherwise need. */
const PASSES = 3;
/**
 * Cost of one column of the Gram matrix of dense data, in passes: passes are bound by memory, products by arithmetic.
 */
const PASSES_A_COLUMN = 1 / 14;
/** Largest squared ratio of mean to standard deviation: three digits are lost there. */
const FAR = 1e6;
/** Bound on the relative error of a Gram matrix entry from blockwise summation. */
const ROUNDING = 4e-15;

/**
 * G = X̃ᵀWX̃ over all columns, about their means if there is an intercept. Under a squared loss the data are no longer
 * needed: X̃ᵀv = c − Gb with c that of the null model ("covariance updates", Friedman, Hastie and Tibshirani 2010,
 * §2.2).
 */
export class Moments {
  /** Σ |b_j|√G_jj of the last {@link gradient}. */
  private size = 0;

  private constructor(
    readonly design: Design,
    readonly G: Block<Float64Array>,
    readonly means: Block<Float64Array>,
    /** Frees the memory. */
    readonly release: () => void,
  ) {}

  /** From all rows, under weights d. `target` as {@link Design.gram} takes it. O(np²) dense. */
  static of(design: Design, d: Block<Float64Array>, centred: boolean, target?: Block<Float64Array>): Moments {
    const moments = Moments.empty(design);
    const { arena, p } = design;
    const scratch = arena.scratch();
    const all = scratch.i32(p);
    for (let j = 0; j < p; j++) all.view[j] = j;
    design.gram(all, p, 0, d, centred, moments.means, moments.G, p, target);
    scratch.release();
    return moments;
  }

  /**
   * Together with the results of a first pass over the data: (X̃ − means)ᵀv, which equals X̃ᵀv as v sums to zero when
   * centred, and ‖x̃_j‖. For dense rows of equal weight that are all on this rank. O(np²).
   */
  static withFirstPass(design: Design, d: Block<Float64Array>, centred: boolean, v: Block<Float64Array>) {
    const { arena, n, p } = design;
    const target = arena.f64Block(n + p);
    target.view.set(v.view);
    const moments = Moments.of(design, d, centred, target);
    const gradient = target.view.slice(n);
    target.free();
    const [G, means, weight] = [moments.G.view, moments.means.view, d.view[0]];
    const norms = gradient.map((_, j) => Math.sqrt(G[j * p + j] / weight + n * means[j] ** 2));
    return { moments, gradient, norms };
  }

  /** Allocates moments with undefined contents. */
  static empty(design: Design): Moments {
    const { arena, p } = design;
    const keep = arena.scratch();
    return new Moments(design, keep.f64(p * p), keep.f64(p), () => keep.release());
  }

  /** Moments that the design owns until it releases them. */
  static own(design: Design, G: Block<Float64Array>, means: Block<Float64Array>, release: () => void): Moments {
    return new Moments(design, G, means, release);
  }

  /** Moments that others own. */
  static borrowed(design: Design, G: Block<Float64Array>, means: Block<Float64Array>): Moments {
    return new Moments(design, G, means, () => {});
  }

  /** Whether computing all products is cheaper than reading the data for that many points. O(1). */
  static pays({ X, all: n, p, rows }: Design, points: number): boolean {
    if (p > MOST_COLUMNS || n < p || X.kind === 'parts') return false;
    const own = X.kind === 'dense' ? n * p : X.values.length;
    const stored = X.kind === 'csc' ? rows.tell(own).reduce((sum, entries) => sum + entries, 0) : own;
    // Pricing with products reads p entries per active feature, which for sparse data may exceed the data.
    if (X.kind === 'csc' && stored < p * p) return false;
    return (X.kind === 'dense' ? p : stored / n) * PASSES_A_COLUMN < PASSES * points;
  }

  /**
   * Whether a column of dense data has a mean so much larger than its standard deviation that uncentred products have
   * lost digits. O(p).
   */
  get farFromZero(): boolean {
    const { p, X } = this.design;
    const [G, means] = [this.G.view, this.means.view];
    return X.kind === 'dense' && means.some((mean, j) => G[j * p + j] > 0 && mean * mean > FAR * G[j * p + j]);
  }

  /** A bound on the effect of rounding errors of G on bᵀGb, for the b of the last {@link gradient}. */
  get uncertainty(): number {
    return ROUNDING * this.size * this.size;
  }

  /** out ← c − Gb; returns bᵀ(c + out), and bᵀ means. O(p · non-zeros of b). */
  gradient(b: Float64Array, c: Float64Array, out: Float64Array): { readonly gain: number; readonly shift: number } {
    const { arena, p } = this.design;
    // b, c, q, three sums, and workspace for the non-zeros of b and their indices.
    const work = arena.f64Block(5 * p + 3);
    const { pointer, view } = work;
    const at = (k: number) => pointer + 8 * (k * p + (k > 2 ? 3 : 0));
    view.set(b);
    view.set(c, p);
    const facts = pointer + 24 * p;
    arena
      .use(modelKernels)
      .modelGradient(p, this.G.pointer, this.means.pointer, pointer, at(1), at(2), facts, at(3), at(4));
    out.set(view.subarray(2 * p, 3 * p));
    const [gain, shift, size] = view.subarray(3 * p, 3 * p + 3);
    this.size = size;
    work.free();
    return { gain, shift };
  }

  /**
   * Columns from … m−1, both triangles, of G over the listed columns, and their means: the results of {@link
   * Design.gram}. O(m²).
   */
  gather(
    columns: Block<Int32Array>,
    m: number,
    from: number,
    means: Block<Float64Array>,
    out: Block<Float64Array>,
    stride: number,
  ): void {
    const { arena, p } = this.design;
    const of = [this.G.pointer, this.means.pointer, columns.pointer] as const;
    arena.use(modelKernels).gatherModel(p, ...of, m, from, means.pointer, out.pointer, stride);
  }
}

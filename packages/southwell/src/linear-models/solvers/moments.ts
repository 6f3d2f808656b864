import type { Block } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import type { Design } from '../design/design.ts';

/** The most columns of which all products are kept: a square of 50 MB. */
export const MOST_COLUMNS = 2500;
/** Points of a path for each of which the data would be read some three times. */
const PASSES = 3;
/** Passes over dense data that take as long as one column of their Gram matrix: memory against products. */
const PASSES_A_COLUMN = 1 / 14;
/** The square of a mean in deviations: three digits are lost. */
const FAR = 1e6;
/** Relative error of an entry of the Gram matrix: rounding of sums by blocks, generously. */
const ROUNDING = 4e-15;

/**
 * G = X̃ᵀWX̃ over all columns, about their means where there is an intercept. Under a squared loss the data are needed no
 * more: X̃ᵀv = c − Gb with c that of the null model ("covariance updates", Friedman, Hastie and Tibshirani 2010, §2.2).
 */
export class Moments {
  /** Σ |b_j|√G_jj of the last {@link gradient}. */
  private size = 0;

  private constructor(
    readonly design: Design,
    readonly G: Block<Float64Array>,
    readonly means: Block<Float64Array>,
    /** Gives the memory back. */
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
   * With what a first pass over the data would find: (X̃ − means)ᵀv, which is X̃ᵀv where v sums to zero as it does about means, and
   * ‖x̃_j‖. For dense rows that are all here, and weigh the same. O(np²).
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

  /** Room for them, contents undefined. */
  static empty(design: Design): Moments {
    const { arena, p } = design;
    const keep = arena.scratch();
    return new Moments(design, keep.f64(p * p), keep.f64(p), () => keep.release());
  }

  /** What the design may keep until it gives it back. */
  static own(design: Design, G: Block<Float64Array>, means: Block<Float64Array>, release: () => void): Moments {
    return new Moments(design, G, means, release);
  }

  /** What others hold, who keep it. */
  static borrowed(design: Design, G: Block<Float64Array>, means: Block<Float64Array>): Moments {
    return new Moments(design, G, means, () => {});
  }

  /** Whether forming all products costs less than reading the data for that many points. O(1). */
  static pays({ X, all: n, p, rows }: Design, points: number): boolean {
    if (p > MOST_COLUMNS || n < p || X.kind === 'parts') return false;
    const own = X.kind === 'dense' ? n * p : X.values.length;
    const stored = X.kind === 'csc' ? rows.tell(own).reduce((sum, entries) => sum + entries, 0) : own;
    // Pricing by products reads a column of p a member: of sparse data it may be more than the data.
    if (X.kind === 'csc' && stored < p * p) return false;
    return (X.kind === 'dense' ? p : stored / n) * PASSES_A_COLUMN < PASSES * points;
  }

  /** Whether a column of dense data has a mean so much larger than its deviation that products about 0 have lost digits. O(p). */
  get farFromZero(): boolean {
    const { p, X } = this.design;
    const [G, means] = [this.G.view, this.means.view];
    return X.kind === 'dense' && means.some((mean, j) => G[j * p + j] > 0 && mean * mean > FAR * G[j * p + j]);
  }

  /** A bound on what rounding of G can do to bᵀGb, for the b of the last {@link gradient}. */
  get uncertainty(): number {
    return ROUNDING * this.size * this.size;
  }

  /** out ← c − Gb; returns bᵀ(c + out), and bᵀ means. O(p · non-zeros of b). */
  gradient(b: Float64Array, c: Float64Array, out: Float64Array): { readonly gain: number; readonly shift: number } {
    const { arena, p } = this.design;
    // b, c, q, three sums, and room for the non-zeros of b and for where they are.
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

  /** Columns from … m−1, both triangles, of G over the listed columns, and their means: what {@link Design.gram} computes. O(m²). */
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

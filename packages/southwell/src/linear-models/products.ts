import { Block } from '@southwell/kernels';
import { DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { Design } from './design.ts';
import { Moments } from './solvers/moments.ts';

/** What {@link Products} hold, for another thread over the same memory. */
export interface SharedProducts {
  readonly pointer: number;
  readonly means: number;
  readonly scale: Float64Array;
  readonly weights: Float64Array;
  readonly centred: boolean;
}

/** The first asker's products, in its scale, under its weights. */
interface Base extends Pick<SharedProducts, 'scale' | 'weights' | 'centred'> {
  readonly G: Block<Float64Array>;
  readonly means: Block<Float64Array>;
  release(): void;
}

/** The part of a column's sum of squares that must stay when rows are taken away, or the difference has lost its digits. */
const LEAST_LEFT = 1e-4;

/**
 * Products of all columns of one matrix, which fits of squared losses on it share: paths, other targets, and the folds of a
 * cross-validation, whose products are those of all rows less those of the rows held out. Whoever makes one releases it.
 */
export class Products {
  private base: Base | undefined;

  /** Those of another thread, which keeps them. */
  static attach(shared: SharedProducts, { arena, cols: p }: Matrix): Products {
    const products = new Products();
    const block = (pointer: number, length: number) => new Block<Float64Array>(arena, pointer, length, 'f64');
    const { scale, weights, centred } = shared;
    const [G, means] = [block(shared.pointer, p * p), block(shared.means, p)];
    products.base = { G, means, scale, weights, centred, release: () => {} };
    return products;
  }

  /** For {@link Products.attach}; undefined where nothing is held yet. */
  share(): SharedProducts | undefined {
    if (!this.base) return undefined;
    const { G, means, scale, weights, centred } = this.base;
    return { pointer: G.pointer, means: means.pointer, scale, weights, centred };
  }

  release(): void {
    this.base?.release();
    this.base = undefined;
  }

  /** Those of a design under weights that add up to 1. O(np²), of a fold O(rows held out · p²), of the same again O(p²). */
  of(design: Design, d: Block<Float64Array>, centred: boolean): Moments {
    const { base } = this;
    if (!base) {
      const { G, means, release } = Moments.of(design, d, centred);
      this.base = { G, means, scale: design.scale.view.slice(), weights: d.view.slice(), centred, release };
      return Moments.borrowed(design, G, means);
    }
    if (base.centred === centred) {
      if (same(base.scale, design.scale.view) && same(base.weights, d.view)) {
        return this.borrowed(design, base);
      }
      const left = this.withoutHeld(design, d.view, base);
      if (left) return left;
    }
    return Moments.of(design, d, centred);
  }

  private borrowed(design: Design, { G, means, centred }: Base): Moments {
    if (centred) markConstant(design, G.view);
    return Moments.borrowed(design, G, means);
  }

  /** Those under weights that are the base's but for rows held out; undefined if they are not, or digits would be lost. */
  private withoutHeld(design: Design, d: Float64Array, base: Base): Moments | undefined {
    const { X, arena, n, p } = design;
    if (X.kind !== 'dense') return undefined;
    const held: number[] = [];
    let share = 0;
    for (let i = 0; i < n; i++) {
      if (d[i] > 0 || !(base.weights[i] > 0)) continue;
      held.push(i);
      share += base.weights[i];
    }
    if (held.length > n / 2) return undefined;
    const rest = 1 - share;
    for (let i = 0; i < n; i++) {
      if (d[i] > 0 && Math.abs(d[i] * rest - base.weights[i]) > 1e-12 * base.weights[i]) return undefined;
    }
    const less = held.length > 0 ? productsOf(X, held, base, share) : undefined;
    const moments = Moments.empty(design);
    const scratch = arena.scratch();
    try {
      const ratio = scratch.f64(p).view;
      for (let j = 0; j < p; j++) ratio[j] = design.scale.view[j] / base.scale[j];
      // Σ over held rows of w(x − μ)(x − μ)ᵀ is that about their own means and share·δδᵀ, δ = their means − μ.
      const factor = share / rest;
      const delta = scratch.f64(p).view;
      const [out, G, means, mu] = [moments.G.view, base.G.view, moments.means.view, base.means.view];
      for (let j = 0; j < p; j++) {
        delta[j] = base.centred && less && G[j * p + j] > 0 ? less.means[j] - mu[j] : 0;
        means[j] = (mu[j] - factor * delta[j]) * ratio[j];
      }
      for (let j = 0; j < p; j++) {
        const of = factor * delta[j];
        for (let i = 0; i <= j; i++) {
          const at = j * p + i;
          const sum = G[at] - (less ? share * less.G[at] : 0) - of * delta[i];
          if (i === j && sum < LEAST_LEFT * G[at]) {
            moments.release();
            return undefined;
          }
          const value = (sum / rest) * ratio[i] * ratio[j];
          out[at] = value;
          out[i * p + j] = value;
        }
      }
      if (base.centred) markConstant(design, G);
      return moments;
    } finally {
      scratch.release();
      less?.release();
    }
  }
}

/** Products of the listed rows alone, about their own means where the base is, under weights that add up to 1. */
function productsOf(X: DenseMatrix, rows: readonly number[], { scale, weights, centred }: Base, share: number) {
  const part = DenseMatrix.create(rows.length, X.cols, { fill: false, arena: X.arena });
  const [from, to] = [X.data, part.data];
  for (let j = 0, at = 0; j < X.cols; j++) for (const i of rows) to[at++] = from[j * X.rows + i];
  const design = new Design(part, scale);
  const d = X.arena.f64Block(rows.length);
  rows.forEach((i, t) => {
    d.view[t] = weights[i] / share;
  });
  const { G, means, release } = Moments.of(design, d, centred);
  d.free();
  design.release();
  part.free();
  return { G: G.view, means: means.view, release };
}

function markConstant({ constant, p }: Design, G: Float64Array): void {
  for (let j = 0; j < p; j++) if (G[j * p + j] === 0) constant[j] = 1;
}

function same(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

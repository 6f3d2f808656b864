import { Block } from '@southwell/kernels';
import type { Matrix } from '@southwell/numerics/arrays';
import { largestOf, onAll } from '@southwell/numerics/core';
import { Moments } from '../solvers/moments.ts';
import type { NullModel } from '../solvers/state.ts';
import type { Design } from './design.ts';
import { HeldOut } from './heldOut.ts';
import { RestProducts } from './restProducts.ts';
import {
  type About,
  type FirstPass,
  type Held,
  heldOf,
  productsOf,
  type RowProducts,
  type Share,
  sumOf,
} from './rowProducts.ts';

/** Memory location of the products of some rows, for another thread that shares the memory. */
interface SharedRows {
  readonly pointer: number;
  readonly means: number;
  readonly target?: { readonly c: number; readonly mean: number; readonly square: number };
}

/** The contents of {@link Products}, for another thread that shares the memory. */
export interface SharedProducts extends About, SharedRows {
  readonly parts: readonly SharedRows[];
  readonly foldOf?: Int32Array;
}

/** The fold of every row, from 0. */
interface Folds {
  readonly foldOf: Int32Array;
  readonly count: number;
}

/** The products of the first design that asked for them, in its scale and under its weights. */
interface Base extends RowProducts, About {
  /** Products of every fold, if known. */
  readonly parts: readonly RowProducts[];
  /** The fold of every row to which `parts` refers; later calls may ask for other folds. */
  readonly foldOf?: Int32Array;
}

/**
 * What the products tell about a fit: its null model, and moments that replace its data; undefined if precision would
 * be lost.
 */
export interface KnownFit extends NullModel {
  moments(): Moments | undefined;
}

/**
 * Products of all columns of one matrix, shared by fits of squared losses to it: paths, other targets, and the folds of
 * a cross-validation, whose products are those of all rows minus those of the rows held out. Whoever creates an
 * instance releases it.
 */
export class Products {
  private base: Base | undefined;

  private folds: Folds | undefined;
  /** Number of alphas that the first design will be solved for. */
  private points = 0;

  /**
   * Declares which rows will be held out together: their products are computed first, and summed to give those of all
   * rows.
   */
  holdOut(folds: Folds): void {
    this.folds = folds;
  }

  /**
   * Declares the number of alphas of the first design: if products pay off, they are computed in the first pass over
   * the data.
   */
  expect(points: number): void {
    this.points = points;
  }

  /**
   * The null model of the first design, together with its products, from one pass over dense rows of equal weight;
   * undefined if the products are not computed this way. v is X̃'s factor in the gradient, z the target. O(np²).
   */
  firstPass(
    design: Design,
    d: Block<Float64Array>,
    centred: boolean,
    v: Block<Float64Array>,
    z: Float64Array,
  ): NullModel | undefined {
    if (this.base || this.folds || design.X.kind !== 'dense') return undefined;
    if (!Moments.pays(design, this.points) || !design.vectors.weights(d).alike) return undefined;
    const { moments, gradient, norms } = Moments.withFirstPass(design, d, centred, v);
    const { G, means } = moments;
    const first = { z: z.slice(), gradient, norms };
    const of = { scale: design.scale.view.slice(), weights: d.view.slice(), centred, first };
    this.base = { ...of, G, means, parts: [], release: () => moments.release() };
    return { gradient, norms };
  }

  /** Discards the result of {@link firstPass}. */
  forgetFirstPass(): void {
    if (this.points > 0) this.release();
  }

  /** The products of another thread, which continues to own them. */
  static attach(shared: SharedProducts, { arena, cols: p }: Matrix): Products {
    const products = new Products();
    const block = (pointer: number, length: number) => new Block<Float64Array>(arena, pointer, length, 'f64');
    const { scale, weights, centred, first, foldOf } = shared;
    const held = ({ pointer, means, target }: SharedRows): RowProducts => ({
      G: block(pointer, p * p),
      means: block(means, p),
      target: target && { ...target, c: block(target.c, p) },
      release: () => {},
    });
    products.base = { ...held(shared), scale, weights, centred, first, foldOf, parts: shared.parts.map(held) };
    return products;
  }

  /** Input of {@link Products.attach}; undefined if there are no products yet. */
  share(): SharedProducts | undefined {
    if (!this.base) return undefined;
    const { scale, weights, centred, first, foldOf, parts } = this.base;
    const at = ({ G, means, target }: RowProducts): SharedRows => ({
      pointer: G.pointer,
      means: means.pointer,
      target: target && { ...target, c: target.c.pointer },
    });
    return { ...at(this.base), scale, weights, centred, first, foldOf, parts: parts.map(at) };
  }

  release(): void {
    for (const part of this.base?.parts ?? []) part.release();
    this.base?.release();
    this.base = undefined;
  }

  /**
   * The products of a design under weights that sum to 1; for the first design with its target too, if `first` is
   * given. O(np²), for a fold O(rows held out · p²), for repeated calls O(p²).
   */
  of(design: Design, d: Block<Float64Array>, centred: boolean, first?: FirstPass): Moments {
    const { base } = this;
    if (!base) {
      this.base = this.first(design, d, { scale: design.scale.view.slice(), weights: d.view.slice(), centred, first });
      return this.borrowed(design, this.base);
    }
    if (base.centred === centred) {
      const known = same(base.scale, design.scale.view) && same(base.weights, d.view);
      if (everywhere(design, known)) return this.borrowed(design, base);
      const left = this.withoutHeld(design, d.view, base);
      if (left) return left;
    }
    return Moments.of(design, d, centred);
  }

  /**
   * What these products tell about a fit to that target, of all rows or all but one fold; undefined if they do not
   * cover it. O(n + p) instead of a pass over the data.
   */
  knownOf(design: Design, d: Float64Array, centred: boolean, z: Float64Array): KnownFit | undefined {
    const { base } = this;
    if (!base?.first || !everywhere(design, about(base, centred, z))) return undefined;
    const { gradient, norms } = base.first;
    const scale = design.scale.view;
    if (everywhere(design, same(base.weights, d) && same(base.scale, scale))) {
      return { gradient, norms, moments: () => this.borrowed(design, base) };
    }
    if (base.parts.length === 0) return undefined;
    const held = this.heldFrom(design, d, base);
    const part = held && this.partAt(held, base, design);
    const rest = part && new RestProducts(design, base, held.share, part);
    const ofRest = rest?.withTarget();
    return (
      rest &&
      ofRest && {
        gradient: ofRest,
        norms: norms.map((norm, j) => norm * (scale[j] / base.scale[j])),
        moments: () => this.momentsOf(rest, design, base),
      }
    );
  }

  /** Undefined if precision would be lost. */
  private momentsOf(rest: RestProducts, design: Design, { G, centred }: Base): Moments | undefined {
    if (!rest.exact) return undefined;
    if (centred) markConstant(design, G.view);
    return rest.moments();
  }

  /**
   * Products of the rows with weight, if these are a fold with its original weights and the target is that of the first
   * design.
   */
  heldOut(design: Design, weights: Float64Array, centred: boolean, z: Float64Array): HeldOut | undefined {
    const { base } = this;
    if (!base || base.parts.length === 0) return undefined;
    if (!everywhere(design, about(base, centred, z))) return undefined;
    const list = withWeight(weights);
    const held = heldOf(list, base.weights, design.rows);
    const part = this.partAt(held, base, design);
    const alike = proportional(weights, base.weights, held.share);
    return everywhere(design, alike) && part?.target ? new HeldOut(design, part, base.scale) : undefined;
  }

  private first(design: Design, d: Block<Float64Array>, of: About): Base {
    const parts = this.partsOf(design, of);
    if (parts.length > 0) {
      const sum = sumOf(design, parts, of);
      return { ...of, ...sum, parts: parts.map(({ part }) => part), foldOf: this.folds?.foldOf.slice() };
    }
    const { G, means, release } = Moments.of(design, d, of.centred);
    return { ...of, G, means, parts: [], release };
  }

  /** Products of the folds, if these take no more memory than the data. */
  private partsOf(design: Design, about: About): Share[] {
    const { X, p } = design;
    const { foldOf, count } = this.folds ?? { count: 0 };
    if (!foldOf || X.kind !== 'dense' || count * p > design.all) return [];
    const rows: number[][] = Array.from({ length: count }, () => []);
    foldOf.forEach((fold, i) => {
      if (about.weights[i] > 0) rows[fold].push(i);
    });
    const held = rows.map((list) => heldOf(list, about.weights, design.rows));
    if (held.some(({ count }) => count === 0)) return [];
    return held.map((one) => ({ share: one.share, part: productsOf(X, one, about) }));
  }

  /** The products of the fold that consists of these rows, if there is one. */
  private partAt({ list: held, count }: Held, base: Base, design: Design): RowProducts | undefined {
    const { foldOf } = base;
    if (!foldOf || base.parts.length === 0 || count === 0) return undefined;
    const fold = largestOf(design.rows, held.length > 0 ? foldOf[held[0]] : -1);
    const whole = isFold(held, foldOf, fold, base.weights);
    return everywhere(design, whole) ? base.parts[fold] : undefined;
  }

  private borrowed(design: Design, { G, means, centred }: Base): Moments {
    if (centred) markConstant(design, G.view);
    return Moments.borrowed(design, G, means);
  }

  /**
   * The rows of the base that are held out, none if all are present; undefined if weights differ in another way, or too
   * many are held out.
   */
  private heldFrom(design: Design, d: Float64Array, base: Base): Held | undefined {
    const held = heldOf(missing(d, base.weights), base.weights, design.rows);
    if (held.count > design.all / 2) return undefined;
    const alike = proportional(d, base.weights, 1 - held.share);
    return everywhere(design, alike) ? held : undefined;
  }

  /**
   * The products under weights that equal those of the base except for held-out rows; undefined if they do not, or if
   * precision would be lost.
   */
  private withoutHeld(design: Design, d: Float64Array, base: Base): Moments | undefined {
    const { X } = design;
    if (X.kind !== 'dense') return undefined;
    const held = this.heldFrom(design, d, base);
    if (!held) return undefined;
    const known = this.partAt(held, base, design);
    const { scale, weights, centred } = base;
    const fresh = known || held.count === 0 ? undefined : productsOf(X, held, { scale, weights, centred });
    try {
      return this.momentsOf(new RestProducts(design, base, held.share, known ?? fresh), design, base);
    } finally {
      fresh?.release();
    }
  }
}

/** Whether products are for that target and centred as requested. */
const about = (base: Base, centred: boolean, z: Float64Array): boolean =>
  base.first !== undefined && base.centred === centred && same(base.first.z, z);

/** Whether a condition is true on all ranks of a design. */
const everywhere = ({ rows }: Design, here: boolean): boolean => onAll(rows, here);

function markConstant({ constant, p }: Design, G: Float64Array): void {
  for (let j = 0; j < p; j++) if (G[j * p + j] === 0) constant[j] = 1;
}

// Loops over rows are functions of arrays alone: these compile in a millisecond, a method with all that it calls in
// five.

/** The rows with weight. */
function withWeight(w: Float64Array): number[] {
  const list: number[] = [];
  for (let i = 0; i < w.length; i++) if (w[i] > 0) list.push(i);
  return list;
}

/** The rows that have weight in b and none in a. */
function missing(a: Float64Array, b: Float64Array): number[] {
  const list: number[] = [];
  for (let i = 0; i < a.length; i++) if (!(a[i] > 0) && b[i] > 0) list.push(i);
  return list;
}

/** Whether b = `share`·a up to rounding, wherever a > 0. */
function proportional(a: Float64Array, b: Float64Array, share: number): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] > 0 && Math.abs(a[i] * share - b[i]) > 1e-12 * b[i]) return false;
  return true;
}

/** Whether the listed rows are exactly the rows of a fold that have weight. */
function isFold(list: readonly number[], foldOf: Int32Array, fold: number, w: Float64Array): boolean {
  for (let t = 0; t < list.length; t++) if (foldOf[list[t]] !== fold) return false;
  let size = 0;
  for (let i = 0; i < foldOf.length; i++) if (foldOf[i] === fold && w[i] > 0) size++;
  return size === list.length;
}

function same(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

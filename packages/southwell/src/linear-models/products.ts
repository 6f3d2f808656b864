import { Block } from '@southwell/kernels';
import { DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { largestOf, onAll, rowsAmong, type SplitRows, sumOverRows } from '@southwell/numerics/core';
import { Design } from './design.ts';
import { Moments } from './solvers/moments.ts';

/** What {@link Products} hold, for another thread over the same memory. */
export interface SharedProducts {
  readonly pointer: number;
  readonly means: number;
  readonly scale: Float64Array;
  readonly weights: Float64Array;
  readonly centred: boolean;
  readonly parts: ReadonlyArray<{ readonly pointer: number; readonly means: number }>;
}

/** Rows that belong together: the fold of every row, from 0. */
interface Folds {
  readonly foldOf: Int32Array;
  readonly count: number;
}

/** Products of the rows of one fold, about their own means, under weights that add up to 1. */
interface Part {
  readonly G: Block<Float64Array>;
  readonly means: Block<Float64Array>;
  release(): void;
}

/** The first asker's products, in its scale, under its weights. */
interface Base extends Pick<SharedProducts, 'scale' | 'weights' | 'centred'> {
  readonly G: Block<Float64Array>;
  readonly means: Block<Float64Array>;
  /** Of every fold, where those are known. */
  readonly parts: readonly Part[];
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

  private folds: Folds | undefined;

  /** Says which rows will be held out together: their products are formed first, and those of all rows are their sum. */
  holdOut(folds: Folds): void {
    this.folds = folds;
  }

  /** Those of another thread, which keeps them. */
  static attach(shared: SharedProducts, { arena, cols: p }: Matrix): Products {
    const products = new Products();
    const block = (pointer: number, length: number) => new Block<Float64Array>(arena, pointer, length, 'f64');
    const { scale, weights, centred } = shared;
    const held = (at: { readonly pointer: number; readonly means: number }): Part => ({
      G: block(at.pointer, p * p),
      means: block(at.means, p),
      release: () => {},
    });
    products.base = { ...held(shared), scale, weights, centred, parts: shared.parts.map(held) };
    return products;
  }

  /** For {@link Products.attach}; undefined where nothing is held yet. */
  share(): SharedProducts | undefined {
    if (!this.base) return undefined;
    const { scale, weights, centred, parts } = this.base;
    const at = ({ G, means }: Pick<Part, 'G' | 'means'>) => ({ pointer: G.pointer, means: means.pointer });
    return { ...at(this.base), scale, weights, centred, parts: parts.map(at) };
  }

  release(): void {
    for (const part of this.base?.parts ?? []) part.release();
    this.base?.release();
    this.base = undefined;
  }

  /** Those of a design under weights that add up to 1. O(np²), of a fold O(rows held out · p²), of the same again O(p²). */
  of(design: Design, d: Block<Float64Array>, centred: boolean): Moments {
    const { base } = this;
    if (!base) {
      const about = { scale: design.scale.view.slice(), weights: d.view.slice(), centred };
      const parts = this.partsOf(design, about);
      const { G, means, release } = parts.length > 0 ? sumOf(design, parts, about) : Moments.of(design, d, centred);
      this.base = { G, means, ...about, parts: parts.map(({ part }) => part), release };
      return this.borrowed(design, this.base);
    }
    if (base.centred === centred) {
      const known = same(base.scale, design.scale.view) && same(base.weights, d.view);
      if (everywhere(design, known)) {
        return this.borrowed(design, base);
      }
      const left = this.withoutHeld(design, d.view, base);
      if (left) return left;
    }
    return Moments.of(design, d, centred);
  }

  /** Of the folds, where there is room for them: no more than the data take. */
  private partsOf(design: Design, about: About): SharePart[] {
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

  /** The fold that the rows are, if one is. */
  private partAt({ list: held, count }: Held, base: Base, design: Design): Part | undefined {
    const { foldOf } = this.folds ?? {};
    if (!foldOf || base.parts.length === 0 || count === 0) return undefined;
    const first = held.length > 0 ? foldOf[held[0]] : -1;
    const fold = design.rows ? largestOf(design.rows, first) : first;
    const whole = held.every((i) => foldOf[i] === fold);
    let size = 0;
    for (let i = 0; i < foldOf.length; i++) if (foldOf[i] === fold && base.weights[i] > 0) size++;
    return everywhere(design, whole && size === held.length) ? base.parts[fold] : undefined;
  }

  private borrowed(design: Design, { G, means, centred }: Base): Moments {
    if (centred) markConstant(design, G.view);
    return Moments.borrowed(design, G, means);
  }

  /** Those under weights that are the base's but for rows held out; undefined if they are not, or digits would be lost. */
  private withoutHeld(design: Design, d: Float64Array, base: Base): Moments | undefined {
    const { X, arena, n, p } = design;
    if (X.kind !== 'dense') return undefined;
    const list: number[] = [];
    for (let i = 0; i < n; i++) if (!(d[i] > 0) && base.weights[i] > 0) list.push(i);
    const held = heldOf(list, base.weights, design.rows);
    const { share, count } = held;
    if (count > design.all / 2) return undefined;
    const rest = 1 - share;
    let alike = true;
    for (let i = 0; i < n && alike; i++) {
      alike = !(d[i] > 0 && Math.abs(d[i] * rest - base.weights[i]) > 1e-12 * base.weights[i]);
    }
    if (!everywhere(design, alike)) return undefined;
    const known = this.partAt(held, base, design);
    const fresh = known || count === 0 ? undefined : productsOf(X, held, base);
    const part = known ?? fresh;
    const less = part && { G: part.G.view, means: part.means.view };
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
      fresh?.release();
    }
  }
}

/** In whose scale, under which weights, and whether about means. */
type About = Pick<SharedProducts, 'scale' | 'weights' | 'centred'>;
interface SharePart {
  readonly part: Part;
  /** Of the weights. */
  readonly share: number;
}

/** Rows that are held out, of those that are here, and of all ranks how many and what share of the weights. */
interface Held {
  readonly list: readonly number[];
  readonly count: number;
  readonly share: number;
  readonly rows?: SplitRows;
}

function heldOf(list: readonly number[], weights: Float64Array, rows: SplitRows | undefined): Held {
  if (!rows) return { list, count: list.length, share: list.reduce((sum, i) => sum + weights[i], 0) };
  const among = rowsAmong(rows, list);
  return { list, count: among.all, share: sumOverRows(among, (t) => weights[list[t]]), rows: among };
}

/** Whether something holds on all ranks that a design is spread over. */
const everywhere = ({ rows }: Design, here: boolean): boolean => (rows ? onAll(rows, here) : here);

/** Products of the listed rows alone, about their own means where asked, under weights that add up to 1. */
function productsOf(
  X: DenseMatrix,
  { list: rows, share, rows: among }: Held,
  { scale, weights, centred }: About,
): Part {
  const part = DenseMatrix.create(rows.length, X.cols, { fill: false, arena: X.arena });
  const listed = X.arena.i32Block(rows.length);
  listed.view.set(rows);
  X.arena.kernels.gatherRows(rows.length, X.cols, listed.pointer, X.pointer, X.rows, part.pointer);
  listed.free();
  const design = new Design(part, scale, undefined, among);
  const d = X.arena.f64Block(rows.length);
  rows.forEach((i, t) => {
    d.view[t] = weights[i] / share;
  });
  const { G, means, release } = Moments.of(design, d, centred);
  d.free();
  design.release();
  part.free();
  return { G, means, release };
}

/** Products of all rows from those of the folds: Σ share(G + δδᵀ), δ = a fold's means less those of all. O(folds · p²). */
function sumOf(design: Design, parts: readonly SharePart[], { centred }: About): Moments {
  const { p } = design;
  const sum = Moments.empty(design);
  const [G, mu] = [sum.G.view.fill(0), sum.means.view.fill(0)];
  if (centred) for (const { part, share } of parts) for (let j = 0; j < p; j++) mu[j] += share * part.means.view[j];
  const delta = new Float64Array(p);
  for (const { part, share } of parts) {
    const g = part.G.view;
    if (centred) for (let j = 0; j < p; j++) delta[j] = part.means.view[j] - mu[j];
    for (let j = 0; j < p; j++) {
      for (let i = 0; i <= j; i++) G[j * p + i] += share * (g[j * p + i] + delta[i] * delta[j]);
    }
  }
  for (let j = 0; j < p; j++) {
    // What rounding of means leaves of a constant column.
    if (centred && G[j * p + j] <= 1e-28 * mu[j] * mu[j]) G[j * p + j] = 0;
    for (let i = 0; i < j; i++) G[i * p + j] = G[j * p + i];
  }
  return sum;
}

function markConstant({ constant, p }: Design, G: Float64Array): void {
  for (let j = 0; j < p; j++) if (G[j * p + j] === 0) constant[j] = 1;
}

function same(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

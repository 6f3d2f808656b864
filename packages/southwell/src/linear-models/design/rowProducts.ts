import type { Block } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { rowsAmong, type SplitRows, sumOverRows } from '@southwell/numerics/core';
import { Moments } from '../solvers/moments.ts';
import type { NullModel } from '../solvers/state.ts';
import { Design } from './design.ts';

/** The target minus the offset, one number per row, and the results of the first pass over the data. */
export interface FirstPass extends NullModel {
  readonly z: Float64Array;
}

/** What products refer to: the scale, the weights, whether they are centred about means, and the target, if any. */
export interface About {
  readonly scale: Float64Array;
  readonly weights: Float64Array;
  readonly centred: boolean;
  readonly first?: FirstPass;
}

/**
 * Products with a target: Σ w(x̃ − mean)(z − mean) for every column, and Σ w(z − mean)²; all means are 0 if products
 * are not centred.
 */
export interface TargetProducts {
  readonly c: Block<Float64Array>;
  readonly mean: number;
  readonly square: number;
}

/** Products of the columns over some rows, centred about their own means if requested, under weights that sum to 1. */
export interface RowProducts {
  readonly G: Block<Float64Array>;
  readonly means: Block<Float64Array>;
  readonly target?: TargetProducts;
  release(): void;
}

/** Held-out rows: those on this rank, and their number and fraction of the weight over all ranks. */
export interface Held {
  readonly list: readonly number[];
  readonly count: number;
  readonly share: number;
  /** How the rows are distributed. */
  readonly rows: SplitRows;
}

export function heldOf(list: readonly number[], weights: Float64Array, rows: SplitRows): Held {
  const among = rowsAmong(rows, list);
  return { list, count: among.all, share: sumOverRows(among, (t) => weights[list[t]]), rows: among };
}

/** Products over the listed rows only. O(rows · p²). */
export function productsOf(
  X: DenseMatrix,
  { list: rows, share, rows: among }: Held,
  { scale, weights, centred, first }: About,
): RowProducts {
  const part = DenseMatrix.create(rows.length, X.cols, { fill: false, arena: X.arena });
  const listed = X.arena.i32Block(rows.length);
  listed.view.set(rows);
  X.arena.kernels.gatherRows(rows.length, X.cols, listed.pointer, X.pointer, X.rows, part.pointer);
  listed.free();
  const design = new Design(part, among, scale);
  const d = X.arena.f64Block(rows.length);
  rows.forEach((i, t) => {
    d.view[t] = weights[i] / share;
  });
  const { G, means, release } = Moments.of(design, d, centred);
  const z = first && Float64Array.from(rows, (i) => first.z[i]);
  const target = z && withTarget(design, d, z, means, centred);
  d.free();
  design.release();
  part.free();
  return {
    ...{ G, means, target },
    release() {
      release();
      target?.c.free();
    },
  };
}

/** Products of dense rows with a target, under weights d that sum to 1 and given column means. O(np). */
function withTarget(
  design: Design,
  d: Block<Float64Array>,
  z: Float64Array,
  means: Block<Float64Array>,
  centred: boolean,
): TargetProducts {
  const { arena, p, rows } = design;
  const n = z.length;
  const [c, v] = [arena.f64Block(p), arena.f64Block(n)];
  const [to, w] = [v.view, d.view];
  const mean = centred ? sumOverRows(rows, (i) => w[i] * z[i]) : 0;
  for (let i = 0; i < n; i++) to[i] = w[i] * (z[i] - mean);
  const square = sumOverRows(rows, (i) => to[i] * (z[i] - mean));
  design.gradientAbout(v, means.view, c.view);
  v.free();
  return { c, mean, square };
}

/** Products of some rows, and the fraction of the total weight that these rows have. */
export interface Share {
  readonly part: RowProducts;
  readonly share: number;
}

/**
 * Products of all rows from those of parts: Σ share(G + δδᵀ), with δ = means of a part minus means of all. O(parts ·
 * p²).
 */
export function sumOf(design: Design, parts: readonly Share[], { centred }: About): RowProducts {
  const { p, arena } = design;
  const { G, means, release } = Moments.empty(design);
  const targets = parts.map(({ part }) => part.target).filter((target) => target !== undefined);
  const c = targets.length === parts.length ? arena.f64Block(p) : undefined;
  const delta = arena.f64Block(p);
  const [g, mu, d, with_] = [G.view.fill(0), means.view.fill(0), delta.view.fill(0), c?.view.fill(0)];
  let [mean, square] = [0, 0];
  if (centred) {
    for (const { part, share } of parts) {
      for (let j = 0; j < p; j++) mu[j] += share * part.means.view[j];
      mean += share * (part.target?.mean ?? 0);
    }
  }
  for (const { part, share } of parts) {
    if (centred) for (let j = 0; j < p; j++) d[j] = part.means.view[j] - mu[j];
    arena.use(modelKernels).addModel(p, share, part.G.pointer, delta.pointer, G.pointer);
    if (!with_) continue;
    const { c: own, mean: at, square: of } = part.target!;
    const apart = at - mean;
    for (let j = 0; j < p; j++) with_[j] += share * (own.view[j] + d[j] * apart);
    square += share * (of + apart * apart);
  }
  delta.free();
  // What remains of a constant column after rounding of its mean.
  if (centred) for (let j = 0; j < p; j++) if (g[j * p + j] <= 1e-28 * mu[j] * mu[j]) g[j * p + j] = 0;
  return {
    ...{ G, means, target: c && { c, mean, square } },
    release() {
      release();
      c?.free();
    },
  };
}

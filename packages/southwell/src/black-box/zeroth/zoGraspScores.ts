import { knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { zoGradient } from './zoGradient.ts';

export interface ZoGraspOptions {
  /** The weights that are scored, from 0; others are 0 and stay where they are. Default: all. */
  readonly coords?: ArrayLike<number>;
  /** Random directions of each of the two gradients. Default 192. */
  readonly directions?: number;
  /** Both how far directions go and the length along the gradient. Default 5e-3. */
  readonly mu?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Both gradients along the same directions, whose noise then drops out in part. Default false, as published. */
  readonly sameDirections?: boolean;
  /** A gradient in the place of the estimated ones, where there is one: writes that at x to g. */
  readonly gradient?: (x: Float64Array, g: Float64Array) => void;
}
const graspKeys: OptionKeys<ZoGraspOptions> = {
  coords: true,
  directions: true,
  mu: true,
  seed: true,
  sameDirections: true,
  gradient: true,
};

/**
 * How much each weight counts, from values of the loss alone (ZO-GraSP, Chen et al. 2023): −θ∘Hg, with Hg ≈ [g(θ + μg) − g(θ)]/μ
 * and both gradients along random directions. The published code ranks by the absolute values. 2·(directions + 1) values of f.
 * @throws as `zoGradient`.
 */
export function zoGraspScores(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  options: ZoGraspOptions = {},
): { readonly scores: Float64Array; readonly queries: number } {
  knownKeys('zoGraspScores', options, graspKeys);
  const { coords, directions = 192, mu = 5e-3, seed = 0, sameDirections = false, gradient } = options;
  wholeNumber('seed', seed, 0);
  const theta = Float64Array.from(x);
  let queries = 0;
  const gradientAt = (at: Float64Array, own: number): Float64Array => {
    if (gradient) {
      const g = new Float64Array(at.length);
      gradient(at, g);
      if (!coords) return g;
      const kept = new Float64Array(at.length);
      for (const j of Array.from(coords)) kept[j] = g[j];
      return kept;
    }
    const found = zoGradient(f, at, { estimator: 'rge', coords, directions, mu, seed: own });
    queries += found.queries;
    return found.gradient;
  };
  const before = gradientAt(theta, seed);
  const after = gradientAt(
    theta.map((v, j) => v + mu * before[j]),
    sameDirections ? seed : seed + 1,
  );
  return { scores: theta.map((v, j) => (-v * (after[j] - before[j])) / mu), queries };
}

import { checkOptions, flagOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { zoGradient, zoGradientRecords } from './zoGradient.ts';

const graspRecords = {
  /** The weights that are scored, from 0; others have score 0 and are not moved. Default: all. */
  coords: zoGradientRecords.coords,
  /** Number of random directions of each of the two gradients. Default 192. */
  directions: zoGradientRecords.directions,
  /** Finite-difference step, both along the random directions and along the gradient. Default 5e-3. */
  mu: zoGradientRecords.mu,
  /** Default 0. */
  seed: zoGradientRecords.seed,
  /** Whether both gradients use the same directions, which cancels part of their noise. Default false, as published. */
  sameDirections: flagOption(),
  /** Exact gradient to use instead of the estimated ones: writes the gradient at x to g. */
  gradient: otherOption<(x: Float64Array, g: Float64Array) => void>('a function'),
};

export interface ZoGraspOptions extends OptionsOf<typeof graspRecords> {}

/**
 * Importance scores of the weights from values of the loss alone (ZO-GraSP, Chen et al. 2023): −θ∘Hg, with Hg ≈ [g(θ +
 * μg) − g(θ)]/μ and both gradients along random directions. The published code ranks by absolute values. 2·(directions
 * + 1) values of f.
 * @throws as `zoGradient`.
 */
export function zoGraspScores(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  options: ZoGraspOptions = {},
): { readonly scores: Float64Array; readonly queries: number } {
  checkOptions('zoGraspScores', graspRecords, options);
  const { coords, directions = 192, mu = 5e-3, seed = 0, sameDirections = false, gradient } = options;
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

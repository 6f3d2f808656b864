import type { Point } from './point.ts';

/** The monotone rule of Wächter & Biegler (2006), equation 7: κ_ε, κ_μ, θ_μ. */
const [SOLVED, SHRINK, POWER] = [10, 0.2, 1.5];
/** The adaptive rule: errors of the last iterations, of which a new one must be below one, and by which factor. */
const [REMEMBERED, REDUCED] = [4, 0.9999];
/** Share of the mean complementarity with which the monotone mode begins. */
const FIXED_SHARE = 0.8;

/** How the barrier parameter is chosen before a step. */
export interface BarrierRule {
  /** The next barrier parameter, at least `least`; `tiny` if the last steps no longer changed the variables. */
  next(at: Point, mu: number, least: number, tiny: boolean): number;
}

const isSolved = (at: Point, mu: number): boolean => at.errors(mu).total <= SOLVED * mu;
const smaller = (mu: number, least: number): number => Math.max(least, Math.min(SHRINK * mu, mu ** POWER));

/** Reduces the parameter whenever the barrier problem is solved to ten times its value. */
export const monotone = (): BarrierRule => ({
  next(at, mu, least, tiny) {
    let next = mu;
    while (next > least && (tiny || isSolved(at, next))) {
      next = smaller(next, least);
      if (tiny) break;
    }
    return next;
  },
});

/**
 * Chooses the parameter at every step from the complementarity products, by the rule of LOQO (Vanderbei & Shanno 1999),
 * as long as the optimality error falls; where it does not, the monotone rule takes over until it does (Nocedal,
 * Wächter & Waltz 2009).
 */
export function adaptive(): BarrierRule {
  const errors: number[] = [];
  let free = true;
  return {
    next(at, mu, least, tiny) {
      const error = at.errors(0).total;
      const progress = errors.length < REMEMBERED || errors.some((before) => error <= REDUCED * before);
      const products = complementarity(at);
      if (products === undefined) return least;
      if (progress && !tiny) {
        errors.push(error);
        if (errors.length > REMEMBERED) errors.shift();
        free = true;
        return Math.min(1e5, Math.max(least, loqo(products)));
      }
      if (free) {
        free = false;
        return Math.max(least, FIXED_SHARE * products.mean);
      }
      return monotone().next(at, mu, least, tiny);
    },
  };
}

/** The mean and the smallest product of a multiplier and the distance from its bound. */
function complementarity({ w, zL, zU, problem }: Point): { mean: number; least: number } | undefined {
  const { lower, upper } = problem;
  let [sum, count, least] = [0, 0, Number.POSITIVE_INFINITY];
  const add = (product: number) => {
    sum += product;
    count++;
    least = Math.min(least, product);
  };
  for (let k = 0; k < w.length; k++) {
    if (lower[k] !== Number.NEGATIVE_INFINITY) add((w[k] - lower[k]) * zL[k]);
    if (upper[k] !== Number.POSITIVE_INFINITY) add((upper[k] - w[k]) * zU[k]);
  }
  return count === 0 ? undefined : { mean: sum / count, least };
}

function loqo({ mean, least }: { readonly mean: number; readonly least: number }): number {
  const xi = least / mean;
  return 0.1 * Math.min((0.05 * (1 - xi)) / xi, 2) ** 3 * mean;
}

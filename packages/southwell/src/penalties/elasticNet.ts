import { penaltyKernels } from '@southwell/kernels/models';
import { fail } from '@southwell/numerics/core';
import { type CoordinatePenalty, checkAlpha, coordinatePenalty, type PerCoordinate } from './coordinate.ts';
import { checkedParameters, type Penalty } from './penalty.ts';

/**
 * alpha·(l1Ratio·|b| + (1 − l1Ratio)·b²/2) on [lower, upper], as in scikit-learn and glmnet (Zou & Hastie 2005): the
 * lasso at l1Ratio 1, ridge at 0. a1 and a2 are the weights of the two terms.
 */
export const elasticNetPenalty = {
  ...penaltyKernels.elasticNet,
  name: 'elastic-net',
  title: 'The elastic net',
  parameters: { l1Ratio: { default: 1, allows: (r) => r >= 0 && r <= 1, range: 'between 0 (ridge) and 1 (lasso)' } },
  convex: true,
  screenable: true,
  bounded: true,
  rescalable: true,
  followsTarget: true,
  quadraticFaces: true,
  unit({ l1Ratio }, factor, t) {
    // A feature excluded by an infinite factor needs an infinite threshold whatever the l1Ratio.
    if (factor === Number.POSITIVE_INFINITY) return { a1: factor, a2: 0, gamma: 0 };
    return {
      a1: l1Ratio === 0 ? 0 : factor * l1Ratio * t,
      a2: l1Ratio === 1 ? 0 : factor * (1 - l1Ratio) * t * t,
      gamma: 0,
    };
  },
  threshold: (a1) => a1,
  derivative: (b, a1, a2) => a1 * Math.sign(b) + a2 * b,
  curvature: (_, __, a2) => a2,
  conjugate: {
    value(u, a1, a2, _, lower, upper) {
      const excess = u > a1 ? u - a1 : u < -a1 ? u + a1 : 0;
      if (excess === 0) return 0;
      const bound = excess > 0 ? upper : lower;
      if (bound === 0) return 0;
      const free = a2 > 0 ? excess / a2 : excess > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      const b = Math.abs(free) < Math.abs(bound) ? free : bound;
      return Number.isFinite(b) ? excess * b - 0.5 * a2 * b * b : Number.POSITIVE_INFINITY;
    },
    feasibleScale(u, a1, a2, _, lower, upper) {
      const size = Math.abs(u);
      if (size <= a1 || a2 > 0) return 1;
      if (Number.isFinite(u > 0 ? upper : lower)) return 1;
      return a1 / size;
    },
    free: (a1, a2, _, lower, upper) => a1 === 0 && a2 === 0 && !Number.isFinite(lower + upper),
  },
} satisfies Penalty;

const FREE = { gamma: 0, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** No penalty. */
export function none(): CoordinatePenalty {
  return coordinatePenalty(elasticNetPenalty, { a1: 0, a2: 0, ...FREE }, 'none');
}

/** alpha·|x_j|, with one alpha ≥ 0 for all coordinates or one for each (the weighted, or adaptive, lasso). */
export function l1(alpha: PerCoordinate): CoordinatePenalty {
  checkAlpha('alpha', alpha);
  return coordinatePenalty(elasticNetPenalty, { a1: alpha, a2: 0, ...FREE }, 'l1');
}

/** alpha·x_j²/2. */
export function ridge(alpha: PerCoordinate): CoordinatePenalty {
  checkAlpha('alpha', alpha);
  // An infinite alpha fixes its coordinate at zero through the threshold, as in `unit`.
  const pin = (v: number) => (v === Number.POSITIVE_INFINITY ? v : 0);
  const pins = typeof alpha === 'number' ? pin(alpha) : Array.from(alpha, pin);
  const a1 = typeof pins === 'number' || pins.some((v) => v > 0) ? pins : 0;
  return coordinatePenalty(elasticNetPenalty, { a1, a2: alpha, ...FREE }, 'ridge');
}

/** alpha·(l1Ratio·|x_j| + (1 − l1Ratio)·x_j²/2). */
export function elasticNet(alpha: number, l1Ratio: number): CoordinatePenalty {
  checkAlpha('alpha', alpha);
  const shares = elasticNetPenalty.unit(checkedParameters(elasticNetPenalty, { l1Ratio }), alpha, 1);
  return coordinatePenalty(elasticNetPenalty, { ...shares, ...FREE });
}

/** x_j ≥ 0, plus alpha·x_j (alpha = 0: non-negative least squares). */
export function nonNegative(alpha: PerCoordinate = 0): CoordinatePenalty {
  checkAlpha('alpha', alpha);
  return coordinatePenalty(elasticNetPenalty, { a1: alpha, a2: 0, ...FREE, lower: 0 }, 'non-negative');
}

/** lower ≤ x_j ≤ upper, plus alpha·|x_j|. Bounds must contain 0. */
export function box(lower: PerCoordinate, upper: PerCoordinate, alpha: PerCoordinate = 0): CoordinatePenalty {
  checkAlpha('alpha', alpha);
  checkBounds(lower, upper);
  return coordinatePenalty(elasticNetPenalty, { a1: alpha, a2: 0, gamma: 0, lower, upper }, 'box');
}

/** @throws unless lower ≤ 0 ≤ upper in every coordinate, so that zero is a feasible initial point. */
function checkBounds(lower: PerCoordinate, upper: PerCoordinate): void {
  const n = Math.max(typeof lower === 'number' ? 1 : lower.length, typeof upper === 'number' ? 1 : upper.length);
  for (let j = 0; j < n; j++) {
    const lo = typeof lower === 'number' ? lower : lower[j];
    const hi = typeof upper === 'number' ? upper : upper[j];
    if (!(lo <= 0 && hi >= 0)) {
      fail('INVALID_PARAMETER', `Bounds must contain 0, but coordinate ${j} has lower ${lo} and upper ${hi}.`);
    }
  }
}

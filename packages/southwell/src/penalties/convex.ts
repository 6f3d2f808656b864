import { PenaltyKind } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { type CoordinatePenalty, checkStrength, coordinatePenalty, type PerCoordinate } from './coordinate.ts';

const FREE = { gamma: 0, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** No penalty. */
export function none(): CoordinatePenalty {
  return coordinatePenalty('none', { kind: PenaltyKind.convex, a1: 0, a2: 0, ...FREE });
}

/** alpha·|x_j|, alpha ≥ 0, one for all or one a coordinate (the weighted, or adaptive, lasso). */
export function l1(alpha: PerCoordinate): CoordinatePenalty {
  checkStrength('alpha', alpha);
  return coordinatePenalty('l1', { kind: PenaltyKind.convex, a1: alpha, a2: 0, ...FREE });
}

/** alpha·x_j²/2. */
export function ridge(alpha: PerCoordinate): CoordinatePenalty {
  checkStrength('alpha', alpha);
  return coordinatePenalty('ridge', { kind: PenaltyKind.convex, a1: 0, a2: alpha, ...FREE });
}

/** alpha·(l1Ratio·|x_j| + (1 − l1Ratio)·x_j²/2), as in scikit-learn and glmnet (Zou & Hastie 2005). */
export function elasticNet(alpha: number, l1Ratio: number): CoordinatePenalty {
  checkStrength('alpha', alpha);
  if (!(l1Ratio >= 0 && l1Ratio <= 1)) fail('INVALID_PARAMETER', `l1Ratio must be between 0 and 1, but is ${l1Ratio}.`);
  const a1 = alpha * l1Ratio;
  return coordinatePenalty('elastic-net', { kind: PenaltyKind.convex, a1, a2: alpha * (1 - l1Ratio), ...FREE });
}

/** x_j ≥ 0, with alpha·x_j on top (alpha = 0: non-negative least squares). */
export function nonNegative(alpha: PerCoordinate = 0): CoordinatePenalty {
  checkStrength('alpha', alpha);
  return coordinatePenalty('non-negative', { kind: PenaltyKind.convex, a1: alpha, a2: 0, ...FREE, lower: 0 });
}

/** lower ≤ x_j ≤ upper, with alpha·|x_j| on top. Bounds must contain 0. */
export function box(lower: PerCoordinate, upper: PerCoordinate, alpha: PerCoordinate = 0): CoordinatePenalty {
  checkStrength('alpha', alpha);
  checkBounds(lower, upper);
  return coordinatePenalty('box', { kind: PenaltyKind.convex, a1: alpha, a2: 0, gamma: 0, lower, upper });
}

/** Throws unless lower ≤ 0 ≤ upper in every coordinate, so that zero is a feasible start. */
export function checkBounds(lower: PerCoordinate, upper: PerCoordinate): void {
  const n = Math.max(typeof lower === 'number' ? 1 : lower.length, typeof upper === 'number' ? 1 : upper.length);
  for (let j = 0; j < n; j++) {
    const lo = typeof lower === 'number' ? lower : lower[j];
    const hi = typeof upper === 'number' ? upper : upper[j];
    if (!(lo <= 0 && hi >= 0)) {
      fail('INVALID_PARAMETER', `Bounds must contain 0, but coordinate ${j} has lower ${lo} and upper ${hi}.`);
    }
  }
}

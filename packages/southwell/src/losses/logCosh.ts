import { checkOption, inOnePlace } from '@southwell/numerics/core';
import { type BoundedLoss, overRows, separableLoss } from './loss.ts';
import { lossParameters } from './parameters.ts';
import { checkReal } from './regression.ts';

/**
 * The log-cosh loss δ² log cosh(r/δ), r = y − η: ½r² near 0 and δ|r| − δ² log 2 far from it. Similar to Huber's loss,
 * but infinitely differentiable (Green 1990, §3, where it is the prior of emission images).
 * @param delta δ > 0, in units of y. Default 1.35.
 * @throws INVALID_PARAMETER.
 */
export function logCosh(delta = 1.35): BoundedLoss {
  checkOption('delta', lossParameters.delta, delta);
  const slope = (r: number) => delta * Math.tanh(r / delta);
  return {
    name: 'log-cosh',
    curvatureBound: 1,
    mean: (eta) => eta,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a log-cosh regression', rows);
      return overRows(y, w, rows, (y, w) =>
        separableLoss(y, w, {
          // log cosh t = |t| + log(1 + e^(−2|t|)) − log 2, which does not overflow.
          value: (yi, eta) => {
            const t = Math.abs(yi - eta) / delta;
            return t < 1e-4 ? 0.5 * (yi - eta) ** 2 : delta ** 2 * (t + Math.log1p(Math.exp(-2 * t)) - Math.LN2);
          },
          pull: (yi, eta) => slope(yi - eta),
          curvature: (yi, eta) => 1 - Math.tanh((yi - eta) / delta) ** 2,
          majorant: (yi, eta) => (yi === eta ? 1 : Math.min(1, slope(yi - eta) / (yi - eta))),
          conj(yi, u) {
            const t = Math.abs(u) / delta;
            if (t > 1 + 1e-12) return Number.POSITIVE_INFINITY;
            const rest = t < 1 ? (1 - t) * Math.log1p(-t) : 0;
            return 0.5 * delta ** 2 * ((1 + t) * Math.log1p(t) + rest) + u * yi;
          },
        }),
      );
    },
  };
}

import type { BoundLoss, SurvivalTarget } from '../losses/index.ts';
import * as metrics from './metrics.ts';

/** What cross-validation measures on the held-out rows. `deviance` is the mean loss of the model itself. */
export type Scoring = 'deviance' | 'mse' | 'mae' | 'r2' | 'logLoss' | 'error' | 'accuracy' | 'rocAuc' | 'concordance';

export const scorings: readonly Scoring[] = [
  'deviance',
  'mse',
  'mae',
  'r2',
  'logLoss',
  'error',
  'accuracy',
  'rocAuc',
  'concordance',
];

export const greaterIsBetter = (scoring: Scoring): boolean =>
  scoring === 'r2' || scoring === 'accuracy' || scoring === 'rocAuc' || scoring === 'concordance';

/** The score of linear predictors on the rows with weight; `bind` gives the loss under those weights. */
export function score(
  scoring: Scoring,
  target: Float64Array | SurvivalTarget,
  eta: Float64Array,
  weights: Float64Array,
  bind: () => BoundLoss,
): number {
  const y = target as Float64Array;
  switch (scoring) {
    case 'deviance':
      return bind().value(eta);
    case 'mse':
      return metrics.meanSquaredError(y, eta, weights);
    case 'mae':
      return metrics.meanAbsoluteError(y, eta, weights);
    case 'r2':
      return metrics.r2(y, eta, weights);
    case 'logLoss':
      return metrics.logLoss(
        y.map((v) => (v > 0 ? 1 : 0)),
        eta.map((e) => 1 / (1 + Math.exp(-e))),
        weights,
      );
    case 'error':
    case 'accuracy': {
      const right = metrics.accuracy(
        y,
        eta.map((e) => (e > 0 ? 1 : -1)),
        weights,
      );
      return scoring === 'error' ? 1 - right : right;
    }
    case 'rocAuc':
      return metrics.rocAuc(
        y.map((v) => (v > 0 ? 1 : 0)),
        eta,
        weights,
      );
    case 'concordance':
      return metrics.concordance(target as SurvivalTarget, eta, weights);
  }
}

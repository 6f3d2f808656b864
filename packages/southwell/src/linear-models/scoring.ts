import { type BoundLoss, type SurvivalTarget, softplusMinus, squaredSlack } from '../losses/index.ts';
import * as metrics from './metrics.ts';
import type { Link } from './model.ts';

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

const OF_NUMBERS: readonly Scoring[] = ['deviance', 'mse', 'mae', 'r2'];

/** What can be measured of a model with that link: numbers need distances, classes shares and orders, times their order. */
export const scoringsOf: Readonly<Record<Link, readonly Scoring[]>> = {
  identity: OF_NUMBERS,
  log: OF_NUMBERS,
  logit: ['deviance', 'logLoss', 'error', 'accuracy', 'rocAuc'],
  // Without probabilities.
  sign: ['deviance', 'error', 'accuracy', 'rocAuc'],
  cox: ['deviance', 'concordance'],
};

export const greaterIsBetter = (scoring: Scoring): boolean =>
  scoring === 'r2' || scoring === 'accuracy' || scoring === 'rocAuc' || scoring === 'concordance';

/** The rows with weight, their weights, and the target there. */
export function partOf(target: Float64Array | SurvivalTarget, weights: Float64Array) {
  const all = new Int32Array(weights.length);
  let count = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] > 0) all[count++] = i;
  const rows = all.slice(0, count);
  const at = (values: ArrayLike<number>) => {
    const out = new Float64Array(count);
    for (let t = 0; t < count; t++) out[t] = values[rows[t]];
    return out;
  };
  const survivalAt = ({ time, event, strata }: SurvivalTarget): SurvivalTarget => ({
    time: at(time),
    event: at(event),
    ...(strata && { strata: Array.from(rows, (i) => strata[i]) }),
  });
  const held = target instanceof Float64Array ? at(target) : survivalAt(target);
  return { weights, rows, share: at(weights), target: held };
}

/**
 * The score of linear predictors on the rows with weight, which add up to 1; `bind` gives the loss under those weights. NaN
 * where these rows have none: ranks of one class, R² of a constant, times without an event.
 */
export function score(
  scoring: Scoring,
  target: Float64Array | SurvivalTarget,
  eta: Float64Array,
  weights: Float64Array,
  bind: () => BoundLoss,
  link: Link,
): number {
  const y = target as Float64Array;
  const predicted = () => (link === 'log' ? eta.map(Math.exp) : eta);
  switch (scoring) {
    case 'deviance': {
      const lossOf = link === 'logit' ? softplusMinus : link === 'sign' ? squaredSlack : undefined;
      // A fit needs both classes, a score does not.
      if (lossOf) return eta.reduce((sum, e, i) => (weights[i] > 0 ? sum + weights[i] * lossOf(y[i] * e) : sum), 0);
      const { event } = target as SurvivalTarget;
      if (link === 'cox' && !weights.some((w, i) => w > 0 && event[i] === 1)) return Number.NaN;
      return bind().value(eta);
    }
    case 'mse':
      return metrics.meanSquaredError(y, predicted(), weights);
    case 'mae':
      return metrics.meanAbsoluteError(y, predicted(), weights);
    case 'r2':
      return metrics.r2(y, predicted(), weights);
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

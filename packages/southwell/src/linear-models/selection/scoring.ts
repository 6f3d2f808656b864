import { rowsAmong, type SplitRows, sumOverRows } from '@southwell/numerics/core';
import { type BoundLoss, type SurvivalTarget, softplusMinus, squaredSlack } from '../../losses/index.ts';
import type { Link } from '../model.ts';
import { logLossOf } from './logLoss.ts';
import * as metrics from './metrics.ts';

/** Metrics of cross-validation on the held-out rows. `deviance` is the mean loss of the model itself. */
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

/**
 * The metrics available for a model with that link: errors for numbers, probabilities and rankings for classes,
 * rankings for times.
 */
export const scoringsOf: Readonly<Record<Link, readonly Scoring[]>> = {
  identity: OF_NUMBERS,
  log: OF_NUMBERS,
  logit: ['deviance', 'logLoss', 'error', 'accuracy', 'rocAuc'],
  // The model has no probabilities.
  sign: ['deviance', 'error', 'accuracy', 'rocAuc'],
  cox: ['deviance', 'concordance'],
};

export const greaterIsBetter = (scoring: Scoring): boolean =>
  scoring === 'r2' || scoring === 'accuracy' || scoring === 'rocAuc' || scoring === 'concordance';

/** The rows with weight, their weights and targets, and how they are distributed. */
export function partOf(target: Float64Array | SurvivalTarget, weights: Float64Array, split: SplitRows) {
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
  return { weights, rows, share: at(weights), target: held, among: rowsAmong(split, rows) };
}

/**
 * The score of linear predictors on the rows with weight, which sums to 1; `bind` returns the loss under those weights.
 * NaN if the score is undefined on these rows: ROC AUC of one class, R² of a constant, concordance without an event.
 */
export function score(
  scoring: Scoring,
  target: Float64Array | SurvivalTarget,
  eta: Float64Array,
  weights: Float64Array,
  bind: () => BoundLoss,
  link: Link,
  rows: SplitRows,
): number {
  const y = target as Float64Array;
  /** Means over all rows with weight, of several values per row. */
  const means = (...of: ReadonlyArray<(i: number) => number>) => {
    const sums = new Float64Array(of.length + 1);
    rows.sum(sums, (_, from, to, part) => {
      for (let i = from; i < to; i++) {
        if (!(weights[i] > 0)) continue;
        part[of.length] += weights[i];
        for (let k = 0; k < of.length; k++) part[k] += weights[i] * of[k](i);
      }
    });
    return Array.from(of, (_, k) => sums[k] / sums[of.length]);
  };
  const mean = (of: (i: number) => number) => means(of)[0];
  const residual = (i: number) => y[i] - (link === 'log' ? Math.exp(eta[i]) : eta[i]);
  switch (scoring) {
    case 'deviance': {
      const lossOf = marginLoss(link);
      // A fit needs both classes, a score does not.
      if (lossOf) return sumOverRows(rows, (i) => (weights[i] > 0 ? weights[i] * lossOf(y[i] * eta[i]) : 0));
      const { event } = target as SurvivalTarget;
      if (link === 'cox' && !weights.some((w, i) => w > 0 && event[i] === 1)) return Number.NaN;
      return bind().value(eta);
    }
    case 'mse':
      return mean((i) => residual(i) ** 2);
    case 'mae':
      return mean((i) => Math.abs(residual(i)));
    case 'r2': {
      const centre = mean((i) => y[i]);
      const [around, left] = means(
        (i) => (y[i] - centre) ** 2,
        (i) => residual(i) ** 2,
      );
      return around > 0 ? 1 - left / around : Number.NaN;
    }
    case 'logLoss':
      return mean((i) => logLossOf(y[i], 1 / (1 + Math.exp(-eta[i]))));
    case 'error':
    case 'accuracy': {
      const right = mean((i) => (y[i] > 0 === eta[i] > 0 ? 1 : 0));
      return scoring === 'error' ? 1 - right : right;
    }
    // Rank statistics are not sums over rows.
    case 'rocAuc':
      return metrics.rocAuc(rows.gather(y.map((v) => (v > 0 ? 1 : 0))), rows.gather(eta), rows.gather(weights));
    case 'concordance':
      return metrics.concordance(target as SurvivalTarget, eta, weights);
  }
}

const marginLoss = (link: Link) => (link === 'logit' ? softplusMinus : link === 'sign' ? squaredSlack : undefined);

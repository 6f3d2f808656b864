import { fail } from '@southwell/numerics/core';
import type { SurvivalTarget } from '../../losses/index.ts';
import { logLossOf } from './logLoss.ts';

type Numbers = ArrayLike<number>;

function weightOf(n: number, weights: Numbers | undefined): { at: (i: number) => number; total: number } {
  if (n === 0) fail('EMPTY', 'A metric needs at least one value.');
  if (weights && weights.length !== n) fail('INVALID_SHAPE', `There are ${n} values but ${weights.length} weights.`);
  let total = 0;
  for (let i = 0; i < n; i++) total += weights ? weights[i] : 1;
  if (!(total > 0)) fail('INVALID_PARAMETER', 'All weights are 0: there is nothing to average.');
  return { at: (i) => (weights ? weights[i] : 1), total };
}

function average(
  y: Numbers,
  other: Numbers,
  weights: Numbers | undefined,
  term: (a: number, b: number) => number,
): number {
  if (y.length !== other.length)
    fail('INVALID_SHAPE', `There are ${y.length} targets but ${other.length} predictions.`);
  const w = weightOf(y.length, weights);
  let sum = 0;
  for (let i = 0; i < y.length; i++) if (w.at(i) > 0) sum += w.at(i) * term(y[i], other[i]);
  return sum / w.total;
}

/** Mean of (y − prediction)². */
export function meanSquaredError(y: Numbers, prediction: Numbers, weights?: Numbers): number {
  return average(y, prediction, weights, (a, b) => (a - b) ** 2);
}

/** Mean of |y − prediction|. */
export function meanAbsoluteError(y: Numbers, prediction: Numbers, weights?: Numbers): number {
  return average(y, prediction, weights, (a, b) => Math.abs(a - b));
}

/** 1 − residual/total sum of squares about the weighted mean; NaN for a constant target. */
export function r2(y: Numbers, prediction: Numbers, weights?: Numbers): number {
  const mean = average(y, y, weights, (a) => a);
  const total = average(y, y, weights, (a) => (a - mean) ** 2);
  return total > 0 ? 1 - meanSquaredError(y, prediction, weights) / total : Number.NaN;
}

/** Fraction of equal labels. */
export function accuracy(y: Numbers, prediction: Numbers, weights?: Numbers): number {
  return average(y, prediction, weights, (a, b) => (a === b ? 1 : 0));
}

/** Mean of −log P(y) for labels 0 and 1, with probabilities clipped to [1e-15, 1 − 1e-15]. */
export const logLoss = (y: Numbers, probability: Numbers, weights?: Numbers): number =>
  average(y, probability, weights, logLossOf);

/** Mean of (y − probability)², for labels 0 and 1. */
export function brierScore(y: Numbers, probability: Numbers, weights?: Numbers): number {
  return meanSquaredError(y, probability, weights);
}

/**
 * Area under the ROC curve: the probability that a positive is ranked above a negative, ties counting half. NaN with
 * one class. O(n log n).
 */
export function rocAuc(y: Numbers, scores: Numbers, weights?: Numbers): number {
  const w = weightOf(y.length, weights);
  const order = Array.from({ length: y.length }, (_, i) => i)
    .filter((i) => w.at(i) > 0)
    .sort((a, b) => scores[a] - scores[b]);
  let below = 0;
  let pairs = 0;
  let positives = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let plus = 0;
    let minus = 0;
    for (; to < order.length && scores[order[to]] === scores[order[from]]; to++) {
      if (y[order[to]] > 0) plus += w.at(order[to]);
      else minus += w.at(order[to]);
    }
    pairs += plus * (below + minus / 2);
    below += minus;
    positives += plus;
    from = to;
  }
  return positives > 0 && below > 0 ? pairs / (positives * below) : Number.NaN;
}

/** Area under the precision-recall curve, as step-wise average precision; labels 0 and 1. O(n log n). */
export function averagePrecision(y: Numbers, scores: Numbers, weights?: Numbers): number {
  const w = weightOf(y.length, weights);
  const order = Array.from({ length: y.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  let hits = 0;
  let seen = 0;
  let sum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let gained = 0;
    for (; to < order.length && scores[order[to]] === scores[order[from]]; to++) {
      seen += w.at(order[to]);
      if (y[order[to]] > 0) gained += w.at(order[to]);
    }
    hits += gained;
    sum += gained > 0 ? gained * (hits / seen) : 0;
    from = to;
  }
  return hits > 0 ? sum / hits : Number.NaN;
}

/** Precision, recall and F1 of label 1 against 0, and the four counts. A ratio with denominator 0 is NaN. */
export function classificationReport(y: Numbers, prediction: Numbers, weights?: Numbers) {
  const w = weightOf(y.length, weights);
  const count = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  for (let i = 0; i < y.length; i++) {
    const key =
      prediction[i] > 0 ? (y[i] > 0 ? 'truePositive' : 'falsePositive') : y[i] > 0 ? 'falseNegative' : 'trueNegative';
    count[key] += w.at(i);
  }
  const precision = count.truePositive / (count.truePositive + count.falsePositive);
  const recall = count.truePositive / (count.truePositive + count.falseNegative);
  return { ...count, precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}

/**
 * Harrell's concordance index of survival times and risk scores (higher risk, shorter time): among comparable pairs
 * within a stratum, the fraction ranked correctly, tied scores counting half. NaN without such pairs. O(n²).
 */
export function concordance(target: SurvivalTarget, risk: Numbers, weights?: Numbers): number {
  const { time, event, strata } = target;
  const w = weightOf(time.length, weights);
  let right = 0;
  let pairs = 0;
  for (let i = 0; i < time.length; i++) {
    if (event[i] !== 1 || w.at(i) === 0) continue;
    for (let j = 0; j < time.length; j++) {
      if (w.at(j) === 0 || i === j || !(time[j] > time[i] || (time[j] === time[i] && event[j] === 0))) continue;
      if (strata && strata[i] !== strata[j]) continue;
      const pair = w.at(i) * w.at(j);
      pairs += pair;
      if (risk[i] > risk[j]) right += pair;
      else if (risk[i] === risk[j]) right += pair / 2;
    }
  }
  return pairs > 0 ? right / pairs : Number.NaN;
}

import { fail, type Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import {
  checkDesign,
  checkPositive,
  correlatedColumns,
  generator,
  norm,
  product,
  type SignalParameters,
  sparseCoefficients,
} from './common.ts';
import type { RegressionData } from './regression.ts';

/** X, w and η = X w, where w is scaled such that the mean square of η is spread². */
function linearPredictor(parameters: SignalParameters, spread: number) {
  checkDesign(parameters);
  checkPositive('spread', spread);
  const { n, p, rho = 0.6, seed } = parameters;
  const random = generator(seed);
  const X = correlatedColumns(random, n, p, rho);
  const coefficients = sparseCoefficients(random, parameters);
  const eta = product(X, coefficients);
  const scale = (spread * Math.sqrt(n)) / norm(eta);
  for (let j = 0; j < p; j++) coefficients[j] *= scale;
  for (let i = 0; i < n; i++) eta[i] *= scale;
  return { random, X, coefficients, eta };
}

/**
 * Two classes from a logistic model: P(y = 1) = 1 / (1 + exp(−x·w)), else y = −1, on the design of
 * {@link correlatedRegression}. `spread` is the root mean square of x·w (default 3; larger is easier). O(n·p).
 */
export function correlatedClassification(parameters: SignalParameters & { spread?: number }): RegressionData {
  const { random, X, coefficients, eta } = linearPredictor(parameters, parameters.spread ?? 3);
  const y = eta.map((v) => (random.uniform() < 1 / (1 + elementary.exp(-v)) ? 1 : -1));
  return { X, y, coefficients };
}

/**
 * Counts y ~ Poisson(exp(intercept + x·w)) on the design of {@link correlatedRegression}. `spread` is the root mean
 * square of x·w (default 0.7). O(n·p + Σ y).
 */
export function poissonData(parameters: SignalParameters & { spread?: number; intercept?: number }): RegressionData {
  const { random, X, coefficients, eta } = linearPredictor(parameters, parameters.spread ?? 0.7);
  const { intercept = 1 } = parameters;
  const y = eta.map((v) => poisson(random, elementary.exp(intercept + v)));
  return { X, y, coefficients };
}

/** Counts the arrivals of a Poisson process during a time interval of length `mean`. O(mean). */
function poisson(random: Random, mean: number): number {
  if (!(mean < 1e7)) fail('INVALID_PARAMETER', `A Poisson mean of ${mean} is too large: lower intercept or spread.`);
  let count = 0;
  for (let t = random.exponential(); t < mean; t += random.exponential()) count++;
  return count;
}

export interface SurvivalData {
  readonly X: RegressionData['X'];
  /** The time of the event or of censoring, whichever comes first. */
  readonly time: Float64Array;
  /** 1 if the event was observed, 0 if it was censored. */
  readonly event: Float64Array;
  readonly coefficients: Float64Array;
}

/**
 * Survival times with proportional hazards exp(x·w) and a constant baseline: T is exponential with rate exp(x·w),
 * censored by an independent exponential time whose rate c is such that the expected fraction of censored rows is
 * `censored` (default 0.3; P(censored | x) = c / (c + exp(x·w)), solved for c by bisection). O(n·p).
 * @throws INVALID_PARAMETER.
 */
export function survivalData(parameters: SignalParameters & { spread?: number; censored?: number }): SurvivalData {
  const { censored = 0.3 } = parameters;
  if (!(censored >= 0 && censored < 1)) fail('INVALID_PARAMETER', `censored must lie in [0, 1), but is ${censored}.`);
  const { random, X, coefficients, eta } = linearPredictor(parameters, parameters.spread ?? 1);
  const hazards = eta.map(elementary.exp);
  let low = -50;
  let high = 50;
  for (let k = 0; k < 100; k++) {
    const c = elementary.exp((low + high) / 2);
    const share = hazards.reduce((sum, h) => sum + c / (c + h), 0) / hazards.length;
    if (share < censored) low = (low + high) / 2;
    else high = (low + high) / 2;
  }
  const rate = censored === 0 ? 0 : elementary.exp(low);
  const event = new Float64Array(eta.length);
  const time = hazards.map((hazard, i) => {
    const t = random.exponential() / hazard;
    const c = rate === 0 ? Number.POSITIVE_INFINITY : random.exponential() / rate;
    event[i] = t <= c ? 1 : 0;
    return Math.min(t, c);
  });
  return { X, time, event, coefficients };
}

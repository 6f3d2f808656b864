import { fail, type Status } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { FitOptions } from './fit.ts';
import type { FittedModel, LinearModel } from './model.ts';
import type { PreparedFit } from './prepared.ts';

export interface PathOptions {
  /** Alphas in any order; by default nAlphas from alphaMax down to eps·alphaMax, evenly in the logarithm. */
  readonly alphas?: ArrayLike<number>;
  /** Default 100. */
  readonly nAlphas?: number;
  /** Default 1e-3, or 1e-2 where there are fewer rows than columns. */
  readonly eps?: number;
}

/** alphaMax … eps·alphaMax, or the given alphas sorted downwards. */
export function alphaGrid(alphaMax: number, n: number, p: number, options: PathOptions): Float64Array {
  if (options.alphas) {
    const out = Float64Array.from(options.alphas).sort().reverse();
    if (out.length === 0) fail('INVALID_PARAMETER', 'alphas is empty: give at least one alpha.');
    for (const a of out)
      if (!(a >= 0 && a < Infinity)) fail('INVALID_PARAMETER', `alphas must be finite and at least 0, not ${a}.`);
    return out;
  }
  const count = options.nAlphas ?? 100;
  const eps = options.eps ?? (n < p ? 1e-2 : 1e-3);
  if (!Number.isInteger(count) || count < 1)
    fail('INVALID_PARAMETER', `nAlphas must be a whole number of at least 1, not ${count}.`);
  if (!(eps > 0 && eps < 1)) fail('INVALID_PARAMETER', `eps must lie between 0 and 1, but is ${eps}.`);
  if (!(alphaMax > 0)) {
    fail(
      'INVALID_PARAMETER',
      'There is no alphaMax to start a path from: the penalty has no L1 part, or no feature is related to the target. Give alphas.',
    );
  }
  return Float64Array.from(
    { length: count },
    (_, k) => alphaMax * elementary.power(eps, count === 1 ? 0 : k / (count - 1)),
  );
}

/** A point of a path as it is reached. */
export interface PathPoint<M extends FittedModel = LinearModel> {
  readonly alpha: number;
  readonly model: M;
  readonly devianceRatio: number;
}

/** Models along decreasing alpha, and how well each fits for its size. */
export interface RegularisationPath<M extends FittedModel = LinearModel> {
  readonly alphas: Float64Array;
  readonly models: readonly M[];
  /** 1 − deviance/null deviance: the share of the loss at the best constant that the model explains. */
  readonly devianceRatio: Float64Array;
  readonly aic: Float64Array;
  readonly bic: Float64Array;
  /** Extended BIC with γ = 1 (Chen & Chen 2008): BIC + 2·log C(p, k). */
  readonly ebic: Float64Array;
  /** 'converged' if every point did, else the status of the first that did not. */
  readonly status: Status;
  best(criterion: 'aic' | 'bic' | 'ebic'): M;
}

/** Options of a path. */
export type PathFit<M extends FittedModel, P> = FitOptions<P> &
  PathOptions & { onPoint?: (point: PathPoint<M>, index: number, count: number) => void };

/**
 * Fits along decreasing alphas, each from the last; stops early, keeping what is done, where a fit is aborted, out of time or
 * diverged.
 */
export function fitPath<M extends FittedModel, P>(
  prepared: PreparedFit<M, P>,
  options: PathFit<M, P>,
): RegularisationPath<M> {
  const { rows: n, cols: p, targets, channels, gaussian } = prepared;
  const alphas = alphaGrid(prepared.alphaMax, n, p, options);
  const models: M[] = [];
  const ratios: number[] = [];
  const criteria = { aic: [] as number[], bic: [] as number[], ebic: [] as number[] };
  const observations = n * targets;
  for (const alpha of alphas) {
    const model = prepared.model(alpha, options);
    const { nullValue, lossValue } = prepared;
    const devianceRatio = nullValue > 0 ? 1 - lossValue / nullValue : 0;
    models.push(model);
    ratios.push(devianceRatio);
    // −2 log-likelihood up to a constant: n log(RSS/n) with the variance profiled out (squared), else 2n × mean loss.
    const deviance = gaussian
      ? observations * Math.log(Math.max((2 * lossValue) / targets, Number.MIN_VALUE))
      : 2 * n * lossValue;
    const bic = deviance + Math.log(observations) * model.parameterCount;
    criteria.aic.push(deviance + 2 * model.parameterCount);
    criteria.bic.push(bic);
    criteria.ebic.push(bic + 2 * logChoose(p * channels, model.activeCount));
    options.onPoint?.({ alpha, model, devianceRatio }, models.length - 1, alphas.length);
    if (model.status === 'aborted' || model.status === 'diverged' || model.status === 'time-limit') break;
  }
  return {
    alphas: alphas.slice(0, models.length),
    models,
    devianceRatio: Float64Array.from(ratios),
    aic: Float64Array.from(criteria.aic),
    bic: Float64Array.from(criteria.bic),
    ebic: Float64Array.from(criteria.ebic),
    status: models.find((m) => m.status !== 'converged')?.status ?? 'converged',
    best(criterion) {
      const values = criteria[criterion];
      let best = 0;
      for (let k = 1; k < values.length; k++) if (values[k] < values[best]) best = k;
      return models[best];
    },
  };
}

/** log C(n, k), by a sum of logs: exact to rounding for the sizes of models. O(min(k, n−k)). */
function logChoose(n: number, k: number): number {
  const small = Math.min(k, n - k);
  let sum = 0;
  for (let i = 1; i <= small; i++) sum += Math.log((n - small + i) / i);
  return sum;
}

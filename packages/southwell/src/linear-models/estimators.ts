import {
  checkOption,
  fail,
  keysOf,
  knownKeys,
  nearestName,
  type OptionKeys,
  type OptionsOf,
} from '@southwell/numerics/core';
import { lossParameters, type SurvivalTarget } from '../losses/index.ts';
import type { PenaltyName, PenaltySpec } from '../penalties/index.ts';
import { type Estimator, estimator, type Selecting } from './estimator.ts';
import type { Label } from './model.ts';
import {
  LOSS_NAMES,
  type LossName,
  type LossOptions,
  lossNamed,
  type NamedLosses,
  namedLosses,
  type ParametersOf,
  parameterKeys,
  type TargetOf,
} from './namedLosses.ts';
import { type LinearOptions, linearRecords, ratioRecords, signRecords, strengthRecords } from './records.ts';
import { type AdaptiveOptions, adaptiveRecords } from './selection/adaptive.ts';
import { type RelaxOptions, relaxRecords } from './selection/relaxation.ts';
import type { linearSolvers, SolverName } from './solvers/index.ts';
import type { LossNeed, LossWith, PenaltyNameWith, PenaltyNeed } from './solvers/solver.ts';

/** The names of the solvers that support the loss with each of the penalties. */
export type SolverFor<L extends LossName, N extends PenaltyName> = {
  [S in SolverName]: NamedLosses[L] extends LossWith<LossNeed & keyof (typeof linearSolvers)[S]['needs']['loss']>
    ? N extends PenaltyNameWith<PenaltyNeed & keyof (typeof linearSolvers)[S]['needs']['penalty']>
      ? S
      : never
    : never;
}[SolverName];

const estimatorRecords = { ...linearRecords, ...strengthRecords, ...signRecords };

/** Options of every estimator: alpha and the {@link LinearOptions}. */
export interface EstimatorOptions<L extends LossName = LossName, N extends PenaltyName = PenaltyName>
  extends OptionsOf<typeof estimatorRecords> {
  /** The solver: one of {@link linearSolvers} that supports the loss and penalty. Default 'working-sets'. */
  readonly solver?: SolverFor<L, N>;
}

const estimatorKeys: OptionKeys<EstimatorOptions> = { ...keysOf(estimatorRecords), solver: true };

type WithRatio<L extends LossName> = EstimatorOptions<L, 'elastic-net'> &
  AdaptiveOptions &
  OptionsOf<typeof ratioRecords>;

/** For losses that are curved everywhere, so that the unpenalised fit is unique. */
type Relaxable<L extends LossName> = WithRatio<L> & RelaxOptions;

function define<L extends LossName>(
  name: string,
  lossName: L,
  options: LinearOptions & LossOptions & Selecting & { alpha?: number; positive?: boolean; solver?: SolverName },
  penalty: PenaltySpec,
): Estimator<TargetOf<L>> {
  const alpha = options.alpha ?? 1;
  checkOption('alpha', strengthRecords.alpha, alpha);
  if (!LOSS_NAMES.includes(lossName)) {
    const near = nearestName(lossName, LOSS_NAMES);
    fail(
      'INVALID_PARAMETER',
      `There is no loss ${lossName}${near ? `; did you mean ${near}?` : `; there are ${LOSS_NAMES.join(', ')}.`}`,
    );
  }
  const { link, scoring } = namedLosses[lossName];
  return estimator<TargetOf<L>>({
    name,
    loss: lossNamed(lossName, options),
    link,
    penalty,
    scoring,
    alpha,
    solver: options.solver,
    options: options.positive ? { ...options, lower: 0 } : options,
    recipe: { method: name, options },
  });
}

/** Options of the concave penalties: any loss, least squares by default. */
export type ConcaveOptions<L extends LossName, N extends PenaltyName = PenaltyName> = EstimatorOptions<L, N> &
  LossOptions & { readonly loss?: L };

const lossKeys: OptionKeys<LossOptions & { loss?: LossName }> = { ...keysOf(lossParameters), loss: true };

const concaveKeys: OptionKeys<ConcaveOptions<LossName>> = { ...estimatorKeys, ...lossKeys };

const ratioKeys: OptionKeys<WithRatio<LossName>> = {
  ...estimatorKeys,
  ...keysOf({ ...adaptiveRecords, ...ratioRecords }),
};

const relaxableKeys: OptionKeys<Relaxable<LossName>> = { ...ratioKeys, ...keysOf(relaxRecords) };

const net = (options: { readonly l1Ratio?: number }, l1Ratio = 1): PenaltySpec => ({
  type: 'elastic-net',
  l1Ratio: options.l1Ratio ?? l1Ratio,
});

/** min ‖y − Xb − b0‖²/(2n) + alpha‖b‖₁ (Tibshirani 1996); scikit-learn's Lasso. */
export function lasso(options: Omit<Relaxable<'squared'>, 'l1Ratio'> = {}): Estimator<ArrayLike<number>> {
  const { l1Ratio: _, ...keys } = relaxableKeys;
  knownKeys('lasso', options, keys);
  return define('lasso', 'squared', options, net({}, 1));
}

/**
 * The lasso plus the penalty alpha·((1 − l1Ratio)/2)‖b‖²; scikit-learn's ElasticNet, glmnet's gaussian with its alpha =
 * l1Ratio.
 */
export function elasticNet(options: Relaxable<'squared'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('elasticNet', options, relaxableKeys);
  return define('elastic-net', 'squared', options, net(options, 0.5));
}

/** min ‖y − Xb − b0‖²/(2n) + (alpha/2)‖b‖². scikit-learn's Ridge has its alpha = n × ours. */
export function ridge(options: EstimatorOptions<'squared', 'elastic-net'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('ridge', options, estimatorKeys);
  return define('ridge', 'squared', options, net({}, 0));
}

/** Non-negative least squares: alpha defaults to 0, and fitIntercept to false. */
export function nnls(options: EstimatorOptions<'squared', 'elastic-net'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('nnls', options, estimatorKeys);
  const given = { alpha: 0, fitIntercept: false, ...options, positive: true };
  return define('nnls', 'squared', given, net({}, 1));
}

/**
 * The minimax concave penalty (Zhang 2010) with any loss. Finds a stationary point, not always the global minimum;
 * reports contain a stationarity residual. A coordinate of curvature c jumps from 0 to its unpenalised value unless
 * gamma > 1/c; the logistic loss has c ≤ ¼ on columns of unit variance, so that gamma should be well above 4. Default
 * 3.
 */
export function mcpRegression<L extends LossName = 'squared'>(
  options: ConcaveOptions<L, 'mcp'> & { gamma?: number } = {},
): Estimator<TargetOf<L>> {
  knownKeys('mcpRegression', options, { ...concaveKeys, gamma: true });
  return define<L>('mcp', lossOf(options), options, { type: 'mcp', gamma: options.gamma });
}

/** SCAD (Fan & Li 2001) with any loss. Finds a stationary point, not always the global minimum. */
export function scadRegression<L extends LossName = 'squared'>(
  options: ConcaveOptions<L, 'scad'> & { gamma?: number } = {},
): Estimator<TargetOf<L>> {
  knownKeys('scadRegression', options, { ...concaveKeys, gamma: true });
  return define<L>('scad', lossOf(options), options, { type: 'scad', gamma: options.gamma });
}

/** alpha·Σ|b|^q, q = ½ or ⅔, with any loss. Finds a stationary point, not always the global minimum. */
export function bridgeRegression<L extends LossName = 'squared'>(
  options: ConcaveOptions<L, 'l1/2' | 'l2/3'> & { q?: '1/2' | '2/3' } = {},
): Estimator<TargetOf<L>> {
  knownKeys('bridgeRegression', options, { ...concaveKeys, q: true });
  return define<L>('bridge', lossOf(options), options, { type: options.q === '2/3' ? 'l2/3' : 'l1/2' });
}

const lossOf = <L extends LossName>(options: { readonly loss?: L }): L => options.loss ?? ('squared' as L);

/** Any loss with any penalty, by name; by default least squares with the lasso penalty. */
export function penalisedRegression<L extends LossName = 'squared', S extends PenaltySpec = PenaltySpec<'elastic-net'>>(
  options: EstimatorOptions<L, S['type']> & LossOptions & { readonly loss?: L; readonly penalty?: S } = {},
): Estimator<TargetOf<L>> {
  knownKeys('penalisedRegression', options, { ...concaveKeys, penalty: true });
  return define<L>('penalised', lossOf(options), options, options.penalty ?? { type: 'elastic-net' });
}

/** Huber's loss with an elastic-net penalty. */
export function huberRegression(
  options: Relaxable<'huber'> & ParametersOf<'huber'> = {},
): Estimator<ArrayLike<number>> {
  knownKeys('huberRegression', options, { ...relaxableKeys, ...parameterKeys('huber') });
  return define('huber', 'huber', options, net(options));
}

/** The pinball loss of quantile tau with an elastic-net penalty; smoothed only if `smoothing` is given. */
export function quantileRegression(
  options: WithRatio<'quantile'> & ParametersOf<'quantile'> = {},
): Estimator<ArrayLike<number>> {
  knownKeys('quantileRegression', options, { ...ratioKeys, ...parameterKeys('quantile') });
  return define('quantile', 'quantile', options, net(options));
}

/** min mean log(1 + exp(−y(xᵀb + b0))) + alpha‖b‖₁ (or elastic net). scikit-learn's LogisticRegression has C = 1/(n·alpha). */
export function logisticRegression(options: Relaxable<'logistic'> = {}): Estimator<ArrayLike<Label>> {
  knownKeys('logisticRegression', options, relaxableKeys);
  return define('logistic', 'logistic', options, net(options));
}

/** The squared hinge with an elastic-net penalty: a linear support-vector classifier (liblinear's L2-loss SVC). */
export function linearSvc(options: WithRatio<'squared-hinge'> = {}): Estimator<ArrayLike<Label>> {
  knownKeys('linearSvc', options, ratioKeys);
  return define('svc', 'squared-hinge', options, net(options));
}

/** Counts or rates with a log link; the loss is half the mean Poisson deviance. */
export function poissonRegression(options: Relaxable<'poisson'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('poissonRegression', options, relaxableKeys);
  return define('poisson', 'poisson', options, net(options));
}

/** Positive targets with a log link; the loss is half the mean gamma deviance. */
export function gammaRegression(options: Relaxable<'gamma'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('gammaRegression', options, relaxableKeys);
  return define('gamma', 'gamma', options, net(options));
}

/**
 * Targets of at least 0, with a log link; the loss is half the mean Tweedie deviance. scikit-learn's TweedieRegressor
 * has l1Ratio 0.
 */
export function tweedieRegression(
  options: Relaxable<'tweedie'> & ParametersOf<'tweedie'> = {},
): Estimator<ArrayLike<number>> {
  knownKeys('tweedieRegression', options, { ...relaxableKeys, ...parameterKeys('tweedie') });
  return define('tweedie', 'tweedie', options, net(options));
}

/**
 * Cox's proportional hazards: the negative log partial likelihood divided by n; ties by the given method (default
 * Breslow).
 */
export function coxRegression(options: Relaxable<'cox'> & ParametersOf<'cox'> = {}): Estimator<SurvivalTarget> {
  knownKeys('coxRegression', options, { ...relaxableKeys, ...parameterKeys('cox') });
  return define('cox', 'cox', options, net(options));
}

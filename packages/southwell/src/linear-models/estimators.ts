import type { MatrixLike } from '../arrays/index.ts';
import { fail, type Status } from '../core/index.ts';
import {
  type BoundLoss,
  type CoxTies,
  cox,
  gamma,
  huber,
  type Loss,
  logistic,
  poisson,
  quantile,
  type SurvivalTarget,
  squared,
  squaredHinge,
} from '../losses/index.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from './crossValidation.ts';
import { checkedClasses, checkedLength, checkedMatrix } from './door.ts';
import { type FitOptions, type LinearOptions, LinearProblem } from './fit.ts';
import { describe, type Label, LinearModel, type Link } from './model.ts';
import { alphaGrid, type PathOptions } from './path.ts';
import type { PenaltySpec } from './penalty.ts';
import type { Scoring } from './scoring.ts';

/** A point of a path as it is reached. */
export interface PathPoint {
  readonly alpha: number;
  readonly model: LinearModel;
  readonly devianceRatio: number;
}

/** Models along decreasing alpha, and how well each fits for its size. */
export interface RegularisationPath {
  readonly alphas: Float64Array;
  readonly models: readonly LinearModel[];
  /** 1 − deviance/null deviance: the share of the loss at the best constant that the model explains. */
  readonly devianceRatio: Float64Array;
  readonly aic: Float64Array;
  readonly bic: Float64Array;
  /** Extended BIC with γ = 1 (Chen & Chen 2008): BIC + 2·log C(p, k). */
  readonly ebic: Float64Array;
  /** 'converged' if every point did, else the status of the first that did not. */
  readonly status: Status;
  best(criterion: 'aic' | 'bic' | 'ebic'): LinearModel;
}

/** What a target may be: numbers, labels of two classes, or survival times. */
export type Target = ArrayLike<number> | ArrayLike<Label> | SurvivalTarget;

/** A sparse linear model before it meets data: options, then fit, then a model that predicts. */
export interface Estimator<Y = Target> {
  readonly name: string;
  readonly scoring: Scoring;
  /** The constructor's name and options: enough to make the same estimator in another thread. */
  readonly recipe: Recipe;
  /** Fits at the given alpha. */
  fit(X: MatrixLike, y: Y, options?: FitOptions): LinearModel;
  /** Fits along decreasing alphas with warm starts. Aborting keeps what is done. */
  path(
    X: MatrixLike,
    y: Y,
    options?: FitOptions & PathOptions & { onPoint?: (point: PathPoint, index: number, count: number) => void },
  ): RegularisationPath;
  /** K-fold cross-validation of the path; folds run in parallel threads where asked. */
  crossValidate(X: MatrixLike, y: Y, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** Checks and prepares data once; for cross-validation and for those who drive a solver themselves. */
  prepare(X: MatrixLike, y: Y, options?: FitOptions): Prepared;
}

/** How an estimator was made. */
export interface Recipe {
  readonly method: string;
  readonly options: object;
}

/** Data bound to an estimator. */
export interface Prepared {
  readonly problem: LinearProblem;
  /** What the loss was bound to, for scoring on other weights. */
  readonly target: Float64Array | SurvivalTarget;
  readonly classes?: readonly Label[];
  bind(weights: Float64Array): BoundLoss;
  model(alpha: number, options?: FitOptions): LinearModel;
}

interface Definition {
  readonly name: string;
  readonly loss: Loss<never>;
  readonly link: Link;
  readonly penalty: PenaltySpec;
  readonly scoring: Scoring;
  readonly alpha: number;
  readonly options: LinearOptions;
  readonly recipe: Recipe;
}

const FOR_GAUSSIAN = 'squared';

function estimator<Y extends Target>(d: Definition): Estimator<Y> {
  const prepare = (X: MatrixLike, y: Y, fit: FitOptions = {}): Prepared => {
    const matrix = checkedMatrix(X);
    let target: Float64Array | SurvivalTarget;
    let classes: readonly Label[] | undefined;
    if (d.link === 'cox') {
      const survival = y as SurvivalTarget;
      if (!survival || survival.time === undefined || survival.event === undefined) {
        fail('INVALID_TARGET', 'A Cox model needs a target { time, event }: times and 1 (observed) or 0 (censored).');
      }
      checkedLength('the target', survival.time.length, matrix.rows);
      target = { time: Float64Array.from(survival.time), event: survival.event };
    } else {
      checkedLength('the target', (y as ArrayLike<number>).length, matrix.rows);
      if (d.link === 'logit' || d.link === 'sign') {
        const checked = checkedClasses(y as ArrayLike<Label>);
        target = checked.signs;
        classes = checked.classes;
      } else target = Float64Array.from(y as ArrayLike<number>);
    }
    const problem = new LinearProblem(matrix, target, d.loss as Loss<unknown>, d.penalty, d.options, fit);
    return {
      problem,
      target,
      classes,
      bind: (weights) => d.loss.bind(target as never, weights),
      model(alpha, options = fit) {
        const solution = problem.solve(alpha, options);
        const { status, objective, certificate, iterations, seconds, trace, point } = solution;
        const message = describe(status, certificate, problem.tol, iterations);
        const report = { status, objective, certificate, iterations, seconds, trace, message };
        const { coef, intercept } = point;
        return new LinearModel(d.loss.name, d.link, coef, intercept, alpha, report, classes, fit.featureNames);
      },
    };
  };

  return {
    name: d.name,
    scoring: d.scoring,
    recipe: d.recipe,
    prepare,
    fit(X, y, options) {
      const prepared = prepare(X, y, options);
      try {
        return prepared.model(d.alpha);
      } finally {
        prepared.problem.release();
      }
    },
    path(X, y, options = {}) {
      const prepared = prepare(X, y, options);
      const { problem } = prepared;
      try {
        const { rows: n, cols: p } = problem.X;
        const alphas = alphaGrid(problem.alphaMax, n, p, options);
        const models: LinearModel[] = [];
        const ratios: number[] = [];
        const losses: number[] = [];
        for (const alpha of alphas) {
          const model = prepared.model(alpha, options);
          const { nullValue, lossValue } = problem.solver;
          models.push(model);
          losses.push(lossValue);
          ratios.push(nullValue > 0 ? 1 - lossValue / nullValue : 0);
          options.onPoint?.(
            { alpha, model, devianceRatio: ratios[ratios.length - 1] },
            models.length - 1,
            alphas.length,
          );
          if (model.status === 'aborted' || model.status === 'diverged' || model.status === 'time-limit') break;
        }
        return regularisationPath(alphas, models, ratios, losses, n, p, d.loss.name === FOR_GAUSSIAN);
      } finally {
        problem.release();
      }
    },
    crossValidate(X, y, options = {}) {
      return crossValidate(this, X, y, options);
    },
  };
}

/** Models, their losses and criteria as a path. */
export function regularisationPath(
  alphas: Float64Array,
  models: LinearModel[],
  ratios: number[],
  losses: number[],
  n: number,
  p: number,
  gaussian: boolean,
): RegularisationPath {
  const count = models.length;
  const aic = new Float64Array(count);
  const bic = new Float64Array(count);
  const ebic = new Float64Array(count);
  models.forEach((model, k) => {
    // −2 log-likelihood up to a constant: n log(RSS/n) with the variance profiled out (squared), else 2n × mean loss.
    const deviance = gaussian ? n * Math.log(Math.max(2 * losses[k], Number.MIN_VALUE)) : 2 * n * losses[k];
    const size = model.activeCount + (model.intercept !== 0 ? 1 : 0);
    aic[k] = deviance + 2 * size;
    bic[k] = deviance + Math.log(n) * size;
    ebic[k] = bic[k] + 2 * logChoose(p, model.activeCount);
  });
  const criteria = { aic, bic, ebic };
  return {
    alphas: alphas.slice(0, count),
    models,
    devianceRatio: Float64Array.from(ratios),
    aic,
    bic,
    ebic,
    status: models.find((m) => m.status !== 'converged')?.status ?? 'converged',
    best(criterion) {
      const values = criteria[criterion];
      let best = 0;
      for (let k = 1; k < count; k++) if (values[k] < values[best]) best = k;
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

/** Options of every estimator: a strength, and what {@link LinearOptions} say. */
export interface EstimatorOptions extends LinearOptions {
  /** Strength of the penalty, in units of the mean loss (as scikit-learn's Lasso). Default 1. */
  readonly alpha?: number;
  /** Coefficients at least 0. */
  readonly positive?: boolean;
}

type WithRatio = EstimatorOptions & {
  /** 1 is the lasso, 0 ridge. Default 1 (elasticNet: 0.5). */
  readonly l1Ratio?: number;
};

function define<Y extends Target>(
  name: string,
  loss: Loss<never>,
  link: Link,
  scoring: Scoring,
  options: EstimatorOptions,
  penalty: PenaltySpec,
): Estimator<Y> {
  const alpha = options.alpha ?? 1;
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
  }
  const bounded = options.positive ? { ...options, lower: 0 } : options;
  return estimator<Y>({
    name,
    loss,
    link,
    penalty,
    scoring,
    alpha,
    options: bounded,
    recipe: { method: name, options },
  });
}

const net = (options: WithRatio, l1Ratio = 1): PenaltySpec => ({
  type: 'elastic-net',
  l1Ratio: options.l1Ratio ?? l1Ratio,
});

/** min ‖y − Xb − b0‖²/(2n) + alpha‖b‖₁ (Tibshirani 1996); scikit-learn's Lasso. */
export function lasso(options: EstimatorOptions = {}): Estimator<ArrayLike<number>> {
  return define('lasso', squared() as Loss<never>, 'identity', 'mse', options, net({}, 1));
}

/** The lasso with alpha·((1 − l1Ratio)/2)‖b‖² on top; scikit-learn's ElasticNet, glmnet's gaussian with its alpha = l1Ratio. */
export function elasticNet(options: WithRatio = {}): Estimator<ArrayLike<number>> {
  return define('elastic-net', squared() as Loss<never>, 'identity', 'mse', options, net(options, 0.5));
}

/** min ‖y − Xb − b0‖²/(2n) + (alpha/2)‖b‖². scikit-learn's Ridge has its alpha = n × ours. */
export function ridge(options: EstimatorOptions = {}): Estimator<ArrayLike<number>> {
  return define('ridge', squared() as Loss<never>, 'identity', 'mse', options, net({}, 0));
}

/** Non-negative least squares: alpha defaults to 0 and there is no intercept unless asked for. */
export function nnls(options: EstimatorOptions = {}): Estimator<ArrayLike<number>> {
  const given = { alpha: 0, fitIntercept: false, ...options, positive: true };
  return define('nnls', squared() as Loss<never>, 'identity', 'mse', given, net({}, 1));
}

/** Least squares under the minimax concave penalty (Zhang 2010). Stationary, not global, minimisers. */
export function mcpRegression(options: EstimatorOptions & { gamma?: number } = {}): Estimator<ArrayLike<number>> {
  return define('mcp', squared() as Loss<never>, 'identity', 'mse', options, { type: 'mcp', gamma: options.gamma });
}

/** Least squares under SCAD (Fan & Li 2001). Stationary, not global, minimisers. */
export function scadRegression(options: EstimatorOptions & { gamma?: number } = {}): Estimator<ArrayLike<number>> {
  return define('scad', squared() as Loss<never>, 'identity', 'mse', options, { type: 'scad', gamma: options.gamma });
}

/** Least squares under alpha·Σ|b|^q, q = ½ or ⅔. Stationary, not global, minimisers. */
export function bridgeRegression(options: EstimatorOptions & { q?: '1/2' | '2/3' } = {}): Estimator<ArrayLike<number>> {
  const penalty: PenaltySpec = { type: options.q === '2/3' ? 'l2/3' : 'l1/2' };
  return define('bridge', squared() as Loss<never>, 'identity', 'mse', options, penalty);
}

/** Huber's loss with an elastic-net penalty; delta in units of y. */
export function huberRegression(options: WithRatio & { delta?: number } = {}): Estimator<ArrayLike<number>> {
  return define('huber', huber(options.delta) as Loss<never>, 'identity', 'mae', options, net(options));
}

/** The smoothed pinball loss of quantile tau with an elastic-net penalty. */
export function quantileRegression(
  options: WithRatio & { tau?: number; smoothing?: number } = {},
): Estimator<ArrayLike<number>> {
  const loss = quantile(options.tau, options.smoothing) as Loss<never>;
  return define('quantile', loss, 'identity', 'deviance', options, net(options));
}

/** min mean log(1 + exp(−y(xᵀb + b0))) + alpha‖b‖₁ (or elastic net). scikit-learn's LogisticRegression has C = 1/(n·alpha). */
export function logisticRegression(options: WithRatio = {}): Estimator<ArrayLike<Label>> {
  return define('logistic', logistic() as Loss<never>, 'logit', 'logLoss', options, net(options));
}

/** The squared hinge with an elastic-net penalty: a linear support-vector classifier (liblinear's L2-loss SVC). */
export function linearSvc(options: WithRatio = {}): Estimator<ArrayLike<Label>> {
  return define('svc', squaredHinge() as Loss<never>, 'sign', 'error', options, net(options));
}

/** Counts or rates with a log link; the loss is half the mean Poisson deviance. */
export function poissonRegression(options: WithRatio = {}): Estimator<ArrayLike<number>> {
  return define('poisson', poisson() as Loss<never>, 'log', 'deviance', options, net(options));
}

/** Positive targets with a log link; the loss is half the mean gamma deviance. */
export function gammaRegression(options: WithRatio = {}): Estimator<ArrayLike<number>> {
  return define('gamma', gamma() as Loss<never>, 'log', 'deviance', options, net(options));
}

/** Cox's proportional hazards, minus the log partial likelihood divided by n; ties as asked (default Breslow). */
export function coxRegression(options: WithRatio & { ties?: CoxTies } = {}): Estimator<SurvivalTarget> {
  return define('cox', cox(options.ties) as Loss<never>, 'cox', 'deviance', options, net(options));
}

const CONSTRUCTORS: Record<string, (options: never) => Estimator<never>> = {
  lasso,
  'elastic-net': elasticNet,
  ridge,
  nnls,
  mcp: mcpRegression,
  scad: scadRegression,
  bridge: bridgeRegression,
  huber: huberRegression,
  quantile: quantileRegression,
  logistic: logisticRegression,
  svc: linearSvc,
  poisson: poissonRegression,
  gamma: gammaRegression,
  cox: coxRegression,
};

/** Makes an estimator again from its recipe. */
export function fromRecipe({ method, options }: Recipe): Estimator<never> {
  return CONSTRUCTORS[method](options as never);
}

import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, knownKeys, nearestName, type OptionKeys, only } from '@southwell/numerics/core';
import type { CoxTies, Loss, SurvivalTarget } from '../losses/index.ts';
import type { PenaltyName, PenaltySpec } from '../penalties/index.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from './crossValidation.ts';
import type { Family } from './family.ts';
import { type FitOptions, fitKeys, type LinearOptions, LinearProblem, linearKeys } from './fit.ts';
import { type Label, LinearModel, type Link, reportOf } from './model.ts';
import {
  LOSS_NAMES,
  type LossName,
  type LossOptions,
  lossNamed,
  type NamedLosses,
  type TargetOf,
  uses,
} from './namedLosses.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit, Recipe } from './prepared.ts';
import { partOf, type Scoring, score, scoringsOf } from './scoring.ts';
import type { linearSolvers, SolverName } from './solvers/index.ts';
import { solverNamed } from './solvers/needs.ts';
import type { LossNeed, LossWith, PenaltyNameWith, PenaltyNeed } from './solvers/solver.ts';
import type { LinearPoint } from './solvers/state.ts';
import { checkedSurvival } from './survival.ts';
import { throughPrepared } from './throughPrepared.ts';
import { checkedClasses, checkedLength, filledMatrix } from './validation.ts';

/** What a target may be: numbers, labels of two classes, or survival times. */
export type Target = ArrayLike<number> | ArrayLike<Label> | SurvivalTarget;

/** A sparse linear model before it meets data: options, then fit, then a model that predicts. */
export interface Estimator<Y = Target> extends Family<Y, LinearModel, LinearPoint> {
  readonly name: string;
  /** The smallest alpha at which all penalised coefficients are zero; 0 if alpha cannot do that (ridge). One pass. */
  alphaMax(X: MatrixLike, y: Y, options?: FitOptions): number;
  /** Fits at the given alpha. */
  fit(X: MatrixLike, y: Y, options?: FitOptions): LinearModel;
  /** Fits along decreasing alphas with warm starts. Aborting keeps what is done. */
  path(X: MatrixLike, y: Y, options?: PathFit<LinearModel, LinearPoint>): RegularisationPath;
  /** K-fold cross-validation of the path; folds run in parallel threads where asked. */
  crossValidate(X: MatrixLike, y: Y, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** Checks and prepares data once; for cross-validation and for those who drive a solver themselves. */
  prepare(X: MatrixLike, y: Y, options?: FitOptions): Prepared;
}

/** Data bound to an estimator. */
export interface Prepared extends PreparedFit<LinearModel, LinearPoint> {
  readonly problem: LinearProblem;
}

interface Definition {
  readonly name: string;
  readonly loss: Loss<never>;
  readonly link: Link;
  readonly penalty: PenaltySpec;
  readonly scoring: Scoring;
  readonly alpha: number;
  readonly options: LinearOptions;
  readonly solver: SolverName | undefined;
  readonly recipe: Recipe;
}

const FOR_GAUSSIAN = 'squared';

function estimator<Y extends Target>(d: Definition): Estimator<Y> {
  const solver = d.solver === undefined ? undefined : solverNamed(d.solver);
  const options = only<LinearOptions & { solver?: unknown }>(d.options, linearKeys);
  const open = (X: MatrixLike, y: Y, fit: FitOptions): Prepared => {
    const matrix = filledMatrix(X); // LinearProblem finds what is not finite in its first pass

    let target: Float64Array | SurvivalTarget;
    let classes: readonly Label[] | undefined;
    if (d.link === 'cox') {
      target = checkedSurvival(y, matrix.rows);
    } else {
      checkedLength('the target', (y as ArrayLike<number>).length, matrix.rows);
      if (d.link === 'logit' || d.link === 'sign') {
        const checked = checkedClasses(y as ArrayLike<Label>);
        target = checked.signs;
        classes = checked.classes;
      } else target = Float64Array.from(y as ArrayLike<number>);
    }
    let part: ReturnType<typeof partOf> | undefined;
    const problem = new LinearProblem(matrix, target, d.loss, d.penalty, { ...options, solver }, fit);
    return {
      problem,
      alphaMax: problem.alphaMax,
      rows: matrix.rows,
      cols: matrix.cols,
      targets: 1,
      channels: 1,
      gaussian: d.loss.name === FOR_GAUSSIAN,
      strata: classes ? (target as Float64Array) : undefined,
      ...(d.link === 'cox' && { events: (target as SurvivalTarget).event }),
      nullValue: problem.state.nullValue,
      get lossValue() {
        return problem.lossValue;
      },
      plan: (points) => problem.plan(points),
      model(alpha, watch = fit) {
        knownKeys('model', watch, fitKeys);
        const solution = problem.solve(alpha, watch);
        const report = reportOf(solution, problem.tol, problem.solver.round);
        const { coef, intercept } = solution.point;
        const baseline = problem.bound.baseline?.(problem.linearPredictor());
        const names = fit.featureNames;
        return new LinearModel(d.loss.name, d.link, coef, intercept, alpha, report, classes, names, baseline);
      },
      pointOf: ({ coef, intercept }) => ({ coef, intercept }),
      score(scoring, weights) {
        if (part?.weights !== weights) part = partOf(target, weights);
        const held = part;
        const eta = problem.linearPredictor(held.rows);
        return score(
          scoring,
          held.target,
          eta,
          held.share,
          () => d.loss.bind(held.target as never, held.share),
          d.link,
        );
      },
      release: () => problem.release(),
    };
  };

  return {
    name: d.name,
    scoring: d.scoring,
    scorings: scoringsOf[d.link],
    recipe: d.recipe,
    ...throughPrepared(open, d.alpha),
    crossValidate(X, y, options = {}) {
      return crossValidate(this, X, y, options);
    },
  };
}

/** The names of the solvers that can take the loss with every one of the penalties. */
export type SolverFor<L extends LossName, N extends PenaltyName> = {
  [S in SolverName]: NamedLosses[L] extends LossWith<LossNeed & keyof (typeof linearSolvers)[S]['needs']['loss']>
    ? N extends PenaltyNameWith<PenaltyNeed & keyof (typeof linearSolvers)[S]['needs']['penalty']>
      ? S
      : never
    : never;
}[SolverName];

/** Options of every estimator: an alpha, and what {@link LinearOptions} say. */
export interface EstimatorOptions<L extends LossName = LossName, N extends PenaltyName = PenaltyName>
  extends LinearOptions {
  /** Weight of the penalty, in units of the mean loss (as scikit-learn's Lasso). Default 1. */
  readonly alpha?: number;
  /** Coefficients at least 0. */
  readonly positive?: boolean;
  /** How to solve: one of {@link linearSolvers} that can take loss and penalty. Default 'working-sets'. */
  readonly solver?: SolverFor<L, N>;
}

const estimatorKeys: OptionKeys<EstimatorOptions> = {
  penaltyFactor: true,
  lower: true,
  upper: true,
  fitIntercept: true,
  standardize: true,
  tol: true,
  maxIter: true,
  alpha: true,
  positive: true,
  solver: true,
};

type WithRatio<L extends LossName> = EstimatorOptions<L, 'elastic-net'> & {
  /** 1 is the lasso, 0 ridge. Default 1 (elasticNet: 0.5). */
  readonly l1Ratio?: number;
};

function define<L extends LossName>(
  name: string,
  lossName: L,
  options: LinearOptions & LossOptions & { alpha?: number; positive?: boolean; solver?: SolverName },
  penalty: PenaltySpec,
): Estimator<TargetOf<L>> {
  const alpha = options.alpha ?? 1;
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
  }
  if (!LOSS_NAMES.includes(lossName)) {
    const near = nearestName(lossName, LOSS_NAMES);
    fail(
      'INVALID_PARAMETER',
      `There is no loss ${lossName}${near ? `; did you mean ${near}?` : `; there are ${LOSS_NAMES.join(', ')}.`}`,
    );
  }
  const { link, scoring } = uses[lossName];
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

/** Options of the concave penalties: any loss, by default least squares. */
export type ConcaveOptions<L extends LossName, N extends PenaltyName = PenaltyName> = EstimatorOptions<L, N> &
  LossOptions & { readonly loss?: L };

const lossKeys: OptionKeys<LossOptions & { loss?: LossName }> = {
  loss: true,
  delta: true,
  tau: true,
  smoothing: true,
  power: true,
  ties: true,
};

const concaveKeys: OptionKeys<ConcaveOptions<LossName>> = { ...estimatorKeys, ...lossKeys };

const ratioKeys: OptionKeys<WithRatio<LossName>> = { ...estimatorKeys, l1Ratio: true };

const net = (options: { readonly l1Ratio?: number }, l1Ratio = 1): PenaltySpec => ({
  type: 'elastic-net',
  l1Ratio: options.l1Ratio ?? l1Ratio,
});

/** min ‖y − Xb − b0‖²/(2n) + alpha‖b‖₁ (Tibshirani 1996); scikit-learn's Lasso. */
export function lasso(options: EstimatorOptions<'squared', 'elastic-net'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('lasso', options, estimatorKeys);
  return define('lasso', 'squared', options, net({}, 1));
}

/** The lasso with alpha·((1 − l1Ratio)/2)‖b‖² on top; scikit-learn's ElasticNet, glmnet's gaussian with its alpha = l1Ratio. */
export function elasticNet(options: WithRatio<'squared'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('elasticNet', options, ratioKeys);
  return define('elastic-net', 'squared', options, net(options, 0.5));
}

/** min ‖y − Xb − b0‖²/(2n) + (alpha/2)‖b‖². scikit-learn's Ridge has its alpha = n × ours. */
export function ridge(options: EstimatorOptions<'squared', 'elastic-net'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('ridge', options, estimatorKeys);
  return define('ridge', 'squared', options, net({}, 0));
}

/** Non-negative least squares: alpha defaults to 0 and there is no intercept unless asked for. */
export function nnls(options: EstimatorOptions<'squared', 'elastic-net'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('nnls', options, estimatorKeys);
  const given = { alpha: 0, fitIntercept: false, ...options, positive: true };
  return define('nnls', 'squared', given, net({}, 1));
}

/**
 * The minimax concave penalty (Zhang 2010) with any loss. A stationary point, not always the global minimum; reports carry a
 * stationarity residual. A coordinate of curvature c jumps from 0 to its unpenalised value unless gamma > 1/c; the logistic
 * loss has c ≤ ¼ on columns of unit variance and wants a gamma well above 4. Default 3.
 */
export function mcpRegression<L extends LossName = 'squared'>(
  options: ConcaveOptions<L, 'mcp'> & { gamma?: number } = {},
): Estimator<TargetOf<L>> {
  knownKeys('mcpRegression', options, { ...concaveKeys, gamma: true });
  return define<L>('mcp', lossOf(options), options, { type: 'mcp', gamma: options.gamma });
}

/** SCAD (Fan & Li 2001) with any loss. A stationary point, not always the global minimum. */
export function scadRegression<L extends LossName = 'squared'>(
  options: ConcaveOptions<L, 'scad'> & { gamma?: number } = {},
): Estimator<TargetOf<L>> {
  knownKeys('scadRegression', options, { ...concaveKeys, gamma: true });
  return define<L>('scad', lossOf(options), options, { type: 'scad', gamma: options.gamma });
}

/** alpha·Σ|b|^q, q = ½ or ⅔, with any loss. A stationary point, not always the global minimum. */
export function bridgeRegression<L extends LossName = 'squared'>(
  options: ConcaveOptions<L, 'l1/2' | 'l2/3'> & { q?: '1/2' | '2/3' } = {},
): Estimator<TargetOf<L>> {
  knownKeys('bridgeRegression', options, { ...concaveKeys, q: true });
  return define<L>('bridge', lossOf(options), options, { type: options.q === '2/3' ? 'l2/3' : 'l1/2' });
}

const lossOf = <L extends LossName>(options: { readonly loss?: L }): L => options.loss ?? ('squared' as L);

/** Any loss with any penalty, by name: least squares and the lasso by default. */
export function penalisedRegression<L extends LossName = 'squared', S extends PenaltySpec = PenaltySpec<'elastic-net'>>(
  options: EstimatorOptions<L, S['type']> & LossOptions & { readonly loss?: L; readonly penalty?: S } = {},
): Estimator<TargetOf<L>> {
  knownKeys('penalisedRegression', options, { ...concaveKeys, penalty: true });
  return define<L>('penalised', lossOf(options), options, options.penalty ?? { type: 'elastic-net' });
}

/** Huber's loss with an elastic-net penalty; delta in units of y. */
export function huberRegression(options: WithRatio<'huber'> & { delta?: number } = {}): Estimator<ArrayLike<number>> {
  knownKeys('huberRegression', options, { ...ratioKeys, delta: true });
  return define('huber', 'huber', options, net(options));
}

/** The pinball loss of quantile tau with an elastic-net penalty; smoothed over a width only where `smoothing` says so. */
export function quantileRegression(
  options: WithRatio<'quantile'> & { tau?: number; smoothing?: number } = {},
): Estimator<ArrayLike<number>> {
  knownKeys('quantileRegression', options, { ...ratioKeys, tau: true, smoothing: true });
  return define('quantile', 'quantile', options, net(options));
}

/** min mean log(1 + exp(−y(xᵀb + b0))) + alpha‖b‖₁ (or elastic net). scikit-learn's LogisticRegression has C = 1/(n·alpha). */
export function logisticRegression(options: WithRatio<'logistic'> = {}): Estimator<ArrayLike<Label>> {
  knownKeys('logisticRegression', options, ratioKeys);
  return define('logistic', 'logistic', options, net(options));
}

/** The squared hinge with an elastic-net penalty: a linear support-vector classifier (liblinear's L2-loss SVC). */
export function linearSvc(options: WithRatio<'squared-hinge'> = {}): Estimator<ArrayLike<Label>> {
  knownKeys('linearSvc', options, ratioKeys);
  return define('svc', 'squared-hinge', options, net(options));
}

/** Counts or rates with a log link; the loss is half the mean Poisson deviance. */
export function poissonRegression(options: WithRatio<'poisson'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('poissonRegression', options, ratioKeys);
  return define('poisson', 'poisson', options, net(options));
}

/** Positive targets with a log link; the loss is half the mean gamma deviance. */
export function gammaRegression(options: WithRatio<'gamma'> = {}): Estimator<ArrayLike<number>> {
  knownKeys('gammaRegression', options, ratioKeys);
  return define('gamma', 'gamma', options, net(options));
}

/** Targets of 0 and of any size above, with a log link; half the mean Tweedie deviance. scikit-learn's TweedieRegressor has l1Ratio 0. */
export function tweedieRegression(
  options: WithRatio<'tweedie'> & { power?: number } = {},
): Estimator<ArrayLike<number>> {
  knownKeys('tweedieRegression', options, { ...ratioKeys, power: true });
  return define('tweedie', 'tweedie', options, net(options));
}

/** Cox's proportional hazards, minus the log partial likelihood divided by n; ties as asked (default Breslow). */
export function coxRegression(options: WithRatio<'cox'> & { ties?: CoxTies } = {}): Estimator<SurvivalTarget> {
  knownKeys('coxRegression', options, { ...ratioKeys, ties: true });
  return define('cox', 'cox', options, net(options));
}

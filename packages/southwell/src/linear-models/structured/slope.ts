import type { AnyMatrixLike } from '@southwell/numerics/arrays';
import {
  choiceOption,
  fail,
  keysOf,
  knownKeys,
  needsOnePlace,
  numberOption,
  type OptionsOf,
  otherOption,
  run,
} from '@southwell/numerics/core';
import { type BoundedLoss, logistic, squared } from '../../losses/index.ts';
import { standardDeviations } from '../design/columnScales.ts';
import { Design } from '../design/design.ts';
import type { Family } from '../family.ts';
import { type FitOptions, fitKeys } from '../fit.ts';
import { type Label, LinearModel, type Link, reportOf } from '../model.ts';
import type { PathFit, RegularisationPath } from '../path.ts';
import type { PreparedFit } from '../prepared.ts';
import { runRecords } from '../records.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from '../selection/crossValidation.ts';
import { type Scoring, score, scoringsOf } from '../selection/scoring.ts';
import { Phases } from '../solvers/phases.ts';
import { SlopeSolver } from '../solvers/slope.ts';
import { dualSortedL1 } from '../solvers/sortedL1.ts';
import type { LinearPoint } from '../solvers/state.ts';
import { throughPrepared } from '../throughPrepared.ts';
import {
  checkedClasses,
  checkedData,
  checkedLength,
  checkedOffset,
  checkedStart,
  checkedWeights,
} from '../validation.ts';

export const slopeRecords = {
  /** Target false discovery rate of the default lambdas. Default 0.1. */
  q: numberOption(
    { min: 0, max: 1, open: true },
    {
      title: 'False discovery rate q',
      about: 'target false discovery rate of the default weights',
      argument: 'rate',
      otherwise: '0.1',
    },
  ),
};

const records = {
  ...runRecords,
  ...slopeRecords,
  /** Descending weights of the coefficients sorted by magnitude, one for each column; default {@link slopeLambdas}. */
  lambdas: otherOption<ArrayLike<number>>('numbers of at least 0'),
  /** Default 'squared'. 'logistic' takes labels of two classes. */
  loss: choiceOption({ squared: 'squares', logistic: 'logistic' }),
};

/** `alpha` multiplies the lambdas. */
export interface SlopeOptions extends OptionsOf<typeof records> {}

type SlopeTarget = ArrayLike<number> | ArrayLike<Label>;

export interface Slope extends Family<SlopeTarget, LinearModel, LinearPoint> {
  readonly name: string;
  /** The smallest alpha at which all coefficients are zero. */
  alphaMax(X: AnyMatrixLike, y: SlopeTarget, options?: FitOptions): number;
  fit(X: AnyMatrixLike, y: SlopeTarget, options?: FitOptions): LinearModel;
  /** Fits along decreasing alphas with warm starts. After an abort, the completed part is returned. */
  path(X: AnyMatrixLike, y: SlopeTarget, options?: PathFit<LinearModel, LinearPoint>): RegularisationPath;
  /** K-fold cross-validation of the path. */
  crossValidate(X: AnyMatrixLike, y: SlopeTarget, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** Checks and prepares data once, for callers that drive the solver themselves; release() frees memory. */
  prepare(X: AnyMatrixLike, y: SlopeTarget, options?: FitOptions): PreparedFit<LinearModel, LinearPoint>;
}

/** A loss, its link and its default metric. */
const LOSSES: Record<string, { loss: BoundedLoss; link: Link; scoring: Scoring }> = {
  squared: { loss: squared(), link: 'identity', scoring: 'mse' },
  logistic: { loss: logistic(), link: 'logit', scoring: 'logLoss' },
};

/** Φ⁻¹(1 − kq/(2p)), k = 1 … p: the Benjamini–Hochberg sequence (Bogdan et al. 2015, §1.1). */
export function slopeLambdas(p: number, q: number): Float64Array {
  return Float64Array.from({ length: p }, (_, k) => upperQuantile(((k + 1) * q) / (2 * p)));
}

/** x with P(N(0,1) > x) = tail, tail in (0, ½], by bisection on Marsaglia's series for Φ. */
function upperQuantile(tail: number): number {
  let [lo, hi] = [0, 8];
  for (let step = 0; step < 60; step++) {
    const x = (lo + hi) / 2;
    let term = x;
    let sum = x;
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    if (0.5 - (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI) > tail) lo = x;
    else hi = x;
  }
  return (lo + hi) / 2;
}

/**
 * SLOPE: min F(Xb + b0) + alpha·Σ_k lambda_k|b|_(k), |b|_(1) ≥ |b|_(2) ≥ … (Bogdan, van den Berg, Sabatti, Su & Candès
 * 2015). Constant lambdas give the lasso. Ties are features of the solution: equal coefficients form clusters. F is ‖y
 * − Xb − b0‖²/(2n), or the mean logistic loss. Models are saved and loaded like other linear models.
 * @throws INVALID_PARAMETER.
 */
export function slope(options: SlopeOptions = {}): Slope {
  knownKeys('slope', options, keysOf(records));
  const { alpha = 1, q = 0.1, tol = 1e-6, maxIter = 200, fitIntercept = true, standardize = false } = options;
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
  }
  if (!(q > 0 && q < 1)) fail('INVALID_PARAMETER', `q must lie between 0 and 1, but is ${q}.`);
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const chosen = LOSSES[options.loss ?? 'squared'];
  if (!chosen) fail('INVALID_PARAMETER', `slope has the losses squared and logistic, not ${String(options.loss)}.`);
  const { loss, link, scoring } = chosen;
  const open = (X: AnyMatrixLike, y: SlopeTarget, fit: FitOptions): PreparedFit<LinearModel, LinearPoint> => {
    const { matrix, rows } = checkedData(X, fit.rows);
    needsOnePlace(rows, 'SLOPE needs');
    const { rows: n, cols: p } = matrix;
    checkedLength('the target', y.length, n);
    if (fit.featureNames && fit.featureNames.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
    }
    const lambda = checkedLambdas(options.lambdas, p, q);
    const checked = link === 'logit' ? checkedClasses(y as ArrayLike<Label>, rows) : undefined;
    const target = checked?.signs ?? Float64Array.from(y as ArrayLike<number>);
    const weights = checkedWeights(rows, fit.sampleWeight);
    const offset = checkedOffset(rows, fit.offset);
    const bound = loss.bind(target, weights);
    const design = new Design(
      matrix,
      rows,
      standardize ? standardDeviations(matrix, weights, rows) : undefined,
      fit.pool,
    );
    const phases = new Phases();
    const solver = new SlopeSolver(design, bound, weights, loss.curvatureBound, offset, fitIntercept);
    return {
      alphaMax: dualSortedL1(solver.nullGradient, lambda),
      rows: n,
      cols: p,
      targets: 1,
      channels: 1,
      gaussian: loss.name === 'squared',
      strata: checked?.signs,
      nullValue: solver.nullValue,
      get lossValue() {
        return solver.lossValue;
      },
      model(alpha, watch = fit) {
        knownKeys('model', watch, fitKeys);
        const { signal, timeLimit, onIterate, from } = watch;
        if (from) {
          checkedStart(from.coef, p);
          checkedStart([from.intercept], 1);
          solver.moveTo(from);
        }
        const scaled = lambda.map((x) => alpha * x);
        const solution = phases.during('gradient steps on working sets', () =>
          run(solver.iterates(scaled, tol), { tol, maxIter, signal, timeLimit, onIterate }),
        );
        const { coef, intercept } = solution.point;
        const report = reportOf(solution, tol);
        return new LinearModel(loss.name, link, coef, intercept, alpha, report, checked?.classes, fit.featureNames);
      },
      pointOf: ({ coef, intercept }) => ({ coef, intercept }),
      score: (by, held) => score(by, target, solver.linearPredictor(), held, () => loss.bind(target, held), link, rows),
      release() {
        fit.onExplain?.({
          solver: 'fista',
          why: ['the one solver of SLOPE: accelerated proximal gradient steps on working sets'],
          phases: phases.all,
        });
        design.release();
      },
    };
  };
  return {
    name: 'slope',
    scoring,
    scorings: scoringsOf[link],
    recipe: { method: 'slope', options },
    ...throughPrepared(open, alpha),
    crossValidate(X, y, fit = {}) {
      return crossValidate(this, X, y, fit);
    },
  };
}

function checkedLambdas(lambdas: ArrayLike<number> | undefined, p: number, q: number): Float64Array {
  if (lambdas && lambdas.length !== p) {
    fail('INVALID_SHAPE', `X has ${p} columns but there are ${lambdas.length} lambdas.`);
  }
  const lambda = lambdas ? Float64Array.from(lambdas) : slopeLambdas(p, q);
  for (let k = 0; k < p; k++) {
    if (!(lambda[k] >= 0 && lambda[k] < Number.POSITIVE_INFINITY && (k === 0 || lambda[k] <= lambda[k - 1]))) {
      fail('INVALID_PARAMETER', `lambdas must be finite, at least 0 and descending; entry ${k + 1} is ${lambda[k]}.`);
    }
  }
  if (!(lambda[0] > 0)) fail('INVALID_PARAMETER', 'The first of the lambdas must be above 0.');
  return lambda;
}

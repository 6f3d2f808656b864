import { type AnyMatrix, type AnyMatrixLike, checkFinite } from '@southwell/numerics/arrays';
import {
  choiceOption,
  fail,
  type Iterate,
  inOnePlace,
  keysOf,
  knownKeys,
  limitOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  run,
  type Solution,
} from '@southwell/numerics/core';
import { type Loss, logistic, poisson, squared } from '../../losses/index.ts';
import { checkNearZero, standardDeviations } from '../design/columnScales.ts';
import { Design } from '../design/design.ts';
import type { Family } from '../family.ts';
import { type FitOptions, fitKeys } from '../fit.ts';
import { type Label, LinearModel, type Link, reportOf } from '../model.ts';
import type { PathFit, RegularisationPath } from '../path.ts';
import type { PreparedFit } from '../prepared.ts';
import { ratioRecords, runRecords } from '../records.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from '../selection/crossValidation.ts';
import { type Scoring, score, scoringsOf } from '../selection/scoring.ts';
import { independent } from '../solvers/groups/channels.ts';
import { explainGroups, GroupWorkingSetSolver } from '../solvers/groups/index.ts';
import type { Groups } from '../solvers/groups/passes.ts';
import type { GroupPenalty } from '../solvers/groups/penalty.ts';
import type { ChannelPoint } from '../solvers/groups/state.ts';
import type { LinearPoint } from '../solvers/state.ts';
import { throughPrepared } from '../throughPrepared.ts';
import {
  checkedClasses,
  checkedLength,
  checkedOffset,
  checkedStart,
  checkedWeights,
  filledData,
} from '../validation.ts';
import { type GroupSpec, groupColumns } from './groups.ts';

const records = {
  ...runRecords,
  /** Mixing parameter: 0 is the group lasso (default), 1 the lasso. */
  l1Ratio: ratioRecords.l1Ratio,
  /** Default 'squared'. 'logistic' takes labels of two classes. */
  loss: choiceOption({ squared: 'squares', logistic: 'logistic', poisson: 'Poisson' }),
  /**
   * w_g, groups in order of first appearance; 0 leaves a group without the norm penalty. Default √(size of the group).
   */
  groupWeights: otherOption<ArrayLike<number>>('a number of at least 0 for each group'),
  /** Columns in a working set beyond which no Gram matrix is formed. Default 500, or more if descent proves slow. */
  gramLimit: limitOption(0),
};

export interface GroupLassoOptions extends OptionsOf<typeof records> {
  /** A label for every column, or the size of contiguous groups. */
  readonly groups: GroupSpec;
}

const optionKeys: OptionKeys<GroupLassoOptions> = { ...keysOf(records), groups: true };

const LOSSES: Record<string, { loss: Loss; link: Link; scoring: Scoring }> = {
  squared: { loss: squared(), link: 'identity', scoring: 'mse' },
  logistic: { loss: logistic(), link: 'logit', scoring: 'logLoss' },
  poisson: { loss: poisson(), link: 'log', scoring: 'deviance' },
};

/**
 * Data, loss and groups, checked and prepared once, then solved for any number of alphas, each from the last solution.
 */
export class GroupLassoProblem {
  readonly solver: GroupWorkingSetSolver;
  readonly groups: Groups;
  readonly alphaMax: number;
  readonly tol: number;
  private readonly unit: GroupPenalty;
  private readonly maxIter: number;
  private readonly onExplain: FitOptions['onExplain'];

  /** @throws INVALID_PARAMETER, INVALID_SHAPE. */
  constructor(
    readonly X: AnyMatrix,
    y: Float64Array,
    loss: Loss,
    options: GroupLassoOptions,
    fit: FitOptions = {},
  ) {
    knownKeys('GroupLassoProblem', options, optionKeys);
    knownKeys('GroupLassoProblem', fit, fitKeys);
    const p = X.cols;
    const l1Ratio = options.l1Ratio ?? 0;
    if (!(l1Ratio >= 0 && l1Ratio <= 1)) {
      fail('INVALID_PARAMETER', `l1Ratio must be between 0 (group lasso) and 1 (lasso), but is ${l1Ratio}.`);
    }
    this.tol = options.tol ?? 1e-6;
    if (!(this.tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${this.tol}.`);
    this.maxIter = options.maxIter ?? 200;
    if (fit.featureNames && fit.featureNames.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
    }
    this.groups = groupColumns(options.groups, p);
    const { starts } = this.groups;
    const count = starts.length - 1;
    const { groupWeights } = options;
    if (groupWeights && groupWeights.length !== count) {
      fail('INVALID_SHAPE', `There are ${count} groups but ${groupWeights.length} group weights.`);
    }
    const w = Float64Array.from({ length: count }, (_, u) => groupWeights?.[u] ?? Math.sqrt(starts[u + 1] - starts[u]));
    const bad = w.findIndex((x) => !(x >= 0 && x < Number.POSITIVE_INFINITY));
    if (bad >= 0) fail('INVALID_PARAMETER', `Group weights must be finite and at least 0; group ${bad} has ${w[bad]}.`);
    this.unit = {
      l1: new Float64Array(count).fill(l1Ratio),
      l2: w.map((x) => (1 - l1Ratio) * x),
      ridge: new Float64Array(count),
    };
    this.onExplain = fit.onExplain;
    const { rows = inOnePlace(X.rows) } = fit;
    const weights = checkedWeights(rows, fit.sampleWeight);
    const channel = independent([loss.bind(y, weights, rows)], true, rows);
    if (options.fitIntercept ?? true) checkNearZero(X, weights, fit.featureNames, rows);
    const scale = options.standardize ? standardDeviations(X, weights, rows) : undefined;
    this.solver = new GroupWorkingSetSolver(new Design(X, rows, scale, fit.pool), channel, this.groups, {
      intercept: options.fitIntercept ?? true,
      offset: checkedOffset(rows, fit.offset),
      gramLimit: options.gramLimit,
    });
    // The pass that computed the norms has read all data: non-finite values show there.
    if (!this.solver.state.design.norms.every(Number.isFinite)) {
      try {
        checkFinite(X, 'X', rows.first);
      } catch (error) {
        this.solver.release();
        throw error;
      }
    }
    this.alphaMax = this.solver.criticalAlpha(this.unit);
  }

  /**
   * Solves at one alpha, starting from the solver's current point.
   * @throws INVALID_PARAMETER.
   */
  solve(alpha: number, fit: FitOptions = {}): Solution<LinearPoint> {
    knownKeys('solve', fit, fitKeys);
    if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
    }
    const { from } = fit;
    if (from) {
      checkedStart(from.coef, this.X.cols);
      checkedStart([from.intercept], 1);
      this.solver.state.moveTo({ coef: from.coef, intercepts: Float64Array.of(from.intercept) });
    }
    const { l1, l2, ridge } = this.unit;
    this.solver.setPenalty({ l1: l1.map((x) => alpha * x), l2: l2.map((x) => alpha * x), ridge });
    const { signal, timeLimit, onIterate } = fit;
    const { tol, maxIter } = this;
    return run(oneChannel(this.solver.iterates(tol)), { tol, maxIter, signal, timeLimit, onIterate });
  }

  release(): void {
    this.onExplain?.(explainGroups(this.solver));
    this.solver.release();
  }
}

/** Iterates of one channel, converted to those of a linear model. */
function* oneChannel(iterates: Iterable<Iterate<ChannelPoint>>): Generator<Iterate<LinearPoint>> {
  for (const it of iterates) {
    const snapshot = () => {
      const { coef, intercepts } = it.snapshot();
      return { coef, intercept: intercepts[0] };
    };
    yield { ...it, snapshot };
  }
}

type GroupTarget = ArrayLike<number> | ArrayLike<Label>;

/** Data bound to a group lasso. */
export interface PreparedGroupLasso extends PreparedFit<LinearModel, LinearPoint> {
  readonly problem: GroupLassoProblem;
}

export interface GroupLasso extends Family<GroupTarget, LinearModel, LinearPoint> {
  readonly name: string;
  fit(X: AnyMatrixLike, y: GroupTarget, options?: FitOptions): LinearModel;
  /** Fits along decreasing alphas with warm starts. After an abort, the completed part is returned. */
  path(X: AnyMatrixLike, y: GroupTarget, options?: PathFit<LinearModel, LinearPoint>): RegularisationPath;
  /** K-fold cross-validation of the path. */
  crossValidate(X: AnyMatrixLike, y: GroupTarget, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** Checks and prepares data once, for callers that drive the solver themselves; release() frees memory. */
  prepare(X: AnyMatrixLike, y: GroupTarget, options?: FitOptions): PreparedGroupLasso;
}

/**
 * min F(Xb + b0) + alpha·(l1Ratio‖b‖₁ + (1 − l1Ratio)Σ_g w_g‖b_g‖₂): the group lasso (Yuan & Lin 2006) and the sparse
 * group lasso (Simon, Friedman, Hastie & Tibshirani 2013), where F is the weighted mean of the loss. Every fit has a
 * duality gap. Models are saved and loaded like other linear models.
 * @throws INVALID_PARAMETER.
 */
export function groupLasso(options: GroupLassoOptions): GroupLasso {
  knownKeys('groupLasso', options, optionKeys);
  const alpha = options.alpha ?? 1;
  const chosen = LOSSES[options.loss ?? 'squared'];
  if (!chosen) {
    fail('INVALID_PARAMETER', `groupLasso has the losses squared, logistic and poisson, not ${String(options.loss)}.`);
  }
  const { loss, link } = chosen;
  const open = (X: AnyMatrixLike, y: GroupTarget, fit: FitOptions): PreparedGroupLasso => {
    const { matrix, rows } = filledData(X, fit.rows);
    checkedLength('the target', y.length, matrix.rows);
    let classes: readonly Label[] | undefined;
    let target: Float64Array;
    if (link === 'logit') {
      const checked = checkedClasses(y as ArrayLike<Label>, rows);
      target = checked.signs;
      classes = checked.classes;
    } else target = Float64Array.from(y as ArrayLike<number>);
    const problem = new GroupLassoProblem(matrix, target, loss, options, fit);
    const { solver } = problem;
    return {
      problem,
      alphaMax: problem.alphaMax,
      rows: rows.all,
      cols: matrix.cols,
      targets: 1,
      channels: 1,
      gaussian: loss.name === 'squared',
      strata: classes ? target : undefined,
      nullValue: solver.nullValue,
      get lossValue() {
        return solver.lossValue;
      },
      model(alpha, watch = fit) {
        knownKeys('model', watch, fitKeys);
        const solution = problem.solve(alpha, watch);
        const { coef, intercept } = solution.point;
        const report = reportOf(solution, problem.tol);
        return new LinearModel(loss.name, link, coef, intercept, alpha, report, classes, fit.featureNames);
      },
      pointOf: ({ coef, intercept }) => ({ coef, intercept }),
      score: (scoring, weights) =>
        score(
          scoring,
          target,
          solver.linearPredictors()[0],
          weights,
          () => loss.bind(target, weights, rows),
          link,
          rows,
        ),
      release: () => problem.release(),
    };
  };
  return {
    name: 'group-lasso',
    scoring: chosen.scoring,
    scorings: scoringsOf[chosen.link],
    recipe: { method: 'group-lasso', options },
    ...throughPrepared(open, alpha),
    crossValidate(X, y, fit = {}) {
      return crossValidate(this, X, y, fit);
    },
  };
}

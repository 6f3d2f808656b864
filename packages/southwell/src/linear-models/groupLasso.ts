import type { Matrix, MatrixLike } from '../arrays/index.ts';
import { fail, run, type Solution } from '../core/index.ts';
import { type Loss, logistic, poisson, squared } from '../losses/index.ts';
import { Design } from './design.ts';
import { checkedClasses, checkedLength, checkedMatrix, checkedOffset, checkedWeights } from './door.ts';
import { type PathPoint, type RegularisationPath, regularisationPath } from './estimators.ts';
import type { FitOptions } from './fit.ts';
import { type GroupSpec, groupColumns } from './groups.ts';
import { describe, type Label, LinearModel, type Link } from './model.ts';
import { alphaGrid, type PathOptions } from './path.ts';
import { independent } from './solvers/channels.ts';
import type { GroupPenalty } from './solvers/groupPenalty.ts';
import { type ChannelPoint, type Groups, GroupWorkingSetSolver } from './solvers/groupWorkingSet.ts';

export interface GroupLassoOptions {
  /** Strength, in units of the mean loss. Default 1. */
  readonly alpha?: number;
  /** A label for every column, or the size of contiguous groups. */
  readonly groups: GroupSpec;
  /** Share of the penalty that is ‖b‖₁: 0 the group lasso (default), 1 the lasso. */
  readonly l1Ratio?: number;
  /** Default 'squared'. 'logistic' takes labels of two classes. */
  readonly loss?: 'squared' | 'logistic' | 'poisson';
  /** w_g, groups in order of first appearance; 0 leaves a group free of the norm. Default √(size of the group). */
  readonly groupWeights?: ArrayLike<number>;
  /** Default true. */
  readonly fitIntercept?: boolean;
  /** Duality gap relative to the loss of the null model. Default 1e-6. */
  readonly tol?: number;
  /** Working sets per fit. Default 200. */
  readonly maxIter?: number;
  /** Columns in a working set beyond which no Gram matrix is formed. Default max(1500, rows), at most 6000. */
  readonly gramLimit?: number;
}

const LOSSES: Record<string, { loss: Loss; link: Link }> = {
  squared: { loss: squared(), link: 'identity' },
  logistic: { loss: logistic(), link: 'logit' },
  poisson: { loss: poisson(), link: 'log' },
};

/** Data, loss and groups checked and prepared once; any number of strengths after that, each from the last solution. */
export class GroupLassoProblem {
  readonly solver: GroupWorkingSetSolver;
  readonly groups: Groups;
  readonly alphaMax: number;
  readonly tol: number;
  private readonly unit: GroupPenalty;
  private readonly maxIter: number;

  constructor(
    readonly X: Matrix,
    y: Float64Array,
    loss: Loss,
    options: GroupLassoOptions,
    fit: FitOptions = {},
  ) {
    const { rows: n, cols: p } = X;
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
    const channel = independent([loss.bind(y, checkedWeights(n, fit.sampleWeight))], true);
    this.solver = new GroupWorkingSetSolver(new Design(X), channel, this.groups, {
      intercept: options.fitIntercept ?? true,
      offset: checkedOffset(n, fit.offset),
      gramLimit: options.gramLimit,
    });
    this.alphaMax = this.solver.criticalAlpha(this.unit);
  }

  /** Solves at one strength, from where the solver stands. */
  solve(alpha: number, fit: FitOptions = {}): Solution<ChannelPoint> {
    if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
    }
    const { l1, l2, ridge } = this.unit;
    this.solver.setPenalty({ l1: l1.map((x) => alpha * x), l2: l2.map((x) => alpha * x), ridge });
    const { signal, timeLimit } = fit;
    return run(this.solver.iterates(this.tol), { tol: this.tol, maxIter: this.maxIter, signal, timeLimit });
  }

  release(): void {
    this.solver.release();
  }
}

export interface GroupLasso {
  readonly name: string;
  fit(X: MatrixLike, y: ArrayLike<number> | ArrayLike<Label>, options?: FitOptions): LinearModel;
  path(
    X: MatrixLike,
    y: ArrayLike<number> | ArrayLike<Label>,
    options?: FitOptions & PathOptions & { onPoint?: (point: PathPoint, index: number, count: number) => void },
  ): RegularisationPath;
  /** Checks and prepares data once, for those who drive the solver themselves; release() gives memory back. */
  prepare(X: MatrixLike, y: ArrayLike<number> | ArrayLike<Label>, options?: FitOptions): GroupLassoProblem;
}

/**
 * min F(Xb + b0) + alpha·(l1Ratio‖b‖₁ + (1 − l1Ratio)Σ_g w_g‖b_g‖₂): the group lasso (Yuan & Lin 2006) and the sparse group
 * lasso (Simon, Friedman, Hastie & Tibshirani 2013), where F is the weighted mean of the loss. Every fit carries a duality
 * gap. Models save and load as other linear models do.
 */
export function groupLasso(options: GroupLassoOptions): GroupLasso {
  const alpha = options.alpha ?? 1;
  const chosen = LOSSES[options.loss ?? 'squared'];
  if (!chosen) {
    fail('INVALID_PARAMETER', `groupLasso has the losses squared, logistic and poisson, not ${String(options.loss)}.`);
  }
  const { loss, link } = chosen;
  const open = (X: MatrixLike, y: ArrayLike<number> | ArrayLike<Label>, fit: FitOptions) => {
    const matrix = checkedMatrix(X);
    checkedLength('the target', y.length, matrix.rows);
    let classes: readonly Label[] | undefined;
    let target: Float64Array;
    if (link === 'logit') {
      const checked = checkedClasses(y as ArrayLike<Label>);
      target = checked.signs;
      classes = checked.classes;
    } else target = Float64Array.from(y as ArrayLike<number>);
    const problem = new GroupLassoProblem(matrix, target, loss, options, fit);
    const model = (strength: number): LinearModel => {
      const { status, objective, certificate, iterations, seconds, trace, point } = problem.solve(strength, fit);
      const message = describe(status, certificate, problem.tol, iterations);
      const report = { status, objective, certificate, iterations, seconds, trace, message };
      return new LinearModel(
        loss.name,
        link,
        point.coef,
        point.intercepts[0],
        strength,
        report,
        classes,
        fit.featureNames,
      );
    };
    return { problem, model };
  };
  return {
    name: 'group-lasso',
    prepare: (X, y, fit = {}) => open(X, y, fit).problem,
    fit(X, y, fit = {}) {
      const { problem, model } = open(X, y, fit);
      try {
        return model(alpha);
      } finally {
        problem.release();
      }
    },
    path(X, y, fit = {}) {
      const { problem, model } = open(X, y, fit);
      try {
        const { rows: n, cols: p } = problem.X;
        const alphas = alphaGrid(problem.alphaMax, n, p, fit);
        const models: LinearModel[] = [];
        const ratios: number[] = [];
        const losses: number[] = [];
        for (const strength of alphas) {
          const next = model(strength);
          const { nullValue, lossValue } = problem.solver;
          models.push(next);
          losses.push(lossValue);
          ratios.push(nullValue > 0 ? 1 - lossValue / nullValue : 0);
          const at = models.length - 1;
          fit.onPoint?.({ alpha: strength, model: next, devianceRatio: ratios[at] }, at, alphas.length);
          if (next.status === 'aborted' || next.status === 'diverged' || next.status === 'time-limit') break;
        }
        return regularisationPath(alphas, models, ratios, losses, n, p, loss.name === 'squared');
      } finally {
        problem.release();
      }
    },
  };
}

import {
  type AnyMatrix,
  type AnyMatrixLike,
  asMatrix,
  checkFinite,
  type Matrix,
  type MatrixLike,
} from '@southwell/numerics/arrays';
import {
  fail,
  flagOption,
  keysOf,
  knownKeys,
  needsOnePlace,
  type OptionsOf,
  run,
  type SplitRows,
  sumOfRows,
  sumOverRows,
} from '@southwell/numerics/core';
import { squared } from '../../losses/index.ts';
import { checkNearZero, standardDeviations } from '../design/columnScales.ts';
import { Design } from '../design/design.ts';
import type { Family } from '../family.ts';
import { type FitOptions, fitKeys } from '../fit.ts';
import { type Label, reportOf } from '../model.ts';
import type { PathFit, RegularisationPath } from '../path.ts';
import type { PreparedFit, Recipe } from '../prepared.ts';
import { ratioRecords, runRecords } from '../records.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from '../selection/crossValidation.ts';
import * as metrics from '../selection/metrics.ts';
import type { Scoring } from '../selection/scoring.ts';
import { type ChannelLoss, independent, multinomialLoss } from '../solvers/groups/channels.ts';
import { explainGroups, GroupWorkingSetSolver } from '../solvers/groups/index.ts';
import type { GroupPenalty } from '../solvers/groups/penalty.ts';
import type { ChannelPoint } from '../solvers/groups/state.ts';
import { unseen } from '../solvers/unseen.ts';
import { throughPrepared } from '../throughPrepared.ts';
import { checkedData, checkedLength, checkedStart, checkedWeights } from '../validation.ts';
import { groupColumns } from './groups.ts';
import { likeliest, MultiResponseModel } from './multiResponseModel.ts';

export interface MultiResponseOptions extends OptionsOf<typeof runRecords> {}

export const groupedRecords = {
  /** Whether a feature is selected for all classes or for none. Default false. */
  grouped: flagOption({
    title: 'grouped by feature',
    about: 'group penalty over classes: a feature is selected for all classes or for none',
  }),
};
const multinomialRecords = { ...runRecords, ...ratioRecords, ...groupedRecords };

/**
 * Per-row and per-column data, and controls of the fit; offsets are not supported. Points of iterates contain coef[j·K
 * + k].
 */
export type MultiFitOptions = Omit<FitOptions<ChannelPoint>, 'offset'>;

type MultiPathFit = Omit<PathFit<MultiResponseModel, ChannelPoint>, 'offset'>;

export interface MultiResponseEstimator<Y> extends Family<Y, MultiResponseModel, ChannelPoint> {
  readonly name: string;
  /** The smallest alpha at which all penalised coefficients are zero. */
  alphaMax(X: AnyMatrixLike, y: Y, options?: MultiFitOptions): number;
  fit(X: AnyMatrixLike, y: Y, options?: MultiFitOptions): MultiResponseModel;
  /** Fits along decreasing alphas with warm starts. After an abort, the completed part is returned. */
  path(X: AnyMatrixLike, y: Y, options?: MultiPathFit): RegularisationPath<MultiResponseModel>;
  /**
   * K-fold cross-validation of the path, scored by deviance, logLoss, error or accuracy for classes; by deviance, mse,
   * mae or r2, each averaged over tasks, for tasks.
   */
  crossValidate(
    X: AnyMatrixLike,
    y: Y,
    options?: Omit<CrossValidationOptions<ChannelPoint>, 'offset'>,
  ): Promise<CrossValidation<MultiResponseModel>>;
  /** Checks and prepares data once, for callers that drive the solver themselves; release() frees memory. */
  prepare(X: AnyMatrixLike, y: Y, options?: MultiFitOptions): PreparedFit<MultiResponseModel, ChannelPoint>;
}

/** Data and target in the form that the loss takes. */
interface Bound {
  readonly bind: (weights: Float64Array) => ChannelLoss;
  /** @throws if a fit with these weights has no solution. */
  readonly check?: (weights: Float64Array) => void;
  readonly score: (scoring: Scoring, eta: readonly Float64Array[], weights: Float64Array) => number;
  readonly classes?: readonly Label[];
  readonly strata?: Int32Array;
}

const NOWHERE: ChannelPoint = { coef: new Float64Array(0), intercepts: new Float64Array(0) };

interface Definition<Y> {
  readonly recipe: Recipe;
  readonly loss: 'multinomial' | 'squared';
  readonly scoring: Scoring;
  readonly scorings: readonly Scoring[];
  readonly options: MultiResponseOptions;
  /** The penalty of a feature at alpha 1. */
  readonly parts: { readonly l1: number; readonly l2: number; readonly ridge: number };
  readonly open: (matrix: AnyMatrix, y: Y, rows: SplitRows) => Bound;
  /** The target as plain values, which can be sent to another thread. */
  readonly plain: (y: Y) => Y;
}

function estimator<Y>(definition: Definition<Y>): MultiResponseEstimator<Y> {
  const { recipe, loss, options, parts, scoring } = definition;
  const name = recipe.method;
  const { alpha = 1, tol = 1e-6, maxIter = 200, fitIntercept = true, standardize = false } = options;
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
  }
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const open = (X: AnyMatrixLike, y: Y, fit: MultiFitOptions): PreparedFit<MultiResponseModel, ChannelPoint> => {
    if ((fit as FitOptions<ChannelPoint>).offset) fail('NOT_SUPPORTED', `${name} does not support offsets.`);
    const { matrix, rows } = checkedData(X, fit.rows);
    const { bind, check, classes, strata, score } = definition.open(matrix, y, rows);
    const p = matrix.cols;
    if (fit.featureNames && fit.featureNames.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
    }
    const weights = checkedWeights(rows, fit.sampleWeight);
    check?.(weights);
    const channels = bind(weights);
    const K = channels.channels;
    if (fitIntercept) checkNearZero(matrix, weights, fit.featureNames, rows);
    const scale = standardize ? standardDeviations(matrix, weights, rows) : undefined;
    const design = new Design(matrix, rows, scale, fit.pool);
    const solver = new GroupWorkingSetSolver(design, channels, groupColumns(1, p), { intercept: fitIntercept });
    const penalty = (alpha: number): GroupPenalty => ({
      l1: new Float64Array(p).fill(alpha * parts.l1),
      l2: new Float64Array(p).fill(alpha * parts.l2),
      ridge: new Float64Array(p).fill(alpha * parts.ridge),
    });
    /** The solver's result at an alpha; without `shown` its point is left empty. */
    const solve = (alpha: number, watch: MultiFitOptions, shown: boolean) => {
      knownKeys('model', watch, fitKeys);
      solver.setPenalty(penalty(alpha));
      const { signal, timeLimit, onIterate, from } = watch;
      if (from) {
        checkedStart(from.coef, p * K);
        checkedStart(from.intercepts, K);
        solver.state.moveTo(from);
      }
      const iterates = solver.iterates(tol);
      const controls = { tol, maxIter, signal, timeLimit, onIterate };
      return run(shown || onIterate ? iterates : unseen(iterates, NOWHERE), controls);
    };
    return {
      alphaMax: solver.criticalAlpha(penalty(1)),
      rows: rows.all,
      cols: p,
      targets: loss === 'squared' ? K : 1,
      channels: K,
      gaussian: loss === 'squared',
      strata,
      nullValue: solver.nullValue,
      get lossValue() {
        return solver.lossValue;
      },
      model(alpha, watch = fit) {
        const solution = solve(alpha, watch, true);
        const { intercepts } = solution.point;
        if (classes) {
          // A constant common to all classes changes no probability.
          const mean = intercepts.reduce((sum, b) => sum + b, 0) / K;
          for (let k = 0; k < K; k++) intercepts[k] -= mean;
        }
        const coef = channelsOf(solution.point.coef, K);
        const report = reportOf(solution, tol);
        return new MultiResponseModel(loss, coef, intercepts, alpha, report, classes, fit.featureNames);
      },
      advance: (alpha, watch = fit) => solve(alpha, watch, false).status,
      pointOf({ sparseCoef, intercepts }) {
        const coef = new Float64Array(p * K);
        sparseCoef.forEach(({ indices, values }, k) => {
          indices.forEach((j, t) => {
            coef[j * K + k] = values[t];
          });
        });
        return { coef, intercepts: Float64Array.from(intercepts) };
      },
      score(by, held) {
        const eta = solver.linearPredictors();
        return by === 'deviance' ? bind(held).value(eta) : score(by, eta, held);
      },
      release() {
        fit.onExplain?.(explainGroups(solver));
        solver.release();
      },
    };
  };
  return {
    name,
    scoring,
    scorings: definition.scorings,
    recipe,
    ...throughPrepared(open, alpha),
    crossValidate(X, y, fit = {}) {
      return crossValidate(this, X, definition.plain(y), fit);
    },
  };
}

type MultinomialOptions = OptionsOf<typeof multinomialRecords>;

/**
 * Multinomial logistic regression: min mean(log Σ_k exp η_ik − η_{i,y_i}) + alpha·Σ_jk (l1Ratio|b_jk| + (1 − l1Ratio)/2
 * b_jk²), or with `grouped` l1Ratio·Σ_j‖b_j·‖₂ instead of the first term; glmnet's multinomial (Friedman, Hastie &
 * Tibshirani 2010, §4.1; Simon, Friedman & Hastie 2013 for grouped) with its alpha = l1Ratio. All K classes have
 * coefficients and unpenalised intercepts. y: n labels of K ≥ 2 classes, sorted into `classes`.
 * @throws INVALID_PARAMETER.
 */
export function multinomialRegression(options: MultinomialOptions = {}): MultiResponseEstimator<ArrayLike<Label>> {
  knownKeys('multinomialRegression', options, keysOf(multinomialRecords));
  const { l1Ratio = 1, grouped = false } = options;
  if (!(l1Ratio >= 0 && l1Ratio <= 1)) {
    fail('INVALID_PARAMETER', `l1Ratio must be between 0 (ridge) and 1, but is ${l1Ratio}.`);
  }
  return estimator<ArrayLike<Label>>({
    recipe: { method: 'multinomial', options },
    loss: 'multinomial',
    scoring: 'logLoss',
    scorings: ['deviance', 'logLoss', 'error', 'accuracy'],
    options,
    parts: { l1: grouped ? 0 : l1Ratio, l2: grouped ? l1Ratio : 0, ridge: 1 - l1Ratio },
    plain: (y) => y,
    open(matrix, y, rows) {
      checkedLength('the target', y.length, matrix.rows);
      const { codes, classes } = checkedLabels(y, rows);
      const bind = (weights: Float64Array) => multinomialLoss(codes, classes.length, weights, rows);
      return {
        classes,
        strata: codes,
        bind,
        check(weights) {
          const present = new Float64Array(classes.length);
          for (let i = 0; i < codes.length; i++) present[codes[i]] += weights[i];
          rows.max(present);
          const empty = present.indexOf(0);
          if (empty >= 0) {
            fail('INVALID_TARGET', `All rows of class ${String(classes[empty])} have weight 0: leave those rows out.`);
          }
        },
        score(scoring, eta, weights) {
          if (scoring === 'logLoss') return bind(weights).value(eta);
          const chosen = Array.from(codes, (_, i) => likeliest(eta, i));
          const right = sumOverRows(rows, (i) => (chosen[i] === codes[i] ? weights[i] : 0)) / sumOfRows(rows, weights);
          return scoring === 'error' ? 1 - right : right;
        },
      };
    },
  });
}

function checkedLabels(y: ArrayLike<Label>, rows: SplitRows): { codes: Int32Array; classes: readonly Label[] } {
  const own = new Set<Label>();
  for (let i = 0; i < y.length; i++) {
    const label = y[i];
    if (typeof label === 'number' && !Number.isFinite(label)) {
      fail('NON_FINITE', `The target holds ${label} in row ${rows.first + i + 1}.`);
    }
    own.add(label);
  }
  const seen = new Set(rows.tell([...own]).flat());
  const classes = [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (classes.length === 1) {
    fail('INVALID_TARGET', `The target has only one class, ${String(classes[0])}: a classifier needs two or more.`);
  }
  const code = new Map(classes.map((label, k) => [label, k]));
  return { codes: Int32Array.from({ length: y.length }, (_, i) => code.get(y[i]) as number), classes };
}

/**
 * min ‖Y − XW − 1w0ᵀ‖²_F/(2n) + alpha·Σ_j‖W_j·‖₂: the same features for all tasks (Obozinski, Taskar & Jordan 2010);
 * scikit-learn's MultiTaskLasso. Y: n rows of T numbers, or an n × T matrix.
 */
export function multitaskLasso(options: MultiResponseOptions = {}): MultiResponseEstimator<MatrixLike> {
  knownKeys('multitaskLasso', options, keysOf(runRecords));
  return estimator<MatrixLike>({
    recipe: { method: 'multitask-lasso', options },
    loss: 'squared',
    scoring: 'mse',
    scorings: ['deviance', 'mse', 'mae', 'r2'],
    options,
    parts: { l1: 0, l2: 1, ridge: 0 },
    plain: (Y) => {
      const tasks = columnsOf(asMatrix(Y));
      return Array.from({ length: tasks[0]?.length ?? 0 }, (_, i) => tasks.map((y) => y[i]));
    },
    open(matrix, Y, rows) {
      needsOnePlace(rows, 'A multitask lasso needs');
      const target = asMatrix(Y);
      if (target.cols === 0) fail('EMPTY', 'Y has no columns: give at least one task.');
      checkedLength('the target', target.rows, matrix.rows);
      checkFinite(target);
      const tasks = columnsOf(target);
      const mean = (eta: readonly Float64Array[], f: (y: Float64Array, e: Float64Array) => number) =>
        tasks.reduce((sum, y, t) => sum + f(y, eta[t]), 0) / tasks.length;
      return {
        bind: (weights) =>
          independent(
            tasks.map((y) => squared().bind(y, weights)),
            true,
            rows,
          ),
        score(scoring, eta, w) {
          if (scoring === 'mae') return mean(eta, (y, e) => metrics.meanAbsoluteError(y, e, w));
          if (scoring === 'r2') return mean(eta, (y, e) => metrics.r2(y, e, w));
          return mean(eta, (y, e) => metrics.meanSquaredError(y, e, w));
        },
      };
    },
  });
}

/** One array per channel, from coef[j·K + k]. */
function channelsOf(coef: Float64Array, K: number): Float64Array[] {
  return Array.from({ length: K }, (_, k) => {
    const out = new Float64Array(coef.length / K);
    for (let j = 0, a = k; j < out.length; j++, a += K) out[j] = coef[a];
    return out;
  });
}

/** Copies of the columns. */
function columnsOf(matrix: Matrix): Float64Array[] {
  return Array.from({ length: matrix.cols }, (_, t) => {
    if (matrix.kind === 'dense') return matrix.column(t).slice();
    const y = new Float64Array(matrix.rows);
    for (let q = matrix.colPointers[t]; q < matrix.colPointers[t + 1]; q++) y[matrix.rowIndices[q]] = matrix.values[q];
    return y;
  });
}

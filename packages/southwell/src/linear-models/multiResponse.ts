import { asMatrix, checkFinite, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail, run } from '../core/index.ts';
import { multiply } from '../linalg/index.ts';
import { squared } from '../losses/index.ts';
import { Design } from './design.ts';
import { checkedLength, checkedMatrix, checkedWeights } from './door.ts';
import type { FitOptions } from './fit.ts';
import { groupColumns } from './groups.ts';
import { describe, type FitReport, type Label } from './model.ts';
import { type ChannelLoss, independent, multinomialLoss } from './solvers/channels.ts';
import type { GroupPenalty } from './solvers/groupPenalty.ts';
import { GroupWorkingSetSolver } from './solvers/groupWorkingSet.ts';

/** A fitted model with one linear predictor for each class or task. It has no saved form of its own yet. */
export class MultiResponseModel {
  constructor(
    readonly loss: 'multinomial' | 'squared',
    /** K vectors of length p. */
    readonly coef: readonly Float64Array[],
    /** Length K; of a multinomial model they add up to 0. */
    readonly intercepts: Float64Array,
    readonly alpha: number,
    readonly report: FitReport,
    /** The K labels of a multinomial model, sorted. */
    readonly classes?: readonly Label[],
    readonly featureNames?: readonly string[],
  ) {}

  get status(): FitReport['status'] {
    return this.report.status;
  }

  /** Features with a coefficient that is not zero in some class or task. */
  get activeFeatures(): number[] {
    const out: number[] = [];
    for (let j = 0; j < this.coef[0].length; j++) if (this.coef.some((b) => b[j] !== 0)) out.push(j);
    return out;
  }

  /** The K linear predictors of every row: n × K. */
  decisionFunction(X: MatrixLike): DenseMatrix {
    const matrix = asMatrix(X);
    const p = this.coef[0].length;
    if (matrix.cols !== p) fail('INVALID_SHAPE', `The model was fitted on ${p} columns but X has ${matrix.cols}.`);
    checkFinite(matrix);
    const out = DenseMatrix.create(matrix.rows, this.coef.length);
    const eta = new Float64Array(matrix.rows);
    this.coef.forEach((b, k) => {
      eta.fill(0);
      multiply(matrix, b, eta);
      const column = out.column(k);
      for (let i = 0; i < eta.length; i++) column[i] = eta[i] + this.intercepts[k];
    });
    return out;
  }

  /** Predicted tasks, n × K. Classifiers throw: use predictClass or predictProba. */
  predict(X: MatrixLike): DenseMatrix {
    if (this.classes) fail('NOT_SUPPORTED', 'A classifier predicts with predictClass or predictProba.');
    return this.decisionFunction(X);
  }

  /** The likeliest label of each row. */
  predictClass(X: MatrixLike): Label[] {
    const { classes } = this;
    if (!classes) fail('NOT_SUPPORTED', 'This model predicts numbers: use predict.');
    const eta = this.decisionFunction(X);
    const columns = classes.map((_, k) => eta.column(k));
    return Array.from({ length: eta.rows }, (_, i) => {
      let best = 0;
      for (let k = 1; k < columns.length; k++) if (columns[k][i] > columns[best][i]) best = k;
      return classes[best];
    });
  }

  /** Probabilities of the classes, n × K, columns in the order of `classes`; rows add up to 1. */
  predictProba(X: MatrixLike): DenseMatrix {
    if (!this.classes) fail('NOT_SUPPORTED', 'Probabilities need a multinomial model.');
    const eta = this.decisionFunction(X);
    const columns = this.classes.map((_, k) => eta.column(k));
    for (let i = 0; i < eta.rows; i++) {
      let top = Number.NEGATIVE_INFINITY;
      for (const c of columns) top = Math.max(top, c[i]);
      let sum = 0;
      for (const c of columns) {
        c[i] = Math.exp(c[i] - top);
        sum += c[i];
      }
      for (const c of columns) c[i] /= sum;
    }
    return eta;
  }
}

export interface MultiResponseOptions {
  /** Strength, in units of the mean loss. Default 1. */
  readonly alpha?: number;
  /** Default true. */
  readonly fitIntercept?: boolean;
  /** Duality gap relative to the loss of the null model. Default 1e-6. */
  readonly tol?: number;
  /** Working sets per fit. Default 200. */
  readonly maxIter?: number;
}

type MultiFit = Pick<FitOptions, 'sampleWeight' | 'featureNames' | 'signal' | 'timeLimit'>;

export interface MultiResponseEstimator<Y> {
  readonly name: string;
  /** The smallest alpha at which all penalised coefficients are zero. */
  alphaMax(X: MatrixLike, y: Y, options?: MultiFit): number;
  fit(X: MatrixLike, y: Y, options?: MultiFit): MultiResponseModel;
}

interface Bound {
  readonly matrix: Matrix;
  readonly loss: ChannelLoss;
  readonly classes?: readonly Label[];
}

function estimator<Y>(
  name: string,
  loss: 'multinomial' | 'squared',
  options: MultiResponseOptions,
  parts: { l1: number; l2: number; ridge: number },
  bind: (X: MatrixLike, y: Y, fit: MultiFit) => Bound,
): MultiResponseEstimator<Y> {
  const { alpha = 1, tol = 1e-6, maxIter = 200, fitIntercept = true } = options;
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
  }
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const open = (X: MatrixLike, y: Y, fit: MultiFit) => {
    const bound = bind(X, y, fit);
    const p = bound.matrix.cols;
    if (fit.featureNames && fit.featureNames.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
    }
    const solver = new GroupWorkingSetSolver(new Design(bound.matrix), bound.loss, groupColumns(1, p), {
      intercept: fitIntercept,
    });
    const penalty = (strength: number): GroupPenalty => ({
      l1: new Float64Array(p).fill(strength * parts.l1),
      l2: new Float64Array(p).fill(strength * parts.l2),
      ridge: new Float64Array(p).fill(strength * parts.ridge),
    });
    return { ...bound, p, solver, penalty };
  };
  return {
    name,
    alphaMax(X, y, fit = {}) {
      const { solver, penalty } = open(X, y, fit);
      try {
        return solver.criticalAlpha(penalty(1));
      } finally {
        solver.release();
      }
    },
    fit(X, y, fit = {}) {
      const { solver, penalty, classes, p } = open(X, y, fit);
      try {
        solver.setPenalty(penalty(alpha));
        const { signal, timeLimit } = fit;
        const solution = run(solver.iterates(tol), { tol, maxIter, signal, timeLimit });
        const { status, objective, certificate, iterations, seconds, trace, point } = solution;
        const message = describe(status, certificate, tol, iterations);
        const report = { status, objective, certificate, iterations, seconds, trace, message };
        const K = point.intercepts.length;
        const coef = Array.from({ length: K }, (_, k) =>
          Float64Array.from({ length: p }, (_, j) => point.coef[j * K + k]),
        );
        const { intercepts } = point;
        if (classes) {
          // A constant common to all classes changes no probability.
          const mean = intercepts.reduce((sum, b) => sum + b, 0) / K;
          for (let k = 0; k < K; k++) intercepts[k] -= mean;
        }
        return new MultiResponseModel(loss, coef, intercepts, alpha, report, classes, fit.featureNames);
      } finally {
        solver.release();
      }
    },
  };
}

/**
 * Multinomial logistic regression: min mean(log Σ_k exp η_ik − η_{i,y_i}) + alpha·Σ_jk (l1Ratio|b_jk| + (1 − l1Ratio)/2
 * b_jk²), or with `grouped` l1Ratio·Σ_j‖b_j·‖₂ in place of the first part; glmnet's multinomial (Friedman, Hastie &
 * Tibshirani 2010, §4.1; Simon, Friedman & Hastie 2013 for grouped) with its alpha = l1Ratio. All K classes have
 * coefficients and unpenalised intercepts. y: n labels of K ≥ 2 classes, sorted into `classes`. A Newton model couples the
 * classes, O((mK)²) memory for m features in the working set.
 */
export function multinomialRegression(
  options: MultiResponseOptions & { l1Ratio?: number; grouped?: boolean } = {},
): MultiResponseEstimator<ArrayLike<Label>> {
  const { l1Ratio = 1, grouped = false } = options;
  if (!(l1Ratio >= 0 && l1Ratio <= 1)) {
    fail('INVALID_PARAMETER', `l1Ratio must be between 0 (ridge) and 1, but is ${l1Ratio}.`);
  }
  const parts = { l1: grouped ? 0 : l1Ratio, l2: grouped ? l1Ratio : 0, ridge: 1 - l1Ratio };
  return estimator('multinomial', 'multinomial', options, parts, (X, y, fit) => {
    const matrix = checkedMatrix(X);
    checkedLength('the target', y.length, matrix.rows);
    const { codes, classes } = checkedLabels(y);
    const weights = checkedWeights(matrix.rows, fit.sampleWeight);
    const present = new Float64Array(classes.length);
    for (let i = 0; i < codes.length; i++) present[codes[i]] += weights[i];
    const empty = present.indexOf(0);
    if (empty >= 0) {
      fail('INVALID_TARGET', `All rows of class ${String(classes[empty])} have weight 0: leave those rows out.`);
    }
    return { matrix, loss: multinomialLoss(codes, classes.length, weights), classes };
  });
}

function checkedLabels(y: ArrayLike<Label>): { codes: Int32Array; classes: readonly Label[] } {
  const seen = new Set<Label>();
  for (let i = 0; i < y.length; i++) {
    const label = y[i];
    if (typeof label === 'number' && !Number.isFinite(label)) {
      fail('NON_FINITE', `The target holds ${label} at row ${i} (counted from 0).`);
    }
    seen.add(label);
  }
  const classes = [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (classes.length === 1) {
    fail('INVALID_TARGET', `The target has one class only, ${String(classes[0])}: a classifier needs two or more.`);
  }
  const code = new Map(classes.map((label, k) => [label, k]));
  return { codes: Int32Array.from({ length: y.length }, (_, i) => code.get(y[i]) as number), classes };
}

/**
 * min ‖Y − XW − 1w0ᵀ‖²_F/(2n) + alpha·Σ_j‖W_j·‖₂: one set of features for all tasks (Obozinski, Taskar & Jordan 2010);
 * scikit-learn's MultiTaskLasso. Y: n rows of T numbers, or an n × T matrix. O((mT)²) memory for m features in the
 * working set.
 */
export function multitaskLasso(options: MultiResponseOptions = {}): MultiResponseEstimator<MatrixLike> {
  return estimator('multitask-lasso', 'squared', options, { l1: 0, l2: 1, ridge: 0 }, (X, Y, fit) => {
    const matrix = checkedMatrix(X);
    const target = asMatrix(Y);
    if (target.cols === 0) fail('EMPTY', 'Y has no columns: give at least one task.');
    checkedLength('the target', target.rows, matrix.rows);
    checkFinite(target);
    const weights = checkedWeights(matrix.rows, fit.sampleWeight);
    const losses = Array.from({ length: target.cols }, (_, t) => {
      const y = new Float64Array(matrix.rows);
      if (target.kind === 'dense') y.set(target.column(t));
      else {
        for (let q = target.colPointers[t]; q < target.colPointers[t + 1]; q++) {
          y[target.rowIndices[q]] = target.values[q];
        }
      }
      return squared().bind(y, weights);
    });
    return { matrix, loss: independent(losses, true) };
  });
}

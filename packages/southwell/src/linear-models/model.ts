import { type AnyMatrixLike, asMatrix, checkFinite, type DenseMatrix } from '@southwell/numerics/arrays';
import {
  type Certificate,
  fail,
  knownKeys,
  type OptionKeys,
  type Solution,
  type Status,
  type TraceEntry,
} from '@southwell/numerics/core';
import type { BaselineHazard } from '../losses/index.ts';
import { product } from './product.ts';
import { SparseVector } from './sparseVector.ts';
import { survivalOf } from './survival.ts';

export type Label = number | string | boolean;
export type Link = 'identity' | 'log' | 'logit' | 'sign' | 'cox';

/** How a fit ended. */
export interface FitReport {
  readonly status: Status;
  readonly objective: number;
  readonly certificate?: Certificate;
  readonly iterations: number;
  readonly seconds: number;
  /**
   * The accelerator library, if any, that computed dense products: results differ from those without it in the last
   * bits.
   */
  readonly accelerator?: string;
  readonly trace: readonly TraceEntry[];
  /** Whether the fit converged, and to what accuracy; if not, what to try next. */
  readonly message: string;
}

/** The part of a fitted model that paths and cross-validation need. */
export interface FittedModel {
  readonly status: Status;
  /** Number of non-zero coefficients. */
  readonly activeCount: number;
  /** Number of non-zero coefficients and intercepts. */
  readonly parameterCount: number;
}

export interface PredictionOptions {
  /** Added to the linear predictor, one value per row. */
  readonly offset?: ArrayLike<number>;
}

const predictionKeys: OptionKeys<PredictionOptions> = { offset: true };

export interface SurvivalOptions extends PredictionOptions {
  /** The stratum of every row, for models fitted with strata. */
  readonly strata?: ArrayLike<number | string>;
}

const survivalKeys: OptionKeys<SurvivalOptions> = { ...predictionKeys, strata: true };

/** Coefficients in the units of the data. */
export interface SparsePoint {
  readonly coef: SparseVector;
  readonly intercept: number;
}

/** The two parts of a relaxed model: gamma·penalised + (1 − gamma)·unpenalised. */
export interface Relaxed {
  /** Weight of the penalised fit; 1 if there is no unpenalised one. */
  readonly gamma: number;
  readonly penalised: SparsePoint;
  /** The unpenalised fit on the active columns of the penalised one, if it exists. */
  readonly unpenalised?: SparsePoint;
}

/** A fitted linear model, with coefficients in the units of the data. */
export class LinearModel implements FittedModel {
  /** The non-zero coefficients. */
  readonly sparseCoef: SparseVector;

  constructor(
    /** Name of the loss. */
    readonly loss: string,
    readonly link: Link,
    coef: Float64Array,
    readonly intercept: number,
    readonly alpha: number,
    readonly report: FitReport,
    /** Two labels of classifiers; a positive score predicts the second. */
    readonly classes?: readonly Label[],
    readonly featureNames?: readonly string[],
    /** Cox models only: the cumulative baseline hazard of each stratum, sorted by stratum. */
    readonly baselineHazard?: readonly BaselineHazard[],
    /** Relaxed fits only: the two fits that are blended. The certificate in the report belongs to the penalised one. */
    readonly relaxed?: Relaxed,
  ) {
    this.sparseCoef = new SparseVector(coef);
  }

  /** Length p; a copy. */
  get coef(): Float64Array {
    return this.sparseCoef.dense;
  }

  get status(): Status {
    return this.report.status;
  }

  get activeCount(): number {
    return this.sparseCoef.indices.length;
  }

  get parameterCount(): number {
    return this.activeCount + (this.intercept !== 0 ? 1 : 0);
  }

  /** Non-zero coefficients by name (x0, x1, … without names), largest magnitude first. */
  coefficients(): Array<{ name: string; value: number }> {
    const { indices, values } = this.sparseCoef;
    const out = Array.from(indices, (j, k) => ({ name: this.featureNames?.[j] ?? `x${j}`, value: values[k] }));
    return out.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  }

  /**
   * The linear predictor Xb + intercept (+ offset), one value per row. O(non-zeros of X in active columns).
   * @throws INVALID_SHAPE.
   */
  decisionFunction(X: AnyMatrixLike, options: PredictionOptions = {}): Float64Array {
    knownKeys('A prediction', options, predictionKeys);
    const matrix = asMatrix(X);
    if (matrix.cols !== this.sparseCoef.length) {
      fail('INVALID_SHAPE', `The model was fitted on ${this.sparseCoef.length} columns but X has ${matrix.cols}.`);
    }
    checkFinite(matrix);
    const out = new Float64Array(matrix.rows);
    product(matrix, this.coef, out);
    const { offset } = options;
    if (offset && offset.length !== matrix.rows) {
      fail('INVALID_SHAPE', `X has ${matrix.rows} rows but the offset has ${offset.length} values.`);
    }
    for (let i = 0; i < out.length; i++) out[i] += this.intercept + (offset ? offset[i] : 0);
    return out;
  }

  /**
   * The mean of y: Xb + intercept for identity links, its exponential for log links (for Cox, the hazard relative to
   * the baseline). Classifiers throw: use predictClass or predictProba.
   * @throws NOT_SUPPORTED.
   */
  predict(X: AnyMatrixLike, options: PredictionOptions = {}): Float64Array {
    if (this.classes) fail('NOT_SUPPORTED', 'A classifier predicts with predictClass or predictProba.');
    const eta = this.decisionFunction(X, options);
    return this.link === 'identity' ? eta : eta.map(Math.exp);
  }

  /**
   * The probability of no event up to each of the times, rows × times: exp(−H₀(t)·e^η), constant beyond the last time
   * of the fit. Cox models only.
   * @throws for a stratum that was not in the training data.
   */
  survival(X: AnyMatrixLike, times: ArrayLike<number>, options: SurvivalOptions = {}): DenseMatrix {
    knownKeys('survival', options, survivalKeys);
    if (this.link !== 'cox') fail('NOT_SUPPORTED', `Survival needs a Cox model, not ${this.loss}.`);
    if (!this.baselineHazard) {
      fail(
        'NOT_SUPPORTED',
        'This Cox model has no baseline hazard, as it was saved by an older version: fit it again.',
      );
    }
    const { offset, strata } = options;
    return survivalOf(this.baselineHazard, this.decisionFunction(X, { offset }), times, strata);
  }

  /**
   * The more likely label of each row.
   * @throws NOT_SUPPORTED.
   */
  predictClass(X: AnyMatrixLike, options: PredictionOptions = {}): Label[] {
    const { classes } = this;
    if (!classes) fail('NOT_SUPPORTED', 'This model predicts numbers: use predict.');
    return Array.from(this.decisionFunction(X, options), (eta) => classes[eta > 0 ? 1 : 0]);
  }

  /**
   * The probability of the second class for each row. Logistic models only.
   * @throws NOT_SUPPORTED.
   */
  predictProba(X: AnyMatrixLike, options: PredictionOptions = {}): Float64Array {
    if (this.link !== 'logit') fail('NOT_SUPPORTED', `Probabilities need a logistic model, not ${this.loss}.`);
    return this.decisionFunction(X, options).map((eta) => 1 / (1 + Math.exp(-eta)));
  }
}

/** The report of a solution; `round` is the name of an iteration of its solver. */
export function reportOf(solution: Omit<Solution<unknown>, 'point'>, tol: number, round = 'working set'): FitReport {
  const { status, objective, certificate, iterations, seconds, accelerator, trace } = solution;
  const { next } = solution;
  const how = describe(status, certificate, tol, `${iterations} ${round}${iterations === 1 ? '' : 's'}`);
  const message = next === undefined ? how : `${how} ${next}`;
  return { status, objective, certificate, iterations, seconds, ...(accelerator && { accelerator }), trace, message };
}

/** The sentence that says how a fit ended. */
function describe(status: Status, certificate: Certificate | undefined, tol: number, rounds: string): string {
  const what =
    certificate === undefined
      ? 'no certificate'
      : certificate.kind === 'dualityGap'
        ? `duality gap ${certificate.relative.toExponential(1)} of the objective at zero`
        : certificate.kind === 'objectiveGap'
          ? `${certificate.relative.toExponential(1)} of the objective at zero above its least, as the sketch tells`
          : `stationarity residual ${certificate.relative.toExponential(1)} of the gradient at zero`;
  switch (status) {
    case 'converged':
      return `Converged: ${what} (asked for ${tol.toExponential(0)}) after ${rounds}.`;
    case 'completed':
      return `Done: ${what}.`;
    case 'stalled':
      return `Stopped where steps gain no more, for rounding or units far apart: ${what} (asked for ${tol.toExponential(0)}).`;
    case 'diverged':
      return 'Diverged: the objective is not finite.';
    case 'aborted':
      return `Stopped on request before converging: ${what} after ${rounds}.`;
    default:
      return `Stopped by its ${status.replace('-', ' ')} before converging: ${what} after ${rounds} (asked for ${tol.toExponential(0)}).`;
  }
}

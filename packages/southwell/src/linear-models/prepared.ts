import type { Status } from '@southwell/numerics/core';
import type { FitOptions } from './fit.ts';
import type { FittedModel } from './model.ts';
import type { Scoring } from './selection/scoring.ts';

/** The constructor of an estimator by name, and its options: sufficient to construct the same one in another thread. */
export interface Recipe {
  readonly method: string;
  readonly options: object;
}

/**
 * Data bound to an estimator, for any number of alphas, each solved from the last solution. P is the type of the points
 * of iterates.
 */
export interface PreparedFit<M extends FittedModel, P> {
  /** The smallest alpha at which all penalised coefficients are zero; 0 if alpha cannot do that. */
  readonly alphaMax: number;
  /** Number of rows, over all ranks if distributed. */
  readonly rows: number;
  readonly cols: number;
  /** Targets per row: the number of tasks, or 1. */
  readonly targets: number;
  /** Linear predictors per row. */
  readonly channels: number;
  /** Whether the loss is half the mean squared residual. */
  readonly gaussian: boolean;
  /** Classes by which folds are stratified, one number per row. */
  readonly strata?: ArrayLike<number>;
  /** 1 for rows with an observed event; every fit needs at least one of these. */
  readonly events?: ArrayLike<number>;
  /** Loss of the null model. */
  readonly nullValue: number;
  /** Loss at the last solution. */
  readonly lossValue: number;
  /** Announces the number of alphas, so that shared work may be done first. */
  plan?(points: number): void;
  /** Solves at an alpha, from the given point or the last solution. */
  model(alpha: number, options?: FitOptions<P>): M;
  /** As `model`, if only scores are needed. */
  advance?(alpha: number, options?: FitOptions<P>): Status;
  /** The point of a model of these data, as the initial point of another fit. */
  pointOf(model: M): P;
  /** Relaxed fits only: the weights of the penalised fit, ascending, among which cross-validation chooses. */
  readonly gammas?: readonly number[];
  /** Relaxed fits only: a model of these data at another gamma; `lossValue` refers to it until the next solution. */
  blend?(model: M, gamma: number): M;
  /** The score of the last solution (for relaxed fits, at a gamma) on the rows with weight; weights sum to 1. */
  score(scoring: Scoring, weights: Float64Array, gamma?: number): number;
  /** Frees memory. */
  release(): void;
}

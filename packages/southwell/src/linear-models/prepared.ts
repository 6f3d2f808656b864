import type { Status } from '@southwell/numerics/core';
import type { FitOptions } from './fit.ts';
import type { FittedModel } from './model.ts';
import type { Scoring } from './selection/scoring.ts';

/** How an estimator was made: the constructor's name and options, enough to make the same one in another thread. */
export interface Recipe {
  readonly method: string;
  readonly options: object;
}

/** Data bound to an estimator: any number of alphas, each solved from the last. P is the point that iterates show. */
export interface PreparedFit<M extends FittedModel, P> {
  /** The smallest alpha at which all penalised coefficients are zero; 0 if alpha cannot do that. */
  readonly alphaMax: number;
  /** Of all ranks, where they are spread. */
  readonly rows: number;
  readonly cols: number;
  /** Targets a row: of several tasks, their number; else 1. */
  readonly targets: number;
  /** Linear predictors a row. */
  readonly channels: number;
  /** The loss is half the mean squared residual. */
  readonly gaussian: boolean;
  /** Classes that folds should share alike, a number a row. */
  readonly strata?: ArrayLike<number>;
  /** 1 for the rows with an observed event, of which every fit needs one. */
  readonly events?: ArrayLike<number>;
  /** Loss of the null model. */
  readonly nullValue: number;
  /** Loss at the last solution. */
  readonly lossValue: number;
  /** Says how many alphas are to come, so that work which they share may be done first. */
  plan?(points: number): void;
  /** Solves at an alpha, from the given point or else from the last solution. */
  model(alpha: number, options?: FitOptions<P>): M;
  /** As `model`, for the scores alone. */
  advance?(alpha: number, options?: FitOptions<P>): Status;
  /** The point of a model of these data, to start another fit from. */
  pointOf(model: M): P;
  /** Of relaxed fits: the shares of the penalised fit, ascending, that cross-validation chooses among. */
  readonly gammas?: readonly number[];
  /** Of relaxed fits: a model of these data at another gamma; `lossValue` is of it until the next solution. */
  blend?(model: M, gamma: number): M;
  /** The score of the last solution, of relaxed fits at a gamma, on the rows with weight; weights add up to 1. */
  score(scoring: Scoring, weights: Float64Array, gamma?: number): number;
  /** Gives memory back. */
  release(): void;
}

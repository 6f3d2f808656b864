import type { AnyMatrixLike } from '@southwell/numerics/arrays';
import type { FitOptions } from './fit.ts';
import type { FittedModel } from './model.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit, Recipe } from './prepared.ts';
import type { Scoring } from './selection/scoring.ts';

/** The part of an estimator that cross-validation needs. */
export interface Family<Y, M extends FittedModel, P> {
  /** The default metric of cross-validation. */
  readonly scoring: Scoring;
  /** All metrics available for such a model. */
  readonly scorings: readonly Scoring[];
  readonly recipe: Recipe;
  path(X: AnyMatrixLike, y: Y, options?: PathFit<M, P>): RegularisationPath<M>;
  prepare(X: AnyMatrixLike, y: Y, options?: FitOptions<P>): PreparedFit<M, P>;
}

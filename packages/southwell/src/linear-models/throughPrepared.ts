import type { MatrixLike } from '@southwell/numerics/arrays';
import type { FitOptions } from './fit.ts';
import type { FittedModel } from './model.ts';
import type { PathFit } from './path.ts';
import { fitPath, type RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';

/** What every estimator does with data that `prepare` binds: one fit, a path, alphaMax; then it lets go. */
export function throughPrepared<Y, M extends FittedModel, P>(
  prepare: (X: MatrixLike, y: Y, fit?: FitOptions<P>) => PreparedFit<M, P>,
  alpha: number,
) {
  const using = <T>(X: MatrixLike, y: Y, fit: FitOptions<P> | undefined, use: (data: PreparedFit<M, P>) => T): T => {
    const data = prepare(X, y, fit);
    try {
      return use(data);
    } finally {
      data.release();
    }
  };
  return {
    alphaMax: (X: MatrixLike, y: Y, fit?: FitOptions<P>): number => using(X, y, fit, (data) => data.alphaMax),
    fit: (X: MatrixLike, y: Y, fit?: FitOptions<P>): M => using(X, y, fit, (data) => data.model(alpha)),
    path: (X: MatrixLike, y: Y, fit: PathFit<M, P> = {}): RegularisationPath<M> =>
      fitPath(() => prepare(X, y, fit), fit),
  };
}

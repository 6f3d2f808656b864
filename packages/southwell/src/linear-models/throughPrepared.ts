import type { AnyMatrixLike } from '@southwell/numerics/arrays';
import { knownKeys, only } from '@southwell/numerics/core';
import { Products } from './design/products.ts';
import { type FitOptions, fitKeys } from './fit.ts';
import type { FittedModel } from './model.ts';
import { DEFAULT_ALPHAS, fitPath, type PathFit, pathKeys, type RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';

/**
 * The methods that every estimator derives from `open`, which binds data: one fit, a path, alphaMax. They release the
 * data afterwards.
 */
export function throughPrepared<Y, M extends FittedModel, P, D extends PreparedFit<M, P>>(
  open: (X: AnyMatrixLike, y: Y, fit: FitOptions<P>) => D & PreparedFit<M, P>,
  alpha: number,
) {
  const opener =
    (where: string) =>
    (X: AnyMatrixLike, y: Y, fit: FitOptions<P> = {}): D => {
      knownKeys(where, fit, fitKeys);
      return open(X, y, fit);
    };
  const using =
    <T>(where: string, use: (data: D) => T) =>
    (X: AnyMatrixLike, y: Y, fit?: FitOptions<P>): T => {
      const data = opener(where)(X, y, fit);
      try {
        return use(data);
      } finally {
        data.release();
      }
    };
  return {
    prepare: opener('prepare'),
    alphaMax: using('alphaMax', (data) => data.alphaMax),
    fit: using('fit', (data): M => data.model(alpha)),
    path: (X: AnyMatrixLike, y: Y, options: PathFit<M, P> = {}): RegularisationPath<M> => {
      knownKeys('path', options, pathKeys);
      const fit = only<FitOptions<P>>(options, fitKeys);
      // A path with checkpoints binds its data repeatedly.
      const products = fit.products ?? new Products();
      if (!fit.products) products.expect(options.alphas?.length ?? options.nAlphas ?? DEFAULT_ALPHAS);
      try {
        return fitPath(() => open(X, y, { ...fit, products }), options);
      } finally {
        if (!fit.products) products.release();
      }
    },
  };
}

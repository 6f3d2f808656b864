import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { randomizedSvd, svdResiduals, truncatedSvdIterates } from '@southwell/numerics/krylov';
import type { Svd } from '@southwell/numerics/linalg';
import type { Values } from '../../../lib/controls.ts';
import type { Contest, Stride } from '../contest.ts';
import { matrixOf, relativeError, sumOfProducts } from './matrix.ts';

export async function svd(v: Values): Promise<Contest<Svd>> {
  const seed = Number(v.seed);
  const random = new Random(seed).split(1);
  const { X, about } = await matrixOf(v, () => {
    // Singular values that fall by a tenth each, down to those of the noise.
    const scale = (a: number) => 0.9 ** (a / 2);
    return sumOfProducts(
      v,
      Math.min(60, Number(v.rows), Number(v.cols)),
      (a) => scale(a) * random.normal(),
      () => 1e-3 * random.normal(),
    );
  });
  const rank = Math.min(Number(v.rank), X.rows, X.cols);
  const randomised = (powerIterations: number) =>
    function* (): Iterable<Stride<Svd>> {
      const found = randomizedSvd(X, { rank, powerIterations, seed });
      yield { work: 1, snapshot: () => found };
    };
  return {
    about: `${about}, rank ${rank}`,
    target: 1e-12,
    measure(found) {
      const { U, V, singularValues } = found;
      const { left, right } = svdResiduals(X, found);
      const residual = Math.max(...left, ...right) / (singularValues[0] || 1);
      const scaled = DenseMatrix.fromColumnMajor(U.data, U.rows, U.cols);
      singularValues.forEach((s, a) => {
        const column = scaled.column(a);
        for (let i = 0; i < column.length; i++) column[i] *= s;
      });
      const extra = relativeError(X, scaled, V);
      scaled.free();
      // Rounding, which may show as nothing at all, has a place on a logarithmic axis.
      return { value: Math.max(residual, 1e-17), extra };
    },
    racers: {
      *truncated(): Iterable<Stride<Svd>> {
        for (const it of truncatedSvdIterates(X, { rank, tol: 1e-13, seed })) {
          yield { work: it.iteration, snapshot: () => it.snapshot() };
        }
      },
      'randomised-0': randomised(0),
      'randomised-2': randomised(2),
      'randomised-6': randomised(6),
    },
  };
}

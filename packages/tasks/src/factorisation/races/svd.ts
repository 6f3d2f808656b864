import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { randomizedSvd, svdResiduals, truncatedSvdIterates } from '@southwell/numerics/krylov';
import type { Svd } from '@southwell/numerics/linalg';
import { choice, option, type ValuesOf, whole } from '../../declaration/option.ts';
import {
  type Contest,
  defineRace,
  OWN_FILE,
  ownFile,
  type ReadFile,
  raceSeed,
  type Stride,
} from '../../declaration/race.ts';
import { matrixOf, relativeError, shape, sumOfProducts } from './matrix.ts';

const options = {
  data: option(choice({ generated: 'generated, of decaying singular values', digits: 'digits', ...OWN_FILE }), {
    title: 'Data',
    about: 'source of the matrix',
    default: 'generated',
  }),
  file: ownFile,
  ...shape(2000, 400, 10_000),
  rank: option(whole(1, 100), { title: 'Rank', about: 'number of singular triplets', default: 10 }),
  seed: raceSeed('seed of the matrix and of the initialisations'),
};

export const svdRace = defineRace({
  id: 'svd',
  title: 'singular vectors',
  about:
    'The leading singular triplets, measured by their residuals: the largest ‖Xᵀu − σv‖ or ‖Xv − σu‖ relative to σ₁. The relative error is ‖X − UΣVᵀ‖/‖X‖. Random projections end after a fixed number of products with XXᵀ and show as points.',
  options,
  racers: [
    ['truncated', 'truncated, to a tolerance'],
    ['randomised-0', 'randomised, no power'],
    ['randomised-2', 'randomised, 2 powers'],
    ['randomised-6', 'randomised, 6 powers'],
  ],
  measure: 'largest residual over σ₁',
  extra: 'relative error',
  work: 'cycles',
  logY: true,
  contest,
});

async function contest(v: ValuesOf<typeof options>, read: ReadFile): Promise<Contest<Svd>> {
  const { seed } = v;
  const random = new Random(seed).split(1);
  const { X, about } = await matrixOf(v, read, () => {
    // Singular values that decay by a factor of 0.9 every two, down to those of the noise.
    const scale = (a: number) => 0.9 ** (a / 2);
    return sumOfProducts(
      v,
      Math.min(60, v.rows, v.cols),
      (a) => scale(a) * random.normal(),
      () => 1e-3 * random.normal(),
    );
  });
  const rank = Math.min(v.rank, X.rows, X.cols);
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
      // A residual of zero would have no place on a logarithmic axis.
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

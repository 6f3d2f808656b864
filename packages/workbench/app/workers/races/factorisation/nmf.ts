import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { type NmfOptions, type NmfPoint, nmfIterates } from 'southwell/factorisation';
import type { Values } from '../../../lib/controls.ts';
import type { Contest, Stride } from '../contest.ts';
import { matrixOf, relativeError, sumOfProducts } from './matrix.ts';

export async function nonNegativeParts(v: Values): Promise<Contest<NmfPoint>> {
  const seed = Number(v.seed);
  const random = new Random(seed).split(1);
  const { X, about } = await matrixOf(v, () =>
    // Half of the entries of either factor are zero; noise is cut off there.
    sumOfProducts(
      v,
      Number(v.rank),
      () => Math.max(0, random.normal()),
      () => Number(v.noise) * Math.abs(random.normal()),
    ),
  );
  const rank = Math.min(Number(v.rank), X.rows, X.cols);
  const racer = (options: Pick<NmfOptions, 'init' | 'loss'>) =>
    function* (): Iterable<Stride<NmfPoint>> {
      for (const it of nmfIterates(X, { rank, seed, ...options })) {
        yield { work: it.iteration, snapshot: () => it.snapshot() };
      }
    };
  return {
    about: `${about}, rank ${rank}`,
    target: 1e-9,
    measure({ scores, components }) {
      const right = DenseMatrix.create(components.cols, components.rows, { fill: false });
      for (let a = 0; a < rank; a++) for (let j = 0; j < components.cols; j++) right.set(j, a, components.get(a, j));
      const value = relativeError(X, scores, right);
      const zeros = [scores, components].map(({ data }) => data.reduce((count, x) => count + (x === 0 ? 1 : 0), 0));
      const extra = (zeros[0] + zeros[1]) / (scores.data.length + components.data.length);
      for (const M of [right, scores, components]) M.free();
      return { value, extra };
    },
    racers: {
      nndsvda: racer({ init: 'nndsvda' }),
      nndsvd: racer({ init: 'nndsvd' }),
      random: racer({ init: 'random' }),
      'kullback-leibler': racer({ loss: 'kullback-leibler' }),
    },
  };
}

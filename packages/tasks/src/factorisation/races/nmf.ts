import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { type NmfOptions, type NmfPoint, nmfIterates } from 'southwell/factorisation';
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
import { matrixOf, noiseOption, relativeError, shape, sumOfProducts } from './matrix.ts';

const options = {
  data: option(choice({ generated: 'generated, of non-negative parts', digits: 'digits', ...OWN_FILE }), {
    title: 'Data',
    about: 'source of the matrix',
    default: 'generated',
  }),
  file: ownFile,
  ...shape(500, 100, 10_000),
  rank: option(whole(1, 100), { title: 'Rank', about: 'number of components', default: 10 }),
  noise: noiseOption(0.1),
  seed: raceSeed('seed of the matrix and of the initialisations'),
};

export const nmfRace = defineRace({
  id: 'nmf',
  title: 'non-negative matrix factorisation',
  about:
    'Non-negative X ≈ WH, measured by ‖X − WH‖/‖X‖. All use coordinate descent; they differ in the initialisation and in the loss, and Kullback–Leibler minimises a different loss than the one shown.',
  options,
  racers: [
    ['nndsvda', 'squares, from singular vectors, zeros filled'],
    ['nndsvd', 'squares, from singular vectors'],
    ['random', 'squares, random initialisation'],
    ['kullback-leibler', 'Kullback–Leibler, zeros filled'],
  ],
  measure: 'relative error',
  extra: 'fraction of zeros in W and H',
  work: 'rounds',
  logY: true,
  contest,
});

async function contest(v: ValuesOf<typeof options>, read: ReadFile): Promise<Contest<NmfPoint>> {
  const { seed } = v;
  const random = new Random(seed).split(1);
  const { X, about } = await matrixOf(v, read, () =>
    // Half of the entries of both factors are zero; noise is clipped at zero.
    sumOfProducts(
      v,
      v.rank,
      () => Math.max(0, random.normal()),
      () => v.noise * Math.abs(random.normal()),
    ),
  );
  const rank = Math.min(v.rank, X.rows, X.cols);
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

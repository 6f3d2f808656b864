import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, Random } from '@southwell/numerics/core';
import { polarFactor } from '@southwell/numerics/linalg';
import {
  dictionaryLearningIterates,
  OnlineDictionary,
  OnlineOrthogonalDictionary,
  type OrthogonalDictionary,
  onlineDictionaryIterates,
  onlineOrthogonalIterates,
  orthogonalDictionaryIterates,
  SparseDictionary,
} from 'southwell/factorisation';
import { choice, flag, option, real, type ValuesOf, whole } from '../../declaration/option.ts';
import {
  type Contest,
  defineRace,
  OWN_FILE,
  ownFile,
  type ReadFile,
  raceSeed,
  type Stride,
} from '../../declaration/race.ts';
import { rowsOf } from '../../declaration/race-data.ts';
import { matrixOf, noiseOption, shape } from './matrix.ts';

/** Number of samples on which dictionaries are evaluated. */
const MEASURED = 300;
const BATCH = 20;

const options = {
  data: option(choice({ generated: 'generated, sparse in atoms', digits: 'digits', ...OWN_FILE }), {
    title: 'Data',
    about: 'source of the samples',
    default: 'generated',
  }),
  file: ownFile,
  ...shape(1000, 16, 10_000),
  atoms: option(whole(1, 256), { title: 'Atoms', about: 'number of atoms', default: 16 }),
  orthogonal: option(flag(), {
    title: 'orthogonal atoms',
    about: 'generate samples from orthogonal atoms',
    only: { data: ['generated'] },
    form: { initial: true },
  }),
  noise: noiseOption(0.1),
  alpha: option(real(0, 1), { title: 'alpha, relative to the norm of a sample', about: 'lasso penalty', default: 0.1 }),
  seed: raceSeed('seed of the samples and of the initialisations'),
};
type Values = ValuesOf<typeof options>;

export const dictionaryRace = defineRace({
  id: 'dictionaries',
  title: 'dictionaries',
  about:
    'Atoms D, all measured by the lasso: the mean over at most 300 samples of the minimum of ½‖y − Dx‖² + α‖x‖₁. Orthogonal dictionaries have as many atoms as there are columns.',
  options,
  racers: [
    ['batch', 'all samples at once'],
    ['online', 'online, 20 samples per step'],
    ['msp', 'orthogonal, matching and projection'],
    ['procrustes', 'orthogonal, Procrustes'],
    ['online-orthogonal', 'orthogonal, online, 20 samples per step'],
  ],
  measure: 'lasso objective per sample',
  extra: 'codes per sample',
  work: 'steps',
  logY: true,
  contest,
});

async function contest(v: Values, read: ReadFile): Promise<Contest<DenseMatrix>> {
  const { atoms: K, seed } = v;
  const random = new Random(seed).split(1);
  const { X, about } = await matrixOf(v, read, () => generated(v, random));
  const alpha = v.alpha * Math.sqrt(X.data.reduce((sum, x) => sum + x * x, 0) / X.rows);
  const measured = rowsOf(X, random.sample(X.rows, Math.min(X.rows, MEASURED)));
  /** Endless batches, shuffled anew in every epoch. */
  const batches = function* () {
    const own = new Random(seed).split(2);
    for (;;) {
      const order = own.permutation(X.rows);
      for (let from = 0; from < X.rows; from += BATCH) {
        const batch = rowsOf(X, order.slice(from, from + BATCH));
        yield batch;
        batch.free();
      }
    }
  };
  /** `before`: offset of the count if the first iterate is the initial point, so that no position is 0. */
  const racer = <T>(start: () => Iterable<Iterate<T>>, atoms: (point: T) => DenseMatrix, before = 1) =>
    function* (): Iterable<Stride<DenseMatrix>> {
      for (const it of start()) yield { work: it.iteration + before, snapshot: () => atoms(it.snapshot()) };
    };
  const sparse = ({ atoms }: SparseDictionary) => atoms;
  const orthogonal = (point: OrthogonalDictionary) => point.dictionary();
  return {
    about: `${about}, ${K} atoms, alpha = ${alpha.toPrecision(3)}`,
    target: 0,
    measure(atoms) {
      const dictionary = new SparseDictionary(atoms, { alpha });
      const codes = dictionary.encode(measured);
      const back = dictionary.decode(codes);
      let [objective, active] = [0, 0];
      for (let at = 0; at < back.data.length; at++) objective += 0.5 * (measured.data[at] - back.data[at]) ** 2;
      for (const code of codes.data) {
        objective += alpha * Math.abs(code);
        if (code !== 0) active++;
      }
      for (const M of [atoms, codes, back]) M.free();
      return { value: objective / measured.rows, extra: active / measured.rows };
    },
    racers: {
      batch: racer(() => dictionaryLearningIterates(X, { atoms: K, alpha, seed }), sparse),
      online: racer(
        () => onlineDictionaryIterates(new OnlineDictionary({ atoms: K, alpha, seed }), batches()),
        sparse,
        0,
      ),
      msp: racer(() => orthogonalDictionaryIterates(X, { seed }), orthogonal),
      procrustes: racer(() => orthogonalDictionaryIterates(X, { seed, method: 'procrustes' }), orthogonal),
      'online-orthogonal': racer(
        () => onlineOrthogonalIterates(new OnlineOrthogonalDictionary({ dim: X.cols, seed }), batches()),
        orthogonal,
      ),
    },
  };
}

/** Samples that are sums of three atoms, plus noise. */
function generated(v: Values, random: Random): DenseMatrix {
  const [n, N, K] = [v.rows, v.cols, v.orthogonal ? v.cols : v.atoms];
  const drawn = Float64Array.from({ length: N * K }, () => random.normal() / Math.sqrt(N));
  const atoms = v.orthogonal ? polarFactor(drawn, N) : drawn;
  const X = DenseMatrix.create(n, N);
  for (let i = 0; i < n; i++) {
    const sample = Float64Array.from({ length: N }, () => (v.noise * random.normal()) / Math.sqrt(N));
    for (const k of random.sample(K, Math.min(3, K))) {
      const code = random.normal();
      for (let j = 0; j < N; j++) sample[j] += code * atoms[k * N + j];
    }
    for (let j = 0; j < N; j++) X.set(i, j, sample[j]);
  }
  return X;
}

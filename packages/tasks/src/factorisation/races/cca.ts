import { loadBundled } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { type CanonicalVariates, ccaExact, StochasticCca, type StochasticCcaOptions } from 'southwell/factorisation';
import { choice, option, real, text, type ValuesOf, whole } from '../../declaration/option.ts';
import {
  type Contest,
  chosen,
  defineRace,
  OWN_FILE,
  ownFile,
  type ReadFile,
  raceSeed,
  type Stride,
} from '../../declaration/race.ts';
import { numbersOf, rowsOf } from '../../declaration/race-data.ts';
import { RequestError } from '../../errors.ts';
import { shape } from './matrix.ts';

const options = {
  data: option(choice({ generated: 'generated, with common causes', diabetes: 'diabetes', ...OWN_FILE }), {
    title: 'Data',
    about: 'source of the columns',
    default: 'generated',
  }),
  file: ownFile,
  second: option(text(), {
    title: 'Second columns',
    about: 'columns of the second group, separated by commas',
    otherwise: 'the second half',
    only: { data: ['file'] },
    form: { hint: 'a, b, c' },
  }),
  ...shape(5000, 40, 20_000),
  pairs: option(whole(1, 20), { title: 'Pairs', about: 'number of canonical pairs', default: 3 }),
  ridge: option(real(0, 1), { title: 'Ridge: 0 CCA, 1 PLS', about: 'regularisation between CCA and PLS', default: 0 }),
  seed: raceSeed('seed of the columns, of the held-out rows and of the initialisations'),
};
type Values = ValuesOf<typeof options>;

export const ccaRace = defineRace({
  id: 'cca',
  title: 'canonical correlations',
  about:
    'Canonical directions of two groups of columns from four fifths of the rows, measured by one minus the mean correlation of the pairs on held-out rows. The exact method ends at once and shows as a point.',
  options,
  racers: [
    ['exact', 'exact'],
    ['small', 'stochastic, 20 rows per step'],
    ['large', 'stochastic, 200 rows per step'],
    ['fast', 'stochastic, 200 rows, ten times the learning rate'],
  ],
  measure: '1 − mean held-out correlation',
  extra: '1 − mean training correlation',
  work: 'steps',
  logY: true,
  contest,
});

interface Groups {
  readonly views: readonly DenseMatrix[];
  readonly about: string;
}

/** Blood serum measurements of the diabetes data. */
const SERUM = ['tc', 'ldl', 'hdl', 'tch', 'ltg', 'glu'];

async function contest(v: Values, read: ReadFile): Promise<Contest<CanonicalVariates>> {
  const { seed, ridge } = v;
  const random = new Random(seed).split(1);
  const { views, about } =
    v.data === 'generated'
      ? generated(v, random)
      : v.data === 'file'
        ? parted(numbersOf(await read(chosen(v.file))), v.second ?? '')
        : parted(numbersOf(await loadBundled('diabetes'), ['y']), SERUM.join());
  const components = Math.min(v.pairs, ...views.map((X) => X.cols));
  const n = views[0].rows;
  const away = Math.floor(n / 5);
  if (away < 3) throw new RequestError(`${about}: a fifth of the rows is held out, which needs at least fifteen rows.`);
  const order = random.permutation(n);
  const [held, train] = [order.slice(0, away), order.slice(away)].map((rows) => views.map((X) => rowsOf(X, rows)));
  const mean = (found: CanonicalVariates, rows: readonly DenseMatrix[]) =>
    found.correlations(rows).reduce((s, rho) => s + rho / components, 0);
  const stochastic = (options: StochasticCcaOptions) =>
    function* (): Iterable<Stride<CanonicalVariates>> {
      const model = new StochasticCca({ components, ridge, seed, epochs: 1e9, ...options });
      for (const it of model.iterates(train)) {
        if (it.iteration > 0) yield { work: model.steps, snapshot: () => it.snapshot() };
      }
    };
  return {
    about: `${about}; ${train[0].rows} training rows, ${away} held-out rows`,
    target: 0,
    measure: (found) => ({ value: 1 - mean(found, held), extra: 1 - mean(found, train) }),
    racers: {
      *exact(): Iterable<Stride<CanonicalVariates>> {
        const found = ccaExact(train, { components, ridge });
        yield { work: 1, snapshot: () => found };
      },
      small: stochastic({ batchSize: 20 }),
      large: stochastic({ batchSize: 200 }),
      fast: stochastic({ batchSize: 200, learningRate: 0.01 }),
    },
  };
}

/**
 * Two groups of columns: the second as named, or the last half. Scaled to unit variance, as needed by a single step
 * size.
 */
function parted({ X, names, about }: ReturnType<typeof numbersOf>, named: string): Groups {
  const second = named.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const unknown = second.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new RequestError(`There is no numeric column '${unknown}'; there are ${names.join(', ')}.`);
  const in2 = (name: string, j: number) => (second.length > 0 ? second.includes(name) : j >= names.length / 2);
  const groups = [false, true].map((wanted) => names.flatMap((name, j) => (in2(name, j) === wanted ? [j] : [])));
  if (groups.some((columns) => columns.length === 0)) {
    throw new RequestError(`Both groups need a column, but the second has ${groups[1].length} of ${names.length}.`);
  }
  const views = groups.map((columns) => {
    const view = DenseMatrix.create(X.rows, columns.length);
    columns.forEach((j, to) => {
      const column = X.column(j);
      const mean = column.reduce((s, x) => s + x / X.rows, 0);
      const deviation = Math.sqrt(column.reduce((s, x) => s + (x - mean) ** 2 / X.rows, 0)) || 1;
      view.column(to).set(column.map((x) => (x - mean) / deviation));
    });
    return view;
  });
  return { views, about: `${about}, ${groups[0].length} and ${groups[1].length}` };
}

/** Columns that depend on a few common latent factors, later ones less, plus independent noise. */
function generated(v: Values, random: Random): Groups {
  const [n, cols] = [v.rows, v.cols];
  const causes = Array.from({ length: v.pairs + 2 }, () => Float64Array.from({ length: n }, () => random.normal()));
  const [left, right] = [Math.ceil(cols / 2), Math.max(1, Math.floor(cols / 2))];
  const views = [left, right].map((count) => {
    const view = DenseMatrix.create(n, count);
    for (let j = 0; j < count; j++) {
      const column = view.column(j);
      causes.forEach((cause, c) => {
        const weight = random.normal() / (c + 2);
        for (let i = 0; i < n; i++) column[i] += weight * cause[i];
      });
      for (let i = 0; i < n; i++) column[i] += random.normal();
    }
    return view;
  });
  return { views, about: `${n} rows, ${left} and ${right} columns` };
}

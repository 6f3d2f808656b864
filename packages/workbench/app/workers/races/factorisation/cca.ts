import { loadBundled } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { numbersOf, rowsOf } from '@southwell/tasks';
import { type CanonicalVariates, ccaExact, StochasticCca, type StochasticCcaOptions } from 'southwell/factorisation';
import type { Values } from '../../../lib/controls.ts';
import { OWN_FILE } from '../../../lib/races.ts';
import type { Contest, Stride } from '../contest.ts';
import { ownTable } from '../ownTable.ts';

interface Groups {
  readonly views: readonly DenseMatrix[];
  readonly about: string;
}

/** Blood values of the diabetes set. */
const SERUM = ['tc', 'ldl', 'hdl', 'tch', 'ltg', 'glu'];

export async function canonicalCorrelations(v: Values): Promise<Contest<CanonicalVariates>> {
  const [seed, ridge] = [Number(v.seed), Number(v.ridge)];
  const random = new Random(seed).split(1);
  const { views, about } =
    v.data === 'generated'
      ? generated(v, random)
      : v.data === OWN_FILE
        ? parted(numbersOf(await ownTable(v.file)), String(v.second))
        : parted(numbersOf(await loadBundled('diabetes'), ['y']), SERUM.join());
  const components = Math.min(Number(v.pairs), ...views.map((X) => X.cols));
  const n = views[0].rows;
  const away = Math.floor(n / 5);
  if (away < 3) throw new Error(`${about}: a fifth of the rows is held out, which takes fifteen rows or more.`);
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
    about: `${about}; ${train[0].rows} rows to learn from, ${away} held out`,
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

/** Two groups of the columns: the second as named, or the last half. Of unit variance, which steps of one size need. */
function parted({ X, names, about }: ReturnType<typeof numbersOf>, named: string): Groups {
  const second = named.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const unknown = second.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no column of numbers '${unknown}'; there are ${names.join(', ')}.`);
  const in2 = (name: string, j: number) => (second.length > 0 ? second.includes(name) : j >= names.length / 2);
  const groups = [false, true].map((wanted) => names.flatMap((name, j) => (in2(name, j) === wanted ? [j] : [])));
  if (groups.some((columns) => columns.length === 0)) {
    throw new Error(`Both groups need a column, but the second has ${groups[1].length} of ${names.length}.`);
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

/** Columns that all depend on a few common causes, the later ones less, and on noise of their own. */
function generated(v: Values, random: Random): Groups {
  const [n, cols] = [Number(v.rows), Number(v.cols)];
  const causes = Array.from({ length: Number(v.pairs) + 2 }, () =>
    Float64Array.from({ length: n }, () => random.normal()),
  );
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

import type { Column, Table } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import {
  type CompletionMethod,
  completionIterates,
  completionMethods,
  type Factors,
  observedMatrix,
  prepareEntries,
} from 'southwell/factorisation';
import { choice, option, real, type ValuesOf, whole } from '../../declaration/option.ts';
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
import { RequestError } from '../../errors.ts';
import { noiseOption, shape } from './matrix.ts';

interface Point extends Factors {
  readonly sweeps: number;
}

interface Entries {
  readonly rows: number;
  readonly cols: number;
  readonly row: readonly number[];
  readonly col: readonly number[];
  readonly value: readonly number[];
}

const options = {
  data: option(choice({ generated: 'generated, of low rank', ...OWN_FILE }), {
    title: 'Data',
    about: 'source of the matrix',
    default: 'generated',
  }),
  file: ownFile,
  ...shape(300, 300, 1000),
  rank: option(whole(1, 50), { title: 'Rank', about: 'rank of the factors and of generated data', default: 5 }),
  share: option(real(0.01, 0.99), { title: 'Observed fraction', about: 'fraction of observed entries', default: 0.3 }),
  noise: noiseOption(0),
  lambda: option(real(0, 1e6), { title: 'Penalty', about: 'regularisation strength', default: 0 }),
  seed: raceSeed('seed of the matrix, of the observed entries and of the initialisations'),
};
type Values = ValuesOf<typeof options>;

export const completionRace = defineRace({
  id: 'completion',
  title: 'completion',
  about: 'Completion of a low-rank matrix, measured by the relative error on unobserved entries.',
  options,
  racers: completionMethods.map((name) => [name, name] as const),
  measure: 'relative error',
  extra: 'sweeps',
  work: 'sweeps',
  logY: true,
  contest,
});

async function contest(v: Values, read: ReadFile): Promise<Contest<Point>> {
  const { share, seed, lambda } = v;
  const random = new Random(seed);
  const all = v.data === 'file' ? listed(await read(chosen(v.file))) : generated(v, random);
  const rank = Math.min(v.rank, all.rows, all.cols);
  const seen = all.value.map(() => random.uniform() < share);
  const pick = (list: readonly number[], wanted: boolean) => list.filter((_, e) => seen[e] === wanted);
  const known = [all.row, all.col, all.value].map((list) => pick(list, true));
  const hidden = [all.row, all.col, all.value].map((list) => pick(list, false));
  const { observed } = prepareEntries(observedMatrix(all.rows, all.cols, known[0], known[1], known[2]));
  const racer = (method: CompletionMethod) =>
    function* (): Iterable<Stride<Point>> {
      for (const it of completionIterates(observed, {
        rank,
        method,
        seed,
        lambda: method === 'svt' ? undefined : lambda,
        tol: 0,
      })) {
        yield { work: it.iteration, snapshot: () => ({ ...it.snapshot(), sweeps: it.iteration }) };
      }
    };
  return {
    about: `${all.rows} × ${all.cols}, rank ${rank}, ${known[0].length} observed entries, ${hidden[0].length} others`,
    target: 1e-9,
    measure({ left, right, sweeps }) {
      const [row, col, value] = hidden;
      let [off, size] = [0, 0];
      for (let e = 0; e < value.length; e++) {
        off += (entry(left, right, rank, row[e], col[e]) - value[e]) ** 2;
        size += value[e] ** 2;
      }
      return { value: size > 0 ? Math.sqrt(off / size) : 0, extra: sweeps };
    },
    racers: Object.fromEntries(completionMethods.map((method) => [method, racer(method)])),
  };
}

function entry(left: Float64Array, right: Float64Array, k: number, i: number, j: number): number {
  let sum = 0;
  for (let a = 0; a < k; a++) sum += left[i * k + a] * right[j * k + a];
  return sum;
}

/** A low-rank matrix plus noise. */
function generated(v: Values, random: Random): Entries {
  const [rows, cols, k, noise] = [v.rows, v.cols, v.rank, v.noise];
  const draw = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const [U, V] = [draw(rows * k), draw(cols * k)];
  const at = Array.from({ length: rows * cols }, (_, e) => e);
  const row = at.map((e) => Math.floor(e / cols));
  const col = at.map((e) => e % cols);
  const value = at.map((e) => entry(U, V, k, row[e], col[e]) + noise * random.normal());
  return { rows, cols, row, col, value };
}

/** The entries in the first three columns of a table, or those of a sparse matrix. */
function listed(table: Table): Entries {
  if (table.sparse) {
    const { X } = table.sparse;
    const col: number[] = [];
    for (let j = 0; j < X.cols; j++) for (let e = X.colPointers[j]; e < X.colPointers[j + 1]; e++) col.push(j);
    return {
      rows: X.rows,
      cols: X.cols,
      row: [...X.rowIndices.subarray(0, col.length)],
      col,
      value: [...X.values.subarray(0, col.length)],
    };
  }
  const [rowColumn, colColumn, valueColumn] = table.columns;
  if (valueColumn?.type !== 'number') {
    throw new RequestError('Entries must be listed in three columns: row, column and a numeric value.');
  }
  const codes = (column: Column) => {
    const keys = Array.from(column.type === 'number' ? column.values : column.codes);
    const found = new Map([...new Set(keys)].map((key, place) => [key, place]));
    return { found, list: keys.map((key) => found.get(key)!) };
  };
  const [r, c] = [codes(rowColumn), codes(colColumn)];
  return { rows: r.found.size, cols: c.found.size, row: r.list, col: c.list, value: [...valueColumn.values] };
}

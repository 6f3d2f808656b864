/**
 * Every verb that holds rows out: what it learns from the others does not change with the rows that are held out, whatever
 * these contain. A leak is planted in fills, scales, levels, the target and choices.
 */
import { designMatrix, readTable, type Table, tableRows } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { linearModels } from 'southwell/linear-models';
import { describe, expect, test } from 'vitest';
import { runTask, taskOf, tasks } from './index.ts';
import { drawnRows } from './spread/drawnRows.ts';

type Result = Readonly<Record<string, never>>;

interface Case {
  readonly asked: Readonly<Record<string, unknown>>;
  /** The rows or entries that are held out, of `rows`. */
  readonly held: (rows: number) => ArrayLike<number>;
  /** A line of the table; `away` if it is held out and to be unlike all others. */
  readonly line: (i: number, away: boolean) => ReadonlyArray<string | number>;
  readonly header: string;
  /** All that must not depend on what is held out. */
  readonly learned: (result: Result) => unknown;
  /** What must depend on it, if anything. */
  readonly score?: (result: Result) => number;
}

const ROWS = 120;
const SEED = 4;
const random = new Random(11);
const noise = Array.from({ length: ROWS }, () => [random.normal(), random.normal(), random.normal(), random.normal()]);
const first = (order: ArrayLike<number>, share: number) => Array.from(order).slice(0, Math.round(share * order.length));
const drawn = (rows: number) => drawnRows(new Float64Array(rows), 0.25, SEED);
/** Columns of numbers with gaps, a category with gaps, and a target; held-out rows are far, of a level of their own. */
const mixed: Pick<Case, 'header' | 'line'> = {
  header: 'a,b,kind,y',
  line(i, away) {
    const [a, b, c] = noise[i];
    const y = 2 * a - b + (i % 3) + 0.1 * c;
    if (away) return [1000 + i, i % 5 === 0 ? '' : -1e4 * b, 'unseen', 50 + 10 * y];
    return [i % 6 === 0 ? '' : a, i % 7 === 0 ? '' : b, i % 11 === 0 ? '' : ['u', 'v', 'w'][i % 3], y];
  },
};
const parsed = ({ modelText }: Result) => {
  const { extra, report, seconds, ...model } = JSON.parse(modelText);
  return { ...model, encoding: extra?.encoding, path: extra?.path };
};
/** Entries of a matrix of rank one, with noise. */
const [TALL, WIDE] = [12, 10];
const entry = (e: number) => [Math.floor(e / WIDE), e % WIDE] as const;

const cases: Readonly<Record<string, Case>> = {
  fit: {
    ...mixed,
    asked: { target: 'y', missing: 'indicator', standardize: true, cv: 4, nAlphas: 8, holdout: 0.25, seed: SEED },
    held: drawn,
    learned: parsed,
    score: ({ holdout }) => (holdout as { score: { value: number } }).score.value,
  },
  train: {
    ...mixed,
    asked: { target: 'y', missing: 'mean', hidden: ['4'], epochs: 3, holdout: 0.25, seed: SEED },
    held: drawn,
    learned: ({ modelText, history }) => [modelText, history],
    score: ({ score }) => (score as { value: number }).value,
  },
  'factor deep-cca': {
    header: 'a,b,kind,c,d',
    line(i, away) {
      const [a, b, c, d] = noise[i];
      if (away) return [1e3 * a, 1e4 + b, 'u', -500 * c, d];
      return [i % 6 === 0 ? '' : a, b, i % 2 === 0 ? 'u' : 'v', a + 0.3 * c, i % 8 === 0 ? '' : b - d];
    },
    asked: {
      ...{ x: ['a', 'b', 'kind'], y: ['c', 'd'], components: 1, hidden: ['4'], epochs: 3, missing: 'mean' },
      ...{ holdout: 0.25, validation: 0.1, seed: SEED },
    },
    held: (rows) => first(new Random(SEED).permutation(rows), 0.25),
    learned: ({ modelText, history, correlations }) => {
      const { fitted, validation } = correlations as { fitted: unknown; validation: unknown };
      return [modelText, history, fitted, validation];
    },
    score: ({ correlations }) => (correlations as { held: number[] }).held[0],
  },
  'factor complete': {
    header: 'row,col,value',
    line(e, away) {
      const [i, j] = entry(e);
      return [`r${i}`, `c${j}`, away ? 500 + e : (1 + i) * Math.cos(j) + noise[e][0]];
    },
    asked: { holdout: 0.25, biases: true, seed: SEED },
    held: (rows) => first(new Random(SEED).permutation(rows), 0.25),
    // The fit that is saved is made anew of all entries.
    learned: ({ tried, rank, lambda, chosenBy }) => [tried, rank, lambda, chosenBy],
    score: ({ heldOut }) => (heldOut as { error: number }).error,
  },
  'factor recommend': {
    header: 'row,col,count',
    line(e, away) {
      const [i, j] = entry(e);
      return [`r${i}`, `c${j}`, away ? 1000 + e : 1 + ((i * j) % 5)];
    },
    asked: { holdout: 0.25, seed: SEED },
    held: (rows) => first(new Random(SEED).permutation(rows), 0.25),
    // Rankings of held-out pairs say which are relevant, not how often they occur.
    learned: ({ tried, rank, lambda, heldOut }) => [tried, rank, lambda, heldOut],
  },
  'factor functional': {
    header: 's,t,value',
    line(i, away) {
      const [s, t] = entry(i);
      return [
        s / TALL,
        t / WIDE,
        away ? 300 + i : Math.sin((3 * s) / TALL) * Math.cos((2 * t) / WIDE) + 0.05 * noise[i][0],
      ];
    },
    asked: { axes: ['s', 't'], target: 'value', rank: 1, holdout: 0.25, sweeps: 5, starts: 1, seed: SEED },
    held: (rows) => first(new Random(SEED).split(1).permutation(rows), 0.25),
    learned: ({ axes, tried, noise: own, curves, centred }) => [axes, tried, own, curves, centred],
    score: ({ heldOut }) => (heldOut as { error: number }).error,
  },
};

const tableOf = ({ header, line, held }: Case, strange: boolean): Promise<Table> => {
  const out = new Set(Array.from(held(ROWS)));
  const lines = Array.from({ length: ROWS }, (_, i) => line(i, strange && out.has(i)).join());
  return readTable(new Blob([`${header}\n${lines.join('\n')}\n`]), { name: 't.csv' });
};
const tools = (table: Table) => ({
  ...{ read: async () => table, signal: new AbortController().signal, progress: () => {} },
});

describe('what is held out does not change what is learned', () => {
  test('of all verbs that hold rows out', () => {
    const holding = tasks.filter(({ options }) => 'holdout' in options).map(({ verb }) => verb.join(' '));
    expect(Object.keys(cases).sort()).toEqual(holding.sort());
  });

  test.each(Object.entries(cases))('southwell %s', async (verb, of) => {
    const run = async (strange: boolean) => {
      const request = { data: 't.csv', ...of.asked };
      return (await runTask(taskOf(verb), request, tools(await tableOf(of, strange)))) as unknown as Result;
    };
    const [usual, strange] = [await run(false), await run(true)];
    expect(of.learned(strange)).toEqual(of.learned(usual));
    // It is plain that rows were held out, and these.
    if (of.score) expect(Math.abs(of.score(strange) / of.score(usual) - 1)).toBeGreaterThan(1e-3);
  });
});

test('predictions of held-out entries are of a fit without them: their squared error is exact in a shift', async () => {
  const { asked, ...of } = cases['factor complete'];
  const errorAt = async (shift: number) => {
    const out = new Set(Array.from(of.held(ROWS)));
    const lines = Array.from({ length: ROWS }, (_, e) => {
      const [row, col, value] = of.line(e, false);
      return [row, col, Number(value) + (out.has(e) ? shift : 0)].join();
    });
    const table = await readTable(new Blob([`${of.header}\n${lines.join('\n')}\n`]), { name: 't.csv' });
    const request = { data: 't.csv', ...asked, rank: 2, lambda: 1 };
    const { heldOut } = (await runTask(taskOf('factor complete'), request, tools(table))) as unknown as Result;
    return (heldOut as { error: number }).error ** 2;
  };
  const [less, as, more] = [await errorAt(-7), await errorAt(0), await errorAt(7)];
  expect(less + more - 2 * as).toBeCloseTo(2 * 49, 6);
});

test('one entry is held out where the share is less than one, and has no part in the choice', async () => {
  const few = Array.from({ length: 12 }, (_, e) => [`r${e % 4}`, `c${Math.floor(e / 4)}`, 1 + noise[e][0]] as const);
  const [held] = new Random(SEED).permutation(12);
  const choiceOf = async (shift: number) => {
    const lines = few.map(([row, col, value], e) => [row, col, e === held ? value + shift : value].join());
    const table = await readTable(new Blob([`row,col,value\n${lines.join('\n')}\n`]), { name: 't.csv' });
    const request = { data: 't.csv', holdout: 0.02, seed: SEED };
    const { tried, heldOut } = (await runTask(taskOf('factor complete'), request, tools(table))) as unknown as Result;
    expect((heldOut as { entries: number }).entries).toBe(1);
    return tried;
  };
  expect(await choiceOf(100)).toEqual(await choiceOf(0));
});

test('southwell fit: the scales of a fold are those of its training rows', async () => {
  const foldOf = Int32Array.from({ length: ROWS }, (_, i) => i % 4);
  const lines = noise.map(([a, b, c], i) => [i % 4 === 2 ? 1e3 * a : a, b, a + 2 * b + c, `f${i % 4}`].join());
  const table = await readTable(new Blob([`a,b,y,fold\n${lines.join('\n')}\n`]), { name: 't.csv' });
  const alphas = [0.5, 0.1, 0.02];
  const request = { data: 't.csv', target: 'y', foldColumn: 'fold', model: 'lasso', standardize: true, alphas };
  const result = (await runTask(taskOf('fit'), request, tools(table))) as unknown as {
    crossValidation: { mean: number[] };
  };
  const errors = [0, 1, 2, 3].map((fold) => {
    const part = (inside: boolean) =>
      tableRows(
        table,
        [...foldOf.keys()].filter((i) => (foldOf[i] === fold) === inside),
      );
    const [training, held] = [false, true].map((inside) =>
      designMatrix(part(inside), { target: 'y', features: ['a', 'b'], sparse: false }),
    );
    const path = linearModels.lasso.make({ standardize: true }).path(training.X, training.y!, { alphas });
    return path.models.map((model) => {
      const predicted = (model as unknown as { predict(X: unknown): Float64Array }).predict(held.X);
      return held.y!.reduce((sum, v, i) => sum + (v - predicted[i]) ** 2 / predicted.length, 0);
    });
  });
  alphas.forEach((_, k) => {
    const mean = errors.reduce((sum, own) => sum + own[k] / 4, 0);
    expect(result.crossValidation.mean[k] / mean).toBeCloseTo(1, 4);
  });
});

import { readFileSync } from 'node:fs';
import { readTable } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import type { CheckpointStore } from '../checkpoints.ts';
import { families, taskOf } from '../declaration/registry.ts';
import { runTask, type Task } from '../declaration/task.ts';
import type { JobTools } from '../progress.ts';
import { modelIn } from '../saved-model.ts';
import type { isotonicRegression } from './task.ts';

type Isotonic = (typeof isotonicRegression)['tasks'][number];
const task: Isotonic = taskOf('isotonic');

type Lists = Readonly<Record<string, ReadonlyArray<number | string | null>>>;
/** As a file has it. */
const tableOf = (lists: Lists) => {
  const rows = Object.values(lists)[0].map((_, i) => Object.values(lists).map((list) => list[i] ?? 'NA'));
  return readTable(new File([[Object.keys(lists), ...rows].join('\n')], 'rows.csv'));
};

interface Found {
  readonly status: string;
  readonly fitted: ReadonlyArray<number | null>;
  readonly thresholds: Lists;
  readonly features: ReadonlyArray<{ readonly name: string; readonly increasing: boolean }>;
  readonly data: { readonly rows: number; readonly notes: readonly string[] };
  readonly advice: readonly string[];
  readonly modelText: string;
  readonly iterations: number;
  readonly r2?: number;
  readonly gap?: number;
}
async function fit(lists: Lists, request: object, tools: Partial<JobTools> = {}): Promise<Found> {
  const read = () => tableOf(lists);
  const signal = new AbortController().signal;
  const all = { read, signal, progress: () => {}, ...tools };
  return (await runTask(task as Task, { data: 'rows.csv', ...request }, all)) as unknown as Found;
}
const predict = async (modelText: string, lists: Lists) =>
  modelIn(modelText, families).predict(await tableOf(lists), {});

/** The cases of scikit-learn, as the tests of the library have them. */
const path = new URL('../../../southwell/src/isotonic/oracle.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly cases: ReadonlyArray<{
    readonly name: string;
    readonly x: number[];
    readonly y: number[];
    readonly weights: number[] | null;
    readonly options: { increasing?: boolean | 'auto'; y_min?: number; y_max?: number; out_of_bounds: string };
    readonly queries: number[];
    readonly predictions: Array<number | null>;
  }>;
};

test.each(cases.map((c) => [c.name, c] as const))('a saved model predicts as scikit-learn: %s', async (_, c) => {
  const { increasing = true, y_min: yMin, y_max: yMax, out_of_bounds: outOfBounds } = c.options;
  const { modelText } = await fit(
    { dose: c.x, effect: c.y, ...(c.weights && { w: c.weights }) },
    {
      ...{ target: 'effect', features: ['dose'], yMin, yMax, outOfBounds },
      direction: increasing === 'auto' ? 'auto' : increasing ? 'increasing' : 'decreasing',
      ...(c.weights && { weights: 'w' }),
    },
  );
  // Columns by name, others beside them.
  const found = await predict(modelText, { note: c.queries.map(() => 'new'), z: c.queries, dose: c.queries });
  const size = Math.max(1, ...c.predictions.map((p) => Math.abs(p ?? 0)));
  found.columns.prediction.forEach((p, i) => {
    if (c.predictions[i] === null) expect(p).toBeNull();
    else expect(Math.abs((p as number) - c.predictions[i]!)).toBeLessThanOrEqual(1e-12 * size);
  });
  expect(found.predicted).toBe(c.predictions.filter((p) => p !== null).length);
});

const random = new Random(4);
const a = Array.from({ length: 300 }, () => random.uniform());
const b = a.map(() => random.uniform());
const y = a.map((v, i) => v - b[i] + 0.5 * random.normal());
const many: Lists = { a, b, y };
const both = { target: 'y', features: ['a', 'b'], decreasing: ['b'] };

test('a model of several columns predicts its fitted values, whatever the order of columns and rows', async () => {
  const found = await fit(many, both);
  expect(found.features.map(({ name, increasing }) => [name, increasing])).toEqual([
    ['a', true],
    ['b', false],
  ]);
  const turned = (list: readonly number[]) => [...list].reverse();
  const predicted = await predict(found.modelText, { b: turned(b), y: turned(y), extra: turned(b), a: turned(a) });
  expect(predicted.columns.prediction).toEqual([...found.fitted].reverse());
  expect(predicted.score!.value).toBeCloseTo(found.r2!, 12);
  expect(Object.keys(found.thresholds)).toEqual(['a', 'b', 'y']);
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < a.length; j++)
      if (a[i] <= a[j] && b[i] >= b[j]) expect(found.fitted[i]!).toBeLessThanOrEqual(found.fitted[j]!);
});

test('what is stopped keeps the best so far, and goes on from its checkpoint with the same bits', async () => {
  const whole = await fit(many, { ...both, tol: 1e-14 });
  const controller = new AbortController();
  const texts: string[] = [];
  const checkpoint: CheckpointStore = { name: 'k.ck', every: 0, write: (text) => texts.push(text) };
  const progress: JobTools['progress'] = ({ iteration }) => iteration === 4 && controller.abort();
  const cut = await fit(many, { ...both, tol: 1e-14 }, { signal: controller.signal, progress, checkpoint });
  expect([cut.status, cut.iterations]).toEqual(['aborted', 4]);
  expect(cut.advice.at(-1)).toMatch(/^The objective is at most .* above the minimum\.$/);
  expect(texts.length).toBeGreaterThan(2);
  for (const text of texts) {
    const rest = await fit(
      many,
      { ...both, tol: 1e-14 },
      { checkpoint: { name: 'k.ck', every: 0, write: () => {}, text } },
    );
    expect([rest.fitted, rest.iterations, rest.status]).toEqual([whole.fitted, whole.iterations, whole.status]);
  }
  const other = fit(
    many,
    { ...both, yMin: 0 },
    { checkpoint: { name: 'k.ck', every: 0, write: () => {}, text: texts[0] } },
  );
  await expect(other).rejects.toThrow();
});

describe('small and messy tables', () => {
  const five: Lists = {
    name: ['ann', 'bob', 'cy', 'di', 'ed'],
    dose: [1, 2, 3, 4, 5],
    effect: [2, 1, 4, 3.5, 6],
  };

  test('five rows with names: the other column of numbers is taken', async () => {
    const { fitted, thresholds, status, advice } = await fit(five, { target: 'effect', features: [] });
    expect([status, fitted]).toEqual(['converged', [1.5, 1.5, 3.75, 3.75, 6]]);
    expect(thresholds).toEqual({ dose: [1, 2, 3, 4, 5], effect: [1.5, 1.5, 3.75, 3.75, 6] });
    expect(advice).toEqual([]);
  });

  test('one row, the same x in every row, bounds', async () => {
    const one = await fit({ x: [1], y: [2] }, { target: 'y' });
    expect([one.status, one.fitted, one.r2]).toEqual(['converged', [2], undefined]);
    const same = await fit({ x: [1, 1, 1], y: [2, 3, 7] }, { target: 'y', yMax: 3 });
    expect([same.fitted, same.data.notes]).toEqual([[3, 3, 3], ['Constant in all rows: x.']]);
    expect([one, same].map((found) => task.view(found as never).headline)).toEqual([
      'y has one row: 1 level.',
      'x is constant, and so is the fit: 1 level, R² -0.2143.',
    ]);
    const flat = await fit(
      { x: [1, 2, 3], z: [3, 1, 2], y: [5, 5, 5] },
      { target: 'y', features: ['x', 'z'], yMax: 3 },
    );
    expect([flat.status, flat.fitted, flat.gap]).toEqual(['converged', [3, 3, 3], 0]);
    const two = await fit({ x: [1, 1], z: [1, 1], y: [2, 3] }, { target: 'y', features: ['x', 'z'] });
    expect([two.status, two.fitted]).toEqual(['converged', [2.5, 2.5]]);
  });

  test.each([
    [{ x: [1, 2, 3, 4], y: [5, 5, 5, 5] }, {}, 'y is constant: 1 level.', ['y'], ['constant'], 'y'],
    [
      { x: [1, 1, 1, 1], y: [1, 2, 3, 4] },
      {},
      'x is constant, and so is the fit: 1 level, R² 0.',
      ['x'],
      ['constant'],
      'x',
    ],
    [{ x: [1, 2, 3, 4], y: [4, 3, 2, 1] }, {}, 'The fit of y is constant: 1 level, R² 0.', [], ['constant'], undefined],
    [
      { x: [1, 2, 3, 4], z: [7, 7, 7, 7], y: [1, 2, 3, 4] },
      { features: ['x', 'z'] },
      ...(['y rises with x: 4 levels, R² 1.', ['z'], ['rises', 'constant'], 'z'] as const),
    ],
    [
      { x: [1, 1, 1], z: [7, 7, 7], y: [1, 2, 3] },
      { features: ['x', 'z'] },
      ...(['x, z are constant, and so is the fit: 1 level, R² 0.', ['x', 'z'], ['constant', 'constant'], 'x'] as const),
    ],
  ])('%j: what is constant neither rises nor falls', async (lists, more, headline, constant, ways, reason) => {
    const found = await fit(lists as Lists, { target: 'y', ...more });
    const view = task.view(found as never);
    expect(view.headline).toBe(headline);
    expect(view.tables[0].rows.map(([, way]) => way)).toEqual(ways);
    expect(found.data.notes).toEqual(constant.length > 0 ? [`Constant in all rows: ${constant.join(', ')}.`] : []);
    const auto = await fit(lists as Lists, { target: 'y', direction: 'auto', ...more });
    if (reason)
      expect(auto.advice).toContainEqual(
        expect.stringMatching(`The data do not show whether y rises or falls with [xz], as ${reason} is constant.`),
      );
    else expect(auto.advice).toEqual([]);
  });

  test('rows without a value, a weight included, are left out when asked', async () => {
    const gaps: Lists = { x: [1, null, 3, 4, 5], y: [1, 2, null, 4, 3], w: [1, 1, 1, null, 2] };
    const asked = { target: 'y', features: ['x'], weights: 'w', missing: 'drop-rows' };
    const { fitted, data, modelText } = await fit(gaps, asked);
    expect(fitted).toEqual([1, null, null, null, 3]);
    expect(data).toMatchObject({ rows: 2, notes: ['3 of 5 rows lack a value and were left out.'] });
    const { columns, predicted } = await predict(modelText, { x: [null, 3] });
    expect([columns.prediction, predicted]).toEqual([[null, 2], 1]);
  });

  test('a direction that is a guess, or against the data, is told', async () => {
    const falls: Lists = { x: [1, 2, 3, 4, 5, 6], y: [9, 8, 8, 5, 4, 1] };
    const against = await fit(falls, { target: 'y' });
    expect(against.advice).toEqual([
      expect.stringMatching(
        /^y falls with x, Spearman’s correlation .* but the fit rises: is that the direction you mean\?$/,
      ),
    ]);
    const auto = await fit(falls, { target: 'y', direction: 'auto' });
    expect([auto.features[0].increasing, auto.advice]).toEqual([false, []]);
    const guess = await fit({ x: [1, 2, 3, 4, 5], y: [1, 3, 2, 1, 2] }, { target: 'y', direction: 'auto' });
    expect(guess.advice).toEqual([expect.stringMatching(/^Whether y rises or falls with x is a guess/)]);
  });

  test.each([
    [{}, 'Give target: numeric column to fit.'],
    [{ target: 'name' }, "column 'name' holds words such as 'ann' in row 1, but target takes columns of numbers."],
    [{ target: 'efect' }, "has no column 'efect' for target; did you mean 'effect'?"],
    [
      { target: 'effect', features: ['name'] },
      "holds words such as 'ann' in row 1, but features takes columns of numbers.",
    ],
    [{ target: 'effect', features: ['doze'] }, "no column 'doze' for features; did you mean 'dose'?"],
    [{ target: 'effect', features: ['effect'] }, "'effect' cannot be both target and one of features."],
    [{ target: 'effect', weights: 'effect', features: ['dose'] }, "'effect' cannot be both target and weights."],
    [{ target: 'effect', weights: 'dose' }, 'rows.csv has no numeric column to fit effect on.'],
    [{ target: 'effect', decreasing: ['name'] }, "decreasing names 'name', which is not one of dose."],
    [{ target: 'effect', decreasing: ['dose'], direction: 'decreasing' }, 'cannot be combined with direction'],
    [{ target: 'effect', yMin: 2, yMax: 1 }, 'yMin must be at most yMax.'],
    [
      { target: 'effect', outOfBounds: 'nan', features: ['dose', 'name'] },
      'outOfBounds applies only to fits on one column',
    ],
  ])('%j is told', async (request, message) => {
    await expect((async () => fit(five, request))()).rejects.toThrow(message);
  });

  test.each<[Lists, object, string]>([
    [{ x: [1, null], y: [1, 2] }, {}, "'x' has no value in row 2: leave such rows out with missing drop-rows."],
    [{ x: [1, 'inf'], y: [1, 2] }, {}, "column 'x' has Infinity in row 2: correct it."],
    [{ x: [1, 2], y: [1, 2], w: [1, -2] }, { weights: 'w' }, "column 'w' has -2 in row 2: correct it."],
    [
      { x: [1, null], y: [null, 2] },
      { missing: 'drop-rows' },
      'has no row with a value in each of its columns to fit.',
    ],
    [{ x: [1, 2], z: [1, 2], y: [1, 2] }, {}, 'Which columns should y be fitted on? Name them with features: x, z.'],
  ])('%j with %j is told', async (lists, request, message) => {
    await expect(fit(lists, { target: 'y', ...request })).rejects.toThrow(message);
  });

  test('a sparse matrix has no columns to name', async () => {
    const read = () => readTable(new File(['1 1:2\n3 2:1\n'], 'rows.svm'));
    await expect(fit({}, { target: 'y' }, { read })).rejects.toThrow('rows.svm has no column names for target');
  });
});

test('predictions that a model refuses, and texts that are none', async () => {
  const lists = { x: [1, 2, 3], y: [1, 2, 3] };
  const { modelText } = await fit(lists, { target: 'y', outOfBounds: 'error' });
  await expect(predict(modelText, { x: [null, 2, 7] })).rejects.toThrow('x is 7 in row 3, outside 1 to 3');
  await expect(predict(modelText, { z: [1] })).rejects.toThrow("lacks the column 'x'");
  const table = await tableOf(lists);
  expect(() => modelIn(modelText, families).predict(table, { proba: true })).toThrow('this one is isotonic');
  const { features: _, ...bare } = JSON.parse(modelText);
  expect(() => modelIn(JSON.stringify(bare), families)).toThrow('it does not name its columns');
  const several = await fit(many, both);
  const fewer = JSON.stringify({ ...JSON.parse(several.modelText), features: ['a'] });
  expect(() => modelIn(fewer, families)).toThrow('it does not name its columns');
});

test('what is seen: directions, thresholds, data and fit', async () => {
  const drawn = await fit({ x: [1, 2, 3], y: [1, 3, 2] }, { target: 'y' }, { pictures: true });
  const { headline, ending, tables, pictures } = task.view(drawn as never);
  expect(headline).toBe('y rises with x: 2 levels, R² 0.7500.');
  expect(ending).toBe('Converged after 1 iteration: duality gap 0 of the variation.');
  expect(tables.map(({ title }) => title)).toEqual(['Directions', 'Thresholds, linear in between']);
  const [{ picture }] = pictures;
  const points = picture.type === 'scatter' ? picture.points : [];
  expect(points.filter(({ group }) => group === 0)).toHaveLength(3);
  expect(points.at(-1)).toEqual({ x: 3, y: 2.5, group: 1 });
  const several = task.view((await fit(many, both, { pictures: true })) as never);
  expect(several.headline).toMatch(/^y rises with a, falls with b: \d+ levels, R² 0\.\d+\.$/);
  expect(several.pictures[0].picture).toMatchObject({ type: 'scatter', xLabel: 'fitted', yLabel: 'y' });
});

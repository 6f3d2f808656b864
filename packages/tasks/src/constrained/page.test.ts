import { toSource } from '@southwell/data';
import { describe, expect, test } from 'vitest';
import { runTask } from '../declaration/task.ts';
import type { JobTools } from '../progress.ts';
import { type Instance, instanceOf } from './instance.ts';
import type { ModelResult } from './result.ts';
import { changedSides } from './sides.ts';
import { pairShown, sliceOf } from './slice.ts';
import { constrained } from './task.ts';
import { modelWords, sumText, withSides } from './words.ts';

const [task] = constrained.tasks;
const toolsOf = (text: string, more: Partial<JobTools> = {}): JobTools => ({
  read: () => Promise.reject(new Error('no table')),
  file: async () => toSource(new TextEncoder().encode(text), 'model.lp'),
  signal: new AbortController().signal,
  progress: () => {},
  ...more,
});
const request = (more: object = {}) => ({ model: 'model.lp', ...more }) as never;
const read = (text: string, more: object = {}): Promise<Instance> => instanceOf(request(more), toolsOf(text));
const run = async (text: string, more: object = {}, tools: Partial<JobTools> = {}): Promise<ModelResult> =>
  (await runTask(task, request(more), toolsOf(text, tools))) as unknown as ModelResult;

const workshop = `Maximize
 profit: 3 chair + 5 table
Subject To
 wood: chair + 2 table <= 14
 hours: 3 chair - table >= 0
 order: chair - table <= 2
End
`;

describe('a model in words', () => {
  test('kind, sizes and rows', async () => {
    const words = modelWords(await read(workshop));
    expect(words.about).toBe('A linear program: maximize over 2 variables, subject to 3 rows.');
    expect(words.objective).toBe('maximize profit: 3 chair + 5 table');
    expect(words.rows.map(({ formula }) => formula)).toEqual([
      'chair + 2 table ≤ 14',
      '3 chair − table ≥ 0',
      'chair − table ≤ 2',
    ]);
  });

  test('integers, fixed variables, equalities and ranges are counted; squares are written as such', async () => {
    const words = modelWords(
      await read(`Minimize
 cost: x + [ 2 x^2 - 4 x * y + 6 y^2 ] / 2
Subject To
 both: x + y = 3
Bounds
 0 <= x <= 5
 y = 1
General
 x
End
`),
    );
    expect(words.about).toBe(
      'A quadratic program with integers: minimize over 2 variables (1 integer, 1 fixed), subject to 1 row (1 equality).',
    );
    expect(words.objective).toBe('minimize cost: x + x² − 2 x·y + 3 y²');
    expect(words.rows[0].formula).toBe('x + y = 3');
  });

  test('sums and sides', () => {
    expect(sumText([])).toBe('0');
    expect(
      sumText([
        [-1, 'a'],
        [0, 'b'],
        [-0.5, 'c'],
        [2, ''],
      ]),
    ).toBe('−a − 0.5 c + 2');
    expect(sumText(Array.from({ length: 10 }, (_, k) => [1, `x${k}`] as const))).toMatch(/x7 \+ … \(2 more terms\)$/);
    expect(withSides('x', 0, 4)).toBe('0 ≤ x ≤ 4');
    expect(withSides('x', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toBe('x, without a side');
  });
});

describe('changed bounds', () => {
  const sides = {
    ...{ names: ['x', 'a<b'], lower: Float64Array.of(0, 0), upper: Float64Array.of(1, 1) },
    ...{ rowNames: ['c'], rowLower: Float64Array.of(2), rowUpper: Float64Array.of(2) },
  };
  test('one side, both sides, and none; names may contain the signs', () => {
    const { lower, upper, rowLower, rowUpper } = changedSides(sides, {
      bound: ['x <= 3', 'a<b>=-1', 'c=5', 'x>=-inf'],
    });
    expect([...lower]).toEqual([Number.NEGATIVE_INFINITY, -1]);
    expect([...upper]).toEqual([3, 1]);
    expect([...rowLower, ...rowUpper]).toEqual([5, 5]);
    // The model itself is not changed.
    expect([...sides.lower, ...sides.rowLower]).toEqual([0, 0, 2]);
  });
  test('what is none is a sentence', () => {
    expect(() => changedSides(sides, { bound: ['x<=many'] })).toThrow("'x<=many' changes no bound");
    expect(() => changedSides(sides, { bound: ['y<=1'] })).toThrow("no row or variable 'y'");
  });
});

test('a linear program starts from the basis of its solution, and its price tells the change', async () => {
  const first = await run(workshop);
  const { multiplier } = first.rows[0];
  expect(first.solText).toContain('sstatus');
  const start = { contents: async () => first.solText };
  const again = await run(workshop, { start: 'before.sol' }, start);
  expect(again.objective).toBe(first.objective);
  expect(again.iterations).toBe(0);
  const more = await run(workshop, { start: 'before.sol', bound: ['wood<=15'] }, start);
  expect(more.objective! - first.objective!).toBeCloseTo(multiplier!, 9);
});

test('a convex quadratic program starts from its multipliers', async () => {
  const text = `Minimize
 cost: - 8 x - 6 y + [ 2 x^2 + 2 y^2 ] / 2
Subject To
 sum: x + y <= 5
 gap: x - y <= 1
Bounds
 x <= 2.5
End
`;
  const first = await run(text);
  const start = { contents: async () => first.solText };
  const more = await run(text, { start: 'before.sol', bound: ['sum<=5.1'] }, start);
  const cold = await run(text, { bound: ['sum<=5.1'] });
  expect(more.objective).toBeCloseTo(cold.objective!, 9);
  expect(more.iterations).toBeLessThanOrEqual(cold.iterations);
});

test('a model without a feasible point: the nearest one, and what it misses', async () => {
  const text = workshop.replace('order: chair - table <= 2', 'order: chair + table >= 20');
  const { status, violated, conflict } = await run(text, { why: true });
  expect(status).toBe('infeasible');
  expect(violated.map(({ name }) => name)).toContain('order');
  expect(conflict!.names).toEqual(expect.arrayContaining(['wood', 'order']));
  expect(conflict!.minimal).toBe(true);
});

test('a slice: linear rows exactly, others on a grid, rows that are not met by name', async () => {
  const instance = await read(workshop);
  const at = Float64Array.of(6, 4);
  const slice = sliceOf(instance, [0, 1], at);
  expect(slice.names).toEqual(['chair', 'table']);
  expect(slice.rows.find(({ name }) => name === 'wood')?.line).toEqual([1, 2, 0]);
  // The feasible set has its end at chair 6, table 4 and table 6.
  expect(slice.x[0]).toBeLessThan(0);
  expect(slice.x[1]).toBeGreaterThan(6);
  const { size, x, y } = slice.grid;
  const place = ([from, to]: readonly [number, number], k: number) => from + ((to - from) * k) / (size - 1);
  expect(slice.objective[3 * size + 5]).toBeCloseTo(3 * place(x, 5) + 5 * place(y, 3), 9);
  expect(pairShown(instance, at, () => true)).toEqual([0, 1]);

  const held = await read(workshop.replace('order: chair - table <= 2', 'order: stool >= 1'));
  expect(sliceOf(held, [0, 1], Float64Array.of(6, 4, 0)).unmet).toEqual(['order']);
});

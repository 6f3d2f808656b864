import { methodNames, minimize } from 'southwell/black-box';
import { describe, expect, test } from 'vitest';
import { check, keys } from '../declaration/check.ts';
import { askedOf, formOf, valuesOf } from '../declaration/form.ts';
import { taskOf } from '../declaration/registry.ts';
import { runTask } from '../declaration/task.ts';
import type { JobTools } from '../progress.ts';
import { descends } from './descends.ts';
import { expressionRace } from './expressionRace.ts';
import { isExpression } from './given.ts';
import type { Minimum } from './result.ts';

const task = taskOf('minimize');
const tools: JobTools = {
  read: async () => {
    throw new Error('There is no table.');
  },
  signal: new AbortController().signal,
  progress: () => {},
};
const run = async (text: string, more: Readonly<Record<string, unknown>> = {}): Promise<Minimum> =>
  (await runTask(task, { function: text, ...more }, tools)) as unknown as Minimum;

test.each([
  ['rosenbrock', false],
  ['rosenbrok', false],
  ['bbob:8', false],
  ['bbob:x', false],
  ['x', true],
  ['x1', true],
  ['x_2', true],
  ['α', true],
  ['x + y', true],
  ['2x', true],
  ['sin(x)', true],
  ['(rosenbrok', true],
])('%s: an expression %s', (text, is) => {
  expect(isExpression(text)).toBe(is);
});

test('an expression is searched as the function itself would be', async () => {
  const own = minimize((x) => (1 - x[0]) * (1 - x[0]) + 100 * ((x[1] - x[0] * x[0]) * (x[1] - x[0] * x[0])), {
    ...{ dim: 2, lower: -2, upper: 2, seed: 3, method: 'cma-es' },
  });
  const asked = { lower: [-2], upper: [2], seed: 3, method: 'cma-es' };
  const r = await run('(1-b)^2 + 100*(c-b^2)^2', asked);
  expect(r).toMatchObject({ variables: ['b', 'c'], dim: 2, status: own.status, evaluations: own.evaluations });
  expect([r.x, r.value]).toEqual([Array.from(own.point), own.objective]);
  expect(r.drawn).toBeUndefined();
  const view = task.view(r as never);
  expect(view.tables[0].rows.map(([name]) => name)).toEqual(['b', 'c']);
  expect(view.headline).toMatch(/^\(1-b\)\^2 \+ 100\*\(c-b\^2\)\^2: smallest value/);
});

test('variables come by the size of their numbers, and bounds with them', async () => {
  const r = await run('(x10 - 3)^2 + (x2 - 2)^2', { lower: [-9, -9], upper: [1, 9], dim: 2 });
  expect(r.variables).toEqual(['x2', 'x10']);
  expect(r.x).toEqual([1, expect.closeTo(3, 6)]);
});

describe('what does not fit is told', () => {
  test.each([
    ['rosenbrok', {}, /There is no function 'rosenbrok'; did you mean 'rosenbrock'\?/],
    ['2x + 1', {}, /At character 2 of the expression: a product is written with \*, such as 2\*x\./],
    ['(x', {}, /this \( is not closed/],
    ['3*4', {}, /'3\*4' has no variables: there is nothing to choose/],
    ['e', {}, /'e' has no variables/],
    ['sphere + x', {}, /sphere is a test function, which stands alone/],
    ['bbob-8', {}, /bbob is a test function/],
    ['x + y', { dim: 3 }, /dim is 3, but the expression has 2 variables: x, y\./],
    ['x + y', { lower: [0, 0, 0] }, /A list for 2 coordinates has 3 numbers/],
    ['x + y', { integer: [3] }, /integer names coordinate 3, but there are 2 coordinates/],
    ['x + y', { categories: [['x1=a', 'b']] }, /an expression has none/],
    ['x + y', { constraints: 1 }, /an expression has none/],
    ['x + y', { evaluationLimit: 1 }, /an expression needs no time limit/],
    ['x + y', { instance: 2 }, /a bbob function/],
    ['x + y', { command: 'f {x}' }, /exactly one objective/],
    [' ', {}, /the expression is empty; write, for example,/],
    [`${'('.repeat(5000)}x`, {}, /nested more than 200 deep/],
  ])('%.20s %j', async (text, more, sentence) => {
    await expect(run(text, more)).rejects.toThrow(sentence);
  });
});

describe('no method has converged where there is no minimum', () => {
  const budget = 1500;

  test.each(methodNames)('%s: a slope without end, a pole, no number at all', async (method) => {
    for (const text of ['x', 'x + 2*y', '-x^2', '1/x', 'sqrt(-1-x^2)']) {
      const end = await run(text, { method, budget }).then(
        ({ status, value }) => ({ status, value }),
        (error: Error) => ({ status: error.message, value: Number.NaN }),
      );
      // Random search, annealing and swarms have made their steps, which claims nothing.
      expect(end.status, `${text}: ${JSON.stringify(end)}`).toMatch(
        /^(completed|iteration-limit|diverged|unbounded|stalled|No point has a finite value: there is no consensus\.)$/,
      );
      if (text.startsWith('sqrt') && !Number.isNaN(end.value))
        expect(end).toEqual({ status: 'stalled', value: 'Infinity' });
    }
  });

  test('but where there is one it has', async () => {
    for (const method of ['auto', 'cma-es', 'bobyqa', 'nelder-mead', 'praxis', 'differential-evolution'] as const) {
      for (const text of [
        '(x-3)^2 + 2*(y+1)^2',
        'abs(x-1) + abs(y)',
        'x^2*0 + (y-x)^2 + 5',
        'cosh(x)*1e9 + y^2*1e-3',
      ]) {
        const { message } = await run(text, { method, lower: [-10], upper: [10] });
        expect(message, `${method}, ${text}`).not.toMatch(/lowers the value still/);
      }
      const { x, status } = await run('x + y', { method, lower: [-1, 2], upper: [3, 4] });
      expect([status, x]).toEqual(['converged', [expect.closeTo(-1, 6), expect.closeTo(2, 6)]]);
    }
  });

  test('a step that lowers the value is told by its variable', () => {
    const slope = { names: ['x', 'y'], integer: [], log: [] };
    const f = ([a, b]: Float64Array) => a * a + b;
    expect(descends(f, [0, 5], 5, slope)).toBe('A step of -0.00050 in y lowers the value still.');
    expect(descends(f, [0, 5], 5, { ...slope, lower: 5 })).toBeUndefined();
    expect(descends(f, [0, 5], 5, { ...slope, lower: [-1, 5], integer: [0, 1] })).toBeUndefined();
    expect(descends(f, [0, 5], 5, { ...slope, integer: [1] })).toMatch(/A step of -1 in y/);
    expect(
      descends(([a]) => 1e6 + (a - 1e-4) ** 2, [0], 1e6 + 1e-8, { names: ['a'], integer: [], log: [] }),
    ).toBeUndefined();
    const below = ([a]: Float64Array) => (a > 0 ? 1 : -1);
    expect(descends(below, [1e-5], 1, { names: ['a'], integer: [], log: [] })).toMatch(/in a lowers/);
    expect(descends(below, [1e-5], 1, { names: ['a'], integer: [], log: [0] })).toBeUndefined();
  });
});

test('whole and logarithmic variables', async () => {
  const whole = await run('(n - 2.4)^2 + (x - 0.5)^2', { lower: [-5], upper: [5], integer: [1] });
  expect(whole.x).toEqual([2, expect.closeTo(0.5, 5)]);
  const rate = await run('(log10(rate) + 3)^2', { lower: [1e-8], upper: [1], log: [1] });
  expect(rate.x[0]).toBeCloseTo(1e-3, 8);
});

describe('the race on an expression', () => {
  const contest = (given: Readonly<Record<string, unknown>>) =>
    expressionRace.contest(check(expressionRace, given, keys), async () => {
      throw new Error('There is no file.');
    });

  test('racers are measured by the distance to the least value found beforehand', async () => {
    const { about, measure, racers, target } = await contest({ expression: '(a-1)^2 + (b+2)^2 - 300', budget: 2000 });
    expect(about).toBe('(a-1)^2 + (b+2)^2 - 300 in 2 variables');
    expect(target).toBeCloseTo(3e-6, 12);
    expect(Object.keys(racers)).toEqual([...methodNames]);
    let best = Number.POSITIVE_INFINITY;
    for (const stride of racers['cma-es']()) best = measure(stride.snapshot()).value;
    expect(best).toBeLessThan(target);
    expect(measure({ value: -299, evaluations: 7 })).toEqual({ value: expect.closeTo(1, 9), extra: 7 });
  });

  test.each([
    [{ expression: 'sqrt(-1-x^2)' }, /has no finite value within these bounds/],
    [{ expression: '-1/abs(x)', lower: [-1], upper: [1] }, /has no least value within these bounds/],
    [{ expression: '2x' }, /a product is written with \*/],
    [{ expression: 'x+y', lower: [0, 0, 0] }, /A list for 2 coordinates has 3/],
    [{ expression: 'x', lower: [3], upper: [1] }, /no value/],
  ])('what cannot be raced on: %j', async (given, sentence) => {
    await expect((async () => contest(given))()).rejects.toThrow(sentence);
  });
});

test('a checkpoint of one expression is not gone on from with another', async () => {
  let text: string | undefined;
  const store = { name: 'run.json', every: 0, write: (kept: string) => void (text = kept) };
  const search = (function_: string, budget: number) =>
    runTask(
      task,
      { function: function_, budget, method: 'cma-es' },
      {
        ...tools,
        checkpoint: { ...store, ...(text !== undefined && { text }) },
      },
    );
  await search('x^2 + y^2', 40);
  const rest = (await search('x^2 + y^2', 90)) as unknown as Minimum;
  const whole = await run('x^2 + y^2', { budget: 90, method: 'cma-es' });
  expect([rest.x, rest.value, rest.evaluations]).toEqual([whole.x, whole.value, 90]);
  await expect(search('x^2 + 2*y^2', 90)).rejects.toThrow(
    'The checkpoint was written by black-box search of x^2 + y^2, not by black-box search of x^2 + 2*y^2.',
  );
});

test('a page asks for what it can do', () => {
  const controls = formOf(task.options);
  expect(controls.filter(({ more }) => !more).map(({ name }) => name)).toEqual([
    ...['dim', 'lower', 'upper', 'method', 'budget'],
  ]);
  const names = controls.map(({ name }) => name);
  for (const name of ['command', 'module', 'jobs', 'noisy', 'constraints']) expect(names).not.toContain(name);
  const race = formOf(expressionRace.options);
  const asked = askedOf(race, valuesOf(race, { expression: 'a^2', lower: '-1, 0' }));
  expect(asked).toMatchObject({ expression: 'a^2', lower: [-1, 0], upper: [5], budget: 50_000 });
});

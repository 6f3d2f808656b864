import { minimize, testFunction } from 'southwell/black-box';
import { describe, expect, test } from 'vitest';
import { taskOf } from '../declaration/registry.ts';
import { runTask } from '../declaration/task.ts';
import type { JobHost, JobTools } from '../progress.ts';
import type { Minimum } from './result.ts';

const task = taskOf('minimize');
const toolsWith = (host?: JobHost): JobTools => ({
  read: async () => {
    throw new Error('There is no table.');
  },
  signal: new AbortController().signal,
  progress: () => {},
  ...(host && { host }),
});
/** A shell that prints what it is told to, and the lines that it was given. */
function shellThat(prints: (line: string) => string) {
  const lines: string[] = [];
  const shell = async (line: string) => {
    lines.push(line);
    return prints(line);
  };
  return { lines, tools: toolsWith({ shell, moduleUrl: (path) => path }) };
}

test('a call finds what the library finds', async () => {
  const { f, lower, upper } = testFunction('rosenbrock', 3);
  const own = minimize(f, { dim: 3, lower, upper, seed: 4, restarts: 1, integer: [1], method: 'auto' });
  const asked = { function: 'rosenbrock', dim: 3, seed: 4, restarts: 1, integer: [2] };
  const r = await runTask(task, asked, toolsWith());
  expect(r).toMatchObject({ x: Array.from(own.point), value: own.objective, evaluations: own.evaluations });
  expect(r).toMatchObject({ status: own.status, known: 0, command: expect.stringContaining('--integer 2') });
});

describe('a program', () => {
  const one = { dim: 2, budget: 1, onError: 'stop' };

  test('is given the point, all of it or by coordinates', async () => {
    const { lines, tools } = shellThat(() => '1');
    await runTask(
      task,
      { ...one, command: 'f {x} --b {x2} --a {x1} {y}', x0: [0.5, -3], sigma: [1e-9], budget: 1 },
      tools,
    );
    const [all, b, a] = /^f (.*) --b (\S+) --a (\S+) \{y\}$/.exec(lines[0])!.slice(1);
    expect(all).toBe(`${a} ${b}`);
    expect(Number(a)).toBeCloseTo(0.5, 6);
    expect(Number(b)).toBeCloseTo(-3, 6);
  });

  test.each([
    [' 2.5e1\n', 25],
    ['+inf', 'Infinity'],
    ['-Infinity', '-Infinity'],
    ['NaN', 'Infinity'],
  ])('prints %j: the value is %s', async (printed, value) => {
    const r = await runTask(task, { ...one, command: '{x}' }, shellThat(() => printed).tools);
    expect(r.value).toBe(value);
  });

  test.each([
    ['', /`f .*` printed nothing instead of one number/],
    ['1 2', /printed '1 2' instead/],
    ['infinite', /printed 'infinite' instead/],
  ])('prints %j: no number', async (printed, sentence) => {
    await expect(runTask(task, { ...one, command: 'f {x}' }, shellThat(() => printed).tools)).rejects.toThrow(sentence);
  });

  test('that fails later leaves the best so far, and what failed', async () => {
    let calls = 0;
    const { tools } = shellThat(() => {
      if (++calls > 3) throw new Error('no more');
      return String(calls);
    });
    const r = await runTask(task, { ...one, command: '{x}', budget: 9 }, tools);
    expect(r).toMatchObject({ status: 'failed', value: 1, evaluations: 3, error: expect.stringMatching(/no more/) });
    expect(task.exit!(r, {})).toBe(2);
  });

  test('needs a shell', async () => {
    await expect(runTask(task, { ...one, command: '{x}' }, toolsWith())).rejects.toThrow(
      'command and module need the command: there is no shell here.',
    );
  });
});

describe('constraints', () => {
  // Hock and Schittkowski 22: the least value is 1, at (1, 1).
  const hs22 = ([a, b]: number[]) => `${(a - 2) ** 2 + (b - 1) ** 2} ${a + b - 2}\n${a * a - b}`;
  const asked = { command: 'f {x}', x0: [2, 2], sigma: [0.5], constraints: 2 };
  const { tools } = shellThat((line) => hs22(line.slice(2).split(' ').map(Number)));

  test('a program prints them after the value: the best feasible point, and how far it is violated', async () => {
    const r = (await runTask(task, asked, tools)) as { value: number; x: number[]; violation: number; status: string };
    expect(r).toMatchObject({
      status: 'converged',
      constraints: 2,
      command: expect.stringContaining('--constraints 2'),
    });
    expect(r.value).toBeCloseTo(1, 5);
    for (const v of r.x) expect(v).toBeCloseTo(1, 5);
    expect(r.violation).toBeLessThanOrEqual(1e-6);
    expect(task.view(r as never).headline).toMatch(/constraints violated by/);
  });

  test.each([
    [{ ...asked, command: 'g {x}', constraints: 3 }, /printed .* instead of 4 numbers, of f and of the constraints/],
    [{ function: 'sphere', constraints: 1 }, /a test function has none/],
    [{ ...asked, repeats: 2 }, /constraints cannot be combined with repeats/],
    [{ command: 'f {x}', dim: 1, feasibility: 1 }, /feasibility requires constraints/],
    [{ command: 'f {x}', dim: 1, constraints: 0 }, /constraints must be at least 1: leave it out/],
  ])('what does not fit is told: %j', async (request, sentence) => {
    await expect(runTask(task, request, tools)).rejects.toThrow(sentence);
  });
});

describe('categories', () => {
  const tried = { linear: 0.4, rbf: 0.1, 'a $b': 0.9 };
  const asked = {
    categories: [['x2=linear', 'rbf', 'a $b']],
    lower: [-1, Number.NEGATIVE_INFINITY],
    upper: [2, Number.POSITIVE_INFINITY],
    budget: 300,
  };

  test('a program is given the words, quoted where a shell would see more; a result has them', async () => {
    const { lines, tools } = shellThat((line) => {
      const [, rate, word] = /^f (\S+) '?([^']*)'?$/.exec(line)!;
      return String(tried[word as 'rbf'] + (Number(rate) - 0.5) ** 2);
    });
    const r = (await runTask(task, { ...asked, command: 'f {x1} {x2}' }, tools)) as unknown as Minimum;
    expect(r.x).toEqual([expect.closeTo(0.5, 4), 'rbf']);
    expect(lines.some((line) => line.endsWith(" 'a $b'"))).toBe(true);
    expect(r).toMatchObject({
      why: 'Coordinates have categories: CMA-ES.',
      command: expect.stringContaining("--categories 'x2=linear,rbf,a $b'"),
    });
    expect(task.view(r).tables[0].rows[1]).toEqual(['x2', 'rbf']);
    const all = shellThat(() => '1');
    await runTask(task, { ...asked, command: 'f {x}', x0: ['0.5', 'a $b'], budget: 40 }, all.tools);
    const share = all.lines.filter((line) => line.endsWith(" 'a $b'")).length / all.lines.length;
    expect(share).toBeGreaterThan(1 / 3);
  });

  test.each([
    [{ categories: [['linear', 'rbf']] }, /categories must begin with a coordinate, .* not with 'linear'/],
    [{ categories: [['x0=a', 'b']] }, /categories names coordinate 0, but there are 2 coordinates/],
    [{ categories: [['x3=a', 'b']] }, /categories names coordinate 3, but there are 2 coordinates/],
    [
      {
        categories: [
          ['x2=a', 'b'],
          ['x2=c', 'd'],
        ],
      },
      /categories names coordinate 2 twice/,
    ],
    [{ categories: [['x2=a']] }, /x2 \(counted from 1\) has one category/],
    [{ categories: [['x2=a', 'b', 'a']] }, /has the category 'a' twice/],
    [{ categories: [[]] }, /must be a list of lists of names/],
    [{ lower: [0, 0] }, /x2 .* has categories and no bounds/],
    [{ log: [2] }, /it cannot be logarithmic/],
    [{ integer: [2] }, /it cannot be integer/],
    [{ x0: ['0.5', 'cubic'] }, /starts at 'cubic', which is not one of its categories: linear, rbf, a \$b/],
    [{ x0: ['high', 'rbf'] }, /x0 has 'high' for x1, which is a numeric coordinate/],
    [{ x0: [0.5] }, /x0 must have a value for every coordinate where there are categories/],
    [
      { method: 'bobyqa' },
      /categories cannot be combined with method 'bobyqa', only with 'cma-es', 'differential-evolution'/,
    ],
    [{ command: undefined, function: 'sphere' }, /a test function has none/],
  ])('what does not fit is told: %j', async (wrong, sentence) => {
    const { tools } = shellThat(() => '1');
    await expect(runTask(task, { ...asked, command: 'f {x}', ...wrong }, tools)).rejects.toThrow(sentence);
  });
});

test('a target that was missed is no success, whatever the status', () => {
  expect(task.exit!({ status: 'converged', value: 2 }, { target: 1 })).toBe(3);
  expect(task.exit!({ status: 'converged', value: 1 }, { target: 1 })).toBeUndefined();
  expect(task.exit!({ status: 'stalled', value: 'Infinity' }, {})).toBeUndefined();
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taskOf } from '../../declaration/registry.ts';
import { runTask } from '../../declaration/task.ts';
import type { Minimum } from '../result.ts';
import { type Grid, levelLines, levelsAbove } from './levelLines.ts';
import { pictureOf } from './picture.ts';
import { Recorder } from './recorder.ts';
import { minimizeSvg } from './svg.ts';

function gridOf(f: (x: number, y: number) => number, n = 41, side = 2): Grid {
  const x = Array.from({ length: n }, (_, i) => -side + (2 * side * i) / (n - 1));
  return { x, y: x, values: x.flatMap((v) => x.map((u) => f(u, v))) };
}

describe('level lines', () => {
  test('of a bowl are closed circles, each once', () => {
    const lines = levelLines(
      gridOf((x, y) => x * x + y * y),
      1,
    );
    expect(lines).toHaveLength(1);
    const [{ x, y }] = lines;
    expect([x[0], y[0]]).toEqual([x.at(-1), y.at(-1)]);
    for (const [k, v] of x.entries()) expect(Math.hypot(v, y[k])).toBeCloseTo(1, 2);
    const length = x.slice(1).reduce((sum, v, k) => sum + Math.hypot(v - x[k], y[k + 1] - y[k]), 0);
    expect(length).toBeCloseTo(2 * Math.PI, 1);
  });

  test('of a plane are straight, and end at the border', () => {
    const [line, ...others] = levelLines(
      gridOf((x, y) => x + 2 * y),
      0.3,
    );
    expect(others).toEqual([]);
    for (const [k, v] of line.x.entries()) expect(v + 2 * line.y[k]).toBeCloseTo(0.3, 12);
    const ends = [line.x[0], line.x.at(-1)!].sort((a, b) => a - b);
    expect(ends).toEqual([-2, 2]);
  });

  test('of a saddle: two that do not meet', () => {
    for (const level of [0.1, -0.1]) {
      const lines = levelLines(
        gridOf((x, y) => x * y),
        level,
      );
      expect(lines).toHaveLength(2);
      for (const { x, y } of lines) for (const [k, v] of x.entries()) expect(v * y[k]).toBeCloseTo(level, 1);
    }
  });

  test('every crossing of an edge is on one line, once, whatever the values', () => {
    const value = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.array(value, { minLength: 25, maxLength: 25 }), (n, all) => {
        const x = Array.from({ length: n }, (_, i) => i);
        const values = all.slice(0, n * n);
        const lines = levelLines({ x, y: x, values }, 0.5);
        const places = lines.flatMap((line) => {
          const own = line.x.map((v, k) => `${v} ${line.y[k]}`);
          // A closed line comes back to where it began.
          return own[0] === own.at(-1) ? own.slice(1) : own;
        });
        expect(new Set(places).size).toBe(places.length);
        const finite = (i: number, j: number) =>
          i >= 0 &&
          j >= 0 &&
          i + 1 < n &&
          j + 1 < n &&
          [0, 1, n, n + 1].every((k) => Number.isFinite(values[j * n + i + k]));
        let crossed = 0;
        for (let j = 0; j < n; j++) {
          for (let i = 0; i < n; i++) {
            const across = i + 1 < n && values[j * n + i] >= 0.5 !== values[j * n + i + 1] >= 0.5;
            const up = j + 1 < n && values[j * n + i] >= 0.5 !== values[(j + 1) * n + i] >= 0.5;
            if (across && (finite(i, j) || finite(i, j - 1))) crossed++;
            if (up && (finite(i, j) || finite(i - 1, j))) crossed++;
          }
        }
        expect(places.length).toBe(crossed);
      }),
    );
  });

  test('huge values give places, and no value above the least no levels', () => {
    const [line] = levelLines(
      gridOf((x) => x * 1e308),
      1e307,
    );
    expect(line.x.every(Number.isFinite)).toBe(true);
    expect(levelsAbove(0, [0, 0, NaN, Infinity])).toEqual([]);
    expect(
      levelsAbove(
        0,
        Array.from({ length: 1000 }, (_, k) => k / 10),
      ),
    ).toEqual([0.5, 1, 2, 5, 10, 20, 50]);
    const far = levelsAbove(
      -3,
      Array.from({ length: 1000 }, (_, k) => 10 ** (k / 20) - 3),
    );
    expect(far.length).toBeGreaterThan(5);
    expect(far.length).toBeLessThan(16);
  });
});

test('many evaluations are thinned evenly, and those that were best stay', () => {
  const recorder = new Recorder();
  for (let k = 1; k <= 100_000; k++) recorder.tell([k], Math.abs(k - 31_415));
  const numbers = recorder.evaluations.map(({ number }) => number);
  expect(numbers.length).toBeLessThan(1000);
  expect(new Set(numbers.slice(1).map((n, k) => n - numbers[k])).size).toBe(1);
  expect(recorder.best).toMatchObject({ number: 31_415, value: 0 });
  expect(recorder.improvements.at(-1)).toEqual({ number: 100_000, value: 0 });
  expect(recorder.improvements.length).toBeLessThan(1010);
  expect(new Recorder().improvements).toEqual([]);
});

const task = taskOf('minimize');
const drawn = async (text: string, more: Readonly<Record<string, unknown>> = {}): Promise<Minimum> =>
  (await runTask(
    task,
    { function: text, ...more },
    {
      read: async () => {
        throw new Error('There is no table.');
      },
      signal: new AbortController().signal,
      progress: () => {},
      pictures: true,
    },
  )) as unknown as Minimum;

describe('pictures of searches', () => {
  test('two coordinates: evaluations in their order over level lines, the best last', async () => {
    const r = await drawn('(1-x)^2 + 100*(y-x^2)^2', { lower: [-2], upper: [2] });
    const { picture } = pictureOf(r)!;
    expect(picture).toMatchObject({ xLabel: 'x', yLabel: 'y', xRange: [-2, 2], yRange: [-2, 2] });
    expect(picture.points).toHaveLength(r.evaluations + 1);
    const groups = picture.points.map(({ group }) => group!);
    expect([...groups].sort()).toEqual(groups);
    expect(picture.groups).toHaveLength(4);
    expect(picture.points.at(-1)).toMatchObject({ x: r.x[0], y: r.x[1], group: 3 });
    expect(picture.below).toMatch(
      /^Level lines, darker where lower: 0\.3, 1, 3, …, 3000 above .*, the least value seen\.$/,
    );
    const levels = r.drawn!.levels!.levels;
    for (const { above, lines } of levels.slice(4))
      for (const { x, y } of lines)
        for (const [k, v] of x.entries()) {
          const value = (1 - v) ** 2 + 100 * (y[k] - v * v) ** 2;
          expect(Math.abs(value - above)).toBeLessThan(0.1 * above + 1);
        }
    expect(task.view(r as never).pictures).toHaveLength(1);
  });

  test('of test functions, and without bounds as far as the search went', async () => {
    const ackley = pictureOf(await drawn('ackley'))!.picture;
    expect(ackley).toMatchObject({ xLabel: 'x1', xRange: [-32, 32] });
    const free = pictureOf(await drawn('(x-4)^2 + (y+7)^2'))!.picture;
    const { points, xRange } = free;
    for (const { x } of points) expect(x > xRange![0] && x < xRange![1]).toBe(true);
  });

  test('one coordinate: the curve', async () => {
    const { picture } = pictureOf(await drawn('x*log(x)', { lower: [-1], upper: [3] }))!;
    expect(picture).toMatchObject({ xLabel: 'x', yLabel: 'value' });
    const [{ x, y }] = picture.lines!;
    // Where it has values.
    expect([Math.min(...x) > 0, Math.max(...x)]).toEqual([true, 3]);
    for (const [k, v] of x.entries()) expect(y[k]).toBeCloseTo(v * Math.log(v), 12);
  });

  test('logarithmic coordinates are drawn as such', async () => {
    const { picture } = pictureOf(await drawn('log(a)^2 + b^2', { lower: [1e-4, -1], upper: [1e2, 1], log: [1] }))!;
    expect(picture).toMatchObject({ xLabel: 'log10 a', yLabel: 'b', xRange: [-4, 2] });
    expect(picture.points.at(-1)!.x).toBeCloseTo(0, 4);
  });

  test('three coordinates: the best value so far', async () => {
    const r = await drawn('x^2 + y^2 + (z-1)^2', { lower: [-3], upper: [5] });
    expect(pictureOf(r)).toBeUndefined();
    const [chart] = task.view(r as never).charts!;
    const [{ x, y }] = chart.series;
    expect([...x].sort((a, b) => a - b)).toEqual(x);
    expect([...y].map(Number).sort((a, b) => b - a)).toEqual(y);
  });

  test.each([
    ['x < 0', {}],
    ['sqrt(-1-x^2)', {}],
    ['x*0', {}],
    ['x', {}],
    ['log(x)', {}],
    ['sphere', { dim: 5 }],
    ['min(x, 1e300*y)*1e300', { lower: [-1], upper: [1], budget: 50 }],
    ['x^2+y^2', { lower: [1], upper: [1], budget: 50 }],
    ['x^2 + y^2', { integer: 'all', lower: [-4], upper: [4] }],
  ])('the file is sound whatever the values: %s', async (text, more) => {
    const r = await drawn(text, more).catch((error: Error) => error);
    if (r instanceof Error) return expect(r.message).toMatch(/no comparisons|no room/);
    const svg = minimizeSvg(r);
    expect(svg).toMatch(/^<svg xmlns=[\s\S]*<\/svg>\n$/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    return undefined;
  });

  test('a text in it cannot end it', async () => {
    const r = await drawn('x^2');
    expect(minimizeSvg({ ...r, objective: '<script>&' })).toContain('&lt;script&gt;&amp;');
  });
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const column = (name: string, values: readonly unknown[], header = 'norm') =>
  file(name, `${header}\n${values.join('\n')}\n`);
const factors = (name: string) =>
  readFileSync(at(name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]));

test('equal norms give the line, to a file, a picture and the shell', async () => {
  column('equal.csv', new Array(101).fill(0.3));
  const words = ['schedule', 'refine', 'equal.csv', '--out', at('s.csv'), '--plot', at('s.svg')];
  const { code, out, err } = await here(words);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('equal.csv: 101 norms of column norm, weights norm^−2');
  expect(out).toContain('Largest at step 1 of 101');
  expect(readFileSync(at('s.csv'), 'utf8')).toMatch(/^step,factor\n1,1\n2,0\.99\n/);
  expect(factors('s.csv')).toEqual(Array.from({ length: 101 }, (_, t) => (100 - t) / 100));
  expect(readFileSync(at('s.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<path [\s\S]*<\/svg>\n$/);
});

test('norms that are large in the beginning give a warm-up, at any length and for Adam less', async () => {
  column(
    'falling.csv',
    Array.from({ length: 400 }, (_, t) => `${t},${1 + 5 * Math.exp(-t / 40)},note`),
    'step,grad_norm,why',
  );
  const run = async (...more: string[]) =>
    JSON.parse((await here(['schedule', 'refine', 'falling.csv', '--json', ...more])).out);
  const plain = await run('--steps', '201');
  expect([plain.column, plain.power, plain.schedule.length]).toEqual(['grad_norm', 2, 201]);
  expect(plain.schedule[0]).toBeLessThan(0.1);
  expect(plain.peak).toBeGreaterThan(10);
  expect(plain.warmup).toBeGreaterThan(0.05);
  const adam = await run('--norm', 'l1', '--steps', '201');
  expect(adam.power).toBe(1);
  expect(adam.schedule[0]).toBeGreaterThan(plain.schedule[0]);
  expect((await run('--norm', 'l1', '--power', '2')).advice).toEqual([
    'With l1 the power should be 1; 2 exaggerates the warm-up.',
  ]);
});

test('five rows are enough for numbers, and are told to be few', async () => {
  column('five.csv', ['ann,3', 'bob,2', 'cy,2', 'di,1', 'ed,1'], 'who,g');
  const { code, out } = await here(['schedule', 'refine', 'five.csv', '--out', at('five-out.csv')]);
  expect(code).toBe(0);
  expect(out).toContain('only 5 norms');
  expect(out).toContain('The norms were not smoothed');
  // Weights 1/9, 1/4, 1/4, 1, 1.
  const w = [1 / 9, 1 / 4, 1 / 4, 1, 1];
  const plain = w.map((v, t) => v * w.slice(t + 1).reduce((a, b) => a + b, 0));
  const most = Math.max(...plain);
  for (const [t, v] of factors('five-out.csv').entries()) expect(v).toBeCloseTo(plain[t] / most, 12);
});

test('rows without a norm are left out when asked, and the schedule stays as long as the table', async () => {
  column('gaps.csv', [1, 'NaN', 1, 'inf', 1, 1]);
  const words = ['schedule', 'refine', 'gaps.csv'];
  const { code, err } = await here(words);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining("column 'norm' has no value in row 2: leave such rows out with --missing drop-rows."),
  ]);
  const kept = await here([...words, '--missing', 'drop-rows', '--out', at('kept.csv')]);
  expect(kept.code).toBe(0);
  expect(kept.out).toContain('2 of 6 rows have no norm and were left out.');
  for (const [t, v] of factors('kept.csv').entries()) expect(v).toBeCloseTo((5 - t) / 5, 12);
});

test.each<[string, readonly unknown[], string, readonly string[], string]>([
  ['zeros.csv', [0, 0, 0], 'norm', [], "column 'norm' has only zeros, which do not determine a schedule."],
  ['one.csv', [2], 'norm', [], "column 'norm' has 1 norm: a schedule needs the norms of at least two steps."],
  ['below.csv', [2, 3, -1], 'norm', [], "column 'norm' has -1 in row 3, but norms are at least 0."],
  ['words.csv', ['x', 'y', 'z'], 'norm', [], 'has no numeric column, and so no gradient norms.'],
  [
    'words2.csv',
    ['x,1', 'y,2'],
    'name,norm',
    ['--column', 'name'],
    "column 'name' contains words such as 'x' in row 1, but norms are numbers.",
  ],
  [
    'two.csv',
    ['1,2', '2,3'],
    'a,b',
    [],
    'Which column of two.csv has the gradient norms? Name it with --column: a, b.',
  ],
  [
    'near.csv',
    ['1,2', '2,3'],
    'a,norms',
    ['--column', 'norm'],
    "has no column 'norm' for --column; did you mean 'norms'?",
  ],
  ['short.csv', [1, 2], 'norm', ['--steps', '1'], '--steps must be a whole number of at least 2, not 1.'],
])('%s is told', async (name, values, header, more, message) => {
  column(name, values, header);
  const { code, err } = await here(['schedule', 'refine', name, ...more]);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});

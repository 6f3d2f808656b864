import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { box, found, minimizing, mpirunning, parabola } from '../testing/ranks.ts';
import { hasMpi, workshop } from '../testing.ts';

const shop = workshop();
const { at, file, here } = shop;
const minimize = minimizing(here);
const mpirun = mpirunning(shop);

file(
  'words.mjs',
  `export default async ([word, x]) => {
  await new Promise((resolve) => setTimeout(resolve, 10 * Math.abs(x)));
  return (x - 1) ** 2 + { near: 0, far: 5 }[word];
};`,
);
file('holes.mjs', "export default ([x]) => { if (x > 1) throw new Error('too far'); return (x - 2) ** 2; };");

test.each([
  ['a program', '--command', parabola, ...box, '--method', 'cma-es', '--budget', '30'],
  [
    'categories',
    ...['--module', at('words.mjs'), '--categories', 'x1=near,far', '--dim', '2', '--lower', '-2', '--upper', '2'],
    ...['--budget', '30', '--jobs', '2'],
  ],
  ['failures that are passed over', '--module', at('holes.mjs'), '--dim', '1', '--on-error', 'skip', '--budget', '40'],
])('minimize finds on two ranks what it finds on one: %s', async (_, ...args) => {
  const one = await minimize(...args);
  expect(one.found).toBeDefined();
  expect(await minimize(...args, '--ranks', '2')).toEqual(one);
});

test('a failure on another rank ends all, by its sentence', async () => {
  file('third.mjs', "let n = 0;\nexport default () => { if (++n === 3) throw new Error('third'); return -n; };");
  const rest = ['--dim', '1', '--method', 'random-search', '--ranks', '2'];
  const { code, err } = await minimize('--module', at('third.mjs'), ...rest);
  // Which evaluation that is, and whether others are known by then, is for the ranks' clocks.
  expect([code, err]).toEqual([2, expect.stringMatching(/The objective failed at evaluation \d+: third/)]);
});

test('asynchronous: all of the budget is spent, on all ranks', async () => {
  const rest = [...box, '--asynchronous', '--budget', '40', '--method', 'random-search', '--jobs', '2'];
  const two = await minimize('--command', parabola, ...rest, '--ranks', '2', '--rank-logs', at('logs'));
  expect(two).toMatchObject({ code: 0, found: { evaluations: 40, status: 'completed' } });
  expect(readdirSync(at('logs')).sort()).toEqual(['rank-0.log', 'rank-1.log']);
  const log = readFileSync(at('logs/rank-1.log'), 'utf8');
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z rank 1 of 2 begins on \S+, process \d+\n/);
  expect(log).toMatch(/Z \d+ evaluations? of its own\n/);
  expect(log).toMatch(/Z ends: completed\n$/);
});

test('what ranks cannot do is said once, by a sentence', async () => {
  const said = async (...args: string[]) => (await here(args)).err.replaceAll(/\s+/g, ' ').trim();
  expect(await said('minimize', 'sphere', '--ranks', '0')).toBe(
    'southwell: --ranks must be a whole number from 1 to 128.',
  );
  expect(await said('minimize', 'sphere', '--timeout', '3')).toMatch(/--timeout needs several ranks/);
  expect(await said('minimize', 'sphere', '--rank-logs', 'x')).toMatch(/--rank-logs needs several ranks/);
  expect(await said('minimize', '--module', 'no.mjs', '--dim', '1', '--ranks', '2')).toBe(
    `southwell: ${at('no.mjs')} cannot be read: there is no such file.`,
  );
});

describe.skipIf(!hasMpi)('ranks of MPI (needs Open MPI and koffi)', () => {
  test('two processes find what one does; the first alone prints', async () => {
    const args = ['--command', parabola, ...box, '--method', 'cma-es', '--budget', '30'];
    const { code, out } = await mpirun(2, 'minimize', ...args, '--json').ended;
    const one = await minimize(...args);
    expect({ code, found: found(out) }).toEqual({ code: one.code, found: one.found });
  });
});

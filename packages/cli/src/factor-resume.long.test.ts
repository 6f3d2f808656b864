import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dictionary, factorFiles, jobsOf, resultOf, stream, x, y } from './testing/factor.ts';
import { workshop } from './testing.ts';

const jobs = jobsOf(0.2);
const { at, file, killed, southwell, stopped } = workshop();
factorFiles(file);

test.each(Object.entries(jobs))('%s: stopped in the middle, it goes on to the same output', (_, args) => {
  const whole = southwell('factor', ...args, '--json');
  expect(whole.err).toBe('');
  rmSync(at('run.ck'), { force: true });
  const kept = ['factor', ...args, '--json', '--checkpoint', 'run.ck'];
  const first = JSON.parse(stopped(kept, /^(pass|round|step|sweep) \d/).out);
  // A fast machine may have ended by then.
  expect(['aborted', JSON.parse(whole.out).status]).toContain(first.status);
  const rest = southwell(...kept, '--resume');
  expect(resultOf(rest.out)).toEqual(resultOf(whole.out));
  expect(rest.code).toBe(whole.code);
});

test('killed, it goes on to the same output', async () => {
  const args = ['factor', ...jobs.nmf, '--json'];
  rmSync(at('run.ck'), { force: true });
  // The first checkpoint is written at once; a job that has ended by the time it is seen is no failure.
  await killed([...args, '--checkpoint', 'run.ck'], () => existsSync(at('run.ck')));
  const rest = southwell(...args, '--checkpoint', 'run.ck', '--resume');
  expect(resultOf(rest.out)).toEqual(resultOf(southwell(...args).out));
});

test.each([
  [['nmf', 'waves.csv', '-k', '3', '--drop', 'kind', '--max-iter', '1'], 3, /Ended at its limit/],
  [['svd', 'wide.csv', '-k', '4', '--max-iter', '1'], 3, /Ended at its limit/],
  [['sparse-pca', 'waves.csv', '-k', '3', '--drop', 'kind', '--max-iter', '1'], 3, /Ended at its limit/],
  [['complete', 'known.csv', '--rank', '3', '--max-iter', '1'], 3, /Ended at its limit/],
  [['dictionary', 'waves.csv', '-k', '3', '--drop', 'kind', '--max-iter', '1'], 3, /Ended at its limit/],
  [[...dictionary, '--drop', 'kind', '--method', 'online', '--max-iter', '1'], 3, /Ended at its limit/],
  [[...dictionary, '--drop', 'kind', '--method', 'online'], 0, /Completed as planned/],
  [[...dictionary, '--method', 'supervised', '--target', 'kind', '--max-iter', '1'], 3, /Ended at its limit/],
  [['cca', 'waves.csv', '--x', x, '--y', y, '--method', 'stochastic', '--epochs', '1'], 0, /Completed as planned/],
  [stream, 0, /Completed as planned/],
  [['cca', 'waves.csv', '--x', x, '--y', y, '--ridge', '0.1'], 0, /Converged/],
] as const)('%j: the status is the truth', (args, code, text) => {
  const r = southwell('factor', ...args);
  expect(r.code).toBe(code);
  expect(r.out).toMatch(text);
});

test('a checkpoint of other data, a damaged one, and one for what has no steps are refused', () => {
  rmSync(at('run.ck'), { force: true });
  const kept = ['--checkpoint', 'run.ck'];
  expect(southwell('factor', 'nmf', 'waves.csv', '-k', '3', '--drop', 'kind', ...kept).code).toBe(0);
  const again = southwell('factor', 'nmf', 'waves.csv', '-k', '3', '--drop', 'kind', ...kept);
  expect(again.err).toMatch(/--resume/);
  const other = southwell('factor', 'nmf', 'waves.csv', '-k', '4', '--drop', 'kind', ...kept, '--resume');
  expect([other.code, other.err]).toEqual([2, expect.stringMatching(/other data or other options/)]);
  const verb = southwell('factor', 'svd', 'waves.csv', '-k', '4', '--drop', 'kind', ...kept, '--resume');
  expect(verb.err).toMatch(/by factor nmf, not by factor svd/);
  writeFileSync(at('run.ck'), readFileSync(at('run.ck'), 'utf8').slice(0, -9));
  const damaged = southwell('factor', 'nmf', 'waves.csv', '-k', '3', '--drop', 'kind', ...kept, '--resume');
  expect(damaged.err).toMatch(/damaged/);
  const exact = southwell('factor', 'cca', 'waves.csv', '--x', x, '--y', y, ...kept, '--resume');
  expect(exact.err).toMatch(/--checkpoint cannot be combined with --method exact, only with stochastic/);
});

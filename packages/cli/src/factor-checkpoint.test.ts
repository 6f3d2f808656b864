import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { command, workshop } from './testing.ts';

const { at, env, file, folder, interrupted, southwell } = workshop();

const wave = (i: number, j: number) => Math.sin(0.37 * i * (j + 1)) + Math.cos(0.11 * (i + 3) * (j + 2)) + 2;
const rows = Array.from({ length: 400 }, (_, i) => Array.from({ length: 12 }, (__, j) => wave(i, j).toFixed(4)));
const names = rows[0].map((_, j) => `c${j}`);
file('waves.csv', `${names.join(',')},kind\n${rows.map((r, i) => `${r.join(',')},${i % 3 ? 'a' : 'b'}`).join('\n')}\n`);
const known = rows.slice(0, 60).flatMap((r, i) => r.flatMap((v, j) => ((i * 7 + j * 5) % 3 ? [`${i},${j},${v}`] : [])));
file('known.csv', `i,j,v\n${known.join('\n')}\n`);

/** Nothing stands out: singular vectors take several cycles. */
const noise = new Random(1);
const wide = Array.from({ length: 300 }, () => Array.from({ length: 120 }, () => noise.normal().toFixed(3)).join());
file('wide.csv', `${Array.from({ length: 120 }, (_, j) => `n${j}`).join()}\n${wide.join('\n')}\n`);

const [x, y] = [names.slice(0, 6).join(), names.slice(6).join()];
const stream = ['cca', 'waves.csv', '--x', x, '--y', y, '-k', '2', '--method', 'stochastic', '--stream'];
const dictionary = ['dictionary', 'waves.csv', '-k', '4'];

/** Long enough to be killed in the middle, each of another method. */
const long: Record<string, readonly string[]> = {
  svd: ['svd', 'wide.csv', '-k', '4', '--tol', '1e-12'],
  nmf: ['nmf', 'waves.csv', '-k', '6', '--drop', 'kind', '--tol', '0', '--max-iter', '3000'],
  'sparse-pca': ['sparse-pca', 'bundled:digits', '-k', '8', '--drop', 'digit', '--tol', '0', '--max-iter', '150'],
  complete: ['complete', 'known.csv', '--rank', '4', '--holdout', '0.1', '--tol', '0', '--max-iter', '2000'],
  'dictionary, batch': [...dictionary, '--drop', 'kind', '--alpha', '0.05', '--max-iter', '150'],
  'dictionary, online': [...dictionary, '--drop', 'kind', '--method', 'online', '--passes', '40'],
  'dictionary, orthogonal': [
    ...['dictionary', 'waves.csv', '--drop', 'kind', '--method', 'orthogonal', '--whiten', '--passes', '200'],
  ],
  'dictionary, supervised': [...dictionary, '--method', 'supervised', '--target', 'kind', '--max-iter', '300'],
  cca: ['cca', 'waves.csv', '--x', x, '--y', y, '--method', 'stochastic', '--epochs', '200'],
  'cca --stream': [...stream, '--epochs', '40'],
};

/** What does not depend on the clock or on the way it was asked for. */
const result = (json: string) => {
  const { seconds: _, command: __, ...rest } = JSON.parse(json);
  return rest;
};

test.each(Object.entries(long))('%s: killed at any time, it goes on to the same output', async (_, args) => {
  const whole = southwell('factor', ...args, '--json');
  expect(whole.err).toBe('');
  rmSync(at('run.ck'), { force: true });
  const child = spawn(process.execPath, [command, 'factor', ...args, '--json', '--checkpoint', 'run.ck'], {
    cwd: folder,
    env: env(),
    // A pipe that nobody reads would hold it up.
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  // The first checkpoint is written at once; a job that has ended by the time it is seen is no failure.
  while (!existsSync(at('run.ck')) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await gone;
  const rest = southwell('factor', ...args, '--json', '--checkpoint', 'run.ck', '--resume');
  expect(result(rest.out)).toEqual(result(whole.out));
  expect(rest.code).toBe(whole.code);
});

test('a stream that was stopped gives its weights so far, and goes on to those of a whole run', async () => {
  const args = [...stream, '--epochs', '60'];
  const whole = southwell('factor', ...args, '--json');
  expect(JSON.parse(whole.out).status).toBe('completed');
  rmSync(at('run.ck'), { force: true });
  const long = ['factor', ...stream, '--epochs', '60', '--json', '--checkpoint', 'run.ck'];
  const stopped = await interrupted(long, /pass \d/);
  if (stopped.code === 3) {
    const { status, weights, notes } = JSON.parse(stopped.out);
    expect(status).toBe('aborted');
    expect(weights[0]).toHaveLength(2);
    expect(notes.join()).not.toMatch(/gaps/);
  }
  const rest = southwell('factor', ...args, '--json', '--checkpoint', 'run.ck', '--resume');
  expect(result(rest.out)).toEqual(result(whole.out));
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
  expect(verb.err).toMatch(/of factor nmf, not of factor svd/);
  writeFileSync(at('run.ck'), readFileSync(at('run.ck'), 'utf8').slice(0, -9));
  const damaged = southwell('factor', 'nmf', 'waves.csv', '-k', '3', '--drop', 'kind', ...kept, '--resume');
  expect(damaged.err).toMatch(/damaged/);
  const exact = southwell('factor', 'cca', 'waves.csv', '--x', x, '--y', y, ...kept, '--resume');
  expect(exact.err).toMatch(/--checkpoint does not go with --method exact, but with stochastic/);
});

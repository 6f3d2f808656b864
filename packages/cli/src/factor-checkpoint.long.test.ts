import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { factorFiles, jobsOf, resultOf, stream } from './testing/factor.ts';
import { workshop } from './testing.ts';

const { at, file, interrupted, killed, southwell } = workshop();
factorFiles(file);

test.each(Object.entries(jobsOf(1)))('%s: killed at any time, it goes on to the same output', async (_, args) => {
  const whole = southwell('factor', ...args, '--json');
  expect(whole.err).toBe('');
  rmSync(at('run.ck'), { force: true });
  // The first checkpoint is written at once; a job that has ended by the time it is seen is no failure.
  await killed(['factor', ...args, '--json', '--checkpoint', 'run.ck'], () => existsSync(at('run.ck')));
  const rest = southwell('factor', ...args, '--json', '--checkpoint', 'run.ck', '--resume');
  expect(resultOf(rest.out)).toEqual(resultOf(whole.out));
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
  expect(resultOf(rest.out)).toEqual(resultOf(whole.out));
});

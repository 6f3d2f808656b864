import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { interrupted } = workshop();

test('Ctrl-C ends a race: what was measured so far is told, and that it is not all', async () => {
  const { code, out, err } = await interrupted(['race', 'linear-models', '--limit', '1.2', '--json'], /\(\d of 6\)/);
  const told = JSON.parse(out);
  expect([code, told.exitCode, told.status]).toEqual([3, 3, 'aborted']);
  expect(err).toMatch(/Stopping; what was measured so far is printed/);
  const whole = told.finish.filter((f: { cutOff?: true }) => !f.cutOff);
  expect(whole.length).toBeLessThan(6);
  // The one that was cut off is told where it had got anywhere.
  expect([whole.length, whole.length + 1]).toContain(told.finish.length);
  expect(told.winner).toBe(whole[0]?.racer ?? null);
});

/** Time limits on several ranks, measured from outside. */
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, here } = workshop();

const random = new Random(5);
const rows = Array.from({ length: 1500 }, () => {
  const x: number[] = [];
  for (let k = 0; k < 8; k++) x.push(0.7 * (x[k - 1] ?? 0) - 0.3 * (x[k - 3] ?? 0) + random.normal());
  return x.map((v) => v.toFixed(4)).join();
});
file('t.csv', `a,b,c,d,e,f,g,h\n${rows.join('\n')}\n`);

/** Several times as long as any of the commands needs to start and to end on a busy machine. */
const [LIMIT, SLACK] = [1, 8];

// Each takes minutes without the limit, and consists of many short fits.
test.each([
  ['folds', 'fit', 'bundled:spambase', '--model', 'logistic', '--cv', '60', '--tol', '1e-13'],
  ['samples', 'graph', 'learn', 't.csv', '--bootstrap', '100000'],
  ['steps', 'train', 't.csv', '--target', 'h', '--epochs', '100000', '--validation', '0.5'],
])('the command ends at the limit on two ranks, with the best so far: %s', async (_, ...words) => {
  const began = performance.now();
  const { code, out, err } = await here([...words, '--ranks', '2', '--time-limit', String(LIMIT), '--json']);
  expect(code).toBe(3);
  // Nothing, if the machine is so slow that there is no first fit.
  if (out === '') expect(err).toMatch(/^southwell: The time limit of 1 s was reached before there was a first result/);
  else expect([err, JSON.parse(out).status]).toEqual(['', 'time-limit']);
  expect((performance.now() - began) / 1000).toBeLessThan(LIMIT + SLACK);
});

test('a limit that is over before the first fit is told once, without the number of a rank', async () => {
  const words = ['fit', 'bundled:spambase', '--model', 'logistic', '--cv', '5', '--ranks', '2'];
  const { code, out, err } = await here([...words, '--time-limit', '1e-3', '--json']);
  expect([code, out]).toEqual([3, '']);
  expect(err).toBe(
    'southwell: The time limit of 0.001 s was reached before there was a first result: allow more time.\n',
  );
});

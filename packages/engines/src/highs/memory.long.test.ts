import { expect, test } from 'vitest';
import { loadHighs } from './load.ts';
import { problemOf } from './problem.ts';
import { solveHere } from './session.ts';
import { modelOf } from './testing.ts';

const INF = Number.POSITIVE_INFINITY;

test('memory does not grow over 200 solves', async () => {
  const highs = await loadHighs('highs');
  const small = { cost: [5, 4, 3], A: [[2, 3, 1]], rowLower: [2.5], rowUpper: [INF], upper: [3, 3, 3] };
  const [linear, whole] = [false, true].map((integer) => problemOf(modelOf({ ...small, integer })));
  const quiet = { progress: () => undefined, incumbent: () => undefined };
  const run = (k: number) => expect(solveHere(highs, k % 5 === 0 ? whole : linear, {}, quiet).status).toBe('converged');
  for (let k = 0; k < 10; k++) run(k);
  const before = highs.memoryBytes;
  for (let k = 0; k < 200; k++) run(k);
  expect(highs.memoryBytes).toBe(before);
});

import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import field3 from './experiments/field3.ts';
import stations from './experiments/stations.ts';
import { gaussianProcess, gridCp } from './rivals.ts';

test('rivals: a process goes through what it is told, a grid of rank one is found', () => {
  const places = [[0.1], [0.5], [0.9]];
  const rough = (d: number) => Math.exp(-d);
  const mean = gaussianProcess(places, [1, 3, 2], places, 1e-6, rough, 0.3);
  for (const [n, y] of [1, 3, 2].entries()) expect(mean[n]).toBeCloseTo(y, 6);
  const cells = Array.from({ length: 24 }, (_, e) => [e % 4, Math.floor(e / 4)]);
  const y = cells.map(([i, j]) => (i - 1.5) * (j - 2.5));
  const found = gridCp(cells.slice(1), y.slice(1), cells, [4, 6], { rank: 2, ridge: 1e-8, seed: 1 });
  expect(found[0]).toBeCloseTo(y[0], 2);
});

test('an abort ends a run by its reason, soon', async () => {
  await expectAbort(field3);
  await expectAbort(stations);
});

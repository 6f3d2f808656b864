import { expect, test } from 'vitest';
import crossover from './experiments/crossover.ts';

test('the exact solver and the batches are timed at every size', async () => {
  const points = new Map<string, number[]>();
  let rows: ReadonlyArray<readonly unknown[]> = [];
  for await (const event of crossover.run({ size: 'quick', seed: 11 })) {
    if (event.kind === 'points') points.set(event.series, [...(points.get(event.series) ?? []), ...event.x]);
    if (event.kind === 'table') rows = event.rows;
  }
  expect(points.get('exact, whole')).toEqual([32, 64, 128]);
  expect(points.get('Eckart–Young, batches of 100')).toEqual([32, 64, 128]);
  for (const row of rows) expect(row[4]).toBeGreaterThanOrEqual(0.95);
});

import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import crossover from './experiments/crossover.ts';
import falseMinima from './experiments/no-false-minima.ts';
import twoBatches from './experiments/two-batches.ts';
import { libraryMethod, type Method } from './lab.ts';

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

test('a gradient without half of the variances does not pass, nor one of the wrong sign', async () => {
  for (const factor of [0.5, -1]) {
    const wrong: Method = {
      ...libraryMethod,
      gradient: (first, second, weights, alpha, count, k) => {
        const right = libraryMethod.gradient(first, second, weights, alpha, count, k);
        // Between the views everything is linear in the weights: twice the weights show the cubic part.
        const twice = libraryMethod.gradient(
          first,
          second,
          weights.map((U) => U.map((w) => 2 * w)),
          alpha,
          count,
          k,
        );
        const gradients = right.gradients.map((g, v) =>
          g.map((value, at) => {
            const cubic = (twice.gradients[v][at] - 2 * value) / 6;
            return factor === -1 ? -value : value - factor * cubic;
          }),
        );
        return { ...right, gradients };
      },
    };
    const found = await outcomesOf([falseMinima.withMethod(wrong), twoBatches.withMethod(wrong)], 11);
    expect(found['no-false-minima']).not.toBe('holds');
    expect(found['two-batches']).not.toBe('holds');
  }
});

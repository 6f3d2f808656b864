import { Random } from 'southwell';
import { describe, expect, test } from 'vitest';
import type { Experiment, Outcome } from '../experiment.ts';
import { experiments, experimentsWith } from './index.ts';
import { type Method, methodOfLibrary } from './lab.ts';

/** Runs until all verdicts are in. */
async function outcomes(all: readonly Experiment[], seed: number): Promise<Record<string, Outcome>> {
  const out: Record<string, Outcome> = {};
  for (const experiment of all) {
    let open = experiment.claims.length;
    for await (const event of experiment.run({ size: 'quick', seed })) {
      if (event.kind !== 'verdict') continue;
      out[event.verdict.claim] = event.verdict.outcome;
      if (--open === 0) break;
    }
  }
  return out;
}

test('at quick size every claim holds, and the small batches bring a picture', async () => {
  const kinds = new Set<string>();
  const decided: Outcome[] = [];
  for await (const event of experiments[0].run({ size: 'quick', seed: 11 })) {
    kinds.add(event.kind);
    if (event.kind === 'verdict') decided.push(event.verdict.outcome);
  }
  expect([...kinds].sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  expect(decided).toEqual(['holds']);
  expect(await outcomes(experiments.slice(1, 3), 11)).toEqual({ 'no-false-minima': 'holds', 'wide-pls': 'holds' });
});

describe('a broken method does not pass', () => {
  /** Rows of the second view in another order: nothing goes together any more. */
  const unpaired: Method = {
    ...methodOfLibrary,
    steps: ([X, Y], options) => {
      const order = new Random(5).permutation(Y.rows);
      for (let j = 0; j < Y.cols; j++) {
        const column = Y.column(j);
        const old = column.slice();
        for (let i = 0; i < old.length; i++) column[i] = old[order[i]];
      }
      return methodOfLibrary.steps([X, Y], options);
    },
  };
  test('rows that are not paired', async () => {
    // The views change after their exact correlations were taken.
    const found = await outcomes([experimentsWith(unpaired)[0], experimentsWith(unpaired)[2]], 11);
    expect(found['small-batches']).not.toBe('holds');
    expect(found['wide-pls']).toBe('does not hold');
  });

  test('a gradient without half of the variances, and one of the wrong sign', async () => {
    for (const factor of [0.5, -1]) {
      const wrong: Method = {
        ...methodOfLibrary,
        gradient: (first, second, weights, alpha, count, k) => {
          const right = methodOfLibrary.gradient(first, second, weights, alpha, count, k);
          // Between the views everything is linear in the weights: twice the weights show the cubic part.
          const twice = methodOfLibrary.gradient(
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
      expect((await outcomes([experimentsWith(wrong)[1]], 11))['no-false-minima']).not.toBe('holds');
    }
  });
});

test('the exact solver and the batches are timed at every size', async () => {
  const points = new Map<string, number[]>();
  let rows: ReadonlyArray<readonly unknown[]> = [];
  for await (const event of experiments[3].run({ size: 'quick', seed: 11 })) {
    if (event.kind === 'points') points.set(event.series, [...(points.get(event.series) ?? []), ...event.x]);
    if (event.kind === 'table') rows = event.rows;
  }
  expect(points.get('exact, whole')).toEqual([32, 64, 128]);
  expect(points.get('Eckart–Young, batches of 100')).toEqual([32, 64, 128]);
  for (const row of rows) expect(row[4]).toBeGreaterThanOrEqual(0.95);
});

test('an abort ends a run by its reason, soon', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 30);
  const run = async () => {
    for await (const _ of experiments[0].run({ size: 'quick', seed: 1, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow('enough');
});

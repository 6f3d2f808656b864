import { expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { outcomesOf } from '../testing.ts';
import conditionNumber from './experiments/condition-number.ts';
import freshSamples from './experiments/fresh-samples.ts';
import linearErrors from './experiments/linear-errors.ts';
import rankCost from './experiments/rank-cost.ts';
import ratings from './experiments/ratings.ts';
import solvers from './experiments/solvers.ts';

const all = [linearErrors, solvers, rankCost, freshSamples, conditionNumber, ratings];
/** Smaller than at quick size where that takes long. */
const outcomes = (experiments: readonly Experiment[]) =>
  outcomesOf(experiments, 11, { parameters: { side: 300, ratings: 40_000 } });

test('at quick size the claims that hold at full size do', async () => {
  const found = await outcomes(all);
  expect(found).toEqual({
    'linear-errors': 'holds',
    'sketch-equals-exact': 'holds',
    'loose-tolerance': 'holds',
    'cost-in-rank': 'holds',
    'fresh-samples': 'holds',
    'condition-number': 'holds',
    ratings: 'holds',
  });
});

test('an abort ends a run', async () => {
  const controller = new AbortController();
  const run = linearErrors.run({ size: 'quick', seed: 1, signal: controller.signal });
  await run.next();
  controller.abort(new Error('enough'));
  await expect(
    (async () => {
      for await (const _ of run);
    })(),
  ).rejects.toThrow('enough');
});

import { describe, expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { outcomesOf } from '../testing.ts';
import conditionNumber from './experiments/condition-number.ts';
import freshSamples from './experiments/fresh-samples.ts';
import linearErrors from './experiments/linear-errors.ts';
import rankCost from './experiments/rank-cost.ts';
import ratings from './experiments/ratings.ts';
import solvers from './experiments/solvers.ts';
import { libraryMethod, type Method } from './lab.ts';

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

describe('a negative control does not pass', () => {
  const wrongSign: Method = {
    regress(options) {
      const regress = libraryMethod.regress(options);
      return (step) => {
        regress(step);
        // Only one of the two factors: two wrong signs would be one right one.
        if (step.count % 2 === 0) for (let at = 0; at < step.out.length; at++) step.out[at] *= -1;
        else for (let at = 0; at < step.out.length; at++) step.out[at] *= 0.5;
      };
    },
    *iterates(observed, options) {
      for (const it of libraryMethod.iterates(observed, options)) {
        const snapshot = () => {
          const { left, right } = it.snapshot();
          return { left: left.map((v) => -v), right };
        };
        yield { ...it, snapshot };
      }
    },
  };
  test('wrong sign, half a step', async () => {
    const found = await outcomes(all.map((e) => e.withMethod(wrongSign)));
    expect(Object.entries(found).filter(([, outcome]) => outcome === 'holds')).toEqual([]);
    expect(Object.keys(found)).toHaveLength(7);
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

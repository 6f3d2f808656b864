import { expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { expectAbort, outcomesOf } from '../testing.ts';
import convergence from './experiments/convergence.ts';
import covariates from './experiments/covariates.ts';
import digits from './experiments/digits.ts';
import { libraryMethod, type Method } from './models.ts';

const outcomes = (experiment: Experiment, seed: number) => outcomesOf([experiment], seed, { whole: true });

test('every claim holds but for one limit on white samples', async () => {
  expect(await outcomes(digits, 11)).toEqual({ 'accuracy-and-reconstruction': 'holds' });
  // White in more directions than the rank, nothing sets one limit apart.
  expect(await outcomes(convergence, 11)).toEqual({ 'exponential-convergence': 'holds', 'white-samples': 'partly' });
  expect(await outcomes(covariates, 11)).toEqual({ covariates: 'holds' });
});

// Digits without the labels in the dictionary, and covariates that are not used, are with the ablations.
test('steps too long do not contract', async () => {
  const long: Method = {
    ...libraryMethod,
    lifted: (data, options) => libraryMethod.lifted(data, { ...options, step: 2.4 * options.step! }),
  };
  expect((await outcomes(convergence.withMethod(long), 11))['exponential-convergence']).not.toBe('holds');
});

test('an abort ends a run by its reason, soon', () => expectAbort(covariates));

import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import convergence from './experiments/convergence.ts';
import covariates from './experiments/covariates.ts';
import { libraryMethod, type Method } from './models.ts';

// Digits without the labels in the dictionary, and covariates that are not used, are among the nulls.
test('steps too long do not contract', async () => {
  const long: Method = {
    ...libraryMethod,
    lifted: (data, options) => libraryMethod.lifted(data, { ...options, step: 2.4 * options.step! }),
  };
  const outcomes = await outcomesOf([convergence.withMethod(long)], 11, { whole: true });
  expect(outcomes['exponential-convergence']).not.toBe('holds');
});

test('an abort ends a run by its reason, soon', () => expectAbort(covariates));

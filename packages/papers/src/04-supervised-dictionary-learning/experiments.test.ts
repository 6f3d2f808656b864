import { supervisedDictionary } from 'southwell/factorisation';
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

test('without the labels in the dictionary, or with labels turned round, digits are told apart no better', async () => {
  const apart: Method = {
    ...libraryMethod,
    estimator: (options) => supervisedDictionary({ ...options, steps: 'safe', maxIter: 100, xi: 1e6 }),
  };
  expect((await outcomes(digits.withMethod(apart), 11))['accuracy-and-reconstruction']).not.toBe('holds');
  const turned: Method = {
    ...libraryMethod,
    estimator: (options) => {
      const inner = supervisedDictionary(options);
      const flip = (y: ArrayLike<unknown>) => Array.from(y, (v) => 1 - Number(v));
      return { fit: (X, y, o) => inner.fit(X, flip(y), o), fitAsync: (X, y, o) => inner.fitAsync(X, flip(y), o) };
    },
  };
  expect((await outcomes(digits.withMethod(turned), 11))['accuracy-and-reconstruction']).not.toBe('holds');
  expect((await outcomes(covariates.withMethod(turned), 11)).covariates).not.toBe('holds');
});

test('steps too long do not contract, and covariates that are not used do not help', async () => {
  const long: Method = {
    ...libraryMethod,
    lifted: (data, options) => libraryMethod.lifted(data, { ...options, step: 2.4 * options.step! }),
  };
  expect((await outcomes(convergence.withMethod(long), 11))['exponential-convergence']).not.toBe('holds');
  const unused: Method = {
    ...libraryMethod,
    estimator: (options) => {
      const inner = supervisedDictionary(options);
      const zeros = { covariates: undefined };
      return {
        fit: (X, y, o) => inner.fit(X, y, { ...o, ...zeros }),
        async fitAsync(X, y, o) {
          const model = await inner.fitAsync(X, y, { ...o, ...zeros });
          const predict = model.predictProba.bind(model);
          model.predictProba = (samples) => predict(samples);
          return model;
        },
      };
    },
  };
  expect((await outcomes(covariates.withMethod(unused), 11)).covariates).not.toBe('holds');
});

test('an abort ends a run by its reason, soon', () => expectAbort(covariates));

import { supervisedDictionary } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import type { Outcome } from '../experiment.ts';
import { experiments, experimentsWith, methodOfLibrary } from './index.ts';

async function outcomes(list: typeof experiments, id: string, seed: number): Promise<Record<string, Outcome>> {
  const out: Record<string, Outcome> = {};
  const kinds = new Set<string>();
  for await (const event of list.find((e) => e.id === id)!.run({ size: 'quick', seed })) {
    kinds.add(event.kind);
    if (event.kind === 'verdict') out[event.verdict.claim] = event.verdict.outcome;
  }
  expect([...kinds].sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  return out;
}

test('every claim holds', async () => {
  // Not on every seed at the quick size: two draws of basis images differ much.
  expect(await outcomes(experiments, 'digits', 2)).toEqual({ 'accuracy-and-reconstruction': 'holds' });
  expect(await outcomes(experiments, 'convergence', 11)).toEqual({ 'exponential-convergence': 'holds' });
  expect(await outcomes(experiments, 'covariates', 11)).toEqual({ covariates: 'holds' });
});

test('without the labels in the dictionary, or with labels turned round, digits are told apart no better', async () => {
  const apart = experimentsWith({
    ...methodOfLibrary,
    estimator: (options) => supervisedDictionary({ ...options, steps: 'safe', maxIter: 100, xi: 1e6 }),
  });
  expect((await outcomes(apart, 'digits', 2))['accuracy-and-reconstruction']).not.toBe('holds');
  const turned = experimentsWith({
    ...methodOfLibrary,
    estimator: (options) => {
      const inner = supervisedDictionary(options);
      const flip = (y: ArrayLike<unknown>) => Array.from(y, (v) => 1 - Number(v));
      return { fit: (X, y, o) => inner.fit(X, flip(y), o), fitAsync: (X, y, o) => inner.fitAsync(X, flip(y), o) };
    },
  });
  expect((await outcomes(turned, 'digits', 2))['accuracy-and-reconstruction']).not.toBe('holds');
  expect(await outcomes(turned, 'covariates', 11)).toEqual({ covariates: 'does not hold' });
});

test('steps too long do not contract, and covariates that are not used do not help', async () => {
  const long = experimentsWith({
    ...methodOfLibrary,
    lifted: (data, options) => methodOfLibrary.lifted(data, { ...options, step: 2.4 * options.step! }),
  });
  expect((await outcomes(long, 'convergence', 11))['exponential-convergence']).not.toBe('holds');
  const unused = experimentsWith({
    ...methodOfLibrary,
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
  });
  expect(await outcomes(unused, 'covariates', 11)).toEqual({ covariates: 'does not hold' });
});

test('an abort ends a run by its reason, soon', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 30);
  const run = async () => {
    for await (const _ of experiments[2].run({ size: 'full', seed: 1, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow('enough');
});

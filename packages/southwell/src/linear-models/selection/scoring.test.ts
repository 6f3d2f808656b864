import { describe, expect, test } from 'vitest';
import { linearModels } from '../catalogue.ts';
import * as metrics from './metrics.ts';
import { type Scoring, scorings } from './scoring.ts';

const n = 60;
const X = Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(2 * i), ((i * 7) % 11) / 5]);
const signal = X.map(([a, b]) => a - b / 2);
const targets = {
  number: signal,
  numbers: signal.map((v, i) => [v, v + (i % 3)]),
  class: signal.map((v) => (v > 0 ? 'up' : 'down')),
  classes: signal.map((v) => (v > 0.5 ? 'a' : v < -0.5 ? 'b' : 'c')),
  survival: { time: signal.map((v) => Math.exp(-v)), event: signal.map((_, i) => (i % 3 === 0 ? 0 : 1)) },
};
const targetOf = (name: string) => {
  if (name === 'tweedie') return signal.map((v) => Math.max(v, 0));
  if (name === 'poisson') return signal.map((v) => Math.round(Math.exp(v)));
  if (name === 'gamma') return signal.map((v) => Math.exp(v));
  return targets[linearModels[name].target];
};
const options = (name: string) => (name.startsWith('group') ? { groups: ['a', 'b', 'b'] } : {});
const models = Object.keys(linearModels).filter((name) => linearModels[name].sparse(options(name)));

describe.each(models)('%s', (name) => {
  const estimator = linearModels[name].make(options(name));
  const run = (scoring: Scoring) =>
    estimator.crossValidate(X, targetOf(name), { folds: 4, nAlphas: 4, scoring, seed: 1 });

  test.each(scorings)('%s is finite, or refused with the ones that fit', async (scoring) => {
    if (estimator.scorings.includes(scoring)) {
      const { mean, standardError } = await run(scoring);
      expect([...mean, ...standardError].every(Number.isFinite)).toBe(true);
    } else {
      const list = estimator.scorings.join(', ');
      await expect(run(scoring)).rejects.toThrow(`The scoring ${scoring} is not available for`);
      await expect(run(scoring)).rejects.toThrow(`use ${list}.`);
    }
  });
});

test('a model of counts is scored by the means that it predicts', async () => {
  const y = signal.map((v) => Math.round(5 * Math.exp(v)));
  const foldOf = X.map((_, i) => i % 2);
  const estimator = linearModels.poisson.make({});
  const { mean } = await estimator.crossValidate(X, y, { foldOf, alphas: [0.1], scoring: 'mse' });
  const byHand = [0, 1].map((fold) => {
    const of = (f: (v: number) => boolean) => X.map((_, i) => i).filter((i) => f(foldOf[i]));
    const [train, held] = [of((v) => v !== fold), of((v) => v === fold)];
    const model = linearModels.poisson.make({ alpha: 0.1 }).fit(
      train.map((i) => X[i]),
      train.map((i) => y[i]),
    );
    const predicted = model.predict(held.map((i) => X[i])) as Float64Array;
    return metrics.meanSquaredError(
      held.map((i) => y[i]),
      predicted,
    );
  });
  expect(mean[0]).toBeCloseTo((byHand[0] + byHand[1]) / 2, 6);
});

describe('rare classes and events', () => {
  const rare = (k: number) => X.map((_, i) => (i < k ? 'rare' : 'usual'));
  const cv = (name: string, y: unknown, scoring?: Scoring, folds = 5) =>
    linearModels[name].make({}).crossValidate(X, y, { folds, nAlphas: 4, scoring });

  test.each(['logistic', 'svc', 'multinomial'])('%s: two rows are shared out, one row is named', async (name) => {
    for (const scoring of linearModels[name].make({}).scorings) {
      const { mean } = await cv(name, rare(2), scoring);
      expect(mean.every(Number.isFinite)).toBe(true);
    }
    await expect(cv(name, rare(1))).rejects.toThrow(/All rows of a class are in one fold/);
  });

  test('folds of one class have no ranks, and where all are such that is said', async () => {
    await expect(cv('logistic', rare(30), 'rocAuc', n)).rejects.toThrow(/rocAuc is undefined on every fold/);
    await expect(cv('lasso', signal, 'r2', n)).rejects.toThrow(/r2 is undefined on every fold/);
  });

  test('events of survival', async () => {
    const time = signal.map((v) => Math.exp(-v));
    const events = (...at: number[]) => ({ time, event: X.map((_, i) => (at.includes(i) ? 1 : 0)) });
    await expect(cv('cox', events(3))).rejects.toThrow(/All observed events are in one fold/);
    const { mean } = await cv('cox', events(3, 8, 13, 20, 41, 59));
    expect(mean.every(Number.isFinite)).toBe(true);
  });
});

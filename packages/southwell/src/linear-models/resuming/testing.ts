// Shared by the tests of resumed paths and folds, quick and long. Not exported from the package.
import { DenseMatrix } from '@southwell/numerics/arrays';
import { decodeCheckpoint, encodeCheckpoint, Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  groupLasso,
  lasso,
  logisticRegression,
  mcpRegression,
  multinomialRegression,
  saveModel,
  slope,
} from '../index.ts';
import type { CrossValidationState } from '../selection/crossValidation.ts';

export const [n, p] = [60, 40];
const random = new Random(5);
export const X = DenseMatrix.fromColumnMajor(
  Float64Array.from({ length: n * p }, () => random.normal()),
  n,
  p,
);
export const eta = Float64Array.from({ length: n }, (_, i) => X.get(i, 0) - 2 * X.get(i, 3) + 0.5 * random.normal());
export const signs = Array.from(eta, (v) => (v > 0 ? 'yes' : 'no'));
export const classes = Array.from(eta, (v) => (v > 1 ? 'a' : v < -1 ? 'b' : 'c'));

export interface Estimator {
  // biome-ignore lint/suspicious/noExplicitAny: estimators of all targets and models in one list
  path(X: DenseMatrix, y: any, options?: any): { models: readonly unknown[]; bic: Float64Array; status: string };
  // biome-ignore lint/suspicious/noExplicitAny: the same
  crossValidate(X: DenseMatrix, y: any, options?: any): Promise<any>;
}

export const cases: ReadonlyArray<readonly [string, Estimator, unknown]> = [
  ['lasso', lasso({ standardize: true }) as Estimator, eta],
  ['logistic', logisticRegression() as Estimator, signs],
  ['mcp', mcpRegression() as Estimator, eta],
  ['group lasso', groupLasso({ groups: 4 }) as Estimator, eta],
  ['slope', slope() as Estimator, eta],
  ['multinomial', multinomialRegression() as Estimator, classes],
];

/** A model without its timings. */
export const bare = (model: unknown): string => {
  const text = JSON.parse(saveModel(model as never));
  delete text.report.seconds;
  return JSON.stringify(text);
};
export const through = <S>(state: unknown): S =>
  decodeCheckpoint<S>(encodeCheckpoint({ method: 'm', problem: 'p', iteration: 0, state })).state;

/**
 * Checks that cross-validations resume from these of their checkpoints, also with two threads, for all models or the
 * named ones.
 */
export function resumesFolds({
  at,
  threads,
}: {
  readonly at: readonly number[];
  readonly threads?: readonly string[];
}): void {
  describe.each(cases)('%s', (name, estimator, y) => {
    test('so does a cross-validation, in the path and between folds, in one thread or two', async () => {
      const states: unknown[] = [];
      const options = {
        nAlphas: 25,
        folds: 4,
        seed: 2,
        checkpoint: { save: (state: unknown) => void states.push(state) },
      };
      const whole = await estimator.crossValidate(X, y, options);
      // Two from the path, one per fold.
      expect(states).toHaveLength(6);
      for (const k of at) {
        const resume = through<CrossValidationState>(states[k]);
        const rest = await estimator.crossValidate(X, y, { ...options, resume });
        expect(rest.mean).toEqual(whole.mean);
        expect(rest.standardError).toEqual(whole.standardError);
        expect(rest.path.models.map(bare)).toEqual(whole.path.models.map(bare));
      }
      if (threads && !threads.includes(name)) return;
      const first = through<CrossValidationState>(states[2]);
      const inThreads = await estimator.crossValidate(X, y, { ...options, resume: first, threads: 2 });
      expect(inThreads.mean).toEqual(whole.mean);
    });
  });
}

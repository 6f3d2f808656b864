import {
  type LiftedIterate,
  type LiftedOptions,
  liftedIterates,
  type SupervisedData,
  type SupervisedEstimator,
  type SupervisedOptions,
  supervisedDictionary,
} from 'southwell/factorisation';
import { rowsOf, type Study } from './lab.ts';

/** Shared by the experiments: the methods under test, and their metrics. */

/** The methods under test: the library's, or negative controls that the verdicts must catch. */
export interface Method {
  readonly estimator: (options: SupervisedOptions) => SupervisedEstimator;
  readonly lifted: (data: SupervisedData, options: LiftedOptions) => Iterable<LiftedIterate>;
}

export const libraryMethod: Method = { estimator: supervisedDictionary, lifted: liftedIterates };

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Train and test rows of a study. */
export function split({ X, y, covariates }: Study, train: number) {
  const part = (from: number, to: number) => ({
    X: rowsOf(X, from, to),
    y: y.slice(from, to),
    covariates: covariates && rowsOf(covariates, from, to),
  });
  const [first, second] = [part(0, train), part(train, X.rows)];
  return {
    train: first,
    test: second,
    free() {
      for (const M of [X, covariates, first.X, first.covariates, second.X, second.covariates]) M?.free();
    },
  };
}

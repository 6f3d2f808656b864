import { type DenseMatrix, logisticRegression } from 'southwell';
import {
  type LiftedIterate,
  type LiftedOptions,
  liftedIterates,
  type SupervisedData,
  type SupervisedEstimator,
  type SupervisedOptions,
  supervisedDictionary,
  youdenThreshold,
} from 'southwell/factorisation';
import { rowsOf, type Study } from './lab.ts';

/** What the experiments share: the methods under test, and what they are measured by. */

/** The methods under test: the library's, or negative controls that the verdicts must catch. */
export interface Method {
  readonly estimator: (options: SupervisedOptions) => SupervisedEstimator;
  readonly lifted: (data: SupervisedData, options: LiftedOptions) => Iterable<LiftedIterate>;
}

export const libraryMethod: Method = { estimator: supervisedDictionary, lifted: liftedIterates };

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The share of right labels at a threshold. */
export const accuracy = (y: ArrayLike<number>, P: ArrayLike<number>, threshold: number): number => {
  let right = 0;
  for (let s = 0; s < y.length; s++) if ((P[s] >= threshold ? 1 : 0) === y[s]) right++;
  return right / y.length;
};

/** Ridge of weight 1, as in the models under test. */
const regression = (rows: number) => logisticRegression({ alpha: 1 / rows, l1Ratio: 0, tol: 1e-6 });

/** Logistic regression on given features: probabilities of the test and Youden's threshold of the training. */
export function classify(train: DenseMatrix, y: Int32Array, test: DenseMatrix): { P: Float64Array; threshold: number } {
  const model = regression(train.rows).fit(train, y);
  const threshold = youdenThreshold(y, probabilities(model, train)) ?? 0.5;
  return { P: probabilities(model, test), threshold };
}

const probabilities = (model: ReturnType<ReturnType<typeof regression>['fit']>, X: DenseMatrix): Float64Array =>
  Float64Array.from(model.predictProba(X) as ArrayLike<number>);

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

import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  type Iterate,
  type OptionsNeeding,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { checkFit, type FitLinearOptions, fitIterates } from './fitLinear.ts';
import { leastSquaresOf, meanSquares } from './leastSquares.ts';
import { allFinite, product } from './matrices.ts';
import { activationRecords, randomFeatures } from './randomFeatures.ts';

/** Inputs, N × D, and targets, N × C: one-hot classes, one column of signs, or any numbers. */
export interface LinearExamples {
  readonly X: DenseMatrix;
  readonly Y: DenseMatrix;
}

const sweepRecords = {
  /** Model sizes P/N; numbers of features are rounded. Default twelve from 0.1 to 5, including 1. */
  ratios: otherOption<readonly number[]>('numbers'),
  /** Solvers that fit each size, by names of your choice. */
  solvers: otherOption<Readonly<Record<string, FitLinearOptions>>>('options by names'),
  ...activationRecords,
};

export interface SweepModelSizeOptions extends OptionsNeeding<typeof sweepRecords, 'solvers'> {}

export interface SweepRow {
  readonly solver: string;
  /** The requested P/N. */
  readonly ratio: number;
  /** P. */
  readonly features: number;
  readonly trainLoss: number;
  readonly testLoss: number;
  /** Error rate: classes by the largest column, or with one column by the sign. */
  readonly trainError: number;
  readonly testError: number;
  readonly condition: number;
  readonly weightNorm: number;
  readonly diverged: boolean;
}

const RATIOS = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5];

/**
 * Training and test errors of a model on random features as its size grows beyond the number of examples: a row for
 * each size and solver. Features of a smaller model are the first of a larger one. One decomposition per size, shared
 * by the solvers.
 *
 * @example sweepModelSize(train, test, { solvers: { exact: { solver: 'pinv' }, short: { solver: 'gd-closed' } } });
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function sweepModelSize(
  train: LinearExamples,
  test: LinearExamples,
  options: SweepModelSizeOptions,
): SweepRow[] {
  for (const { done, snapshot } of sweepModelSizeIterates(train, test, options)) if (done) return snapshot();
  fail('NUMERICAL', 'A sweep must say how it ended.');
}

/**
 * {@link sweepModelSize} as a generator for `run`: an iterate for each step of a solver, whose point are the rows so
 * far. Ends `completed`.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function* sweepModelSizeIterates(
  train: LinearExamples,
  test: LinearExamples,
  options: SweepModelSizeOptions,
): Generator<Iterate<SweepRow[], undefined>> {
  checkOptions('sweepModelSize', sweepRecords, options);
  const { ratios = RATIOS, solvers, activation, seed } = options;
  const fits = Object.entries(solvers);
  if (fits.length === 0 || ratios.length === 0)
    fail('INVALID_PARAMETER', 'A sweep needs at least one solver and size.');
  for (const [name, fit] of fits) checkFit(`solvers.${name}`, fit);
  checkTest(train, test);
  const n = train.X.rows;
  const sizes = ratios.map((ratio) => {
    const features = Math.round(ratio * n);
    wholeNumber(`ratio ${ratio} times ${n} examples`, features, 1);
    return { ratio, features };
  });
  const { apply } = randomFeatures({
    inputDim: train.X.cols,
    features: Math.max(...sizes.map(({ features }) => features)),
    ...(activation && { activation }),
    ...(seed !== undefined && { seed }),
  });
  const rows: SweepRow[] = [];
  let iteration = 0;
  for (const { ratio, features } of sizes) {
    const Z = apply(train.X, features);
    const testZ = apply(test.X, features);
    const problem = leastSquaresOf(Z, train.Y);
    for (const [solver, fit] of fits) {
      for (const { done, snapshot } of fitIterates(problem, fit)) {
        yield { iteration: iteration++, objective: undefined, work: {}, snapshot: () => [...rows] };
        if (!done) continue;
        const { weights, ...told } = snapshot();
        const [own, other] = [product(Z, weights), product(testZ, weights)];
        rows.push({
          ...{ solver, ratio, features },
          ...told,
          testLoss: meanSquares(other, test.Y),
          trainError: wrong(own, train.Y),
          testError: wrong(other, test.Y),
        });
        for (const one of [weights, own, other]) one.free();
      }
    }
    for (const one of [Z, testZ]) one.free();
  }
  yield { iteration, objective: undefined, work: {}, done: 'completed', snapshot: () => [...rows] };
}

function checkTest(train: LinearExamples, test: LinearExamples): void {
  if (test.X.rows === 0 || test.X.rows !== test.Y.rows) {
    fail('INVALID_SHAPE', `The test set has ${test.X.rows} rows of inputs and ${test.Y.rows} of targets.`);
  }
  if (test.X.cols !== train.X.cols || test.Y.cols !== train.Y.cols) {
    const of = ({ X, Y }: LinearExamples) => `${X.cols} inputs and ${Y.cols} targets`;
    fail('INVALID_SHAPE', `The test set has ${of(test)}, but the training set ${of(train)}.`);
  }
  allFinite('test targets', test.Y);
}

/** The fraction of rows with a wrong class. */
function wrong(prediction: DenseMatrix, Y: DenseMatrix): number {
  let count = 0;
  for (let i = 0; i < Y.rows; i++) if (classOf(prediction, i) !== classOf(Y, i)) count++;
  return count / Y.rows;
}

function classOf(A: DenseMatrix, row: number): number {
  if (A.cols === 1) return A.get(row, 0) > 0 ? 1 : 0;
  let best = 0;
  for (let c = 1; c < A.cols; c++) if (A.get(row, c) > A.get(row, best)) best = c;
  return best;
}

/**
 * Height of the test error at P = N above its neighbours: err(1) − max(err(0.5), err(2)), for rows of one solver.
 * Values above 0.05 indicate a peak.
 * @throws INVALID_PARAMETER if one of these sizes is missing, or occurs twice.
 */
export function peakHeight(rows: readonly Pick<SweepRow, 'ratio' | 'testError'>[]): number {
  const errorAt = (ratio: number): number => {
    const found = rows.filter((row) => row.ratio === ratio);
    if (found.length !== 1) {
      fail(
        'INVALID_PARAMETER',
        `peakHeight needs one row of ratio ${ratio}, but there are ${found.length}; give rows of one solver, with ratios 0.5, 1 and 2.`,
      );
    }
    return found[0].testError;
  };
  return errorAt(1) - Math.max(errorAt(0.5), errorAt(2));
}

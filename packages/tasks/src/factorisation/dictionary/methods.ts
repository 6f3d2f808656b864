import { type RunOptions, runAsync, type Status } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import {
  type DictionaryLearningState,
  dictionaryLearningAsync,
  OnlineDictionary,
  type OnlineDictionaryState,
  OnlineOrthogonalDictionary,
  type OnlineOrthogonalState,
  onlineDictionaryIterates,
  onlineOrthogonalIterates,
  type SparseDictionary,
  type StreamState,
  type SupervisedState,
  supervisedDictionary,
} from 'southwell/factorisation';
import type { Stage } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { columnsOf } from '../columns.ts';
import type { SavedDictionary } from './model.ts';
import type { DictionaryRequest } from './options.ts';
import type { LearnedDictionary } from './result.ts';

/** The methods of dictionary learning: entries of `learners`. */

type Saved = SavedDictionary['coding'];
type Coding = Exclude<Saved, { by: 'labels' }> | Omit<Extract<Saved, { by: 'labels' }>, 'target'>;

export interface Found {
  /** p × K, atoms as columns. */
  readonly atoms: DenseMatrix;
  /** n × K. */
  readonly codes: DenseMatrix;
  readonly back: DenseMatrix;
  readonly solution: { readonly status: Status; readonly iterations: number; readonly objective: number };
  readonly alpha?: number;
  readonly notes: readonly string[];
  /** How codes of new rows are computed; for a supervised dictionary without the name of the target. */
  readonly coding: Coding;
  readonly supervised?: Omit<NonNullable<LearnedDictionary['supervised']>, 'predicted' | 'covariates' | 'target'> & {
    readonly predicted: ReadonlyArray<string | number>;
  };
}

export interface Problem {
  readonly request: DictionaryRequest;
  readonly X: DenseMatrix;
  readonly y?: ReadonlyArray<string | number>;
  /** Covariates. */
  readonly Z?: DenseMatrix;
  /** Options of all runs: limits, signal, observer. */
  readonly watch: Pick<RunOptions<never>, 'timeLimit' | 'signal'> & {
    readonly onIterate: (it: { readonly iteration: number; readonly objective: number }) => void;
  };
  readonly stage: <S>() => Stage<S>;
  readonly spell: TaskTools['spell'];
}

/** Epochs over the samples in their order. */
function* batchesOf(X: DenseMatrix, { passes, batchSize }: DictionaryRequest): Generator<DenseMatrix> {
  for (let pass = 0; pass < passes; pass++) {
    for (let from = 0; from < X.rows; from += batchSize) {
      const batch = rows(X, from, Math.min(X.rows, from + batchSize));
      try {
        yield batch;
      } finally {
        batch.free();
      }
    }
  }
}

async function learnSupervised({ request, X, y, Z, watch, stage }: Problem): Promise<Found> {
  const { xi, model, algorithm, nonNegative = false, maxIter, seed } = request;
  const signs = nonNegative || algorithm === 'lifted' ? undefined : { dictionary: false, code: false };
  const estimator = supervisedDictionary({
    rank: request.k!,
    ...{ xi, model, algorithm, nonNegative: signs, maxIter, seed },
  });
  const fit = await estimator.fitAsync(X, y!, { ...watch, ...stage<SupervisedState>(), covariates: Z });
  const predicted = fit.predict(X, { covariates: Z }) as Array<string | number>;
  const right = predicted.filter((label, s) => label === y![s]).length;
  return {
    atoms: fit.dictionary,
    codes: fit.codes,
    back: product(fit.codes, fit.dictionary),
    solution: fit.solution,
    notes: fit.notes,
    coding: {
      ...{ by: 'labels', classes: [...fit.classes] as Array<string | number>, threshold: fit.threshold, model },
      ...{ nonNegative: fit.nonNegativeCode },
      ...{ coefficients: columnsOf(fit.coefficients), auxiliary: columnsOf(fit.auxiliary) },
    },
    supervised: {
      classes: fit.classes as Array<string | number>,
      threshold: fit.threshold,
      accuracy: right / X.rows,
      coefficients: columnsOf(fit.coefficients),
      auxiliary: columnsOf(fit.auxiliary),
      predicted,
    },
  };
}

async function learnOrthogonal({ request, X, watch, stage, spell }: Problem): Promise<Found> {
  const { k, whiten, seed, maxIter, sparsity, threshold } = request;
  if (k !== undefined && k !== X.cols) {
    throw new RequestError(
      `An orthogonal dictionary has as many atoms as features, ${X.cols}: leave out ${spell('k')}.`,
    );
  }
  const learner = new OnlineOrthogonalDictionary({ dim: X.cols, whiten, seed });
  const { resume, checkpoint } = stage<StreamState<OnlineOrthogonalState>>();
  const iterates = onlineOrthogonalIterates(learner, batchesOf(X, request), { resume });
  const solution = await runAsync(iterates, { ...watch, checkpoint, maxIter });
  const codes = solution.point.encode(X, { sparsity, threshold });
  const back = solution.point.decode(codes);
  const { values, whitening } = solution.point;
  const maps = whitening && { forward: [...whitening.forward], back: [...whitening.back] };
  return {
    ...{ atoms: solution.point.atoms(), codes, back, solution, notes: learner.notes },
    coding: { by: 'product', values: [...values], whitening: maps, sparsity, threshold },
  };
}

/** Options of the methods with a lasso. */
function lasso({ request, X }: Problem) {
  const { k, seed, nonNegative = false } = request;
  const alpha = request.alpha ?? defaultAlpha(X);
  return { atoms: k!, alpha, nonNegative, nonNegativeAtoms: nonNegative, seed };
}

async function learnBatch(problem: Problem): Promise<Found> {
  const { request, X, watch, stage } = problem;
  const options = lasso(problem);
  const solution = await dictionaryLearningAsync(X, {
    ...{ ...options, ...watch, ...stage<DictionaryLearningState>() },
    maxIter: request.maxIter,
  });
  return sparseFound(X, solution, options);
}

async function learnOnline(problem: Problem): Promise<Found> {
  const { request, X, watch, stage } = problem;
  const options = lasso(problem);
  const { resume, checkpoint } = stage<StreamState<OnlineDictionaryState>>();
  const iterates = onlineDictionaryIterates(new OnlineDictionary(options), batchesOf(X, request), { resume });
  const solution = await runAsync(iterates, { ...watch, checkpoint, maxIter: request.maxIter });
  return sparseFound(X, solution, options);
}

function sparseFound(
  X: DenseMatrix,
  solution: Found['solution'] & { readonly point: SparseDictionary },
  { alpha, nonNegative }: ReturnType<typeof lasso>,
): Found {
  const codes = solution.point.encode(X);
  const { atoms } = solution.point;
  const coding = { by: 'lasso', alpha, nonNegative } as const;
  return { atoms, codes, back: product(codes, atoms), solution, alpha, notes: [], coding };
}

/** A tenth of the root-mean-square norm of a sample: codes below a tenth of the norm of their sample become zero. */
function defaultAlpha(X: DenseMatrix): number {
  return 0.1 * Math.sqrt(X.data.reduce((sum, v) => sum + v * v, 0) / X.rows);
}

function product(codes: DenseMatrix, atoms: DenseMatrix): DenseMatrix {
  const out = DenseMatrix.create(codes.rows, atoms.rows);
  for (let k = 0; k < codes.cols; k++) {
    const [x, d] = [codes.column(k), atoms.column(k)];
    for (let i = 0; i < d.length; i++) {
      const column = out.column(i);
      if (d[i] !== 0) for (let s = 0; s < x.length; s++) column[s] += x[s] * d[i];
    }
  }
  return out;
}

function rows(X: DenseMatrix, from: number, to: number): DenseMatrix {
  const out = DenseMatrix.create(to - from, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) out.column(j).set(X.column(j).subarray(from, to));
  return out;
}

export const learners: Readonly<Record<DictionaryRequest['method'], (problem: Problem) => Promise<Found>>> = {
  batch: learnBatch,
  online: learnOnline,
  orthogonal: learnOrthogonal,
  supervised: learnSupervised,
};

import type { AnyMatrix, AnyMatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  nearestName,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  runAsync,
  type Status,
  stoppedBy,
} from '@southwell/numerics/core';
import { Products } from '../design/products.ts';
import type { Family } from '../family.ts';
import { type FitOptions, fitKeys } from '../fit.ts';
import type { FittedModel, LinearModel } from '../model.ts';
import {
  alphaGrid,
  blendedPath,
  gridKeys,
  type PathOptions,
  type PathState,
  pathState,
  type RegularisationPath,
} from '../path.ts';
import type { PreparedFit } from '../prepared.ts';
import type { LinearPoint } from '../solvers/state.ts';
import { checkedData, checkedWeights } from '../validation.ts';
import { type Choice, choiceOf } from './choice.ts';
import { type FoldJob, type FoldScores, foldScores, turn } from './foldScores.ts';
import { checkedFolds, checkParts, foldRecords } from './folds.ts';
import { FoldThreads } from './foldThreads.ts';
import { greaterIsBetter, type Scoring, scorings } from './scoring.ts';

const validationRecords = {
  ...foldRecords,
  /** The metric. Default: that of the estimator. */
  scoring: otherOption<Scoring>('a metric'),
  /**
   * Number of concurrent fits, including that of all rows: in this thread and in workers that share the matrix, where
   * shared memory is available (Node, cross-origin isolated pages); scores are bit-identical to those of one thread.
   * Default 1.
   */
  threads: limitOption(1),
};

export interface CrossValidationOptions<P = LinearPoint>
  extends FitOptions<P>,
    PathOptions,
    OptionsOf<typeof validationRecords> {
  /**
   * X for the fit and the score of one fold, of the same shape, if X holds something that was learned from its rows,
   * such as means in place of missing values: there it is learned from the rows of the other folds. It is freed
   * afterwards. Folds are then fitted in this thread, and share no products.
   */
  readonly foldMatrix?: (fold: number, foldOf: Int32Array) => AnyMatrix;
  /** Called after each fit with the number of completed fits and the total. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Saves the path at every tenth point, and the scores of every fold; see {@link PathFit}. */
  readonly checkpoint?: RunOptions<P>['checkpoint'];
  readonly resume?: CrossValidationState;
}

const crossValidationKeys: OptionKeys<CrossValidationOptions> = {
  ...fitKeys,
  ...gridKeys,
  ...keysOf(validationRecords),
  foldMatrix: true,
  onProgress: true,
  checkpoint: true,
  resume: true,
};

/** The completed part of a cross-validation, as plain data. */
export interface CrossValidationState {
  readonly path: PathState;
  /** Scores by fold, once the path is complete. */
  readonly folds?: ReadonlyArray<Float64Array | null>;
}

/** The cross-validated path. Standard errors are over folds. */
export interface CrossValidation<M extends FittedModel = LinearModel> {
  readonly alphas: Float64Array;
  readonly scoring: Scoring;
  readonly greaterIsBetter: boolean;
  /** Mean scores along alphas; for relaxed fits at the gamma of the best score. */
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
  /** Scores along alphas, one array per fold; for relaxed fits at all gammas, grouped by alpha. */
  readonly folds: readonly Float64Array[];
  readonly bestIndex: number;
  /** The largest alpha whose mean, at some gamma, is within one standard error of the best (Breiman et al. 1984). */
  readonly oneStandardErrorIndex: number;
  /** The path on all rows; for relaxed fits at the gamma of the best score. */
  readonly path: RegularisationPath<M>;
  readonly best: M;
  readonly oneStandardError: M;
  /** Relaxed fits only: the chosen gammas, and the scores of all gammas. */
  readonly relaxed?: RelaxedChoice<M>;
  readonly status: Status;
}

export interface RelaxedChoice<M extends FittedModel = LinearModel> {
  /** Ascending. */
  readonly gammas: readonly number[];
  /** Mean scores along alphas, one array per gamma. */
  readonly mean: readonly Float64Array[];
  readonly standardError: readonly Float64Array[];
  /** The gamma chosen by each rule, and the path at that gamma. */
  readonly min: { readonly gamma: number; readonly path: RegularisationPath<M> };
  readonly oneStandardError: { readonly gamma: number; readonly path: RegularisationPath<M> };
}

/** @throws INVALID_PARAMETER for an unknown scoring, or one that is not available for such a model. */
function checkedScoring(
  scoring: Scoring,
  { scorings: fitting, recipe }: Pick<Family<never, never, never>, 'scorings' | 'recipe'>,
): Scoring {
  if (fitting.includes(scoring)) return scoring;
  if (scorings.includes(scoring)) {
    fail(
      'INVALID_PARAMETER',
      `The scoring ${scoring} is not available for ${recipe.method}; use ${fitting.join(', ')}.`,
    );
  }
  const near = nearestName(scoring, scorings);
  fail(
    'INVALID_PARAMETER',
    `There is no scoring ${scoring}${near ? `; did you mean ${near}?` : `; there are ${scorings.join(', ')}.`}`,
  );
}

/** Scores by fold; null for folds without scores yet. */
type Scored = ReadonlyArray<Float64Array | null>;

const foldsLeft = (known: Scored): number[] => [...known.keys()].filter((fold) => known[fold] === null);

/**
 * One iterate per fold that has no scores yet, after a first one with the known scores. The point of an iterate is the
 * scores so far.
 */
async function* foldIterates<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  known: Scored,
  foldThreads: FoldThreads<Y, M, P> | undefined,
  step: () => void,
  stateOf: (folds: Scored) => CrossValidationState,
): AsyncGenerator<Iterate<Scored, undefined>, void, undefined> {
  const scored = [...known];
  const left = foldsLeft(known);
  let iteration = scored.length - left.length;
  const iterate = (): Iterate<Scored, undefined> => {
    // A copy: an interrupted run must return the scores of its last iterate, which are also those in its checkpoint.
    const now = [...scored];
    return {
      iteration,
      objective: undefined,
      work: {},
      done: iteration === scored.length ? 'completed' : undefined,
      snapshot: () => now,
      // The first iterate has no checkpoint: its state is the one that was resumed from, and each resumption would save
      // it again.
      ...(iteration > scored.length - left.length && { checkpoint: () => stateOf(now) }),
    };
  };
  yield iterate();
  for await (const { fold, scores } of foldThreads ? foldThreads.scores() : foldsInTurn(job, left, step)) {
    scored[fold] = scores;
    iteration++;
    yield iterate();
  }
  // Aborted: the runner notices at one more iterate.
  if (iteration < scored.length) yield iterate();
}

async function* foldsInTurn<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  folds: readonly number[],
  step: () => void,
): AsyncGenerator<FoldScores, void, undefined> {
  for (const fold of folds) {
    const scores = await foldScores(job, fold, step);
    if (!scores) return;
    yield { fold, scores };
  }
}

/** Runs the folds to completion or abort, and returns the scores so far. Nothing continues to run afterwards. */
async function scoredFolds<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  known: Scored,
  foldThreads: FoldThreads<Y, M, P> | undefined,
  step: () => void,
  path: PathState | undefined,
  checkpoint: CrossValidationOptions<P>['checkpoint'],
): Promise<{ folds: Float64Array[]; status: Status }> {
  const iterates = foldIterates(job, known, foldThreads, step, (folds) => ({ path: path!, folds }));
  try {
    const { point, status } = await runAsync(iterates, { signal: job.options.signal, checkpoint });
    return { folds: point.filter((scores) => scores !== null), status };
  } finally {
    // The runner does not await a method that it abandons, but the memory of the current fold must be freed first.
    await iterates.return();
  }
}

/**
 * Fits the path on each fold's complement by giving held-out rows weight 0, so that nothing is copied. Every fit yields
 * to the event loop, so that aborts and rendering work. An abort returns the completed part, which must have at least
 * one fold.
 * @throws INVALID_PARAMETER.
 */
export async function crossValidate<Y, M extends FittedModel, P>(
  estimator: Family<Y, M, P>,
  X: AnyMatrixLike,
  y: Y,
  options: CrossValidationOptions<P>,
): Promise<CrossValidation<M>> {
  knownKeys('crossValidate', options, crossValidationKeys);
  checkGiven(validationRecords, options);
  if (options.products) return crossValidated(estimator, X, y, options, options.products);
  const products = new Products();
  try {
    return await crossValidated(estimator, X, y, options, products);
  } finally {
    products.release();
  }
}

async function crossValidated<Y, M extends FittedModel, P>(
  estimator: Family<Y, M, P>,
  X: AnyMatrixLike,
  y: Y,
  options: CrossValidationOptions<P>,
  products: Products,
): Promise<CrossValidation<M>> {
  const { matrix, rows } = checkedData(X, options.rows);
  const scoring = checkedScoring(options.scoring ?? estimator.scoring, estimator);
  const weights = checkedWeights(rows, options.sampleWeight);
  const fit = { ...only<FitOptions<P>>(options, fitKeys), products };
  const prepared = estimator.prepare(matrix, y, fit);
  const { strata } = prepared;
  const { count, foldOf } = checkedFolds(options, strata, rows);
  products.holdOut({ foldOf, count });
  const alphas = alphaGrid(prepared.alphaMax, prepared.rows, matrix.cols, only<PathOptions>(options, gridKeys));
  try {
    checkParts(prepared, scoring, weights, { count, foldOf }, rows);
    // Products of all rows, from which those of the folds are derived.
    prepared.plan?.(alphas.length);
  } finally {
    prepared.release();
  }

  const { onProgress, checkpoint, resume, signal, foldMatrix } = options;
  // Folds of distributed rows are fitted one after the other by all ranks together, with the threads of the pool.
  const { spread } = rows;
  const threads = spread || foldMatrix ? 1 : (options.threads ?? 1);
  const total = (count + 1) * alphas.length;
  const known = Array.from({ length: count }, (_, fold) => resume?.folds?.[fold] ?? null);
  let done = (resume?.path.models.length ?? 0) + known.filter((scores) => scores !== null).length * alphas.length;
  const step = () => onProgress?.(++done, total);
  const { from: _, pool, ...watch } = fit;
  const job: FoldJob<Y, M, P> = {
    estimator,
    matrix,
    y,
    options: spread ? { ...watch, pool } : watch,
    rows,
    weights,
    foldOf,
    alphas,
    scoring,
    ...(foldMatrix && { foldMatrix }),
  };
  const foldThreads = foldThreadsFor(
    job,
    foldsLeft(known),
    threads,
    (resume?.path.models.length ?? 0) < alphas.length,
    step,
  );
  let path: RegularisationPath<M>;
  let scored: { readonly folds: Float64Array[]; readonly status: Status };
  try {
    await foldThreads?.open();
    path = estimator.path(matrix, y, {
      ...fit,
      alphas,
      onPoint: step,
      resume: resume?.path,
      ...(checkpoint && {
        checkpoint: { every: checkpoint.every, save: (state, k) => checkpoint.save({ path: state }, k) },
      }),
    });
    await turn();
    scored =
      path.models.length === alphas.length
        ? await scoredFolds(job, known, foldThreads, step, checkpoint && pathState(path), checkpoint)
        : { folds: [], status: signal?.aborted ? stoppedBy(signal) : path.status };
  } finally {
    foldThreads?.close();
  }
  const chosen = selected(scored.folds, scoring, path, prepared.gammas ?? [], () => estimator.prepare(matrix, y, fit));
  return { ...chosen, status: scored.status === 'completed' ? path.status : scored.status };
}

/** The model selection on the path of all rows, from the scores of the folds. */
function selected<M extends FittedModel, P>(
  folds: Float64Array[],
  scoring: Scoring,
  path: RegularisationPath<M>,
  gammas: readonly number[],
  open: () => PreparedFit<M, P>,
): Omit<CrossValidation<M>, 'status'> {
  const better = greaterIsBetter(scoring) ? 1 : -1;
  const choice = choiceOf(folds, path.models.length, gammas.length || 1, better);
  const { mean, standardError } = choice.summaries[choice.best.gamma];
  const [bestIndex, oneStandardErrorIndex] = [choice.best.alpha, choice.oneStandardError.alpha];
  if (folds.length > 0 && !Number.isFinite(mean[bestIndex])) {
    fail(
      'NUMERICAL',
      `The ${scoring} of every alpha is beyond what can be computed with (1.8e308): give the target in larger units.`,
    );
  }
  const relaxed = gammas.length > 0 ? relaxedChoice(open, path, gammas, choice) : undefined;
  const [bestPath, otherPath] = [relaxed?.min.path ?? path, relaxed?.oneStandardError.path ?? path];
  return {
    alphas: path.alphas,
    scoring,
    greaterIsBetter: better > 0,
    mean,
    standardError,
    folds,
    bestIndex,
    oneStandardErrorIndex,
    path: bestPath,
    best: bestPath.models[bestIndex],
    oneStandardError: otherPath.models[oneStandardErrorIndex],
    ...(relaxed && { relaxed }),
  };
}

/** Workers besides this thread, if there is more than one fit to do and memory can be shared. */
function foldThreadsFor<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  left: readonly number[],
  threads: number,
  pathLeft: boolean,
  step: () => void,
): FoldThreads<Y, M, P> | undefined {
  const workers = left.length === 0 ? 0 : Math.min(threads, left.length + (pathLeft ? 1 : 0)) - 1;
  const shared = workers > 0 ? job.matrix.share() : undefined;
  return shared && new FoldThreads(job, shared, left, workers, step);
}

/** The paths at the chosen gammas, from the two parts of every model of a path. */
function relaxedChoice<M extends FittedModel, P>(
  open: () => PreparedFit<M, P>,
  path: RegularisationPath<M>,
  gammas: readonly number[],
  { summaries, best, oneStandardError }: Choice,
): RelaxedChoice<M> {
  const data = open();
  try {
    const at = (g: number) => ({ gamma: gammas[g], path: blendedPath(path, data, gammas[g]) });
    const min = at(best.gamma);
    return {
      gammas,
      mean: summaries.map((s) => s.mean),
      standardError: summaries.map((s) => s.standardError),
      min,
      oneStandardError: oneStandardError.gamma === best.gamma ? min : at(oneStandardError.gamma),
    };
  } finally {
    data.release();
  }
}

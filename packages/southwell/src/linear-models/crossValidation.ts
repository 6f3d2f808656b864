import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  fail,
  type Iterate,
  knownKeys,
  nearestName,
  type OptionKeys,
  only,
  Random,
  type RunOptions,
  runAsync,
  type Status,
} from '@southwell/numerics/core';
import type { Family } from './family.ts';
import { type FitOptions, fitKeys } from './fit.ts';
import { type FoldJob, type FoldScores, foldsInThreads } from './foldThreads.ts';
import type { FittedModel, LinearModel } from './model.ts';
import { alphaGrid, gridKeys, type PathOptions, type PathState, pathState, type RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';
import { Products } from './products.ts';
import { greaterIsBetter, type Scoring, scorings } from './scoring.ts';
import type { LinearPoint } from './solvers/state.ts';
import { checkedMatrix, checkedWeights } from './validation.ts';

export interface CrossValidationOptions<P = LinearPoint> extends FitOptions<P>, PathOptions {
  /** Number of folds, 2 … n. Default 10. */
  readonly folds?: number;
  /** Seed of the random fold assignment. Default 0. */
  readonly seed?: number;
  /** Fold of every row (whole numbers from 0), instead of a random assignment. */
  readonly foldOf?: ArrayLike<number>;
  /** Default: the estimator's own. */
  readonly scoring?: Scoring;
  /**
   * Folds at a time, in worker threads over the same matrix, where memory can be shared (Node, isolated browsers); the
   * scores are those of one thread bit for bit. Default 1.
   */
  readonly threads?: number;
  /** Called as fits end: done of total. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Keeps the path at every tenth point and the scores of every fold; see {@link PathFit}. */
  readonly checkpoint?: RunOptions<P>['checkpoint'];
  readonly resume?: CrossValidationState;
}

const crossValidationKeys: OptionKeys<CrossValidationOptions> = {
  ...fitKeys,
  ...gridKeys,
  folds: true,
  seed: true,
  foldOf: true,
  scoring: true,
  threads: true,
  onProgress: true,
  checkpoint: true,
  resume: true,
};

/** What is done of a cross-validation, as plain data. */
export interface CrossValidationState {
  readonly path: PathState;
  /** Scores by fold, once the path is whole. */
  readonly folds?: ReadonlyArray<Float64Array | null>;
}

/** The cross-validated path. Standard errors are over folds. */
export interface CrossValidation<M extends FittedModel = LinearModel> {
  readonly alphas: Float64Array;
  readonly scoring: Scoring;
  readonly greaterIsBetter: boolean;
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
  /** One array of scores along alphas a fold. */
  readonly folds: readonly Float64Array[];
  readonly bestIndex: number;
  /** The largest alpha whose mean is within one standard error of the best (Breiman et al. 1984). */
  readonly oneStandardErrorIndex: number;
  /** The path on all rows. */
  readonly path: RegularisationPath<M>;
  readonly best: M;
  readonly oneStandardError: M;
  readonly status: Status;
}

/** Rows to folds: shuffled, and class by class for labels, so that every fold sees every class. */
function assignFolds(n: number, folds: number, seed: number, strata: ArrayLike<number> | undefined): Int32Array {
  const random = new Random(seed);
  const order = random.permutation(n);
  const rows = strata ? Array.from(order).sort((a, b) => strata[a] - strata[b]) : Array.from(order);
  const foldOf = new Int32Array(n);
  rows.forEach((i, k) => {
    foldOf[i] = k % folds;
  });
  return foldOf;
}

/** Throws INVALID_PARAMETER for a scoring that there is not, or that cannot be had of such a model. */
function checkedScoring(
  scoring: Scoring,
  { scorings: fitting, recipe }: Pick<Family<never, never, never>, 'scorings' | 'recipe'>,
): Scoring {
  if (fitting.includes(scoring)) return scoring;
  if (scorings.includes(scoring)) {
    fail(
      'INVALID_PARAMETER',
      `The scoring ${scoring} does not go with ${recipe.method}; those that do are ${fitting.join(', ')}.`,
    );
  }
  const near = nearestName(scoring, scorings);
  fail(
    'INVALID_PARAMETER',
    `There is no scoring ${scoring}${near ? `; did you mean ${near}?` : `; there are ${scorings.join(', ')}.`}`,
  );
}

/** How many folds there are, and the fold of every row. */
function checkedFolds(
  n: number,
  { folds = 10, foldOf, seed = 0 }: Pick<CrossValidationOptions, 'folds' | 'foldOf' | 'seed'>,
  strata: ArrayLike<number> | undefined,
): { readonly count: number; readonly foldOf: Int32Array } {
  const count = foldOf ? Math.max(...Array.from(foldOf)) + 1 : folds;
  if (!Number.isInteger(count) || count < 2 || count > n) {
    fail(
      'INVALID_PARAMETER',
      `The number of folds must be a whole number between 2 and the ${n} rows, but is ${count}.`,
    );
  }
  const assigned = foldOf ? Int32Array.from(foldOf) : assignFolds(n, count, seed, strata);
  if (assigned.length !== n) fail('INVALID_SHAPE', `X has ${n} rows but foldOf has ${assigned.length} values.`);
  return { count, foldOf: assigned };
}

/** Throws a sentence where a fit or all scores would lack what they need. O(folds × n), of concordance O(n²). */
function checkParts<M extends FittedModel, P>(
  prepared: PreparedFit<M, P>,
  scoring: Scoring,
  weights: Float64Array,
  { count, foldOf }: ReturnType<typeof checkedFolds>,
): void {
  const { strata, events } = prepared;
  const places = new Map<number, Set<number>>();
  const note = (kind: number, i: number) => places.set(kind, (places.get(kind) ?? new Set()).add(foldOf[i]));
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] > 0)) continue;
    if (strata) note(strata[i], i);
    else if (events?.[i] === 1) note(1, i);
  }
  for (const folds of places.values()) {
    if (folds.size > 1) continue;
    fail(
      'INVALID_TARGET',
      strata
        ? 'A class has all of its rows in one fold, so that the fit without these would not know it: every class needs 2 rows or more.'
        : 'All observed events are in one fold, so that the fit without it has none: use other folds (another seed), or fit at one alpha.',
    );
  }
  if (scoring !== 'r2' && scoring !== 'rocAuc' && scoring !== 'concordance' && !events) return;
  for (let fold = 0; fold < count; fold++) {
    const held = weights.map((w, i) => (foldOf[i] === fold ? w : 0));
    const total = held.reduce((a, b) => a + b, 0);
    if (
      total === 0 ||
      !Number.isNaN(
        prepared.score(
          scoring,
          held.map((w) => w / total),
        ),
      )
    )
      return;
  }
  fail(
    'INVALID_PARAMETER',
    `No fold has a ${scoring}: each holds too few rows, one class, one value or no event. Use fewer folds, or another scoring.`,
  );
}

/** Milliseconds of fits after which the event loop gets its turn: an eye does not see them, and a turn may take one. */
const TURN_EVERY = 16;

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Scores along alphas on one held-out fold; undefined if the fit was aborted. */
export async function foldScores<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  fold: number,
  step: () => void,
): Promise<Float64Array | undefined> {
  const { estimator, matrix, y, options, weights, foldOf, alphas, scoring } = job;
  const training = weights.map((w, i) => (foldOf[i] === fold ? 0 : w));
  const held = weights.map((w, i) => (foldOf[i] === fold ? w : 0));
  const heldWeight = held.reduce((a, b) => a + b, 0);
  if (heldWeight === 0) fail('INVALID_PARAMETER', `Fold ${fold} holds no rows with weight; use fewer folds.`);
  for (let i = 0; i < held.length; i++) held[i] /= heldWeight;
  const part = estimator.prepare(matrix, y, { ...options, sampleWeight: training });
  try {
    part.plan?.(alphas.length);
    const scores = new Float64Array(alphas.length);
    let turned = performance.now();
    for (let k = 0; k < alphas.length; k++) {
      if (part.model(alphas[k], options).status === 'aborted') return undefined;
      scores[k] = part.score(scoring, held);
      step();
      if (performance.now() - turned > TURN_EVERY) {
        await turn();
        turned = performance.now();
      }
      if (options.signal?.aborted && k < alphas.length - 1) return undefined;
    }
    return scores;
  } finally {
    part.release();
  }
}

/** Scores by fold; null where there are none yet. */
type Scored = ReadonlyArray<Float64Array | null>;

/** An iterate a fold, of those that have no scores yet; the first shows what is known. Their points are the scores so far. */
async function* foldIterates<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  known: Scored,
  threads: number,
  step: () => void,
  stateOf: (folds: Scored) => CrossValidationState,
): AsyncGenerator<Iterate<Scored, undefined>, void, undefined> {
  const scored = [...known];
  const left = [...scored.keys()].filter((fold) => scored[fold] === null);
  let iteration = scored.length - left.length;
  const iterate = (): Iterate<Scored, undefined> => ({
    iteration,
    objective: undefined,
    work: {},
    done: iteration === scored.length ? 'completed' : undefined,
    snapshot: () => [...scored],
    // What is known at the start, whoever resumes has: kept again, a state would make another like it at each resumption.
    ...(iteration > scored.length - left.length && { checkpoint: () => stateOf([...scored]) }),
  });
  yield iterate();
  const many = Math.min(threads, left.length);
  const shared = many > 1 ? job.matrix.share() : undefined;
  for await (const { fold, scores } of shared
    ? foldsInThreads(job, shared, left, many, step)
    : foldsInTurn(job, left, step)) {
    scored[fold] = scores;
    iteration++;
    yield iterate();
  }
  // Cut short by the signal, as the runner sees at one more iterate.
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

/** Runs the folds to their end, or to the abort: then what is done. Nothing of them runs on after it. */
async function scoredFolds<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  known: Scored,
  threads: number,
  step: () => void,
  path: PathState | undefined,
  checkpoint: CrossValidationOptions<P>['checkpoint'],
): Promise<{ folds: Float64Array[]; status: Status }> {
  const iterates = foldIterates(job, known, threads, step, (folds) => ({ path: path!, folds }));
  try {
    const { point, status } = await runAsync(iterates, { signal: job.options.signal, checkpoint });
    return { folds: point.filter((scores) => scores !== null), status };
  } finally {
    // The runner does not wait for a method that it leaves; the memory of the fold that it was in must be back.
    await iterates.return();
  }
}

/**
 * Fits the path on each fold's complement by giving held-out rows weight 0: nothing is copied. Every fit lets the event
 * loop turn, so that aborts and drawing work. An abort ends with what is done: at least one fold must be complete.
 */
export async function crossValidate<Y, M extends FittedModel, P>(
  estimator: Family<Y, M, P>,
  X: MatrixLike,
  y: Y,
  options: CrossValidationOptions<P>,
): Promise<CrossValidation<M>> {
  knownKeys('crossValidate', options, crossValidationKeys);
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
  X: MatrixLike,
  y: Y,
  options: CrossValidationOptions<P>,
  products: Products,
): Promise<CrossValidation<M>> {
  const matrix = checkedMatrix(X);
  const n = matrix.rows;
  const scoring = checkedScoring(options.scoring ?? estimator.scoring, estimator);
  const weights = checkedWeights(n, options.sampleWeight);
  const fit = { ...only<FitOptions<P>>(options, fitKeys), products };
  const prepared = estimator.prepare(matrix, y, fit);
  const { strata } = prepared;
  const { count, foldOf } = checkedFolds(n, options, strata);
  products.holdOut({ foldOf, count });
  const alphas = alphaGrid(prepared.alphaMax, n, matrix.cols, only<PathOptions>(options, gridKeys));
  try {
    checkParts(prepared, scoring, weights, { count, foldOf });
    // Those of all rows, from which those of the folds are had.
    prepared.plan?.(alphas.length);
  } finally {
    prepared.release();
  }

  const { threads = 1, onProgress, checkpoint, resume, signal } = options;
  const total = (count + 1) * alphas.length;
  const known = Array.from({ length: count }, (_, fold) => resume?.folds?.[fold] ?? null);
  let done = (resume?.path.models.length ?? 0) + known.filter((scores) => scores !== null).length * alphas.length;
  const step = () => onProgress?.(++done, total);
  const path = estimator.path(matrix, y, {
    ...fit,
    alphas,
    onPoint: step,
    resume: resume?.path,
    ...(checkpoint && {
      checkpoint: { every: checkpoint.every, save: (state, k) => checkpoint.save({ path: state }, k) },
    }),
  });
  await turn();
  const { from: _, pool: __, ...watch } = fit;
  const job: FoldJob<Y, M, P> = { estimator, matrix, y, options: watch, weights, foldOf, alphas, scoring };
  const { folds, status } =
    path.models.length === alphas.length
      ? await scoredFolds(job, known, threads, step, checkpoint && pathState(path), checkpoint)
      : { folds: [], status: signal?.aborted ? 'aborted' : path.status };
  const better = greaterIsBetter(scoring) ? 1 : -1;
  const { mean, standardError, bestIndex, oneStandardErrorIndex } = summary(folds, path.models.length, better);
  if (folds.length > 0 && !Number.isFinite(mean[bestIndex])) {
    fail(
      'NUMERICAL',
      `The ${scoring} of every alpha is beyond what can be computed with (1.8e308): give the target in larger units.`,
    );
  }
  return {
    alphas: path.alphas,
    scoring,
    greaterIsBetter: better > 0,
    mean,
    standardError,
    folds,
    bestIndex,
    oneStandardErrorIndex,
    path,
    best: path.models[bestIndex],
    oneStandardError: path.models[oneStandardErrorIndex],
    status: status === 'completed' ? path.status : status,
  };
}

/** Scores over folds, and the indices that they choose; `better` is the sign of a gain. Without folds the last point. */
function summary(folds: readonly Float64Array[], points: number, better: 1 | -1) {
  const mean = new Float64Array(points).fill(Number.NaN);
  const standardError = new Float64Array(points).fill(Number.NaN);
  for (let k = 0; k < points && folds.length > 0; k++) {
    const values = folds.map((f) => f[k]).filter((v) => !Number.isNaN(v));
    mean[k] = values.reduce((a, b) => a + b, 0) / values.length;
    // In units of the largest deviation, whose square may not be a double: scores of 1e200 and 1e-200 are possible.
    const unit = values.reduce((a, b) => Math.max(a, Math.abs(b - mean[k])), 0) || 1;
    const variance = values.reduce((a, b) => a + ((b - mean[k]) / unit) ** 2, 0) / Math.max(1, values.length - 1);
    standardError[k] = unit * Math.sqrt(variance / values.length);
  }
  let bestIndex = folds.length > 0 ? 0 : points - 1;
  for (let k = 1; k < points && folds.length > 0; k++) if (better * mean[k] > better * mean[bestIndex]) bestIndex = k;
  const limit = better * mean[bestIndex] - standardError[bestIndex];
  let oneStandardErrorIndex = bestIndex;
  for (let k = 0; k < bestIndex; k++) {
    if (better * mean[k] >= limit) {
      oneStandardErrorIndex = k;
      break;
    }
  }
  return { mean, standardError, bestIndex, oneStandardErrorIndex };
}

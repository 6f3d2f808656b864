import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  SouthwellError,
  type Status,
} from '@southwell/numerics/core';
import { asValue, type Value } from './asNumber.ts';
import type { Categories, MixedPoint } from './categories.ts';
import { type Candidate, Search, type SearchOptions, type SearchState, searchKeys } from './search.ts';

/** Gives f, or with `constraints` an array of it and the values that are to be at most 0. */
export type Objective = (x: Float64Array) => Value;
export type AsyncObjective = (x: Float64Array, signal?: AbortSignal) => Promise<Value> | Value;
/** With `categories`: takes the point as a list with their words in it. */
export type MixedObjective = (x: MixedPoint) => Value;
export type AsyncMixedObjective = (x: MixedPoint, signal?: AbortSignal) => Promise<Value> | Value;
interface Categorical {
  readonly categories: Categories;
}

export interface MinimizeOptions extends SearchOptions, Omit<RunOptions<Float64Array>, 'tol'> {
  /**
   * When f throws: end as `failed` with the best point so far and an `error` OBJECTIVE whose cause is what was thrown
   * (default), or count the point as the worst. What f throws before there is any value is thrown on.
   */
  readonly onError?: 'stop' | 'skip';
  /** State from a checkpoint of an earlier run. */
  readonly resume?: SearchState;
}

const { tol: _, ...watchKeys } = runKeys;

const minimizeKeys: OptionKeys<MinimizeOptions> = { ...searchKeys, ...watchKeys, onError: true, resume: true };

export type MixedResult = MinimizeResult & { readonly inWords: MixedPoint };

export interface MinimizeResult extends Solution<Float64Array> {
  /** With categories: the point with their words. `point` has the numbers of these, from 0. */
  readonly inWords?: MixedPoint;
  /** Number of function values. */
  readonly evaluations: number;
  /** How many of them were of points seen before, and not evaluated again: whole coordinates without noise. */
  readonly repeated: number;
  /** Of the method `auto`: which it has chosen, and why. */
  readonly why?: string;
  /** With constraints: the largest of their values at the point, at least 0. */
  readonly violation?: number;
  /** Why it ended. */
  readonly message: string;
  /** State for continuing with a larger budget: pass as `resume`. */
  readonly checkpoint: SearchState;
}

/**
 * The search as a generator of iterates, one a batch, for core's `run`. The point of an iterate is the best so far. f
 * takes categories by the numbers of their words, as the search does: `search.space.inWords` has the words.
 * @throws what {@link minimize} throws; with `fails`, the search ends as `failed` with what f threw instead.
 */
export function* minimizeIterates(
  f: Objective,
  search: Search,
  options: EvaluationOptions = {},
): Generator<Iterate<Float64Array>, void, undefined> {
  knownKeys('minimizeIterates', options, evaluationKeys);
  const { onError = 'stop', fails } = options;
  if (search.status) yield search.iterate();
  while (!search.status) {
    const { iteration } = search;
    while (search.iteration === iteration && !search.status) {
      const candidate = search.ask()!;
      try {
        const known = search.recall(candidate.x);
        const { width } = search;
        const value = known ?? evaluate(() => asValue(f(candidate.x), width), width, candidate.id, onError);
        search.tell(candidate.id, value as Value);
      } catch (error) {
        failed(search, error, fails);
      }
    }
    yield search.iterate();
  }
}

interface EvaluationOptions {
  readonly onError?: 'stop' | 'skip';
  /** Told what f threw where that ends the search. */
  readonly fails?: (error: SouthwellError) => void;
}

const evaluationKeys: OptionKeys<EvaluationOptions> = { onError: true, fails: true };

/** Ends a search that has values to show; throws on what was thrown before it had any, or by a method. */
function failed(search: Search, error: unknown, fails: EvaluationOptions['fails']): void {
  const thrown = error instanceof SouthwellError && error.code === 'OBJECTIVE' ? error : undefined;
  if (!thrown || !fails || search.evaluations === 0) throw error;
  search.fail(thrown);
  fails(thrown);
}

/** What f gave, or NaN where it threw and that is to be passed over. */
function evaluate(
  call: () => Value | Promise<Value>,
  width: number,
  id: number,
  onError: 'stop' | 'skip',
): Value | Promise<Value> {
  const passOver = (error: unknown): number => {
    if (onError === 'skip') return Number.NaN;
    throw objectiveError(error, id);
  };
  try {
    const value = call();
    if (!(typeof value === 'object' && value !== null && 'then' in value)) return asValue(value, width);
    return Promise.resolve(value)
      .then((v) => asValue(v, width))
      .catch(passOver);
  } catch (error) {
    return passOver(error);
  }
}

/** f with a limit of so many seconds for each call. */
const limited =
  (f: AsyncObjective, limit: number) =>
  (x: Float64Array, signal?: AbortSignal): Promise<Value> => {
    const own = new AbortController();
    const end = () => own.abort(signal?.reason);
    signal?.addEventListener('abort', end);
    let clock: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      clock = setTimeout(() => {
        reject(new Error(`it took longer than ${limit} s.`));
        own.abort();
      }, 1000 * limit);
    });
    return Promise.race([Promise.resolve().then(() => f(x, own.signal)), late]).finally(() => {
      clearTimeout(clock);
      signal?.removeEventListener('abort', end);
    });
  };

/** An objective that takes words, where there are categories, as one of the points of the search. */
function takingNumbers<V, A extends readonly unknown[]>(
  f: ((x: Float64Array, ...more: A) => V) | ((x: MixedPoint, ...more: A) => V),
  { space }: Search,
): (x: Float64Array, ...more: A) => V {
  if (!space.mixed) return f as (x: Float64Array, ...more: A) => V;
  return (x, ...more) => (f as (x: MixedPoint, ...more: A) => V)(space.inWords(x), ...more);
}

/** What core's sentences do not know of searches. */
const NEXT: Partial<Record<Status, string>> = {
  'iteration-limit': 'Go on from the checkpoint with a larger budget, or start elsewhere.',
  infeasible: 'Start elsewhere, or allow more violation: feasibility.',
  stalled: 'Start elsewhere, or have it begin anew: restarts.',
  diverged: 'Give bounds: the values seem to fall without end.',
  unbounded: 'Give bounds: a value is −∞.',
  failed: 'Mend the objective and go on from the checkpoint, or have such points skipped.',
};

const REASONS: Partial<Record<Status, string>> = {
  aborted: 'Stopped on request.',
  'time-limit': 'The time is up.',
  'iteration-limit': 'The iterations are spent.',
};

function withCheckpoint(
  solution: Solution<Float64Array>,
  search: Search,
  error: SouthwellError | undefined,
): MinimizeResult {
  return {
    ...solution,
    next: NEXT[solution.status] ?? solution.next,
    error: solution.error ?? error,
    ...(search.space.mixed && { inWords: search.space.inWords(solution.point) }),
    evaluations: solution.work.oracleCalls!,
    repeated: search.repeated,
    ...(search.width > 1 && { violation: search.best?.violation ?? Number.POSITIVE_INFINITY }),
    ...(search.why !== undefined && { why: search.why }),
    message: search.status ? search.message : (REASONS[solution.status] ?? ''),
    checkpoint: search.checkpoint(),
  };
}

/**
 * Minimises a black-box function from its values, synchronously. Gives the best point that was evaluated; `objective` is +∞ if no value was
 * a number. `converged` by the method's own rule or at the target, `completed` where the budget or the steps were all
 * that was to end it (random search, swarms, annealing, noise, restarts without end), `iteration-limit` where the
 * budget ended what would have gone on. The same seed gives the same points. Checkpoints are taken after batches.
 *
 * @example minimize((x) => (x[0] - 1) ** 2 + x[1] ** 2, { dim: 2, lower: -5, upper: 5, seed: 1 }).point
 * @throws SouthwellError: `OBJECTIVE` where f throws before there is a value (unless `onError: 'skip'`),
 * `INVALID_PARAMETER` and the like for wrong options.
 */
export function minimize(f: MixedObjective, options: MinimizeOptions & Categorical): MixedResult;
export function minimize(f: Objective, options: MinimizeOptions): MinimizeResult;
export function minimize(given: Objective | MixedObjective, options: MinimizeOptions): MinimizeResult {
  knownKeys('minimize', options, minimizeKeys);
  const search = new Search(only<SearchOptions>(options, searchKeys));
  if (options.resume) search.resume(options.resume);
  const f = takingNumbers(given, search);
  const { maxIter, timeLimit, signal, onIterate, checkpoint, onError } = options;
  let failure: SouthwellError | undefined;
  const fails = (error: SouthwellError) => void (failure = error);
  const iterates = minimizeIterates(f, search, { onError, fails });
  const solution = run(iterates, { maxIter, timeLimit, signal, onIterate, checkpoint });
  return withCheckpoint(solution, search, failure);
}

export interface MinimizeAsyncOptions extends MinimizeOptions {
  /** Evaluations under way at a time. Default 1. Unless `asynchronous`, what is found does not depend on it. */
  readonly jobs?: number;
  /**
   * Seconds for one evaluation: where it takes longer its signal is aborted, and it has failed, see `onError`. Not for
   * functions that block. Default: none.
   */
  readonly evaluationLimit?: number;
}

const minimizeAsyncKeys: OptionKeys<MinimizeAsyncOptions> = { ...minimizeKeys, jobs: true, evaluationLimit: true };

/**
 * As {@link minimize} for objectives that take time: evaluates up to `jobs` points at once. An iterate is seen, and a
 * checkpoint may be taken, whenever values have come. An abort or a time limit ends it at once, without waiting for what
 * is under way; f receives a signal that then aborts.
 *
 * A batch is waited for as a whole, and the same seed finds the same with any number of jobs. With `asynchronous: true`
 * every free worker has a new point at once, for methods that can (`asynchronousMethodNames`; others throw
 * `NOT_SUPPORTED`): no worker waits for the slowest point of a batch. With more than one job the order in which values
 * come back decides, and differs from run to run; so does what a resumed search finds, unless values come back in the
 * order in which they would have.
 *
 * @example await minimizeAsync(simulate, { dim: 3, lower: 0, upper: 1, jobs: 8, asynchronous: true })
 */
export async function minimizeAsync(
  f: AsyncMixedObjective,
  options: MinimizeAsyncOptions & Categorical,
): Promise<MixedResult>;
export async function minimizeAsync(f: AsyncObjective, options: MinimizeAsyncOptions): Promise<MinimizeResult>;
/** @throws INVALID_PARAMETER. */
export async function minimizeAsync(
  given: AsyncObjective | AsyncMixedObjective,
  options: MinimizeAsyncOptions,
): Promise<MinimizeResult> {
  knownKeys('minimizeAsync', options, minimizeAsyncKeys);
  const search = new Search(only<SearchOptions>(options, searchKeys));
  if (options.resume) search.resume(options.resume);
  const f = takingNumbers(given, search);
  const { jobs, maxIter, timeLimit, signal, onIterate, checkpoint, onError, evaluationLimit } = options;
  if (evaluationLimit !== undefined && !(evaluationLimit > 0)) {
    fail('INVALID_PARAMETER', `evaluationLimit must be above 0 seconds, but is ${evaluationLimit}.`);
  }
  const call = evaluationLimit === undefined ? f : limited(f, evaluationLimit);
  let failure: SouthwellError | undefined;
  const fails = (error: SouthwellError) => void (failure = error);
  const ended = new AbortController();
  const end = () => ended.abort(signal?.reason);
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  const iterates = minimizeAsyncIterates(call, search, { jobs, onError, fails, signal: ended.signal });
  try {
    const solution = await runAsync(iterates, { maxIter, timeLimit, signal, onIterate, checkpoint });
    return withCheckpoint(solution, search, failure);
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

interface AsyncEvaluationOptions extends EvaluationOptions {
  readonly jobs?: number;
  readonly signal: AbortSignal;
}

const asyncEvaluationKeys: OptionKeys<AsyncEvaluationOptions> = { ...evaluationKeys, jobs: true, signal: true };

/**
 * The search with up to `jobs` (default 1) evaluations at once as an asynchronous generator of iterates, one whenever
 * values have come, for core's `runAsync`. Whoever leaves it aborts the signal, which f receives: values that come
 * later count no more.
 * @throws what {@link minimizeAsync} throws; with `fails` as in {@link minimizeIterates}.
 */
export async function* minimizeAsyncIterates(
  f: AsyncObjective,
  search: Search,
  options: AsyncEvaluationOptions,
): AsyncGenerator<Iterate<Float64Array>, void, undefined> {
  knownKeys('minimizeAsyncIterates', options, asyncEvaluationKeys);
  const { jobs = 1, onError = 'stop', fails, signal } = options;
  // What the loop waits for: a value, a failure or the end.
  let wake = () => {};
  let thrown: { readonly error: unknown } | undefined;
  let running = 0;
  // Also while an iterate is looked at.
  let news = false;
  // The same point may be asked while its first value is waited for.
  const underWay = new Map<string, Promise<Value>>();
  const valueAt = ({ id, x }: Candidate): Promise<Value> => {
    const known = search.recall(x);
    if (known !== undefined) return Promise.resolve(known);
    const key = x.join();
    const shared = search.remembers ? underWay.get(key) : undefined;
    if (shared) return shared;
    const value = Promise.resolve().then(() => evaluate(() => f(x, signal), search.width, id, onError));
    if (search.remembers) {
      const forget = () => void underWay.delete(key);
      underWay.set(key, value);
      value.then(forget, forget);
    }
    return value;
  };
  const begin = (candidate: Candidate) => {
    const { id } = candidate;
    running++;
    valueAt(candidate)
      .then((value) => {
        if (!signal.aborted) search.tell(id, value);
      })
      .catch((error) => {
        thrown ??= { error };
      })
      .finally(() => {
        running--;
        news = true;
        wake();
      });
  };
  const end = () => wake();
  signal.addEventListener('abort', end);
  try {
    if (!search.status) yield search.iterate();
    while (!search.status && !signal.aborted) {
      for (let c = running < jobs ? search.ask() : undefined; c; c = running < jobs ? search.ask() : undefined)
        begin(c);
      if (!news) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      news = false;
      // A point that failed is never told, and its batch never ends.
      if (thrown) failed(search, thrown.error, fails);
      if (!search.status && !signal.aborted) yield search.iterate();
    }
    // More values may have come while an iterate was looked at.
    if (!signal.aborted && search.status) yield search.iterate();
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function objectiveError(error: unknown, id: number): SouthwellError {
  const said = error instanceof Error ? error.message : String(error);
  const wrapped = new SouthwellError('OBJECTIVE', `The objective failed at evaluation ${id + 1}: ${said}`);
  wrapped.cause = error;
  return wrapped;
}

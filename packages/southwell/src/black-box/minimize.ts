import {
  checkGiven,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
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
import { asyncRecords, evaluationRecords } from './evaluationRecords.ts';
import { type Candidate, Search, type SearchOptions, type SearchState, searchKeys } from './search.ts';

/** Returns f, or with `constraints` an array: f followed by the constraint values, which are feasible at 0 or below. */
export type Objective = (x: Float64Array) => Value;
export type AsyncObjective = (x: Float64Array, signal?: AbortSignal) => Promise<Value> | Value;
/** With `categories`: takes the point as a list that contains their values. */
export type MixedObjective = (x: MixedPoint) => Value;
export type AsyncMixedObjective = (x: MixedPoint, signal?: AbortSignal) => Promise<Value> | Value;
interface Categorical {
  readonly categories: Categories;
}

export interface MinimizeOptions
  extends SearchOptions,
    OptionsOf<typeof evaluationRecords>,
    Omit<RunOptions<Float64Array>, 'tol'> {
  /** State from a checkpoint of an earlier run. */
  readonly resume?: SearchState;
}

const { tol: _, ...watchKeys } = runKeys;

const minimizeKeys: OptionKeys<MinimizeOptions> = {
  ...searchKeys,
  ...watchKeys,
  ...keysOf(evaluationRecords),
  resume: true,
};

export type MixedResult = MinimizeResult & { readonly inWords: MixedPoint };

export interface MinimizeResult extends Solution<Float64Array> {
  /** With categories: the point with their values. `point` has their indices, from 0. */
  readonly inWords?: MixedPoint;
  /** Number of function values. */
  readonly evaluations: number;
  /** Number of these values that were reused, not evaluated again: without noise, integer coordinates may recur. */
  readonly repeated: number;
  /** Which method `auto` has chosen, and why. */
  readonly why?: string;
  /** With constraints: the largest constraint violation at the point, at least 0. */
  readonly violation?: number;
  /** Why the search ended. */
  readonly message: string;
  /** State for continuing with a larger budget: pass as `resume`. */
  readonly checkpoint: SearchState;
}

/**
 * The search as a generator of iterates, one for each batch, for core's `run`. The point of an iterate is the best so
 * far. f receives the indices of categories, as the search does: `search.space.inWords` converts them to values.
 * @throws what {@link minimize} throws; with `fails`, the search ends as `failed` instead when f throws.
 */
export function* minimizeIterates(
  f: Objective,
  search: Search,
  options: EvaluationOptions = {},
): Generator<Iterate<Float64Array>, void, undefined> {
  knownKeys('minimizeIterates', options, evaluationKeys);
  checkGiven(evaluationRecords, options);
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

interface EvaluationOptions extends OptionsOf<typeof evaluationRecords> {
  /** Called with the error of f that ends the search. */
  readonly fails?: (error: SouthwellError) => void;
}

const evaluationKeys: OptionKeys<EvaluationOptions> = { ...keysOf(evaluationRecords), fails: true };

/** Ends a search that has values to return; rethrows errors from before the first value, or of a method. */
function failed(search: Search, error: unknown, fails: EvaluationOptions['fails']): void {
  const thrown = error instanceof SouthwellError && error.code === 'OBJECTIVE' ? error : undefined;
  if (!thrown || !fails || search.evaluations === 0) throw error;
  search.fail(thrown);
  fails(thrown);
}

/** The value of f, or NaN where it threw and the point is to be skipped. */
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

/** f with a time limit in seconds for each call. */
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

/** Adapts an objective that takes categories by their values to points of the search. */
function takingNumbers<V, A extends readonly unknown[]>(
  f: ((x: Float64Array, ...more: A) => V) | ((x: MixedPoint, ...more: A) => V),
  { space }: Search,
): (x: Float64Array, ...more: A) => V {
  if (!space.mixed) return f as (x: Float64Array, ...more: A) => V;
  return (x, ...more) => (f as (x: MixedPoint, ...more: A) => V)(space.inWords(x), ...more);
}

/** Advice that is specific to searches. */
const NEXT: Partial<Record<Status, string>> = {
  'iteration-limit': 'Continue from the checkpoint with a larger budget, or start elsewhere.',
  infeasible: 'Start elsewhere, or allow a larger violation: feasibility.',
  stalled: 'Start elsewhere, or use restarts.',
  diverged: 'Set bounds: the values seem to decrease without limit.',
  unbounded: 'Set bounds: a value is −∞.',
  failed: 'Correct the objective and resume from the checkpoint, or skip such points.',
};

export const stopReasons: Partial<Record<Status, string>> = {
  aborted: 'Stopped on request.',
  'time-limit': 'The time limit is reached.',
  'iteration-limit': 'The limit on iterations is reached.',
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
    message: search.status ? search.message : (stopReasons[solution.status] ?? ''),
    checkpoint: search.checkpoint(),
  };
}

/**
 * Minimises a black-box function synchronously, from its values alone. Returns the best point that was evaluated;
 * `objective` is +∞ if no value was a number. Ends `converged` by the method's own rule or at the target, `completed`
 * where only the budget or a number of steps was to end the search (random search, swarms, annealing, noise, unlimited
 * restarts), and `iteration-limit` where the budget stopped a method before it converged. The same seed gives the same
 * points. Checkpoints are taken after batches.
 *
 * @example minimize((x) => (x[0] - 1) ** 2 + x[1] ** 2, { dim: 2, lower: -5, upper: 5, seed: 1 }).point
 * @throws SouthwellError: `OBJECTIVE` where f throws before there is a value (unless `onError: 'skip'`),
 * `INVALID_PARAMETER` and the like for invalid options.
 */
export function minimize(f: MixedObjective, options: MinimizeOptions & Categorical): MixedResult;
export function minimize(f: Objective, options: MinimizeOptions): MinimizeResult;
export function minimize(given: Objective | MixedObjective, options: MinimizeOptions): MinimizeResult {
  knownKeys('minimize', options, minimizeKeys);
  checkGiven(evaluationRecords, options);
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

export interface MinimizeAsyncOptions extends MinimizeOptions, OptionsOf<typeof asyncRecords> {}

const minimizeAsyncKeys: OptionKeys<MinimizeAsyncOptions> = { ...minimizeKeys, ...keysOf(asyncRecords) };

/**
 * Like {@link minimize}, for objectives that take time: evaluates up to `jobs` points at once. An iterate is yielded,
 * and a checkpoint may be taken, whenever values have arrived. An abort or a time limit ends the search immediately,
 * without waiting for evaluations under way; the signal that f receives is then aborted.
 *
 * By default a batch is completed before the next one starts, and the same seed gives the same result for any number of
 * jobs. With `asynchronous: true` every free worker receives a new point immediately, for methods that support it
 * (`asynchronousMethodNames`; others throw `NOT_SUPPORTED`): no worker waits for the slowest point of a batch. With
 * more than one job the result then depends on the order in which values arrive, and differs from run to run; so does
 * that of a resumed search, unless values arrive in the same order.
 *
 * @example await minimizeAsync(simulate, { dim: 3, lower: 0, upper: 1, jobs: 8, asynchronous: true })
 * @throws INVALID_PARAMETER.
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
  checkGiven({ ...evaluationRecords, ...asyncRecords }, options);
  const search = new Search(only<SearchOptions>(options, searchKeys));
  if (options.resume) search.resume(options.resume);
  const f = takingNumbers(given, search);
  const { jobs, maxIter, timeLimit, signal, onIterate, checkpoint, onError, evaluationLimit } = options;
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
  readonly jobs?: MinimizeAsyncOptions['jobs'];
  readonly signal: AbortSignal;
}

const asyncEvaluationKeys: OptionKeys<AsyncEvaluationOptions> = { ...evaluationKeys, jobs: true, signal: true };

/**
 * The search with up to `jobs` (default 1) concurrent evaluations, as an asynchronous generator of iterates for core's
 * `runAsync`, one whenever values have arrived. A caller that leaves it must abort the signal, which f receives; later
 * values are ignored.
 * @throws what {@link minimizeAsync} throws; with `fails` as in {@link minimizeIterates}.
 */
export async function* minimizeAsyncIterates(
  f: AsyncObjective,
  search: Search,
  options: AsyncEvaluationOptions,
): AsyncGenerator<Iterate<Float64Array>, void, undefined> {
  knownKeys('minimizeAsyncIterates', options, asyncEvaluationKeys);
  checkGiven({ ...evaluationRecords, jobs: asyncRecords.jobs }, options);
  const { jobs = 1, onError = 'stop', fails, signal } = options;
  // Ends the wait of the loop: called on a value, a failure or an abort.
  let wake = () => {};
  let thrown: { readonly error: unknown } | undefined;
  let running = 0;
  // Values may also arrive while the caller processes an iterate.
  let news = false;
  // The same point may be requested again while its first value is outstanding.
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
      // A failed point never has a value, so that its batch never completes.
      if (thrown) failed(search, thrown.error, fails);
      if (!search.status && !signal.aborted) yield search.iterate();
    }
    // More values may have arrived while the caller processed an iterate.
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

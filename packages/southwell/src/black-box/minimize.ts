import { fail, type Iterate, type RunOptions, run, type Solution, SouthwellError } from '@southwell/numerics/core';
import { asNumber } from './asNumber.ts';
import { type Candidate, type Checkpoint, Search, type SearchOptions } from './search.ts';

export type Objective = (x: Float64Array) => number;
export type AsyncObjective = (x: Float64Array, signal?: AbortSignal) => Promise<number> | number;

export interface MinimizeOptions extends SearchOptions, Omit<RunOptions<Float64Array>, 'tol'> {
  /**
   * When f throws: end with an error `OBJECTIVE` whose cause is what was thrown (default), or count the point as the
   * worst.
   */
  readonly onError?: 'throw' | 'skip';
  /** Go on from here. */
  readonly resume?: Checkpoint;
}

export interface MinimizeResult extends Solution<Float64Array> {
  readonly evaluations: number;
  /** Why it ended. */
  readonly message: string;
  /** For going on with a larger budget. */
  readonly checkpoint: Checkpoint;
}

/**
 * The search as a generator of iterates, one a batch, for core's `run`. The point of an iterate is the best so far.
 * Throws what {@link minimize} throws.
 */
export function* minimizeIterates(
  f: Objective,
  search: Search,
  onError: 'throw' | 'skip' = 'throw',
): Generator<Iterate<Float64Array>, void, undefined> {
  if (search.status) yield search.iterate();
  while (!search.status) {
    const { iteration } = search;
    while (search.iteration === iteration && !search.status) {
      const candidate = search.ask()!;
      search.tell(candidate.id, evaluate(() => asNumber(f(candidate.x)), candidate.id, onError) as number);
    }
    yield search.iterate();
  }
}

/** What f gave, or NaN where it threw and that is to be passed over. */
function evaluate(
  call: () => number | Promise<number>,
  id: number,
  onError: 'throw' | 'skip',
): number | Promise<number> {
  const failed = (error: unknown): number => {
    if (onError === 'skip') return Number.NaN;
    throw objectiveError(error, id);
  };
  try {
    const value = call();
    if (typeof value !== 'object' || value === null) return asNumber(value);
    return Promise.resolve(value).then(asNumber).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** f with a limit of so many seconds for each call. */
const limited =
  (f: AsyncObjective, limit: number) =>
  (x: Float64Array, signal?: AbortSignal): Promise<number> => {
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

function objectiveError(error: unknown, id: number): SouthwellError {
  const said = error instanceof Error ? error.message : String(error);
  const wrapped = new SouthwellError('OBJECTIVE', `The objective failed at evaluation ${id + 1}: ${said}`);
  wrapped.cause = error;
  return wrapped;
}

function withCheckpoint(solution: Solution<Float64Array>, search: Search): MinimizeResult {
  const reasons: Partial<Record<Solution<unknown>['status'], string>> = {
    aborted: 'Stopped on request.',
    'time-limit': 'The time is up.',
    'iteration-limit': 'The iterations are spent.',
  };
  return {
    ...solution,
    evaluations: search.evaluations,
    message: search.status ? search.message : (reasons[solution.status] ?? ''),
    checkpoint: search.checkpoint(),
  };
}

/**
 * Minimises f by its values alone, blocking. Gives the best point that was evaluated; `objective` is +∞ if no value was a
 * number. Throws SouthwellError: `OBJECTIVE` where f throws (unless `onError: 'skip'`), `INVALID_PARAMETER` and the like
 * for wrong options. The same seed gives the same points.
 *
 * @example minimize((x) => (x[0] - 1) ** 2 + x[1] ** 2, { dim: 2, lower: -5, upper: 5, seed: 1 }).point
 */
export function minimize(f: Objective, options: MinimizeOptions): MinimizeResult {
  const search = new Search(options);
  if (options.resume) search.resume(options.resume);
  const { maxIter, timeLimit, signal, onIterate } = options;
  const solution = run(minimizeIterates(f, search, options.onError), { maxIter, timeLimit, signal, onIterate });
  return withCheckpoint(solution, search);
}

export interface MinimizeAsyncOptions extends MinimizeOptions {
  /** Evaluations under way at a time. Default 1. Unless `asynchronous`, what is found does not depend on it. */
  readonly jobs?: number;
  /**
   * Seconds for one evaluation: where it takes longer its signal is aborted, and it has failed, see `onError`. Not for
   * functions that block. Default: none.
   */
  readonly evaluationLimit?: number;
  /** After every value. */
  readonly onValue?: (search: Search) => void;
}

/**
 * As {@link minimize} for objectives that take time: evaluates up to `jobs` points at once. An abort ends it at once,
 * without waiting for what is under way; f receives the signal.
 *
 * A batch is waited for as a whole, and the same seed finds the same with any number of jobs. With `asynchronous: true`
 * every free worker has a new point at once, for methods that can (`asynchronousMethodNames`; others throw
 * `NOT_SUPPORTED`). The same seed then gives the same points with `jobs: 1` only; with more, the order in which values
 * come back decides, and differs from run to run.
 *
 * @example await minimizeAsync(simulate, { dim: 3, lower: 0, upper: 1, jobs: 8, asynchronous: true })
 */
export async function minimizeAsync(f: AsyncObjective, options: MinimizeAsyncOptions): Promise<MinimizeResult> {
  const search = new Search(options);
  if (options.resume) search.resume(options.resume);
  const { jobs = 1, onError = 'throw', signal, onValue } = options;
  const { maxIter = Number.POSITIVE_INFINITY, timeLimit = Number.POSITIVE_INFINITY, evaluationLimit } = options;
  if (evaluationLimit !== undefined && !(evaluationLimit > 0)) {
    fail('INVALID_PARAMETER', `evaluationLimit must be above 0 seconds, but is ${evaluationLimit}.`);
  }
  const call = evaluationLimit === undefined ? f : limited(f, evaluationLimit);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const trace: Array<Solution<Float64Array>['trace'][number]> = [];
  const note = () => {
    const iterate = search.iterate();
    trace.push({ iteration: iterate.iteration, objective: iterate.objective, seconds: seconds() });
    options.onIterate?.(iterate);
  };
  const inner = new AbortController();
  // What the loop waits for: a value, a failure or the end.
  let wake = () => {};
  let failure: { readonly error: unknown } | undefined;
  let running = 0;
  const end = () => {
    inner.abort(signal?.reason);
    wake();
  };
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  const clock = timeLimit < 2e6 ? setTimeout(end, 1000 * timeLimit) : undefined;
  const begin = ({ id, x }: Candidate) => {
    running++;
    Promise.resolve()
      .then(() => evaluate(() => call(x, inner.signal), id, onError))
      .then((value) => {
        // Values that come after the end were not asked for any more.
        if (inner.signal.aborted) return;
        const { iteration } = search;
        search.tell(id, value);
        onValue?.(search);
        if (search.iteration !== iteration || search.status) note();
      })
      .catch((error) => {
        failure ??= { error };
      })
      .finally(() => {
        running--;
        wake();
      });
  };
  let slice = performance.now();
  try {
    while (!search.status && !inner.signal.aborted && search.iteration < maxIter) {
      // Before waiting: a point that failed is never told, and its batch never ends.
      if (failure) throw failure.error;
      for (let c = running < jobs ? search.ask() : undefined; c; c = running < jobs ? search.ask() : undefined)
        begin(c);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (performance.now() - slice > 25) {
        await new Promise<void>((resolve) => setTimeout(resolve, 0));
        slice = performance.now();
      }
    }
  } finally {
    inner.abort();
    clearTimeout(clock);
    signal?.removeEventListener('abort', end);
  }
  const last = search.iterate();
  const solution: Solution<Float64Array> = {
    point: last.snapshot(),
    status:
      search.status ?? (signal?.aborted ? 'aborted' : search.iteration >= maxIter ? 'iteration-limit' : 'time-limit'),
    objective: last.objective,
    iterations: last.iteration,
    work: last.work,
    trace,
    seconds: seconds(),
  };
  return withCheckpoint(solution, search);
}

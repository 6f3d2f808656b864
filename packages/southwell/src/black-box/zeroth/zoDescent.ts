import {
  checkGiven,
  checkOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
} from '@southwell/numerics/core';
import {
  loadState,
  type ParameterRange,
  type SavedOptimiser,
  type Schedule,
  saveState,
  sgd,
  type TrainingOptimiser,
} from '../../optimisers/index.ts';
import { checkLayers, drawActive, type ZoLayer } from './active.ts';
import { answer, answerAsync, itself, type ZoQuery } from './query.ts';
import { estimateIn, zoGradientRecords } from './zoGradient.ts';

export const zoDescentRecords = {
  /** Number of steps. */
  steps: integerOption({ min: 0 }),
  /** Optimiser for the estimated gradients. Default `sgd({ rate: 0.1, momentum: 0.9 })`. */
  optimiser: otherOption<TrainingOptimiser>('an optimiser'),
  /** Default 'cge'. */
  estimator: zoGradientRecords.estimator,
  /** Finite-difference step μ, or 'rate': the learning rate of the step. Default 5e-3. */
  mu: otherOption<number | 'rate'>("a number above 0, or 'rate'"),
  /** Number of random directions per step for 'rge'. Default: the number of active coordinates. */
  directions: zoGradientRecords.directions,
  /** Layers of weights of which only some are active at a time; weights outside all layers are always active. Default: all are active. */
  layers: otherOption<readonly ZoLayer[]>('a list of layers'),
  /** Number of steps after which the active weights are redrawn; Infinity: never. Default 20. */
  maskInterval: limitOption(1),
  /** Maximum number of function values; a step that would exceed it is not started. Default: as many as the steps need. */
  queryBudget: numberOption({ min: 0, open: true }),
  /** Seed of directions and masks. Default 0. */
  seed: integerOption({ min: 0, max: 2 ** 31 }),
  /** Groups of parameters, for the optimiser. */
  ranges: otherOption<readonly ParameterRange[]>('ranges of parameters'),
};

export interface ZoDescentOptions extends OptionsOf<typeof zoDescentRecords> {
  readonly steps: number;
  /** State from a checkpoint of an earlier run with the same function and options. */
  readonly resume?: ZoDescentState;
}
const zoDescentKeys: OptionKeys<ZoDescentOptions> = { ...keysOf(zoDescentRecords), resume: true };

const asyncRecords = {
  /** Maximum number of concurrent evaluations. Default 1. Results do not depend on it. */
  jobs: integerOption({ min: 1 }),
};

/** State to resume a run from, as plain data. */
export interface ZoDescentState {
  readonly step: number;
  readonly parameters: Float64Array;
  readonly optimiser: SavedOptimiser;
  readonly queries: number;
  readonly skipped: number;
}

type Stepped = ZoQuery & { readonly step: number };
type Descent = Generator<Stepped | Iterate<Float64Array>, void, Float64Array>;

/**
 * First-order optimisers on a function given only by its values: each step uses an estimated gradient, by default along
 * all coordinates. f receives the step, from 0, and may choose its batch by it: all values of a step must come from the
 * same function. With `layers`, gradients are estimated for a random subset of their weights that is redrawn every
 * `maskInterval` steps; the other weights have gradient 0 and change only by momentum and decay (DeepZero, Chen et al.
 * 2023).
 *
 * An iterate is a step: its objective is f there, the metrics are `queries` (function values so far), `skipped`
 * (differences left out because they were not finite) and `active`. Ends `completed` after all steps or when the budget
 * is spent, `diverged` where f is not finite. Checkpoints are possible at every iterate.
 * @throws INVALID_PARAMETER, EMPTY, NON_FINITE, as `zoGradient` does.
 */
export function* zoDescentIterates(
  f: (x: Float64Array, step: number) => number,
  x0: ArrayLike<number>,
  options: ZoDescentOptions,
): Generator<Iterate<Float64Array>> {
  knownKeys('zoDescentIterates', options, zoDescentKeys);
  yield* answered(descent(Float64Array.from(x0), options), (query) => answer((x) => f(x, query.step), query));
}

export interface ZoDescentAsyncOptions extends ZoDescentOptions, OptionsOf<typeof asyncRecords> {
  readonly signal?: AbortSignal;
}

/**
 * {@link zoDescentIterates} of a function whose values take time, such as `workerObjective(url)`, with up to `jobs`
 * concurrent evaluations; for `runAsync`. f does not receive the step, since workers are sent only points.
 * @throws as {@link zoDescentIterates}; what f throws.
 */
export async function* zoDescentAsyncIterates(
  f: (x: Float64Array, signal?: AbortSignal) => unknown,
  x0: ArrayLike<number>,
  options: ZoDescentAsyncOptions,
): AsyncGenerator<Iterate<Float64Array>, void, undefined> {
  knownKeys('zoDescentAsyncIterates', options, { ...zoDescentKeys, ...keysOf(asyncRecords), signal: true });
  checkGiven(asyncRecords, options);
  const { jobs = 1, signal } = options;
  const core = descent(Float64Array.from(x0), only<ZoDescentOptions>(options, zoDescentKeys));
  try {
    for (let next = core.next(); !next.done; ) {
      if ('count' in next.value) next = core.next(await answerAsync(f, next.value, jobs, signal));
      else {
        yield next.value;
        next = core.next();
      }
    }
  } finally {
    core.return();
  }
}

/**
 * {@link zoDescentIterates} for callers that evaluate whole queries: many points at once, each of which may differ in
 * one coordinate from a point whose value was just computed. For functions that reuse intermediate results.
 * @throws as {@link zoDescentIterates}.
 */
export function* zoDescentOf(
  x0: ArrayLike<number>,
  options: ZoDescentOptions,
  values: (query: ZoQuery & { readonly step: number }) => Float64Array,
): Generator<Iterate<Float64Array>> {
  knownKeys('zoDescentOf', options, zoDescentKeys);
  yield* answered(descent(Float64Array.from(x0), options), values);
}

/** The iterates of a descent, with its queries answered by `values`. */
function* answered(core: Descent, values: (query: Stepped) => Float64Array): Generator<Iterate<Float64Array>> {
  try {
    for (let next = core.next(); !next.done; ) {
      if ('count' in next.value) next = core.next(values(next.value));
      else {
        yield next.value;
        next = core.next();
      }
    }
  } finally {
    core.return();
  }
}

/** The descent as a coroutine that yields queries and iterates. x is its own copy. */
function* descent(x: Float64Array, options: ZoDescentOptions): Descent {
  const { steps, estimator = 'cge', mu = 5e-3, directions, layers = [], maskInterval = 20, resume } = options;
  const { queryBudget = Number.POSITIVE_INFINITY, seed = 0, ranges } = options;
  const { optimiser = sgd({ rate: 0.1, momentum: 0.9 }) } = options;
  checkGiven(zoDescentRecords, options);
  checkOption('steps', zoDescentRecords.steps, steps);
  if (!(mu === 'rate' || (typeof mu === 'number' && mu > 0 && Number.isFinite(mu))))
    fail('INVALID_PARAMETER', `mu must be above 0, or 'rate', but is ${mu}.`);
  if (x.length === 0) fail('EMPTY', 'The point has no coordinates.');
  checkLayers(x.length, layers);
  if (resume && resume.parameters.length !== x.length)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint is of a run with ${resume.parameters.length} coordinates, but x0 has ${x.length}.`,
    );
  if (resume) x.set(resume.parameters);
  const state = resume ? loadState(optimiser, resume.optimiser, x, ranges) : optimiser.init(x, ranges);
  let { queries, skipped } = resume ?? { queries: 0, skipped: 0 };
  let coords: Int32Array = new Int32Array(0);
  let drawn = -1;
  try {
    for (let step = resume?.step ?? 0; ; step++) {
      const interval = maskInterval === Number.POSITIVE_INFINITY ? 0 : Math.floor(step / maskInterval);
      if (interval !== drawn) [coords, drawn] = [drawActive(x.length, layers, seed, interval), interval];
      const before = { queries, skipped };
      const value = (yield { ...itself(x), step })[0];
      queries++;
      const finite = Number.isFinite(value);
      const needed =
        estimator === 'rge' ? (directions ?? coords.length) : coords.length * (estimator === 'cge' ? 1 : 2);
      const spent = step >= steps || queries + needed > queryBudget;
      yield {
        ...{ iteration: step, objective: value, metrics: { queries, skipped, active: coords.length } },
        ...{ work: { oracleCalls: queries }, mayFail: true },
        done: !finite ? 'diverged' : spent ? 'completed' : undefined,
        snapshot: () => x.slice(),
        checkpoint: (): ZoDescentState => ({
          ...{ step, parameters: x.slice(), optimiser: saveState(state) },
          ...before,
        }),
      };
      if (!finite || spent) return;
      const estimate = estimateIn(x, {
        ...{ estimator, coords, base: value },
        mu: mu === 'rate' ? rateOf(optimiser.rate, step) : mu,
        // A separate stream of directions for each step.
        ...(estimator === 'rge' && { directions, seed: seed * 2 ** 21 + step }),
      });
      let next = estimate.next();
      while (!next.done) next = estimate.next(yield { ...next.value, step });
      queries += next.value.queries;
      skipped += next.value.skipped;
      optimiser.step(state, x, next.value.gradient);
    }
  } finally {
    state.free();
  }
}

const rateOf = (rate: number | Schedule, step: number): number => {
  const value = typeof rate === 'number' ? rate : rate(step);
  // A schedule may end at 0, a finite-difference step that changes nothing.
  return Math.max(value, 1e-6);
};

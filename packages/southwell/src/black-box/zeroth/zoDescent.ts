import { fail, type Iterate, knownKeys, type OptionKeys, only, wholeNumber } from '@southwell/numerics/core';
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
import { checkEstimator, estimateIn, type ZoEstimator } from './zoGradient.ts';

export interface ZoDescentOptions {
  readonly steps: number;
  /** Optimiser for the estimated gradients. Default `sgd({ rate: 0.1, momentum: 0.9 })`. */
  readonly optimiser?: TrainingOptimiser;
  /** Default 'cge'. */
  readonly estimator?: ZoEstimator;
  /** Finite-difference step μ, or 'rate': the learning rate of the step. Default 5e-3. */
  readonly mu?: number | 'rate';
  /** Number of random directions per step for 'rge'. Default: the number of active coordinates. */
  readonly directions?: number;
  /** Weights of which only some are active at a time; what lies in none of them always is. Default: all are active. */
  readonly layers?: readonly ZoLayer[];
  /** After so many steps the active ones are drawn anew; Infinity for once and for all. Default 20. */
  readonly maskInterval?: number;
  /** Maximum number of function values; a step that would exceed it is not started. Default: as many as the steps need. */
  readonly queryBudget?: number;
  /** Seed of directions and masks. Default 0. */
  readonly seed?: number;
  /** Parameters that are treated alike, for the optimiser. */
  readonly ranges?: readonly ParameterRange[];
  /** State from a checkpoint of an earlier run with the same function and options. */
  readonly resume?: ZoDescentState;
}
export const zoDescentKeys: OptionKeys<ZoDescentOptions> = {
  steps: true,
  optimiser: true,
  estimator: true,
  mu: true,
  directions: true,
  layers: true,
  maskInterval: true,
  queryBudget: true,
  seed: true,
  ranges: true,
  resume: true,
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
 * First-order optimisers on a function of which only values are known: each step takes an estimated gradient, by default along all
 * coordinates. f is told the step, from 0, by which it may choose its batch: all values of a step must be of one function.
 * With `layers`, estimates go along a random part of their weights that is drawn anew every `maskInterval` steps; all
 * weights stay as they are otherwise, and momentum and decay go on moving them (DeepZero, Chen et al. 2023).
 *
 * An iterate is a step: its objective is f there, the metrics are `queries` (values asked for so far), `skipped` (differences left
 * out, since they were not finite) and `active`. Ends `completed` after all steps or when the budget is spent, `diverged` where
 * f is not finite. Every iterate is a boundary for checkpoints.
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

export interface ZoDescentAsyncOptions extends ZoDescentOptions {
  /** Concurrent evaluations. Default 1. Results do not depend on it. */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
}

/**
 * {@link zoDescentIterates} of a function whose values take time, such as `workerObjective(url)`, with `jobs` values under way at a
 * time; for `runAsync`. f gets no step, as workers are told points alone.
 * @throws as {@link zoDescentIterates}; what f throws.
 */
export async function* zoDescentAsyncIterates(
  f: (x: Float64Array, signal?: AbortSignal) => unknown,
  x0: ArrayLike<number>,
  options: ZoDescentAsyncOptions,
): AsyncGenerator<Iterate<Float64Array>, void, undefined> {
  knownKeys('zoDescentAsyncIterates', options, { ...zoDescentKeys, jobs: true, signal: true });
  const { jobs = 1, signal } = options;
  wholeNumber('jobs', jobs, 1);
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
 * {@link zoDescentIterates} of whoever answers whole questions: many points at once, each of which may be one coordinate away from a
 * point whose value was just taken. For functions that reuse what they have computed.
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

/** The iterates of a descent whose questions somebody here answers. */
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

/** The descent as a program that asks for values and yields iterates. x is its own. */
function* descent(x: Float64Array, options: ZoDescentOptions): Descent {
  const { steps, estimator = 'cge', mu = 5e-3, directions, layers = [], maskInterval = 20, resume } = options;
  const { queryBudget = Number.POSITIVE_INFINITY, seed = 0, ranges } = options;
  const { optimiser = sgd({ rate: 0.1, momentum: 0.9 }) } = options;
  wholeNumber('steps', steps, 0);
  checkEstimator(estimator);
  if (!(mu === 'rate' || (typeof mu === 'number' && mu > 0 && Number.isFinite(mu))))
    fail('INVALID_PARAMETER', `mu must be above 0, or 'rate', but is ${mu}.`);
  if (maskInterval !== Number.POSITIVE_INFINITY) wholeNumber('maskInterval', maskInterval, 1);
  if (!(queryBudget > 0)) fail('INVALID_PARAMETER', `queryBudget must be above 0, but is ${queryBudget}.`);
  if (directions !== undefined) wholeNumber('directions', directions, 1);
  wholeNumber('seed', seed, 0, 2 ** 31);
  if (x.length === 0) fail('EMPTY', 'The point has no coordinates.');
  checkLayers(x.length, layers);
  if (resume && resume.parameters.length !== x.length)
    fail('INVALID_PARAMETER', `The run was of ${resume.parameters.length} coordinates, not of ${x.length}.`);
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
        // A stream of directions of its own for each step.
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
  // A schedule may end at 0, which moves nothing.
  return Math.max(value, 1e-6);
};

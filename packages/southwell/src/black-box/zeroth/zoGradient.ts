import {
  checkGiven,
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsOf,
  only,
  otherOption,
  Random,
} from '@southwell/numerics/core';
import type { AsyncObjective } from '../minimize.ts';
import { answer, answerAsync, itself, moving, type ZoQuery } from './query.ts';

const estimators = {
  cge: 'forward differences along coordinates',
  'cge-central': 'central differences along coordinates',
  rge: 'random directions',
} as const;

/**
 * Gradient estimator: forward differences along coordinates (`cge`), central differences, which need twice the queries and
 * are exact on quadratics, or differences along random directions (`rge`).
 */
export type ZoEstimator = keyof typeof estimators;

export const zoGradientRecords = {
  /** Default 'cge'. */
  estimator: choiceOption(estimators),
  /** Finite-difference step μ, in units of x; random directions are √(coordinates) times as long. Default 5e-3. */
  mu: numberOption({ min: 0, open: true, finite: true }),
  /** The active coordinates, from 0, each once; the gradient is 0 elsewhere. Default: all. */
  coords: otherOption<ArrayLike<number>>('coordinates from 0'),
  /** Number of random directions for `rge`. Default: the number of active coordinates. */
  directions: integerOption({ min: 1 }),
  /** f(x), if known; saves one evaluation. */
  base: otherOption<number>('a number'),
  /** Seed of the directions. Default 0. */
  seed: integerOption({ min: 0 }),
};

export interface ZoGradientOptions extends OptionsOf<typeof zoGradientRecords> {}

const asyncRecords = {
  ...zoGradientRecords,
  /** Maximum number of concurrent evaluations. Default 1. The estimate does not depend on it. */
  jobs: integerOption({ min: 1 }),
};

/** A gradient estimate and its cost. */
export interface ZoGradient {
  readonly gradient: Float64Array;
  /** f(x). */
  readonly value: number;
  /** Number of function values: |S| + 1 by `cge`, 2|S| + 1 by `cge-central`, q + 1 by `rge`; one less with `base`. */
  readonly queries: number;
  /** Number of coordinates or directions left out because a value was not finite; they contribute 0. */
  readonly skipped: number;
}

/**
 * Estimates a gradient from function values. x is not modified. O(queries · (d + cost of f)). `cge`: gⱼ = [f(x + μeⱼ) −
 * f(x)]/μ for each active j, with an error of μ·Hⱼⱼ/2; `rge`: the mean over q normal directions u of [f(x + μu) −
 * f(x)]/μ · u, with an expected squared error of (d + 1)/q times the squared norm of the gradient (Chen et al. 2023).
 * @throws INVALID_PARAMETER for invalid options, or a mu too small to change a coordinate; EMPTY for no coordinates;
 * NON_FINITE where x or f(x) is not finite.
 */
export function zoGradient(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  options: ZoGradientOptions = {},
): ZoGradient {
  checkOptions('zoGradient', zoGradientRecords, options);
  const estimate = estimateIn(Float64Array.from(x), options);
  let next = estimate.next();
  while (!next.done) next = estimate.next(answer(f, next.value));
  return next.value;
}

export interface ZoGradientAsyncOptions extends OptionsOf<typeof asyncRecords> {
  readonly signal?: AbortSignal;
}

/**
 * {@link zoGradient} of a function whose values take time, such as `workerObjective(url)`: with as many `jobs` as
 * cores, all cores are busy. The result is bitwise that of `zoGradient`.
 * @throws as {@link zoGradient}; what f throws; the signal's reason.
 */
export async function zoGradientAsync(
  f: AsyncObjective,
  x: ArrayLike<number>,
  options: ZoGradientAsyncOptions = {},
): Promise<ZoGradient> {
  knownKeys('zoGradientAsync', options, { ...keysOf(asyncRecords), signal: true });
  checkGiven(asyncRecords, options);
  const { jobs = 1, signal } = options;
  const estimate = estimateIn(Float64Array.from(x), only<ZoGradientOptions>(options, keysOf(zoGradientRecords)));
  let next = estimate.next();
  while (!next.done) next = estimate.next(await answerAsync(f, next.value, jobs, signal));
  return next.value;
}

/**
 * The estimate as a coroutine that yields queries.
 * @throws as {@link zoGradient}.
 */
export function* estimateIn(x: Float64Array, options: ZoGradientOptions): Generator<ZoQuery, ZoGradient, Float64Array> {
  const { estimator = 'cge', mu = 5e-3, base, seed = 0 } = options;
  const bad = x.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `The point has ${x[bad]} at index ${bad}: there is no gradient to estimate.`);
  const coords = checkedCoords(options.coords, x.length);
  if (options.directions !== undefined && estimator !== 'rge')
    fail('INVALID_PARAMETER', `directions are for the estimator 'rge'; '${estimator}' uses the coordinates.`);
  const { directions = coords.length } = options;
  const value = base ?? (yield itself(x))[0];
  if (!Number.isFinite(value))
    fail('NON_FINITE', `The function is ${value} at the point itself, so that there are no finite differences.`);
  const asked = base === undefined ? 1 : 0;
  const gradient = new Float64Array(x.length);
  let skipped = 0;
  if (estimator === 'rge') {
    const random = new Random(seed);
    /** Each direction has its own stream, so that directions need not be stored. */
    const along = (k: number, each: (j: number, u: number) => void) => {
      const own = random.split(k);
      for (const j of coords) each(j, own.normal());
    };
    const values = yield {
      ...{ x, count: directions },
      point: (k, into) =>
        along(k, (j, u) => {
          into[j] = x[j] + mu * u;
        }),
    };
    let used = 0;
    values.forEach((v, k) => {
      if (!Number.isFinite(v)) return;
      used++;
      const slope = (v - value) / mu;
      along(k, (j, u) => {
        gradient[j] += slope * u;
      });
    });
    skipped = directions - used;
    if (used > 0) for (const j of coords) gradient[j] /= used;
    return { gradient, value, queries: asked + directions, skipped };
  }
  const up = movedBy(x, coords, mu);
  const above = yield moving(x, coords, up);
  const central = estimator === 'cge-central';
  const down = central ? movedBy(x, coords, -mu) : undefined;
  const below = down && (yield moving(x, coords, down));
  coords.forEach((j, k) => {
    // Divided by the actual displacement, since x + mu is rounded.
    const slope = (above[k] - (below ? below[k] : value)) / (up[k] - (down ? down[k] : x[j]));
    if (Number.isFinite(slope)) gradient[j] = slope;
    else skipped++;
  });
  return { gradient, value, queries: asked + coords.length * (central ? 2 : 1), skipped };
}

/** The value of each coordinate when it is changed alone. @throws INVALID_PARAMETER. */
export function movedBy(x: Float64Array, coords: Int32Array, by: number): Float64Array {
  return Float64Array.from(coords, (j) => {
    if (x[j] + by === x[j])
      fail(
        'INVALID_PARAMETER',
        `mu, ${Math.abs(by)}, is too small to change coordinate ${j + 1}, ${x[j]}: use a larger one.`,
      );
    return x[j] + by;
  });
}

function checkedCoords(given: ArrayLike<number> | undefined, size: number): Int32Array {
  if (size === 0) fail('EMPTY', 'The point has no coordinates.');
  if (!given) return Int32Array.from({ length: size }, (_, j) => j);
  if (given.length === 0) fail('EMPTY', 'There are no active coordinates.');
  const seen = new Uint8Array(size);
  for (let k = 0; k < given.length; k++) {
    const j = given[k];
    if (!(Number.isInteger(j) && j >= 0 && j < size))
      fail('INVALID_PARAMETER', `coords has ${j}, but the coordinates are 0 to ${size - 1}.`);
    if (seen[j]++) fail('INVALID_PARAMETER', `coords has ${j} twice.`);
  }
  return Int32Array.from(given);
}

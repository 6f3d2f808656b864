import { fail } from '@southwell/numerics/core';
import { resample } from './refinement.ts';
import { warmupPower } from './schedules.ts';

/** A schedule with two parameters, and its error. */
export interface WarmupPower {
  /** The fraction of the run during which the rate increases. */
  readonly warmup: number;
  /** Power of the decay after it. */
  readonly power: number;
  /** Root mean squared difference; the largest value of the schedule is 1. */
  readonly error: number;
}

/** Maximum number of points of the fit, so that long schedules do not cost more. */
const POINTS = 200;
const GRID = 50;
const LEAST_POWER = 0.05;
const POWERS = 12;
const SECTIONS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The warm-up and power of {@link warmupPowerDecay} that fit a schedule best in least squares, relative to its largest
 * value: a refined curve in two parameters, for runs of other lengths. Values are those of steps t = 1 … T. A grid over
 * both, then golden-section search around the best: O(T) plus a fixed amount of work.
 * @throws EMPTY for fewer than two values or values that are all zero, INVALID_PARAMETER for values that are not finite
 * or negative.
 */
export function fitWarmupPower(schedule: ArrayLike<number>): WarmupPower {
  const T = schedule.length;
  if (T < 2) fail('EMPTY', `Fitting a shape needs at least two values, not ${T}.`);
  const values = Float64Array.from(schedule);
  const wrong = values.findIndex((v) => !(v >= 0 && Number.isFinite(v)));
  if (wrong >= 0)
    fail('INVALID_PARAMETER', `Value ${wrong + 1} of the schedule must be at least 0, but is ${values[wrong]}.`);
  const most = values.reduce((a, b) => Math.max(a, b));
  if (most === 0) fail('EMPTY', 'All values of the schedule are zero: there is no shape to fit.');
  const seen = T > POINTS ? resample(values, POINTS) : values;
  const parts = Float64Array.from(seen, (_, k) => (1 + (k * (T - 1)) / (seen.length - 1)) / T);
  const error = (warmup: number, power: number) =>
    Math.sqrt(
      seen.reduce((sum, v, k) => sum + (v / most - warmupPower(parts[k], warmup, power)) ** 2, 0) / seen.length,
    );
  /** By its logarithm, in which the error is unimodal near the best grid point. */
  const powerFor = (warmup: number): number => {
    const logs = Array.from(
      { length: POWERS + 1 },
      (_, k) => Math.log(LEAST_POWER) + (k / POWERS) * Math.log(20 / LEAST_POWER),
    );
    return Math.exp(least((log) => error(warmup, Math.exp(log)), logs));
  };
  const grid = Array.from({ length: GRID }, (_, k) => k / GRID);
  const warmup = least((p) => error(p, powerFor(p)), [...grid, 0.999]);
  const power = powerFor(warmup);
  return { warmup, power, error: error(warmup, power) };
}

/**
 * The minimiser of f near the best of some points in ascending order: that point, or a better one by golden-section
 * search on both sides of it.
 */
function least(f: (x: number) => number, places: readonly number[]): number {
  const values = places.map(f);
  const best = values.indexOf(values.reduce((a, b) => Math.min(a, b)));
  let [low, high] = [places[Math.max(0, best - 1)], places[Math.min(places.length - 1, best + 1)]];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let k = 0; k < SECTIONS; k++) {
    if (atLeft < atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = f(right);
    }
  }
  const found = (low + high) / 2;
  return f(found) < values[best] ? found : places[best];
}

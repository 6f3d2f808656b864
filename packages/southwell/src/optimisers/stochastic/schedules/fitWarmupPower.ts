import { fail } from '@southwell/numerics/core';
import { resample } from './refinement.ts';
import { warmupPower } from './schedules.ts';

/** A schedule of two numbers, and how near it comes. */
export interface WarmupPower {
  /** The part of the run on which the rate rises. */
  readonly warmup: number;
  /** Of the fall after it. */
  readonly power: number;
  /** Root of the mean squared difference; the largest value of the schedule is 1. */
  readonly error: number;
}

/** The fit sees no more points than these, so that long schedules cost no more. */
const POINTS = 200;
const GRID = 50;
const LEAST_POWER = 0.05;
const POWERS = 12;
const SECTIONS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The warm-up and power of {@link warmupPowerDecay} that come nearest to a schedule in squares, over its largest value: a
 * refined curve in two numbers, for other lengths of run. Values are those of steps t = 1 … T. A grid over both, then golden
 * sections about the best: O(T) and a fixed amount of work.
 * @throws EMPTY for fewer than two values or values that are all zero, INVALID_PARAMETER for values that are none.
 */
export function fitWarmupPower(schedule: ArrayLike<number>): WarmupPower {
  const T = schedule.length;
  if (T < 2) fail('EMPTY', `A shape is fitted to at least two values, not to ${T}.`);
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
  /** By its logarithm, of which the error has one valley near the best of the grid. */
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

/** Where f is least near the best of some places in rising order: that place, or better by golden sections on both sides of it. */
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

import { fail, type Random } from '@southwell/numerics/core';
import type { Space } from '../space.ts';
import { coveringPoint } from './coveringPoint.ts';
import { type Poll, pollDirections } from './pollDirections.ts';
import { randomDirection, scaledTo } from './randomDirection.ts';

/** State of a covering direct search. */
export interface DirectState {
  x: Float64Array;
  /** The value there, which only decreases. */
  value: number;
  /** Poll radius, in units of the steps of the space. */
  radius: number;
  /** Number of search steps so far. */
  searches: number;
}

export interface DirectSettings {
  /** Initial radius, which also determines the lengths of covering and search steps. */
  readonly radius0: number;
  /** Smallest poll radius, at which there are no search and poll steps any more, and the largest. */
  readonly pollRadius: ArrayLike<number>;
  readonly poll: Poll;
  readonly covering: boolean;
  readonly search: boolean;
  /** Whether a successful search step doubles the poll radius, as the authors do within attacks, but not without. */
  readonly searchGrows: boolean;
}

/**
 * One iteration of the covering direct search (Bouchet and Vidal 2025, steps 2 to 4): a covering step, a search step
 * along a random direction and a poll in directions that positively span the space, until one of them finds a lower
 * value. Yields a point, is resumed with its value, and returns the step that was successful, if any. Points are moved
 * into the bounds; those that are then equal to x are not tried. Integer coordinates are polled one at a time, by at
 * least 1. Up to 2n + 2 values.
 */
export function* directStep(
  space: Space,
  state: DirectState,
  { radius0, pollRadius, poll, covering, search, searchGrows }: DirectSettings,
  random: Random,
): Generator<Float64Array, 'covering' | 'search' | 'poll' | undefined, number> {
  const n = space.dim;
  const [least, largest] = [pollRadius[0], pollRadius[1]];
  function* lower(d: Float64Array): Generator<Float64Array, boolean, number> {
    const y = moved(space, state.x, d);
    if (!y) return false;
    const value = yield y;
    if (!(value < state.value)) return false;
    [state.x, state.value] = [y, value];
    return true;
  }
  const grow = () => {
    state.radius = Math.min(largest, 2 * state.radius);
  };
  if (covering && (yield* lower(coveringPoint(n, radius0, random)))) return 'covering';
  if (state.radius <= least) return undefined;
  if (search) {
    const length = Math.min(largest, radius0 * Math.sqrt(++state.searches));
    if (yield* lower(scaledTo(randomDirection(n, random), length))) {
      if (searchGrows) grow();
      return 'search';
    }
  }
  for (const d of polled(space, state.radius, poll, random)) {
    if (yield* lower(d)) {
      grow();
      return 'poll';
    }
  }
  state.radius = Math.max(least, state.radius / 2);
  return undefined;
}

/** The point x + d, with d in units of steps, within the bounds; undefined if it is x. O(n). */
export function moved(space: Space, x: Float64Array, d: ArrayLike<number>): Float64Array | undefined {
  const y = space.feasible(x.map((v, i) => v + d[i] * space.step[i]));
  return y.some((v, i) => v !== x[i]) ? y : undefined;
}

/** Displacements of a poll: continuous coordinates together, integer ones one by one. */
function* polled(space: Space, radius: number, poll: Poll, random: Random): Generator<Float64Array> {
  const n = space.dim;
  const whole = new Set(space.integer);
  const continuous = Array.from({ length: n }, (_, i) => i).filter((i) => !whole.has(i));
  for (const direction of pollDirections(continuous.length, poll, random)) {
    const d = new Float64Array(n);
    continuous.forEach((i, k) => {
      d[i] = radius * direction[k];
    });
    yield d;
  }
  for (const i of whole) {
    for (const sign of [1, -1]) {
      const d = new Float64Array(n);
      d[i] = (sign * Math.max(1, Math.round(radius * space.step[i]))) / space.step[i];
      yield d;
    }
  }
}

/**
 * Checks a range of radii, of which the initial one must be above the smallest.
 * @throws INVALID_PARAMETER.
 */
export function checkRadii(name: string, radii: ArrayLike<number>, radius0: number): void {
  if (radii.length !== 2)
    fail('INVALID_PARAMETER', `${name} must be two numbers, the smallest and the largest, not ${radii.length}.`);
  if (!(radii[0] < radii[1]))
    fail(
      'INVALID_PARAMETER',
      `${name} must be the smallest and the largest, but ${radii[0]} is not below ${radii[1]}.`,
    );
  if (!(radius0 > radii[0]))
    fail('INVALID_PARAMETER', `radius0 must be above the smallest ${name}, ${radii[0]}, but is ${radius0}.`);
}

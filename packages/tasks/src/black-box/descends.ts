import { number } from '../format.ts';

/** The region in which a point may be moved. */
export interface Neighbourhood {
  readonly names: readonly string[];
  readonly lower?: number | readonly number[];
  readonly upper?: number | readonly number[];
  /** Integer coordinates, from 0. */
  readonly integer: readonly number[];
  /** Logarithmic coordinates, which are positive. */
  readonly log: readonly number[];
}

/** Steps, relative to a coordinate, or to 1 where it is smaller; the last is relative to the coordinate alone. */
const SMALL = 1e-4;
/**
 * Minimum decrease by a small step, relative to the value and to the change by a large step, that counts as a descent.
 */
const [OF_VALUE, OF_CHANGE] = [1e-7, 1e-9];

/**
 * Tests whether a small step along a coordinate decreases a function, so that a point where a search has converged is
 * not a local minimum: a population that has collapsed on a slope, or a pole. Returns a sentence, or undefined if no
 * step does.
 */
export function descends(
  f: (x: Float64Array) => number,
  point: ArrayLike<number>,
  value: number,
  { names, lower, upper, integer, log }: Neighbourhood,
): string | undefined {
  const bound = (given: number | readonly number[] | undefined, k: number, otherwise: number) =>
    (typeof given === 'object' ? given[given.length === 1 ? 0 : k] : given) ?? otherwise;
  const changeBy = (k: number, step: number): number => {
    const x = Float64Array.from(point);
    const least = bound(lower, k, log.includes(k) ? Number.MIN_VALUE : -Infinity);
    x[k] = Math.min(Math.max(x[k] + step, least), bound(upper, k, Infinity));
    return f(x) - value;
  };
  const whole = (k: number) => integer.includes(k);
  const sizes = names.map((_, k) => Math.max(1, Math.abs(point[k])));
  const large = sizes
    .flatMap((size, k) => [size, -size].map((step) => Math.abs(changeBy(k, whole(k) ? Math.sign(step) : step))))
    .filter(Number.isFinite);
  const least = OF_VALUE * Math.abs(value) + OF_CHANGE * large.reduce((a, b) => Math.max(a, b), 0);
  for (const [k, name] of names.entries()) {
    const steps = whole(k) ? [1] : [SMALL * sizes[k], SMALL * Math.abs(point[k])];
    const found = steps.flatMap((step) => [step, -step]).find((step) => changeBy(k, step) < -least);
    if (found !== undefined) return `A step of ${number(found, 2)} in ${name} lowers the value still.`;
  }
  return undefined;
}

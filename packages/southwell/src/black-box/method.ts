import type { Random, Status } from '../core/index.ts';
import type { Space } from './space.ts';

/** Why a method ended by itself. */
export interface Stop {
  readonly status: Status;
  readonly message: string;
}

/**
 * A method as a coroutine: it yields a batch of points, is resumed with their values in the same order, and returns why
 * it ended. It knows nothing of evaluation, budgets or checkpoints. Values are numbers or +∞; NaN comes as +∞. The same
 * array several times in a row asks for several values of one point.
 */
export type Proposals = Generator<readonly Float64Array[], Stop, Float64Array>;

export interface MethodContext {
  readonly space: Space;
  readonly random: Random;
  /** Evaluations there may be in all; for schedules. */
  readonly budget: number;
  /** How often to begin anew after the method has ended by itself. */
  readonly restarts: number;
  /**
   * From the first call on, this and not the point of the least value is what the search gives as the best: for methods
   * that know values to have noise. Call it with a value of +∞ before there is any.
   */
  recommend(x: Float64Array, value: number): void;
}

/** A batch with every point `repeats` times in a row. */
export const inRows = (points: readonly Float64Array[], repeats: number): Float64Array[] =>
  points.flatMap((x) => new Array<Float64Array>(repeats).fill(x));

/** Means of each `repeats` values in a row. */
export function rowMeans(values: Float64Array, repeats: number): Float64Array {
  const means = new Float64Array(values.length / repeats);
  values.forEach((v, k) => {
    means[Math.floor(k / repeats)] += v / repeats;
  });
  return means;
}

/** The method with every point evaluated `repeats` times; it sees means. */
export function* repeated(proposals: Proposals, repeats: number): Proposals {
  let next = proposals.next();
  while (!next.done) next = proposals.next(rowMeans(yield inRows(next.value, repeats), repeats));
  return next.value;
}

/** Indices by increasing value, equal values by index. */
export function ranking(values: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) =>
    values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : a - b,
  );
}

/** Runs `once` from the start, then, as often as there are restarts, from random points. */
export function* withRestarts(
  context: MethodContext,
  once: (start: Float64Array, random: Random) => Proposals,
): Proposals {
  const { space, random, restarts } = context;
  let stop = yield* once(space.start.slice(), random.split(0));
  for (let k = 1; k <= restarts; k++) {
    const own = random.split(k);
    stop = yield* once(space.sample(own), own);
  }
  return stop;
}

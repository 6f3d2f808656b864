import type { Random, Status } from '@southwell/numerics/core';
import type { Space } from './space.ts';

/** Why a method terminated. */
export interface Stop {
  readonly status: Status;
  readonly message: string;
}

/**
 * A method as a coroutine: it yields a batch of points, is resumed with their values in the same order, and returns the
 * reason for its end. It is independent of evaluation, budgets and checkpoints. Values are numbers or +∞ (NaN is passed
 * as +∞). Repeating the same array in a batch requests several values of one point.
 */
export type Proposals = Generator<readonly Float64Array[], Stop, Float64Array>;

/**
 * A method for asynchronous evaluation: it always has a next point, and takes values one at a time in the order in
 * which they arrive. Like {@link Proposals} it is independent of evaluation, budgets and checkpoints; its proposals
 * must depend only on its context and on the order of calls.
 */
export interface AsynchronousMethod {
  /** The next point, whatever is still under evaluation. Points are identified by their arrays. */
  propose(): Float64Array;
  /** The value of a proposed point, a number or +∞. Ignores arrays that it did not propose. */
  update(x: Float64Array, value: number): void;
  /** Number of iterations so far, as the method counts them. */
  readonly generation: number;
  /** Why the method terminated, if it has. */
  readonly stop: Stop | undefined;
}

export interface MethodContext {
  readonly space: Space;
  readonly random: Random;
  /** Evaluation budget, for schedules. */
  readonly budget: number;
  /** Number of restarts after the method has terminated. */
  readonly restarts: number;
  /**
   * Reports the best point. From the first call on the search returns this point rather than the one with the smallest
   * value: for methods that know that values are noisy. Pass a value of +∞ before there is any.
   */
  recommend(x: Float64Array, value: number): void;
  /** Reports, in a sentence, why a method that selects another one made its choice. */
  explain(why: string): void;
}

/** Repeats every point of a batch `repeats` times. */
export const inRows = (points: readonly Float64Array[], repeats: number): Float64Array[] =>
  points.flatMap((x) => new Array<Float64Array>(repeats).fill(x));

/** Means over groups of `repeats` values. */
export function rowMeans(values: ArrayLike<number>, repeats: number): Float64Array {
  const means = new Float64Array(values.length / repeats);
  for (let k = 0; k < values.length; k++) means[Math.floor(k / repeats)] += values[k] / repeats;
  return means;
}

/** Stable argsort of the values. */
export function ranking(values: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) =>
    values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : a - b,
  );
}

/**
 * Starts a run at the starting point and then, for each restart, one at a random point; each is started when the next
 * is requested.
 */
export function* begun<T>(
  context: MethodContext,
  begin: (start: Float64Array, random: Random) => T,
): Generator<T, void> {
  const { space, random, restarts } = context;
  yield begin(space.start.slice(), random.split(0));
  for (let k = 1; k <= restarts; k++) {
    const own = random.split(k);
    yield begin(space.sample(own), own);
  }
}

/** The stop of the run that reached the lowest value: it describes the best point of a search with restarts. */
export class LowestEnd {
  private least = Number.POSITIVE_INFINITY;
  stop: Stop | undefined;

  take(stop: Stop, least: number): void {
    if (this.stop && !(least < this.least)) return;
    this.least = least;
    this.stop = stop;
  }
}

/** Runs `once` from the starting point and then, for each restart, from a random point. */
export function* withRestarts(
  context: MethodContext,
  once: (start: Float64Array, random: Random) => Proposals,
): Proposals {
  const end = new LowestEnd();
  for (const run of begun(context, once)) {
    let least = Number.POSITIVE_INFINITY;
    let next = run.next();
    while (!next.done) {
      const values: Float64Array = yield next.value;
      for (const value of values) least = Math.min(least, value);
      next = run.next(values);
    }
    end.take(next.value, least);
  }
  return end.stop!;
}

/** Consecutive runs: each starts when the one before has terminated, whose points under evaluation are then ignored. */
export function successive(runs: Iterator<AsynchronousMethod, void>): AsynchronousMethod {
  let run = runs.next().value as AsynchronousMethod;
  let before = 0;
  let least = Number.POSITIVE_INFINITY;
  const end = new LowestEnd();
  return {
    propose: () => run.propose(),
    update(x, value) {
      run.update(x, value);
      least = Math.min(least, value);
      if (!run.stop) return;
      end.take(run.stop, least);
      const next = runs.next();
      if (next.done) return;
      before += run.generation;
      least = Number.POSITIVE_INFINITY;
      run = next.value;
    },
    get generation() {
      return before + run.generation;
    },
    get stop() {
      return run.stop && end.stop;
    },
  };
}

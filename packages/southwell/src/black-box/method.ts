import type { Random, Status } from '@southwell/numerics/core';
import type { Space } from './space.ts';

/** Why a method terminated. */
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

/**
 * A method for workers that never wait: it has a point whenever one is free, and takes values one at a time in the order
 * in which they come back. Like {@link Proposals} it knows nothing of evaluation, budgets or checkpoints; what it proposes
 * must depend only on its context and on the order of calls.
 */
export interface AsynchronousMethod {
  /** The next point, whatever is still under way. Points are told apart by their arrays. */
  propose(): Float64Array;
  /** The value of a point that was proposed, a number or +∞. Passes over arrays that it did not propose. */
  update(x: Float64Array, value: number): void;
  /** Iterations so far, whatever the method counts as one. */
  readonly generation: number;
  /** Why it ended by itself, if it has. */
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
   * From the first call on, this and not the point of the least value is what the search gives as the best: for methods
   * that know values to have noise. Call it with a value of +∞ before there is any.
   */
  recommend(x: Float64Array, value: number): void;
  /** Why a method that chooses another has chosen it, a sentence. */
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

/** Begins a run at the start, then, as often as there are restarts, at random points, each when the next is wanted. */
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

/** The end of the run that came lowest, which is what a search with restarts can say of its best point. */
export class LowestEnd {
  private least = Number.POSITIVE_INFINITY;
  stop: Stop | undefined;

  take(stop: Stop, least: number): void {
    if (this.stop && !(least < this.least)) return;
    this.least = least;
    this.stop = stop;
  }
}

/** Runs `once` from the start, then, as often as there are restarts, from random points. */
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

/** One run after another; each begins when the one before has ended, and what that had under way counts no more. */
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

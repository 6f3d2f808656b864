import {
  checkGiven,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  otherOption,
  Random,
  wholeNumber,
} from '@southwell/numerics/core';
import { elementary, medianInterval } from '@southwell/numerics/special';
import { levelRecords } from './fitPowerLaw.ts';

const complexityRecords = {
  /** The target error, reached where the learner's error is at most this. */
  target: numberOption({ finite: true }),
  /** Increasing numbers of examples. Default {@link sampleGrid}(1, 4096). */
  grid: otherOption<readonly number[]>('rising whole numbers'),
  /** Number of problems. Default 7; an interval of 95 % needs at least six. */
  repetitions: integerOption({ min: 1 }),
  /** Whether each repetition continues to the end of the grid after reaching the target. Default false. */
  throughout: flagOption(),
  ...levelRecords,
  /** Default 0. */
  seed: integerOption({ min: 0 }),
};

export interface SampleComplexityOptions<Problem> extends OptionsNeeding<typeof complexityRecords, 'target'> {
  /** Draws a problem: what is to be learned, and whatever the learner samples from. Called once per repetition. */
  readonly generator: (random: Random) => Problem;
  /** Learns from `count` examples of the problem and returns its error on new ones: any number that decreases as learning succeeds. */
  readonly learner: (problem: Problem, count: number, random: Random) => number;
}

const complexityKeys: OptionKeys<SampleComplexityOptions<unknown>> = {
  ...keysOf(complexityRecords),
  generator: true,
  learner: true,
};

/** A number of examples on the learning curve. */
export interface SampleCurvePoint {
  readonly n: number;
  /** Fraction of all repetitions that have reached the target with at most this number. */
  readonly reached: number;
  /** Errors of the repetitions that were evaluated at this number, in order. */
  readonly errors: readonly number[];
}

export interface SampleComplexity {
  /**
   * The median of {@link SampleComplexity.needed}: the number of examples with which half of the problems are learned;
   * may be infinite.
   */
  readonly n50: number;
  /** Its confidence interval by order statistics; from 0 to Infinity if there are too few repetitions. */
  readonly ci: readonly [low: number, high: number];
  /** For each repetition the smallest number on the grid that reaches the target, or Infinity. */
  readonly needed: readonly number[];
  readonly curve: readonly SampleCurvePoint[];
}

/**
 * Whole numbers from `from` to `to` in a geometric progression, `perDoubling` of them for each factor of 2, rounded.
 * @throws INVALID_PARAMETER.
 */
export function sampleGrid(from: number, to: number, perDoubling = 2): number[] {
  wholeNumber('from', from, 1);
  wholeNumber('to', to, from);
  wholeNumber('perDoubling', perDoubling, 1);
  const root = elementary.exp(Math.LN2 / perDoubling);
  const grid = new Set<number>();
  for (let doubled = from; doubled <= to; doubled *= 2) {
    for (let j = 0, n = doubled; j < perDoubling; j++, n *= root) {
      if (Math.round(n) <= to) grid.add(Math.round(n));
    }
  }
  return [...grid];
}

/**
 * The number of examples that a learner needs: for each of several problems the smallest number on a grid at which its
 * error is at most the target, and their median. For any learner and generator; random numbers depend only on the seed,
 * the repetition and the number of examples. The grid is searched upwards, since non-monotone errors could mislead a
 * bisection; each repetition runs the learner at all numbers up to the one that is found.
 *
 * @example sampleComplexity({ generator: drawTask, learner: (task, n) => errorOf(fit(task.sample(n)), task), target:
 * 0.05 }).n50;
 * @throws INVALID_PARAMETER; NON_FINITE if the learner returns NaN.
 */
export function sampleComplexity<Problem>(options: SampleComplexityOptions<Problem>): SampleComplexity {
  for (const { done, snapshot } of sampleComplexityIterates(options)) if (done) return snapshot();
  fail('NUMERICAL', 'A search must say how it ended.');
}

/**
 * {@link sampleComplexity} as a generator for `run`: an iterate for each call of the learner, whose point is the result
 * of the finished repetitions; metrics are `repetition`, from 1, and `examples`. Ends `completed`.
 * @throws INVALID_PARAMETER; NON_FINITE if the learner returns NaN.
 */
export function* sampleComplexityIterates<Problem>(
  options: SampleComplexityOptions<Problem>,
): Generator<Iterate<SampleComplexity, number | undefined>> {
  knownKeys('sampleComplexity', options, complexityKeys);
  checkGiven(complexityRecords, options);
  const { generator, learner, target, throughout = false, repetitions = 7, level = 0.95, seed = 0 } = options;
  const { grid = sampleGrid(1, 4096) } = options;
  checkGrid(grid);
  const random = new Random(seed);
  const errors = grid.map((): number[] => []);
  const needed: number[] = [];
  const result = (): SampleComplexity => described(grid, errors, [...needed], level);
  let iteration = 0;
  for (let r = 0; r < repetitions; r++) {
    const own = random.split(r);
    const problem = generator(own.split(0));
    let first = Number.POSITIVE_INFINITY;
    for (const [g, n] of grid.entries()) {
      const error = learner(problem, n, own.split(g + 1));
      if (Number.isNaN(error)) {
        fail('NON_FINITE', `The learner returned NaN for ${n} examples in repetition ${r + 1}.`);
      }
      errors[g].push(error);
      if (error <= target) first = Math.min(first, n);
      yield {
        iteration: iteration++,
        objective: error,
        metrics: { repetition: r + 1, examples: n },
        work: { oracleCalls: iteration },
        snapshot: result,
      };
      if (first < Number.POSITIVE_INFINITY && !throughout) break;
    }
    needed.push(first);
  }
  yield { iteration, objective: undefined, work: { oracleCalls: iteration }, done: 'completed', snapshot: result };
}

function described(
  grid: readonly number[],
  errors: ReadonlyArray<readonly number[]>,
  needed: readonly number[],
  level: number,
): SampleComplexity {
  const { value, low, high } = medianInterval(needed, level);
  return {
    n50: value,
    ci: [Math.max(0, low), high],
    needed,
    curve: grid.flatMap((n, g) =>
      errors[g].length === 0
        ? []
        : [{ n, reached: needed.filter((m) => m <= n).length / Math.max(1, needed.length), errors: [...errors[g]] }],
    ),
  };
}

function checkGrid(grid: readonly number[]): void {
  if (grid.length === 0) fail('INVALID_PARAMETER', 'grid is empty: there is no number of examples to try.');
  for (const [g, n] of grid.entries()) {
    wholeNumber(`Place ${g + 1} of grid`, n, 1);
    if (g > 0 && n <= grid[g - 1]) {
      fail('INVALID_PARAMETER', `grid must be ascending, but has ${n} after ${grid[g - 1]} at position ${g + 1}.`);
    }
  }
}

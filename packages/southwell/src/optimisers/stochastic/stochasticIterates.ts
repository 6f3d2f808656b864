import { fail, type Iterate, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';
import type { SavedAverage, WeightAverage } from './averages.ts';
import { clipNorm } from './clipping.ts';
import type { GradientNorms, SavedNorms } from './gradientNorms.ts';
import { type SavedSearch, StochasticLineSearch } from './lineSearch.ts';
import { loadState, type TrainingOptimiser } from './optimiser.ts';
import type { ParameterRange } from './ranges.ts';
import { type Numbers, type OptimiserState, type SavedOptimiser, saveState } from './state.ts';

/** A sum over examples, by batches. */
export interface StochasticProblem {
  readonly examples: number;
  /** The point, changed in place. Read anew at every step: a getter may give a view of memory that moves. */
  readonly parameters: Numbers;
  /** What {@link StochasticProblem.evaluate} writes. Read anew at every step too. */
  readonly gradient: Numbers;
  /** The value of a batch, given by its examples from 0, at the parameters; its gradient is written to `gradient`. */
  evaluate(batch: Int32Array): number;
  /** The value alone, where that costs less: line searches ask for it. Default {@link StochasticProblem.evaluate}. */
  value?(batch: Int32Array): number;
}

export interface StochasticOptions {
  /** Examples of a batch. Default 32, or all where there are fewer. */
  readonly batchSize?: number;
  /** Passes over the examples; a last batch that is not full is left out. */
  readonly epochs: number;
  /** Of the order of the examples, another in each epoch. Default 0. */
  readonly seed?: number;
  /** The largest norm of a gradient; longer ones are shortened. Default: none. */
  readonly clip?: number;
  /** Parameters that are treated alike, or are matrices. */
  readonly ranges?: readonly ParameterRange[];
  /** Takes the point in after each step, and is kept with checkpoints. */
  readonly average?: WeightAverage;
  /** Takes in the norm of each step's gradient as it was before clipping and decay, and is kept with checkpoints. */
  readonly norms?: GradientNorms;
  /** What a checkpoint of an earlier run kept, for the same problem and options. */
  readonly resume?: StochasticState;
}
const stochasticKeys: OptionKeys<StochasticOptions> = {
  batchSize: true,
  epochs: true,
  seed: true,
  clip: true,
  ranges: true,
  average: true,
  norms: true,
  resume: true,
};

/** What a run goes on from, as plain data. */
export interface StochasticState {
  readonly step: number;
  readonly parameters: Numbers;
  readonly optimiser: SavedOptimiser | SavedSearch;
  readonly average?: SavedAverage;
  readonly norms?: SavedNorms;
}

/**
 * Trains parameters by batches in random order: the same seed gives the same bits. An iterate is a step: its objective is the value of
 * the batch that comes next, at the point before that step, and the metrics are `epoch`, the `norm` of the last gradient where it is clipped,
 * and the `length` of a line search. Every iterate is a boundary for checkpoints. Ends `completed` after all epochs, `diverged` where a value is
 * not finite; there is no certificate. `run` owns limits and files.
 * @throws INVALID_PARAMETER; NON_FINITE, with the place, where a gradient is not finite.
 */
export function* stochasticIterates(
  problem: StochasticProblem,
  optimiser: TrainingOptimiser | StochasticLineSearch,
  options: StochasticOptions,
): Generator<Iterate<Numbers>> {
  knownKeys('stochasticIterates', options, stochasticKeys);
  const { examples } = problem;
  wholeNumber('examples', examples, 1);
  const { batchSize = Math.min(32, examples), epochs, seed = 0, clip, ranges, average, norms, resume } = options;
  wholeNumber('batchSize', batchSize, 1, examples);
  wholeNumber('epochs', epochs, 0);
  if (clip !== undefined && !(clip > 0))
    fail('INVALID_PARAMETER', `clip is the largest norm of a gradient, above 0, not ${clip}.`);
  const perEpoch = Math.floor(examples / batchSize);
  const steps = epochs * perEpoch;
  const search = optimiser instanceof StochasticLineSearch ? optimiser : undefined;
  let state: OptimiserState | undefined;
  if (resume) {
    if (resume.parameters.length !== problem.parameters.length) {
      fail(
        'INVALID_PARAMETER',
        `The run was of ${resume.parameters.length} parameters, not of ${problem.parameters.length}.`,
      );
    }
    problem.parameters.set(resume.parameters);
    if (average && resume.average) average.restore(resume.average);
    if (norms && resume.norms) norms.restore(resume.norms);
    search?.restore(resume.optimiser as SavedSearch);
  }
  if (!(optimiser instanceof StochasticLineSearch)) {
    state = resume
      ? loadState(optimiser, resume.optimiser as SavedOptimiser, problem.parameters, ranges)
      : optimiser.init(problem.parameters, ranges);
  }
  const random = new Random(seed);
  let order = new Int32Array(0);
  let orderOf = -1;
  const batch = new Int32Array(batchSize);
  let norm: number | undefined;
  try {
    for (let step = resume?.step ?? 0; ; step++) {
      const epoch = Math.min(Math.floor(step / perEpoch), Math.max(0, epochs - 1));
      if (epoch !== orderOf) {
        order = random.split(epoch).permutation(examples) as Int32Array<ArrayBuffer>;
        orderOf = epoch;
      }
      // After the last step the first batch of its epoch again: a value to end with.
      const at = step < steps ? (step % perEpoch) * batchSize : 0;
      batch.set(order.subarray(at, at + batchSize));
      const value = problem.evaluate(batch);
      const finite = Number.isFinite(value);
      yield {
        iteration: step,
        objective: value,
        metrics: { epoch, ...(norm !== undefined && { norm }), ...(search && { length: search.length }) },
        work: { oracleCalls: step + 1 + (search?.evaluations ?? 0), epochs: step / perEpoch },
        mayFail: true,
        done: !finite ? 'diverged' : step >= steps ? 'completed' : undefined,
        snapshot: () => problem.parameters.slice(),
        checkpoint: (): StochasticState => ({
          step,
          parameters: problem.parameters.slice(),
          optimiser: state ? saveState(state) : search!.state(),
          ...(average && { average: average.state() }),
          ...(norms && { norms: norms.state() }),
        }),
      };
      if (!finite || step >= steps) return;
      norms?.take(problem.gradient, ranges);
      if (clip !== undefined) norm = clipNorm(problem.gradient, clip);
      if (search) {
        search.step(problem.parameters, problem.gradient, value, () =>
          (problem.value ?? problem.evaluate).call(problem, batch),
        );
      } else (optimiser as TrainingOptimiser).step(state!, problem.parameters, problem.gradient);
      average?.take(problem.parameters);
    }
  } finally {
    state?.free();
  }
}

import {
  checkOptions,
  fail,
  type Iterate,
  integerOption,
  numberOption,
  type OptionsNeeding,
  otherOption,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import type { SavedAverage, WeightAverage } from './averages.ts';
import { clipNorm } from './clipping.ts';
import type { GradientNorms, SavedNorms } from './gradientNorms.ts';
import { type SavedSearch, StochasticLineSearch } from './lineSearch.ts';
import { loadState, type TrainingOptimiser } from './optimiser.ts';
import type { ParameterRange } from './ranges.ts';
import { type Numbers, type OptimiserState, type SavedOptimiser, saveState } from './state.ts';

/** A finite-sum objective evaluated on mini-batches. */
export interface StochasticProblem {
  readonly examples: number;
  /**
   * The current point, changed in place. Read again at every step, so that a getter may return a view of memory that
   * moves.
   */
  readonly parameters: Numbers;
  /** Output of {@link StochasticProblem.evaluate}. Also read again at every step. */
  readonly gradient: Numbers;
  /** The value at the parameters for a batch of examples, numbered from 0; its gradient is written to `gradient`. */
  evaluate(batch: Int32Array): number;
  /** The value alone, if that is cheaper; used by line searches. Default {@link StochasticProblem.evaluate}. */
  value?(batch: Int32Array): number;
}

const stochasticRecords = {
  /** Batch size. Default 32, or all examples if there are fewer. */
  batchSize: integerOption({ min: 1 }),
  /** Number of epochs; an incomplete last batch is dropped. */
  epochs: integerOption({ min: 0 }),
  /** Seed of the shuffling, different in each epoch. Default 0. */
  seed: seedOption(),
  /** Maximum gradient norm, to which larger gradients are scaled. Default: no clipping. */
  clip: numberOption({ min: 0, open: true }),
  /** Parameter ranges with their own options. */
  ranges: otherOption<readonly ParameterRange[]>('a list of ranges'),
  /** Weight average, updated after each step and saved with checkpoints. */
  average: otherOption<WeightAverage>('an average'),
  /** Records each step's gradient norm before clipping and weight decay; saved with checkpoints. */
  norms: otherOption<GradientNorms>('a record of norms'),
  /** State from a checkpoint of an earlier run with the same problem and options. */
  resume: otherOption<StochasticState>('a state from a checkpoint'),
};

export interface StochasticOptions extends OptionsNeeding<typeof stochasticRecords, 'epochs'> {}

/** State to resume a run from, as plain data. */
export interface StochasticState {
  readonly step: number;
  readonly parameters: Numbers;
  readonly optimiser: SavedOptimiser | SavedSearch;
  readonly average?: SavedAverage;
  readonly norms?: SavedNorms;
}

/**
 * Mini-batch training in random order, bit-reproducible for a seed. An iterate is a step: its objective is the value of
 * the next batch, at the point before that step, and the metrics are `epoch`, the `norm` of the last gradient with
 * clipping, and the `length` of a line search. Every iterate can be a checkpoint. Ends with `completed` after all
 * epochs, or `diverged` if a value is not finite; there is no certificate. `run` handles limits and files.
 * @throws INVALID_PARAMETER; NON_FINITE, with the index, if a gradient is not finite.
 */
export function* stochasticIterates(
  problem: StochasticProblem,
  optimiser: TrainingOptimiser | StochasticLineSearch,
  options: StochasticOptions,
): Generator<Iterate<Numbers>> {
  checkOptions('stochasticIterates', stochasticRecords, options, ['epochs']);
  const { examples } = problem;
  wholeNumber('examples', examples, 1);
  const { batchSize = Math.min(32, examples), epochs, seed = 0, clip, ranges, average, norms, resume } = options;
  wholeNumber('batchSize', batchSize, 1, examples);
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
      // After the last step, the first batch of its epoch is evaluated again for a final value.
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

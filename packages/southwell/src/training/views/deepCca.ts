import type * as nn from '@southwell/autodiff/nn';
import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import type { CanonicalVariates } from '../../factorisation/index.ts';
import { adamW, constantRate, type Numbers, type StochasticState, stochasticIterates } from '../../optimisers/index.ts';
import { type EpochJudge, epochIterates } from '../epochs.ts';
import { flatOf, tensorsOf } from '../programs.ts';
import { patienceRecord, stepRecords } from '../records.ts';
import { type DeepCcaHistory, DeepVariates, orderedVariates, type ViewEncoder } from './deepVariates.ts';
import { checkVaries, encodersOf, viewParts } from './encoders.ts';
import { ridgesOf } from './eyLoss.ts';
import { firstParameters, ownParameters, ViewBatches, viewRanges } from './viewBatches.ts';

export const deepCcaRecords = {
  /** Number of canonical variates. Default 1, or the number of units of the encoders' last layers. */
  components: integerOption({ min: 1 }),
  /** A model of `nn` for each view, with a linear last layer and the same number of outputs, at least `components`. Default: perceptrons. */
  encoders: otherOption<readonly nn.Layer[]>('a model for each view'),
  /** Hidden layer sizes of the perceptrons, [] for linear ones. Default [128, 128]. */
  hidden: otherOption<readonly number[]>('whole numbers'),
  /** Activation function of the perceptrons. Default 'relu'. */
  activation: otherOption<nn.ActivationName>('the name of an activation'),
  /** One network for all views, such as two augmentations of the same rows (SSL-EY); `encoders` then has one entry. Default false. */
  shared: flagOption(),
  /** Shape of a row of each view if it is not a vector, such as [28, 14, 1]. Default: a vector of its columns. */
  shapes: otherOption<ReadonlyArray<readonly number[]>>('a shape for each view'),
  /** α of all views or one for each, from 0 (CCA, default) to 1 (PLS), on the weight matrices of the last layers. */
  ridge: otherOption<number | readonly number[]>('a number from 0 to 1, or one for each view'),
  /** Rows per step, at least 2; may be fewer than components. Default 32, or all if there are fewer. */
  batchSize: integerOption(
    { min: 2 },
    {
      title: 'Batch size',
      about: 'rows per step, which may be fewer than {components}',
      argument: 'rows',
      otherwise: '32, or all rows if there are fewer',
      form: { hint: '32', advanced: true },
    },
  ),
  /** Whether each step uses a second, independently drawn batch, so that its gradient is unbiased. Default true. */
  twoBatches: flagOption(),
  /** Number of epochs. Default 10. */
  epochs: integerOption({ min: 0 }),
  /** Seed of the initial parameters, the order of the rows, second batches and dropout. Default 0. */
  seed: seedOption(
    'seed of the initial weights, the order of the rows, second batches, and validation and held-out rows',
  ),
  ...stepRecords,
  /** Validation views: after each epoch their total correlation is computed, and the best parameters are kept. */
  validation: otherOption<readonly MatrixLike[]>('a matrix for each view'),
  /** Early stopping: epochs without an increase of the total validation correlation. Default: none. */
  patience: patienceRecord('early stopping: epochs without an increase of the validation correlation'),
  /** State from a checkpoint of an earlier run, for the same views and options. */
  resume: otherOption<DeepCcaState>('a state from a checkpoint'),
};

export interface DeepCcaOptions extends OptionsOf<typeof deepCcaRecords> {}

const deepCcaKeys = keysOf(deepCcaRecords);

interface Kept {
  readonly parameters: Numbers;
  readonly epoch: number;
  readonly score: number;
}

/** State of a run, as plain data. */
export interface DeepCcaState {
  readonly inner: StochasticState;
  /** The sum of the losses of this epoch's batches. */
  readonly sum: number;
  readonly kept?: Kept;
  readonly history: { readonly loss: number[]; readonly correlation: number[]; readonly validation: number[] };
}

/**
 * The loss of well-scaled codes is between −k M² and k M²: a run has diverged if the mean of an epoch exceeds this
 * multiple of the bound.
 */
const LOST = 100;

/**
 * Deep canonical correlation analysis: a network for each view, trained by the Eckart–Young loss on small batches to
 * make their codes correlated (DCCA-EY; Chapman, Wells and Lawry Aguila, ICLR 2024), then canonical correlation
 * analysis of the codes of all rows, which orders them. An iterate for each step; its objective is the mean loss over
 * the batches of this epoch so far, whose minimum is −Σλ²; `metrics` are `epoch`, `batch`, `rate` and, at the end of an
 * epoch, the total `correlation` of the rows and that of the `validation`. The point is the best on the validation
 * views, without them the last. `completed` after all epochs or by `patience`, `diverged` if a loss or a gradient is
 * not finite, the loss of an epoch is out of the range of sensible codes, or codes have become constant: the point is
 * then the last usable one. Columns are not scaled. O(batch · parameters) per step, plus O(rows · parameters) per
 * epoch.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE and INVALID_PARAMETER for invalid views or options.
 */
export function* deepCcaIterates(
  views: readonly MatrixLike[],
  options: DeepCcaOptions = {},
): Generator<Iterate<DeepVariates>> {
  checkOptions('deepCca', deepCcaRecords, options);
  const { shared = false, shapes, dtype = 'f32', seed = 0, twoBatches = true, patience, resume } = options;
  const data = viewParts('the views', views, dtype, shapes);
  const { rows, parts } = data;
  checkVaries(data);
  const { layers, width } = encodersOf(data, options, dtype);
  const components = options.components ?? width;
  const ridge = ridgesOf(options.ridge ?? 0, parts.length);
  const { epochs = 10, batchSize = Math.min(32, rows) } = options;
  checkSizes(rows, { components, batchSize, patience, validation: options.validation });
  const shapesOf = parts.map(({ shape }) => shape);
  const held = options.validation && viewParts('the validation', options.validation, dtype, shapesOf);
  const perEpoch = Math.floor(rows / batchSize);
  const { rate: largest = 1e-3, schedule = ({ rate }) => constantRate(rate) } = options;
  const rate = schedule({ rate: largest, steps: Math.max(1, epochs * perEpoch) });
  const optimiser = (options.optimiser ?? ((of) => adamW({ rate: of })))(rate);
  const parameters = firstParameters(layers, { shared, seed, dtype });
  const start = resume?.inner.step ?? 0;
  const problem = new ViewBatches(data, {
    ...{ layers, parameters, shared, ridge, twoBatches, batchSize, dtype, seed, step: start },
  });
  const history = resume
    ? structuredClone(resume.history)
    : { loss: [] as number[], correlation: [] as number[], validation: [] as number[] };
  let kept = resume?.kept;
  const far = LOST * width * parts.length ** 2;
  const told = (): DeepCcaHistory => ({
    loss: [...history.loss],
    correlation: [...history.correlation],
    ...(held && { validation: [...history.validation] }),
  });
  const judged = (values: Numbers): { readonly encoders: ViewEncoder[]; readonly found?: CanonicalVariates } => {
    const all = tensorsOf(values, parameters);
    const encoders = layers.map((layer, v): ViewEncoder => {
      return { layer, parameters: ownParameters(all, shared ? 0 : v), shape: shapesOf[v] };
    });
    return { encoders, found: orderedVariates(encoders, data, components) };
  };
  const judge: EpochJudge<DeepVariates> = {
    losses: history.loss,
    lost: false,
    // Records the epoch; keeps the best point, or without validation the last.
    close(mean) {
      history.loss.push(mean);
      const { encoders, found } = judged(problem.parameters);
      const model = found && new DeepVariates(encoders, found);
      const total = model ? model.score(views) : Number.NaN;
      const judgement = held && (model ? model.score(options.validation!) : Number.NaN);
      history.correlation.push(total);
      if (judgement !== undefined) history.validation.push(judgement);
      const score = judgement ?? total;
      this.lost = !(Math.abs(mean) <= far) || !Number.isFinite(score);
      if (this.lost || (held && kept && score <= kept.score)) return;
      kept = { parameters: problem.parameters.slice(), epoch: history.loss.length, score };
    },
    keptEpoch: () => kept?.epoch,
    lostObjective: () => Number.NaN,
    metricsAt: (epoch) => ({
      correlation: history.correlation[epoch - 1],
      ...(held && { validation: history.validation[epoch - 1] }),
    }),
    snapshot() {
      const now = { parameters: problem.parameters, epoch: history.loss.length };
      const begun = { parameters: flatOf(parameters, dtype), epoch: 0 };
      // If the variates of a point cannot be computed, the point kept last is returned, or the initial one.
      for (const one of [...(this.lost || (kept && held) ? [] : [now]), ...(kept ? [kept] : []), begun]) {
        const { encoders, found } = judged(one.parameters);
        if (found) return new DeepVariates(encoders, found, told(), one.epoch);
      }
      return fail('SINGULAR', 'The codes of a view are constant: there is nothing to correlate.');
    },
    checkpoint: (inner, sum): DeepCcaState => ({
      ...{ inner, sum, ...(kept && { kept }), history: structuredClone(history) },
    }),
  };
  try {
    const inner = stochasticIterates(problem, optimiser, {
      ...{ batchSize, epochs, seed, clip: options.clip, ranges: viewRanges(layers, parameters) },
      ...(resume && { resume: resume.inner }),
    });
    yield* epochIterates(inner, judge, { perEpoch, start, sum: resume?.sum ?? 0, rate, patience });
  } finally {
    problem.free();
  }
}

/** @throws INVALID_PARAMETER, EMPTY. */
function checkSizes(
  rows: number,
  {
    components,
    batchSize,
    patience,
    validation,
  }: Required<Pick<DeepCcaOptions, 'components' | 'batchSize'>> & Pick<DeepCcaOptions, 'patience' | 'validation'>,
): void {
  if (rows < 2) fail('EMPTY', 'Covariances need at least two rows.');
  if (batchSize > rows)
    fail('INVALID_PARAMETER', `batchSize must be at most ${rows}, the number of rows, but is ${batchSize}.`);
  if (components >= rows)
    fail('INVALID_PARAMETER', `components must be at most ${rows - 1} for ${rows} rows, but is ${components}.`);
  if (patience !== undefined && !validation) fail('INVALID_PARAMETER', 'patience needs validation views.');
}

/**
 * Runs {@link deepCcaIterates} to the end: returns networks and variates with their history, and the status. `maxIter`
 * limits the number of steps.
 *
 * @example deepCca([left, right], { components: 5, hidden: [128, 128], epochs: 10 }).point.correlations([newLeft,
 * newRight]);
 * @throws as {@link deepCcaIterates}.
 */
export function deepCca(
  views: readonly MatrixLike[],
  options: DeepCcaOptions & RunOptions<DeepVariates> = {},
): Solution<DeepVariates> {
  knownKeys('deepCca', options, { ...deepCcaKeys, ...runKeys });
  const limits = only<RunOptions<unknown>>(options as RunOptions<unknown>, runKeys) as RunOptions<DeepVariates>;
  return run(deepCcaIterates(views, only<DeepCcaOptions>(options, deepCcaKeys)), limits);
}

import type * as nn from '@southwell/autodiff/nn';
import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  wholeNumber,
} from '@southwell/numerics/core';
import type { CanonicalVariates } from '../../factorisation/index.ts';
import {
  adamW,
  constantRate,
  type Numbers,
  type Schedule,
  type StochasticState,
  stochasticIterates,
  type TrainingOptimiser,
} from '../../optimisers/index.ts';
import { type EpochJudge, epochIterates } from '../epochs.ts';
import { flatOf, tensorsOf } from '../programs.ts';
import { type DeepCcaHistory, DeepVariates, orderedVariates, type ViewEncoder } from './deepVariates.ts';
import { checkVaries, encodersOf, viewParts } from './encoders.ts';
import { ridgesOf } from './eyLoss.ts';
import { firstParameters, ownParameters, ViewBatches, viewRanges } from './viewBatches.ts';

export interface DeepCcaOptions {
  /** How many canonical variates. Default 1, or as many as the encoders' last layers have units. */
  readonly components?: number;
  /** A model of `nn` for each view, whose last layer is linear; all give equally many numbers, `components` or more. Default: perceptrons. */
  readonly encoders?: readonly nn.Layer[];
  /** Units of the hidden layers of perceptrons, [] for linear ones. Default [128, 128]. */
  readonly hidden?: readonly number[];
  /** Of perceptrons. Default 'relu'. */
  readonly activation?: nn.ActivationName;
  /** One network for all views, as of two augmentations of the same rows (SSL-EY); `encoders` has then one. Default false. */
  readonly shared?: boolean;
  /** Shape of a row of each view where that is more than a list, such as [28, 14, 1]. Default: one list of its columns. */
  readonly shapes?: ReadonlyArray<readonly number[]>;
  /** α of every view, or one each, from 0 (CCA, default) to 1 (PLS), of the matrices of last layers. */
  readonly ridge?: number | readonly number[];
  /** Rows of a step, at least 2; fewer than components are fine. Default 32, or all where there are fewer. */
  readonly batchSize?: number;
  /** Whether a step has a second batch, drawn apart, so that its gradient has no bias. Default true. */
  readonly twoBatches?: boolean;
  /** Passes over the rows. Default 10. */
  readonly epochs?: number;
  /** Of first parameters, order of rows, second batches and dropout. Default 0. */
  readonly seed?: number;
  /** Precision of the parameters. Default 'f32'. */
  readonly dtype?: nn.Precision;
  /** An optimiser for a schedule of rates. Default `(rate) => adamW({ rate })`. */
  readonly optimiser?: (rate: Schedule) => TrainingOptimiser;
  /** The largest rate. Default 1e-3. */
  readonly rate?: number;
  /** How the rate goes with the steps, such as `cosineDecay`. Default: it stays. */
  readonly schedule?: (options: { readonly rate: number; readonly steps: number }) => Schedule;
  /** The largest norm of a gradient. Default: none. */
  readonly clip?: number;
  /** Views of rows that are not trained on: after each epoch their total correlation is taken, and the best parameters are kept. */
  readonly validation?: readonly MatrixLike[];
  /** End after so many epochs without a larger total correlation of the validation. Default: never. */
  readonly patience?: number;
  /** State from a checkpoint of an earlier run, for the same views and options. */
  readonly resume?: DeepCcaState;
}
const deepCcaKeys: OptionKeys<DeepCcaOptions> = {
  components: true,
  encoders: true,
  hidden: true,
  activation: true,
  shared: true,
  shapes: true,
  ridge: true,
  batchSize: true,
  twoBatches: true,
  epochs: true,
  seed: true,
  dtype: true,
  optimiser: true,
  rate: true,
  schedule: true,
  clip: true,
  validation: true,
  patience: true,
  resume: true,
};

interface Kept {
  readonly parameters: Numbers;
  readonly epoch: number;
  readonly score: number;
}

/** What a run goes on from, as plain data. */
export interface DeepCcaState {
  readonly inner: StochasticState;
  /** The sum of the losses of this epoch's batches. */
  readonly sum: number;
  readonly kept?: Kept;
  readonly history: { readonly loss: number[]; readonly correlation: number[]; readonly validation: number[] };
}

/** The loss at sound codes is between −k M² and k M²: an epoch whose mean is so many times that has diverged. */
const LOST = 100;

/**
 * Deep canonical correlation analysis: a network for each view, trained by the Eckart–Young loss on small batches so that their codes go
 * together (DCCA-EY; Chapman, Wells and Lawry Aguila, ICLR 2024), then canonical correlation of the codes of all rows, which puts them in
 * order. An iterate is a step; its objective is the mean loss of this epoch's batches so far, whose least value is −Σλ²; `metrics` are
 * `epoch`, `batch`, `rate` and, at the end of an epoch, the total `correlation` of the rows and that of the `validation`. The point is the
 * best on the validation, without one the last. `completed` after all epochs or by `patience`, `diverged` where a loss or a gradient
 * is not finite, an epoch's loss is far from any that codes can have, or codes have become all the same: the point is then the last
 * good one. Columns are taken as they are: scale them first. O(batch · parameters) a step, O(rows · parameters) more an epoch.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE and INVALID_PARAMETER for views or options that are wrong.
 */
export function* deepCcaIterates(
  views: readonly MatrixLike[],
  options: DeepCcaOptions = {},
): Generator<Iterate<DeepVariates>> {
  knownKeys('deepCca', options, deepCcaKeys);
  const { shared = false, shapes, dtype = 'f32', seed = 0, twoBatches = true, patience, resume } = options;
  const data = viewParts('the views', views, dtype, shapes);
  const { rows, parts } = data;
  checkVaries(data);
  const { layers, width } = encodersOf(data, options, dtype);
  const components = options.components ?? width;
  const ridge = ridgesOf(options.ridge ?? 0, parts.length);
  const { epochs = 10, batchSize = Math.min(32, rows) } = options;
  checkSizes(rows, { components, epochs, batchSize, patience, validation: options.validation });
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
    // Written down, and kept where it is the best, without a validation the last.
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
      // What cannot be put in order is no answer: then what was kept last, or what the run began with.
      for (const one of [...(this.lost || (kept && held) ? [] : [now]), ...(kept ? [kept] : []), begun]) {
        const { encoders, found } = judged(one.parameters);
        if (found) return new DeepVariates(encoders, found, told(), one.epoch);
      }
      return fail('SINGULAR', 'The codes of a view are the same for all rows: there is nothing to correlate.');
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
    epochs,
    batchSize,
    patience,
    validation,
  }: Required<Pick<DeepCcaOptions, 'components' | 'epochs' | 'batchSize'>> &
    Pick<DeepCcaOptions, 'patience' | 'validation'>,
): void {
  wholeNumber('epochs', epochs, 0);
  if (rows < 2) fail('EMPTY', 'Covariances need at least two rows.');
  if (batchSize === 1) fail('INVALID_PARAMETER', 'A batch of one row has no variance: batchSize must be 2 or more.');
  wholeNumber('batchSize', batchSize, 2);
  if (batchSize > rows)
    fail('INVALID_PARAMETER', `batchSize is ${batchSize}, but there are only ${rows} rows: take a smaller one.`);
  if (components >= rows)
    fail('INVALID_PARAMETER', `components is ${components}, but ${rows} rows have at most ${rows - 1} of them.`);
  if (patience === undefined) return;
  wholeNumber('patience', patience, 1);
  if (!validation) fail('INVALID_PARAMETER', 'patience needs a validation, whose total correlation it waits for.');
}

/**
 * {@link deepCcaIterates}, run to its end: networks and variates with their history, and how it ended. A limit of `maxIter` is one of steps.
 *
 * @example deepCca([left, right], { components: 5, hidden: [128, 128], epochs: 10 }).point.correlations([newLeft, newRight]);
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

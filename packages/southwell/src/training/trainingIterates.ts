import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import {
  checkOptions,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  type OptionsNeeding,
  otherOption,
  seedOption,
} from '@southwell/numerics/core';
import {
  adamW,
  constantRate,
  type Numbers,
  type ParameterRange,
  type StochasticState,
  stochasticIterates,
  type WeightAverage,
} from '../optimisers/index.ts';
import { type EpochJudge, epochIterates } from './epochs.ts';
import { checkExamples, type Examples } from './examples.ts';
import type { GradientExchange } from './exchange.ts';
import type { Loss } from './loss.ts';
import {
  type Alter,
  Judge,
  lossOfNothing,
  outputsOf,
  parameterRanges,
  type Spread,
  TrainingProblem,
  tensorsOf,
} from './programs.ts';
import { patienceRecord, stepRecords } from './records.ts';

export const trainingRecords = {
  loss: otherOption<Loss>('a loss'),
  /** Number of epochs. */
  epochs: integerOption({ min: 0 }),
  /** Examples per step. Default 32, or all if there are fewer. The last incomplete batch of an epoch is dropped. */
  batchSize: integerOption(
    { min: 1 },
    {
      title: 'Batch size',
      about: 'rows, or windows of a text, per batch',
      otherwise: '32, or all rows if there are fewer',
      form: { hint: '32' },
    },
  ),
  /** Number of micro-batches into which the batch of a step is divided, to save memory. Default 1. */
  accumulate: integerOption(
    { min: 1 },
    {
      title: 'Gradient accumulation',
      about: 'number of batches whose gradients are accumulated for one step',
      argument: 'batches',
      default: 1,
      form: { advanced: true },
    },
  ),
  /** Seed of the initial parameters, the order of the examples, dropout and `alter`. Default 0. */
  seed: seedOption('seed of the validation split, the initial weights, the order of the rows and dropout'),
  ...stepRecords,
  /** An average of the parameters, which is then evaluated and returned. A new one for each run. */
  average: otherOption<WeightAverage>('an average'),
  /** Validation examples, evaluated after each epoch to keep the best parameters. */
  validation: otherOption<Examples>('examples'),
  /** Early stopping: epochs without a decrease of the validation loss. Default: none. */
  patience: patienceRecord('early stopping: epochs without a decrease of the validation loss'),
  /** Augments inputs before each step, with random numbers from the seed. */
  alter: otherOption<Alter>('a function'),
  /** Per-parameter settings: frozen, or with a rate or a weight decay of its own. By default only matrices decay. */
  ranges: otherOption<(name: string, shape: readonly number[]) => Partial<ParameterRange>>('a function'),
  /** Initial parameters and batch-norm statistics, to fine-tune a model. Default: the layers' initialisations. */
  from: otherOption<{ readonly parameters: nn.Parameters; readonly state?: nn.State }>('parameters and state'),
  /**
   * Data-parallel training: all ranks train with the same examples and options, and each takes its part of the micro-batches of
   * every step (`accumulate` is then at least the number of ranks) and of the validation examples. Gradients are summed in the precision
   * of the parameters, in the order of a tree over the micro-batches: the result is bitwise that of one rank with as many
   * micro-batches.
   */
  spread: otherOption<Spread>('a function'),
  /** With `spread`: how the gradients of ranks are combined, in place of their sum. */
  exchange: otherOption<GradientExchange>('an exchange of gradients'),
  /** State from a checkpoint of an earlier run, for the same model, examples and options. */
  resume: otherOption<TrainingState>('a state from a checkpoint'),
};

export interface TrainingOptions extends OptionsNeeding<typeof trainingRecords, 'loss' | 'epochs'> {}

export const trainingKeys = keysOf(trainingRecords);

/** History of the epochs: lists of equal length. */
export interface History {
  /** Mean training loss over the batches of the epoch, while parameters change. */
  readonly loss: readonly number[];
  /** Validation loss at the end of the epoch. */
  readonly validation?: readonly number[];
  /** Validation accuracy, for cross-entropy. */
  readonly accuracy?: readonly number[];
  /** Learning rate of the last step of the epoch. */
  readonly rate: readonly number[];
}

/** A trained model: all that `nn` needs to apply it. */
export interface Trained {
  readonly parameters: nn.Parameters;
  /** Batch-norm statistics. */
  readonly state: nn.State;
  /** Number of epochs after which these parameters were obtained. */
  readonly epoch: number;
  readonly history: History;
}

interface Kept {
  readonly parameters: Numbers;
  readonly state: Numbers;
  readonly epoch: number;
  readonly loss: number;
}

/** State of a run, as plain data. */
export interface TrainingState {
  readonly inner: StochasticState;
  /** Batch-norm statistics. */
  readonly state: Numbers;
  /** The sum of the losses of this epoch's batches. */
  readonly sum: number;
  readonly first: number;
  readonly kept?: Kept;
  /** Of the exchange of gradients. */
  readonly exchanged?: unknown;
  readonly history: {
    readonly loss: number[];
    readonly validation: number[];
    readonly accuracy: number[];
    readonly rate: number[];
  };
}

/**
 * A run has diverged if the mean loss of an epoch exceeds this multiple of the initial loss, or of that of zero
 * outputs.
 */
const LOST = 100;

/**
 * Trains a model of `nn` on examples by shuffled mini-batches; the same seed gives the same bits, also after resuming.
 * An iterate for each step; its objective is the mean loss over the batches of this epoch so far, at the end of an
 * epoch over all of them, where `metrics` also contain `validation` and `accuracy`; `epoch` is the number of finished
 * epochs, `batch` the loss of the next batch, `rate` that of the next step, `norm` that of the last gradient. The point
 * is the one of smallest validation loss, without validation the last, or their average. Ends `completed` after all
 * epochs or by `patience`, `diverged` if a loss or a gradient is not finite, or the loss of an epoch is a hundred times
 * the initial one: point and objective are then those of the last usable epoch (with validation the best), or the
 * initial ones.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, EMPTY and NON_FINITE for invalid examples or options.
 */
export function* trainingIterates(
  model: nn.Layer,
  data: Examples,
  options: TrainingOptions,
): Generator<Iterate<Trained>> {
  checkOptions('trainingIterates', trainingRecords, options);
  checkExamples('data', data);
  const { validation, patience, average, exchange, dtype = 'f32', seed = 0, loss } = options;
  const resume = options.resume && restored(options.resume, exchange);
  if (validation) checkExamples('validation', validation);
  const { epochs, batchSize, accumulate } = checkedSizes(options, data);
  if (exchange && !options.spread) fail('INVALID_PARAMETER', 'exchange needs spread, the division among ranks.');
  if (patience !== undefined && !validation) fail('INVALID_PARAMETER', 'patience needs validation examples.');
  const layer = nn.checkArchitecture(model);
  const { parameters, state } = startOf(layer, options, dtype);
  const perEpoch = Math.floor(data.count / batchSize);
  const steps = Math.max(1, epochs * perEpoch);
  const { rate: largest = 1e-3, schedule = ({ rate }) => constantRate(rate) } = options;
  const rate = schedule({ rate: largest, steps });
  const optimiser = (options.optimiser ?? ((of) => adamW({ rate: of })))(rate);
  const start = resume?.inner.step ?? 0;
  const { shape } = outputsOf(layer, parameters, data.inputs, 1, state);
  const nothing = lossOfNothing(loss, shape, data, dtype);
  const shared = { loss, dtype, parameters, state, spread: options.spread, exchange };
  const problem = new TrainingProblem(layer, data, {
    ...{ ...shared, seed, batchSize, accumulate, alter: options.alter, step: start },
  });
  if (resume) problem.restore(resume.state);
  const judge = validation && new Judge(layer, validation, shared);
  const history = resume
    ? structuredClone(resume.history)
    : { loss: [] as number[], validation: [] as number[], accuracy: [] as number[], rate: [] as number[] };
  let first = resume?.first ?? 0;
  let kept = resume?.kept;
  const now = (): Numbers => (average && average.count > 0 ? average.values : problem.parameters);
  const told = (): History => ({
    loss: [...history.loss],
    rate: [...history.rate],
    ...(validation && { validation: [...history.validation] }),
    ...(history.accuracy.length > 0 && { accuracy: [...history.accuracy] }),
  });
  const epochsJudge: EpochJudge<Trained> = {
    losses: history.loss,
    lost: false,
    begin: (value) => {
      first = value;
    },
    lossesBefore: () => exchange?.lossesBefore,
    // Evaluates and records the epoch; keeps the best point, or without validation the last.
    close(mean, step) {
      history.loss.push(mean);
      history.rate.push(rate(step - 1));
      this.lost = !(mean <= LOST * Math.max(first, nothing));
      const judged = judge?.judge(now(), problem.before);
      if (judged) {
        history.validation.push(judged.loss);
        if (judged.accuracy !== undefined) history.accuracy.push(judged.accuracy);
      }
      const value = judged?.loss ?? mean;
      if (this.lost || !Number.isFinite(value) || (judge && kept && value >= kept.loss)) return;
      kept = { parameters: now().slice(), state: problem.before.slice(), epoch: history.loss.length, loss: value };
    },
    keptEpoch: () => kept?.epoch,
    // A finite value, which the runner accepts as the objective of the returned point.
    lostObjective: () => (kept ? history.loss[kept.epoch - 1] : first),
    metricsAt: (epoch) => ({
      ...(judge && { validation: history.validation[epoch - 1] }),
      ...(history.accuracy.length > 0 && { accuracy: history.accuracy[epoch - 1] }),
    }),
    snapshot() {
      const best = kept && (validation || this.lost) ? kept : undefined;
      if (this.lost && !best) return { parameters, state, epoch: 0, history: told() };
      return {
        parameters: tensorsOf(best?.parameters ?? now(), parameters),
        state: tensorsOf(best?.state ?? problem.before, state),
        epoch: best?.epoch ?? history.loss.length,
        history: told(),
      };
    },
    checkpoint: (inner, sum): TrainingState => ({
      ...{ inner, state: problem.before.slice(), sum, first, ...(kept && { kept }) },
      ...(exchange && { exchanged: exchange.save(inner) }),
      history: structuredClone(history),
    }),
  };
  try {
    const inner = stochasticIterates(problem, optimiser, {
      ...{ batchSize, epochs, seed, clip: options.clip, average },
      ranges: parameterRanges(parameters, options.ranges),
      ...(resume && { resume: resume.inner }),
    });
    // In distributed training the failure of a rank is an error for all.
    const mayFail = options.spread ? 'diverge' : true;
    yield* epochIterates(inner, epochsJudge, { perEpoch, start, sum: resume?.sum ?? 0, rate, patience, mayFail });
  } finally {
    problem.free();
    judge?.free();
  }
}

/** The state of this rank, of that of all. */
const restored = (state: TrainingState, exchange: GradientExchange | undefined): TrainingState =>
  exchange ? { ...state, inner: exchange.restore(state.exchanged, state.inner) } : state;

function checkedSizes(options: TrainingOptions, data: Examples) {
  const { epochs, accumulate = 1, batchSize = Math.min(32, data.count) } = options;
  if (batchSize > data.count)
    fail('INVALID_PARAMETER', `batchSize must be at most ${data.count}, the number of examples, but is ${batchSize}.`);
  if (batchSize % accumulate !== 0)
    fail(
      'INVALID_PARAMETER',
      `batchSize must be a multiple of accumulate, but ${batchSize} is not a multiple of ${accumulate}.`,
    );
  return { epochs, batchSize, accumulate };
}

/** Initial parameters, in the order of the model's own. */
function startOf(layer: nn.Layer, { from, seed = 0 }: TrainingOptions, dtype: nn.Precision) {
  const [own, counted] = [nn.init(layer, ad.randomKey(seed), { dtype }), nn.initState(layer, { dtype })];
  if (!from) return { parameters: own, state: counted };
  const taken = (what: string, like: nn.Parameters, given: nn.Parameters): nn.Parameters =>
    Object.fromEntries(
      Object.entries(like).map(([name, t]) => {
        const found = given[name];
        if (!found) fail('INVALID_SHAPE', `The initial ${what} do not fit the model: '${name}' is missing.`);
        if (found.shape.join() !== t.shape.join())
          fail(
            'INVALID_SHAPE',
            `The initial ${what} do not fit the model: ${name} is [${found.shape}], but the model needs [${t.shape}].`,
          );
        return [name, ad.tensor(found.data(), { shape: [...t.shape], dtype })];
      }),
    );
  return {
    parameters: taken('parameters', own, from.parameters),
    state: taken('state', counted, from.state ?? counted),
  };
}

import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import {
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  inOnePlace,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsNeeding,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  wholeNumber,
} from '@southwell/numerics/core';
import {
  layersByRatios,
  layersByScores,
  type WeightsOf,
  type ZoDescentState,
  type ZoEstimator,
  type ZoLayer,
  zoDescentOf,
  zoGraspScores,
} from '../../black-box/index.ts';
import { type Numbers, sgd } from '../../optimisers/index.ts';
import { checkExamples, type Examples } from '../examples.ts';
import { parameterRanges, type Spread, tensorsOf } from '../programs.ts';
import { stepRecords } from '../records.ts';
import { reuseTitles, StagedLoss, type ZoLoss } from './stagedLoss.ts';

const zoTrainRecords = {
  loss: otherOption<ZoLoss>('a loss'),
  steps: integerOption({ min: 0 }),
  /** Examples per step, shuffled anew in each epoch. Default 64, or all if there are fewer. */
  batchSize: integerOption({ min: 1 }),
  /** Default 'cge'. */
  estimator: otherOption<ZoEstimator>('the name of an estimator'),
  /** Finite-difference step, or 'rate': the learning rate of the step. Default 5e-3. */
  mu: otherOption<number | 'rate'>("a number above 0, or 'rate'"),
  /** Number of random directions per step for 'rge'. Default: the number of active parameters. */
  directions: integerOption({ min: 1 }),
  /** Fraction of the weights (of tensors with at least two axes) that each gradient leaves out, in [0, 1). Default 0. */
  sparsity: numberOption({ min: 0, below: 1 }),
  /** How the sparsity is distributed over tensors: by scores of the loss, uniformly, or the fraction of each. Default 'zo-grasp'. */
  ratios: otherOption<'zo-grasp' | 'uniform' | readonly number[]>("'zo-grasp', 'uniform' or a number for each tensor"),
  /** Number of steps after which the active weights are drawn anew. Default 20. */
  maskInterval: integerOption({ min: 1 }),
  /** A first-order optimiser for a learning-rate schedule. Default sgd with momentum 0.9 and weight decay 5e-4. */
  optimiser: stepRecords.optimiser,
  /** Maximum learning rate. Default 0.1. */
  rate: stepRecords.rate,
  schedule: stepRecords.schedule,
  /** Intermediate results that are reused when one parameter changes; estimates agree up to rounding. Default 'units'. */
  reuse: choiceOption(reuseTitles),
  /** Maximum number of evaluations of a batch's loss, including those of scores. Default: as many as the steps need. */
  queryBudget: numberOption({ min: 0, open: true }),
  /** Seed of the initial parameters, the order of examples, directions and active weights. Default 0. */
  seed: integerOption({ min: 0, max: 2 ** 31 }),
  /** Initial parameters and batch-norm statistics, which stay fixed. */
  from: otherOption<{ readonly parameters: nn.Parameters; readonly state?: nn.State }>('parameters and state'),
  /**
   * Distributed training: all ranks have the same examples and options, and each evaluates its part of the losses of every step.
   * The result is bitwise that of one rank.
   */
  spread: otherOption<Spread>('a function'),
  /** State from a checkpoint of an earlier run, for the same model, examples and options. */
  resume: otherOption<ZoTrainState>('a state from a checkpoint'),
};

export interface ZoTrainOptions extends OptionsNeeding<typeof zoTrainRecords, 'loss' | 'steps'> {}

const zoTrainKeys = keysOf(zoTrainRecords);

export interface ZoTrainState {
  readonly inner: ZoDescentState;
  readonly layers: readonly ZoLayer[];
  readonly scored: number;
}

/** A network trained without derivatives. */
export interface ZoTrained {
  readonly parameters: nn.Parameters;
  /** Number of evaluations of a batch's loss, including those of the scores. */
  readonly queries: number;
  /** For each tensor with at least two axes the fraction of weights that each step leaves out. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Examples of each class for the scores, and directions of each gradient (Chen et al. 2023). */
const [SCORED, DIRECTIONS] = [25, 192];
const [ORDER, SCORES] = [0x7ffffff1, 0x7ffffff2];

/**
 * Trains a model of `nn` from values of its loss only, in double precision: the loss need not be differentiable
 * (DeepZero, Chen et al. 2023). Gradients are finite differences along parameters, with `sparsity` along a random
 * subset of the weights that is redrawn every `maskInterval` steps; biases are always active, no weight is removed, and
 * momentum and decay apply to all. Models are sequential; the change of a parameter is propagated from its layer on, in
 * linear layers from its unit. There is no dropout and batch norms are fixed, so that all values of a step are of the
 * same function. An iterate for each step; its objective is the loss of the batch, metrics are `queries`, `skipped`,
 * `active`. O(active · batch · cost of the layers after a parameter) per step.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, EMPTY, NON_FINITE for invalid examples or options.
 */
export function* zoTrainIterates(
  model: nn.Layer,
  data: Examples,
  options: ZoTrainOptions,
): Generator<Iterate<ZoTrained>> {
  checkOptions('zoTrainIterates', zoTrainRecords, options);
  checkExamples('data', data);
  const { steps, loss, estimator, mu, directions, maskInterval, queryBudget, resume } = options;
  const { batchSize = Math.min(64, data.count), reuse = 'units', seed = 0, rate: largest = 0.1 } = options;
  const {
    schedule = ({ rate }) =>
      () =>
        rate,
  } = options;
  wholeNumber('batchSize', batchSize, 1, data.count);
  const layer = nn.checkArchitecture(model);
  const { parameters, values, state } = startOf(layer, options);
  const rate = schedule({ rate: largest, steps: Math.max(1, steps) });
  const optimiser = (options.optimiser ?? ((of) => sgd({ rate: of, momentum: 0.9, weightDecay: 5e-4 })))(rate);
  const scored = resume
    ? { layers: resume.layers, queries: resume.scored }
    : activeLayers(layer, data, parameters, values, state, options);
  const left = queryBudget === undefined ? undefined : queryBudget - scored.queries;
  if (left !== undefined && !(left > 0))
    fail(
      'INVALID_PARAMETER',
      `queryBudget must be above ${scored.queries}, the number of evaluations for the scores, but is ${queryBudget}.`,
    );
  const net = new StagedLoss(layer, data, batchSize, loss, state);
  const { spread = (count: number) => inOnePlace(count, 1) } = options;
  const order = zoBatches(data.count, batchSize, seed);
  let loaded = -1;
  const inner = zoDescentOf(
    values,
    {
      ...{ steps, optimiser, estimator, mu, directions, maskInterval, seed, layers: scored.layers },
      ...{ queryBudget: left, ranges: parameterRanges(parameters), resume: resume?.inner },
    },
    (query) => {
      const { x, count, coords, moved } = query;
      if (query.step !== loaded) net.load(x, order((loaded = query.step)));
      const rows = spread(count);
      const own = new Float64Array(rows.own);
      const at = new Float64Array(x.length);
      for (let k = 0; k < rows.own; k++) {
        const place = dealt(rows.first + k, count);
        if (coords && moved) own[k] = net.moved(coords[place], moved[place], reuse);
        else {
          at.set(x);
          query.point(place, at);
          own[k] = net.at(at);
        }
      }
      const all = rows.gather(own);
      const answers = new Float64Array(count);
      all.forEach((v, k) => {
        answers[dealt(k, count)] = v;
      });
      return answers;
    },
  );
  const weights = weightsOf(parameters);
  try {
    for (const iterate of inner) {
      const queries = iterate.metrics!.queries + scored.queries;
      yield {
        ...iterate,
        metrics: { ...iterate.metrics, queries, rate: rate(Math.min(iterate.iteration, Math.max(0, steps - 1))) },
        work: { oracleCalls: queries },
        snapshot: () => ({
          parameters: tensorsOf(iterate.snapshot() as Numbers, parameters),
          queries,
          ratios: Object.fromEntries(
            weights.map(({ name, from, to }) => {
              const found = scored.layers.find((own) => own.from === from);
              return [name, found ? 1 - found.active / (to - from) : 0];
            }),
          ),
        }),
        checkpoint: (): ZoTrainState => ({
          inner: iterate.checkpoint!() as ZoDescentState,
          ...{ layers: scored.layers, scored: scored.queries },
        }),
      };
    }
  } finally {
    net.free();
  }
}

/**
 * Runs {@link zoTrainIterates} to the end. `maxIter` limits the number of steps.
 * @throws as {@link zoTrainIterates}.
 */
export function zoTrain(
  model: nn.Layer,
  data: Examples,
  options: ZoTrainOptions & RunOptions<ZoTrained>,
): Solution<ZoTrained> {
  knownKeys('zoTrain', options, { ...zoTrainKeys, ...runKeys });
  const limits = only<RunOptions<unknown>>(options as RunOptions<unknown>, runKeys) as RunOptions<ZoTrained>;
  return run(zoTrainIterates(model, data, only<ZoTrainOptions>(options, zoTrainKeys)), limits);
}

/**
 * The evaluation at a position: those of a layer have equal cost and are contiguous, so that they are interleaved to
 * balance the load of ranks.
 */
function dealt(place: number, count: number): number {
  let stride = Math.max(1, Math.round(count * 0.6180339887498949));
  while (divisor(stride, count) > 1) stride++;
  return (place * stride) % count;
}
const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/**
 * The batches of `zoTrain` by step, from 0, for comparisons on the same batches: the examples are shuffled for each
 * epoch, and the last incomplete batch is dropped. O(count) per epoch.
 * @throws INVALID_PARAMETER.
 */
export function zoBatches(count: number, batchSize: number, seed: number): (step: number) => Int32Array {
  wholeNumber('batchSize', batchSize, 1, count);
  const random = new Random(seed).split(ORDER);
  const each = Math.floor(count / batchSize);
  let order: Int32Array = new Int32Array(0);
  let pass = -1;
  return (step) => {
    const now = Math.floor(step / each);
    if (now !== pass) [order, pass] = [random.split(now).permutation(count), now];
    return order.subarray((step % each) * batchSize, ((step % each) + 1) * batchSize);
  };
}

/** Tensors with at least two axes, with their offsets; each output keeps at least one weight. */
function weightsOf(parameters: nn.Parameters): Array<WeightsOf & { readonly name: string }> {
  let at = 0;
  return Object.entries(parameters).flatMap(([name, { shape, size }]) => {
    const from = at;
    at += size;
    return shape.length < 2 ? [] : [{ name, from, to: at, least: shape[0] }];
  });
}

function activeLayers(
  layer: nn.Layer,
  data: Examples,
  parameters: nn.Parameters,
  x: Float64Array,
  state: nn.State,
  { sparsity = 0, ratios = 'zo-grasp', mu = 5e-3, seed = 0, loss }: ZoTrainOptions,
): { readonly layers: ZoLayer[]; readonly queries: number } {
  const weights = weightsOf(parameters).map(({ from, to, least }) => ({ from, to, least }));
  if (typeof ratios !== 'string') return { layers: layersByRatios(weights, ratios), queries: 0 };
  if (ratios !== 'zo-grasp' && ratios !== 'uniform')
    fail(
      'INVALID_PARAMETER',
      `ratios must be 'zo-grasp', 'uniform' or a fraction for each weight tensor, not '${ratios}'.`,
    );
  if (ratios === 'uniform' || sparsity === 0) return { layers: layersByRatios(weights, sparsity), queries: 0 };
  const chosen = someOfEach(data, new Random(seed).split(SCORES));
  const net = new StagedLoss(layer, data, chosen.length, loss, state);
  try {
    net.take(chosen);
    const coords = weights.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, k) => from + k));
    const { scores, queries } = zoGraspScores((at) => net.at(at), x, {
      ...{ coords, directions: DIRECTIONS, seed: 2 * seed },
      mu: typeof mu === 'number' ? mu : 5e-3,
    });
    return { layers: layersByScores(scores, weights, sparsity), queries };
  } finally {
    net.free();
  }
}

/** A number of examples of each class, or ten times as many if there are no classes. */
function someOfEach({ count, targets }: Examples, random: Random): Int32Array {
  const order = random.permutation(count);
  if (!(targets.values instanceof Int32Array) || targets.shape.length > 0) return order.slice(0, 10 * SCORED);
  const seen = new Map<number, number>();
  return order.filter((i) => {
    const c = targets.values[i * (targets.stride ?? 1)];
    seen.set(c, (seen.get(c) ?? 0) + 1);
    return seen.get(c)! <= SCORED;
  });
}

/** Initial parameters in double precision, by names and concatenated. */
function startOf(layer: nn.Layer, { from, seed = 0 }: ZoTrainOptions) {
  const own = nn.init(layer, ad.randomKey(seed), { dtype: 'f64' });
  const given = from?.parameters ?? own;
  const parameters = Object.fromEntries(
    Object.entries(own).map(([name, t]) => {
      const found = given[name];
      if (!found) fail('INVALID_SHAPE', `The initial parameters do not fit the model: '${name}' is missing.`);
      if (found.shape.join() !== t.shape.join())
        fail(
          'INVALID_SHAPE',
          `The initial parameters do not fit the model: ${name} is [${found.shape}], but the model needs [${t.shape}].`,
        );
      return [name, ad.tensor(Float64Array.from(found.data()), { shape: [...t.shape], dtype: 'f64' })];
    }),
  );
  const values = Float64Array.from(Object.values(parameters).flatMap((t) => Array.from(t.data())));
  return { parameters, values, state: from?.state ?? nn.initState(layer, { dtype: 'f64' }) };
}

import {
  checkOptions,
  fail,
  type Iterate,
  integerOption,
  numberOption,
  type OptionsOf,
  otherOption,
  Random,
  wholeNumber,
} from '@southwell/numerics/core';
import { sgd, stochasticIterates, type TrainingOptimiser } from '../../optimisers/index.ts';
import type { Examples } from '../examples.ts';
import { type PatchData, type PatchNet, type PatchScore, patchData } from './patchNet.ts';

/** A source of independent standard normal numbers, in rows. */
export type Normals = (rows: number, width: number) => Float64Array;

const trainRecords = {
  /** Validation examples, on which the best point is chosen: early stopping uses their labels too. Default: none; the last point is returned. */
  validation: otherOption<Examples>('examples'),
  /** Number of steps after the first. Default 400. */
  steps: integerOption({ min: 0 }),
  /** Steps between evaluations on the validation examples. Default 10. */
  evaluateEvery: integerOption({ min: 1 }),
  /** Learning rate. Default 0.05. Gradients of 'lcn' and 'fcn' are multiplied by the number of patches, since each unit receives that fraction of the signal. */
  rate: numberOption({ min: 0 }),
  /** Momentum in [0, 1). Default 0.9. */
  momentum: numberOption({ min: 0, below: 1 }),
  /** Another optimiser, which replaces rate and momentum. Coordinate-wise optimisers such as Adam are not equivariant. */
  optimiser: otherOption<TrainingOptimiser>('an optimiser'),
  /** Batch size. Default: all examples. */
  batchSize: integerOption({ min: 1 }),
  /** Noise on the rows of 'fcn' after the first step, relative to its gradient; without it all rows stay equal. Default 0.3. */
  noise: numberOption({ min: 0, finite: true }),
  /** Default 0. */
  seed: integerOption({ min: 0 }),
  /** Source of all random numbers except the order of batches, for {@link checkEquivariance}. Default: drawn by the seed. */
  normals: otherOption<Normals>('a function'),
};

export interface TrainEquivariantOptions extends OptionsOf<typeof trainRecords> {}

export interface TrainedPatches extends PatchScore {
  /**
   * Weights of the best point. Its risk and error are those on the validation examples, or else on the training
   * examples.
   */
  readonly weights: Float64Array;
  /** Step of the best point. */
  readonly step: number;
  readonly history: {
    readonly step: readonly number[];
    /** On validation examples, or else on training examples. */
    readonly risk: readonly number[];
    readonly error: readonly number[];
  };
  /** Whether the loss became infinite or NaN. */
  readonly diverged: boolean;
}

/**
 * Trains a {@link patchNet} equivariantly with respect to rotations, by squared error: from w ~ N(0, 10⁻⁴/width) one
 * step as a linear network (b = 0), normalisation of rows, then gradient descent with momentum. Among the evaluations
 * on validation examples the one with the fewest wrong signs is selected, then the smallest risk. The theory is about
 * equivariant methods, whose result rotates with the inputs. O(steps·n·units·width).
 *
 * @example trainEquivariant(patchNet({ arch: 'lcn', patches: 8, patchDim: 20 }), task.sample(256)).error;
 * @param data inputs of k·d numbers; targets −1 and 1, or any numbers.
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE.
 */
export function trainEquivariant(net: PatchNet, data: Examples, options: TrainEquivariantOptions = {}): TrainedPatches {
  for (const { done, snapshot } of trainEquivariantIterates(net, data, options)) if (done) return snapshot();
  fail('NUMERICAL', 'Training must say how it ended.');
}

/**
 * {@link trainEquivariant} as a generator for `run`: an iterate for each step, whose objective is the risk of its batch
 * and whose point is the best so far. Ends `completed`, or `diverged` with the best point.
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE.
 */
export function* trainEquivariantIterates(
  net: PatchNet,
  data: Examples,
  options: TrainEquivariantOptions = {},
): Generator<Iterate<TrainedPatches>> {
  checkOptions('trainEquivariant', trainRecords, options);
  const { steps = 400, evaluateEvery = 10, rate = 0.05, momentum = 0.9, noise = 0.3, seed = 0 } = options;
  const train = patchData('data', net, data);
  const validation = options.validation && patchData('validation', net, options.validation);
  const { optimiser = sgd({ rate, momentum }), batchSize = data.count } = options;
  wholeNumber('batchSize', batchSize, 1, data.count);
  const random = new Random(seed);
  const drawn = random.split(0);
  const normals: Normals =
    options.normals ?? ((rows, width) => Float64Array.from({ length: rows * width }, () => drawn.normal()));
  const parameters = startOf(net, train, noise, normals);
  const gradient = new Float64Array(parameters.length);
  const scale = net.arch === 'cnn' ? 1 : net.patches;
  const whole = batchSize === data.count;
  const problem = {
    examples: data.count,
    parameters,
    gradient,
    evaluate(batch: Int32Array): number {
      const risk = net.gradient(parameters, train.inputs, train.targets, gradient, whole ? undefined : batch);
      for (let j = 0; j < gradient.length; j++) gradient[j] *= scale;
      return risk;
    },
  };
  const looked = validation ?? train;
  const history = { step: [] as number[], risk: [] as number[], error: [] as number[] };
  let best: { readonly step: number; readonly weights: Float64Array } & PatchScore = {
    ...{ step: 0, weights: parameters.slice() },
    ...net.score(parameters, looked.inputs, looked.targets),
  };
  const look = (step: number): void => {
    const score = net.score(parameters, looked.inputs, looked.targets);
    history.step.push(step);
    history.risk.push(score.risk);
    history.error.push(score.error);
    // Without validation examples no point is selected.
    const better = score.error < best.error || (score.error === best.error && score.risk < best.risk);
    if (!validation || better) best = { ...score, step, weights: parameters.slice() };
  };
  for (const iterate of stochasticIterates(problem, optimiser, {
    epochs: Math.ceil(steps / Math.floor(data.count / batchSize)),
    batchSize,
    seed: random.split(1).integer(2 ** 31),
  })) {
    const diverged = iterate.done === 'diverged';
    const done = diverged ? 'diverged' : iterate.iteration >= steps ? 'completed' : undefined;
    if (!diverged && (done || iterate.iteration % evaluateEvery === 0)) look(iterate.iteration);
    yield {
      iteration: iterate.iteration,
      objective: iterate.objective,
      work: iterate.work,
      mayFail: true,
      done,
      snapshot: () => ({
        ...best,
        history: { step: [...history.step], risk: [...history.risk], error: [...history.error] },
        diverged,
      }),
    } as Iterate<TrainedPatches>;
    if (done) return;
  }
}

/** Small weights, one step of the linear network, noise where rows would be equal, normalised rows. */
function startOf(net: PatchNet, { inputs, targets }: PatchData, noise: number, normals: Normals): Float64Array {
  const { rows, width } = net;
  const tiny = 0.01 / Math.sqrt(width);
  const weights = normals(rows, width).map((v) => tiny * v);
  const gradient = new Float64Array(weights.length);
  net.withThreshold(0).gradient(weights, inputs, targets, gradient);
  const extra = net.arch === 'fcn' && noise > 0 ? normals(rows, width) : undefined;
  for (let r = 0; r < rows; r++) {
    const part = (a: Float64Array) => a.subarray(r * width, (r + 1) * width);
    const [w, g] = [part(weights), part(gradient)];
    const size = (noise * norm(g)) / Math.sqrt(width);
    for (let j = 0; j < width; j++) w[j] += (extra ? size * part(extra)[j] : 0) - g[j];
    const length = norm(w);
    // A zero row has no direction and is unchanged.
    if (length > 0) for (let j = 0; j < width; j++) w[j] /= length;
  }
  return weights;
}

const norm = (a: Float64Array): number => Math.sqrt(a.reduce((sum, v) => sum + v * v, 0));

import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import {
  calibrate,
  type InputMoments,
  type LayerWeights,
  type LossNetwork,
  layersOf,
  MomentSums,
  matrixOf,
  type Network,
  type PruneIterativeOptions,
  type PruneMethod,
  pruneIterativeIterates,
  pruneWeights,
  reconstructWeights,
} from 'southwell/compression';
import type { Examples } from 'southwell/training';
import { type ImageSet, quality, tensorsOf, trainedPerceptron } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';

/** A trained network whose hidden layers are pruned; biases and the last layer stay. */
export interface Subject {
  readonly model: nn.Model;
  readonly images: ImageSet;
  readonly inputs: ad.Tensor;
  readonly targets: ad.Tensor;
  readonly layers: readonly LayerWeights[];
  readonly losses: LossNetwork['losses'];
  readonly seed: number;
}

export interface NetSizes {
  readonly hidden: readonly number[];
  readonly epochs: number;
}

/** The network of a seed; its training is shared by the experiments of a run. */
export async function subjectOf(
  images: ImageSet,
  { hidden, epochs }: NetSizes,
  seed: number,
  pause: Pause,
): Promise<Subject> {
  const { train } = images;
  const widths = [train.inputs.shape.reduce((a, b) => a * b, 1), ...hidden, 10];
  const model = await trainedPerceptron(train, { widths, epochs, seed }, pause);
  const [inputs, targets] = tensorsOf(train);
  const layers = layersOf(networkOf(model.layer, model.parameters), ad.slice(inputs, [0, 2])).slice(0, -1);
  const losses: Subject['losses'] = (p, x, y) => ad.crossEntropy(nn.apply(model.layer, p, x), y);
  return { model, images, inputs, targets, layers, losses, seed };
}

const ROWS = 1024;
const inputMoments = new WeakMap<Examples['inputs'], InputMoments>();

/** Moments of the inputs of the first layer, which pruning does not change; computed once. */
async function momentsOf({ inputs }: Examples, pause: Pause): Promise<InputMoments> {
  const known = inputMoments.get(inputs);
  if (known) return known;
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  const sums = new MomentSums(size);
  const values = inputs.values as Float32Array;
  for (let from = 0; from < values.length; from += ROWS * size) {
    sums.add(values.subarray(from, from + ROWS * size));
    await pause();
  }
  sums.end();
  inputMoments.set(inputs, sums.moments());
  return sums.moments();
}

const networkOf = (layer: nn.Layer, parameters: nn.Parameters): Network => ({
  parameters,
  apply: (p, x) => nn.apply(layer, p, x),
});

/** The seeds of the networks of a run. */
export function networkSeeds(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, k) => random.split(k).integer(2 ** 31));
}

/** Masks by the name of the parameter, in its order. */
export type Masks = Readonly<Record<string, Uint8Array>>;

export interface Judged {
  readonly loss: number;
  readonly accuracy: number;
}

/** Loss on the training examples and accuracy on the others. */
export function judge({ model, images }: Subject, parameters: nn.Parameters): Judged {
  const now = { ...model, parameters };
  return { loss: quality(now, images.train).loss, accuracy: quality(now, images.test).accuracy };
}

/** Which weights of a layer stay, and their values. */
type Choose = (layer: LayerWeights, W: DenseMatrix, moments: InputMoments) => { W: DenseMatrix; mask: Uint8Array };

/**
 * Prunes layer after layer, each on the inputs that those before it now give for the training examples; with
 * `reconstruct`, the weights that stay become those whose outputs are nearest to those of the dense layer.
 */
async function layerwise(
  { model, images, inputs, layers }: Subject,
  choose: Choose,
  reconstruct: boolean,
  pause: Pause,
): Promise<nn.Parameters> {
  const first = await momentsOf(images.train, pause);
  const batches = Array.from({ length: Math.ceil(inputs.shape[0] / ROWS) }, (_, k) =>
    ad.slice(inputs, [k * ROWS, Math.min(inputs.shape[0], (k + 1) * ROWS)]),
  );
  const parameters: Record<string, ad.Tensor> = { ...model.parameters };
  for (const [l, layer] of layers.entries()) {
    const { name } = layer;
    const network = networkOf(model.layer, parameters);
    const moments = l === 0 ? first : calibrate(network, batches, [layer], { full: true }).get(name)!;
    const dense = matrixOf(layer, model.parameters[name]);
    const { W, mask } = choose(layer, dense, moments);
    const found = reconstruct ? reconstructWeights(dense, mask, moments) : W;
    parameters[name] = ad.tensor(Float32Array.from(byRow(found.data, layer)), {
      shape: model.parameters[name].shape,
    });
    for (const used of new Set([W, dense, found])) used.free();
    if (l > 0) moments.full!.free();
    await pause();
  }
  return parameters;
}

/** Entries that are column after column, row after row. */
const byRow = (values: Float64Array, { outputs, inputs }: LayerWeights): Float64Array =>
  Float64Array.from({ length: outputs * inputs }, (_, at) => values[(at % inputs) * outputs + Math.floor(at / inputs)]);

/** Pruning by scores, or by SparseGPT, of each layer or each of its outputs. */
export const oneShot = (
  subject: Subject,
  method: PruneMethod,
  pattern: { readonly density: number; readonly scope?: 'layer' | 'row' },
  reconstruct: boolean,
  pause: Pause,
): Promise<nn.Parameters> =>
  layerwise(
    subject,
    (_, dense, moments) => {
      const { weights, mask } = pruneWeights(dense, moments, { method, pattern });
      return { W: weights, mask };
    },
    reconstruct,
    pause,
  );

/** The weights of given masks, reconstructed. */
export const reconstructed = (subject: Subject, masks: Masks, pause: Pause): Promise<nn.Parameters> =>
  layerwise(
    subject,
    ({ name, outputs, inputs }, W) => {
      const mask = Uint8Array.from(
        { length: outputs * inputs },
        (_, at) => masks[name][(at % outputs) * inputs + Math.floor(at / outputs)],
      );
      return { W, mask };
    },
    true,
    pause,
  );

export interface BlockSizes {
  readonly blockSize: number;
  readonly removed: number;
  readonly batch: number;
  readonly tabu: number;
}

export interface Pruned {
  readonly parameters: nn.Parameters;
  readonly masks: Masks;
}

/** iCBS on the training examples; `each` sees some of the steps, the first and the last among them. */
export async function pruned(
  { model, layers, losses, inputs, targets, seed }: Subject,
  { blockSize, removed, batch, tabu }: BlockSizes,
  options: PruneIterativeOptions & { readonly steps: number },
  { every, each }: { readonly every: number; readonly each: (step: number, now: Pruned) => Promise<void> },
  pause: Pause,
): Promise<Pruned> {
  const network = { parameters: model.parameters, losses };
  const sizes = { blockSize, removed, batchSize: batch, tabu };
  const names = layers.map(({ name }) => name);
  const given = { ...sizes, layers: names, seed, ...options };
  for (const { iteration, done, snapshot } of pruneIterativeIterates(network, { inputs, targets }, given)) {
    if (done || iteration % every === 0) await each(iteration, snapshot());
    if (done) return snapshot();
    await pause();
  }
  throw new Error('Pruning must say how it ended.');
}

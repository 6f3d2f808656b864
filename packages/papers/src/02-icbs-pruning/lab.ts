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
  type PruneIterativeOptions,
  type PruneMethod,
  pruneIterativeIterates,
  pruneWeights,
  reconstructWeights,
} from 'southwell/compression';
import type { Examples } from 'southwell/training';
import { type ImageSet, quality, tensorsOf, trainedPerceptron } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';

/** What a network is judged by. */
export interface Judged {
  /** What is to stay low. */
  readonly loss: number;
  /** Another measure: accuracy, cross-entropy, quality of search. */
  readonly score: number;
}

/** A trained network, some layers of which are pruned. */
export interface Subject {
  readonly model: nn.Model;
  readonly layers: readonly LayerWeights[];
  /** Examples for pruning, and the loss of each of n of them, [n]. */
  readonly inputs: ad.Tensor;
  readonly targets: ad.Tensor;
  readonly losses: LossNetwork['losses'];
  readonly seed: number;
  /** Of the inputs of a layer: those of the dense network, or of one whose earlier layers are pruned. */
  moments(layer: LayerWeights, parameters: nn.Parameters, pause: Pause): Promise<InputMoments>;
  /** With `soon`, on a part of the examples where all take long. */
  judge(parameters: nn.Parameters, soon: boolean, pause: Pause): Promise<Judged>;
}

export interface NetSizes {
  readonly hidden: readonly number[];
  readonly epochs: number;
}

/**
 * A network of images, its hidden layers pruned: biases and the last layer stay. Judged by the loss on the training
 * examples and the accuracy on the others. Its training is shared by the experiments of a run.
 */
export async function perceptron(
  { train, test }: ImageSet,
  { hidden, epochs }: NetSizes,
  seed: number,
  pause: Pause,
): Promise<Subject> {
  const widths = [train.inputs.shape.reduce((a, b) => a * b, 1), ...hidden, 10];
  const model = await trainedPerceptron(train, { widths, epochs, seed }, pause);
  const [inputs, targets] = tensorsOf(train);
  const apply = (p: nn.Parameters, x: ad.Tensor): ad.Tensor => nn.apply(model.layer, p, x);
  const layers = layersOf({ parameters: model.parameters, apply }, ad.slice(inputs, [0, 2])).slice(0, -1);
  const batches = Array.from({ length: Math.ceil(train.count / ROWS) }, (_, k) =>
    ad.slice(inputs, [k * ROWS, Math.min(train.count, (k + 1) * ROWS)]),
  );
  return {
    ...{ model, layers, inputs, targets, seed },
    losses: (p, x, y) => ad.crossEntropy(apply(p, x), y),
    async moments(layer, parameters, rest) {
      if (layer.name === layers[0].name) return momentsOf(train, rest);
      return calibrate({ parameters, apply }, batches, [layer], { full: true }).get(layer.name)!;
    },
    async judge(parameters) {
      const now = { ...model, parameters };
      return { loss: quality(now, train).loss, score: quality(now, test).accuracy };
    },
  };
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

/** The seeds of the networks of a run. */
export function networkSeeds(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, k) => random.split(k).integer(2 ** 31));
}

/** Masks by the name of the parameter, in its order. */
export type Masks = Readonly<Record<string, Uint8Array>>;

/** Which weights of a layer stay, and their values. */
type Choose = (layer: LayerWeights, W: DenseMatrix, moments: InputMoments) => { W: DenseMatrix; mask: Uint8Array };

/**
 * Prunes layer after layer; with `reconstruct`, the weights that stay become those whose outputs are nearest to those of
 * the dense layer.
 */
async function layerwise(subject: Subject, choose: Choose, reconstruct: boolean, pause: Pause): Promise<nn.Parameters> {
  const { model, layers } = subject;
  const parameters: Record<string, ad.Tensor> = { ...model.parameters };
  for (const layer of layers) {
    const { name, turned } = layer;
    const moments = await subject.moments(layer, parameters, pause);
    const dense = matrixOf(layer, model.parameters[name]);
    const { W, mask } = choose(layer, dense, moments);
    const found = reconstruct ? reconstructWeights(dense, mask, moments) : W;
    const values = turned ? found.data : byRow(found.data, layer);
    parameters[name] = ad.tensor(Float32Array.from(values), { shape: model.parameters[name].shape });
    for (const used of new Set([W, dense, found])) used.free();
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
    ({ name, outputs, inputs, turned }, W) => {
      const given = masks[name];
      const place = (at: number) => (at % outputs) * inputs + Math.floor(at / outputs);
      const mask = turned ? given : given.map((_, at) => given[place(at)]);
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

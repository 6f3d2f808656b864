import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { permutationSpec, permuteModel } from '../../merging/index.ts';
import { type CompressedWeights, compressedToDense } from '../compressed.ts';
import { type LayerWeights, layersOf, matrixOf, type Network, withMatrix } from '../networks/layers.ts';
import { packWeights } from '../networks/packed.ts';
import { type ActivationName, followingOf } from './activations.ts';
import { LayerLoss } from './layerLoss.ts';
import { CodeLearner, type LearnOptions, type LearnState } from './learner.ts';
import { orderBySpread } from './order.ts';
import { inputRows } from './rows.ts';

const records = {
  /** Bits of a weight, from 1 to 8. Default 4. */
  bits: integerOption({ min: 1, max: 8 }),
  /** Groups of the neurons of a layer; as many as it has neurons at most. Default 1. */
  groups: integerOption({ min: 1 }),
  /** `multi`: a codebook for each group (default); `scales`: one codebook, and a factor for each group. */
  variant: choiceOption({ multi: 'a codebook for each group', scales: 'one codebook, a factor for each group' }),
  /**
   * `spread`: neurons are sorted by the size of their weights where this leaves the network's function as it is, so that groups
   * have similar weights (default); `given`: they stay in their order. Groups are runs of neurons in any case.
   */
  order: choiceOption({ spread: 'by the size of their weights', given: 'as they are' }),
  /**
   * The derivative of the loss by the logits of a weight's values: `proximal` (default) pulls most to near values, `linear` and
   * `soft` to far ones; with `none` each weight keeps the value nearest to it.
   */
  mapping: choiceOption({
    proximal: 'falls with the distance',
    soft: 'of the mean under the softmax',
    linear: 'grows with the distance',
    none: 'indices stay',
  }),
  /** Whether the values of the codebooks are learned. Default true. */
  values: flagOption(),
  /**
   * The first logits: `distance`, less the distance of the weight from the value in mean gaps (default), or `index`, 1 for the
   * nearest value and 0 for the others.
   */
  start: choiceOption({ distance: 'by distance', index: 'by the nearest value alone' }),
  /** Steps for each layer. Default 200. */
  steps: integerOption({ min: 0 }),
  /** Rows of a layer's inputs in a step. Default 128. */
  batchSize: integerOption({ min: 1 }),
  /** Step of the values, in units of their mean size; falls to 0 by half a cosine, as that of the logits. Default 0.001. */
  valueRate: numberOption({ min: 0, finite: true }),
  /** Step of the logits. Default 0.03. */
  mappingRate: numberOption({ min: 0, finite: true }),
  /** The inputs on which a layer is learned: of the network compressed up to it (default), or of the dense one. */
  inputs: choiceOption({
    compressed: 'of the network compressed so far',
    dense: 'of the dense network',
  }),
  seed: seedOption(),
  /** Names of the parameters. Default: all matrices of products and convolutions, and tables. */
  layers: otherOption<readonly string[]>('a list of names'),
  /** Batches that were not used to learn, on which errors are measured. Default: those that were. */
  judge: otherOption<readonly ad.Tensor[]>('a list of batches'),
  /** A state from a checkpoint of the same call. */
  resume: otherOption<CodebooksState>('a state from a checkpoint'),
} as const;

/** A layer as places in codebooks. */
export interface CodebookLayer extends LayerWeights {
  readonly weights: Extract<CompressedWeights, { kind: 'coded' }>;
  /** What follows the layer and was part of the targets; undefined if the layer's outputs themselves were. */
  readonly activation: ActivationName | undefined;
  /**
   * Squared error of the outputs, after the activation, relative to those of the dense layer with its own inputs, on the batches
   * that judge. Of tables the error of the weights.
   */
  readonly error: number;
  /** How many weights have another value than the nearest one at the start, and how many not even a neighbour of it. */
  readonly moved: number;
  readonly movedFar: number;
}

/** A network of which matrices are places in codebooks. */
export interface CodebookNetwork {
  /** The layers that are done, in their order. */
  readonly layers: readonly CodebookLayer[];
  /** The network with the matrices that the codes stand for, its neurons in the order that the codes have. */
  readonly model: nn.Model;
  /** Bytes of these layers as they are packed. */
  readonly bytes: number;
}

/** Options of {@link compressToCodebooks}. */
export type CodebooksOptions = OptionsOf<typeof records> & RunOptions<CodebookNetwork, undefined>;

const keys: OptionKeys<CodebooksOptions> = { ...runKeys, ...keysOf(records) };

/** Everything that the next steps depend on. */
export interface CodebooksState {
  readonly done: ReadonlyArray<Omit<CodebookLayer, keyof LayerWeights> & { readonly name: string }>;
  /** Of the layer that is being learned. */
  readonly learning?: { readonly state: LearnState; readonly random: readonly number[] };
}

/** What is asked of each layer. */
interface Asked extends LearnOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly dense: boolean;
}

function askedOf(options: CodebooksOptions): Asked {
  const { bits = 4, groups = 1, variant = 'multi', mapping = 'proximal', values = true, start = 'distance' } = options;
  const { steps = 200, batchSize = 128, valueRate = 1e-3, mappingRate = 0.03, inputs, seed = 0 } = options;
  const learning = { variant, mapping, values, start, steps, valueRate, mappingRate };
  return { ...learning, bits, groups, batchSize, seed, dense: inputs === 'dense' };
}

const networkOf = ({ layer, parameters, state }: nn.Model): Network => ({
  parameters,
  apply: (p, x) => nn.apply(layer, p, x, { state }),
});

/** The network with its neurons in the order of their groups. */
function arranged(model: nn.Model, batches: readonly ad.Tensor[], options: CodebooksOptions): nn.Model {
  if ((options.groups ?? 1) === 1 || options.order === 'given') return model;
  const few = ad.slice(batches[0], [0, Math.min(8, batches[0].shape[0])]);
  const layers = chosenLayers(networkOf(model), few, options);
  checkLayers(model, layers);
  const spec = permutationSpec(model, few);
  return permuteModel(model, spec, orderBySpread(model.parameters, spec, layers));
}

function chosenLayers(
  network: Network,
  batch: ad.Tensor,
  { layers: names }: CodebooksOptions,
): readonly LayerWeights[] {
  const found = layersOf(network, batch);
  const stray = names?.find((name) => !found.some((layer) => layer.name === name));
  if (stray !== undefined)
    fail('INVALID_PARAMETER', `compressToCodebooks: '${stray}' is not a matrix that inputs are multiplied by.`);
  const chosen = found.filter(({ name }) => names?.includes(name) ?? true);
  if (chosen.length === 0)
    fail('EMPTY', 'compressToCodebooks: the network has no matrix that inputs are multiplied by.');
  return chosen;
}

/**
 * Iterates of {@link compressToCodebooks}: one for each step of each layer; `error` is that of the step's rows.
 * @throws as {@link compressToCodebooks}.
 */
export function* compressToCodebooksIterates(
  model: nn.Model,
  batches: readonly ad.Tensor[],
  options: CodebooksOptions = {},
): Generator<Iterate<CodebookNetwork, undefined>> {
  knownKeys('compressToCodebooks', options, keys);
  checkGiven(records, options);
  if (batches.length === 0 || batches[0].shape[0] === 0)
    fail('EMPTY', 'compressToCodebooks needs at least one batch of examples, to see what the network computes.');
  const asked = askedOf(options);
  const { resume } = options;
  const original = arranged(model, batches, options);
  const dense = networkOf(original);
  const layers = chosenLayers(dense, batches[0], options);
  checkLayers(original, layers);
  const following = followingOf(dense, batches[0], layers);
  const parameters: Record<string, ad.Tensor> = { ...original.parameters };
  const done: CodebookLayer[] = [];
  const put = (layer: LayerWeights, made: Omit<CodebookLayer, keyof LayerWeights>): void => {
    const W = compressedToDense(made.weights);
    parameters[layer.name] = withMatrix(layer, original.parameters[layer.name], W);
    W.free();
    done.push({ ...layer, ...made });
  };
  for (const { name, ...made } of resume?.done ?? []) {
    const layer = layers[done.length];
    if (layer?.name !== name)
      fail('INVALID_PARAMETER', 'compressToCodebooks: the checkpoint is one of another network.');
    put(layer, made);
  }
  const iterate = (error?: number, at?: Learning): Iterate<CodebookNetwork, undefined> => ({
    iteration: done.length * asked.steps + (at?.learner.steps ?? 0),
    objective: undefined,
    metrics: {
      layers: layers.length,
      done: done.length + (at ? at.learner.steps / asked.steps : 0),
      ...(error !== undefined && { error }),
    },
    work: { epochs: done.length },
    ...(done.length === layers.length ? { done: 'completed' as const } : {}),
    snapshot: () => ({
      layers: [...done],
      model: { ...original, parameters: { ...parameters } },
      bytes: done.reduce((sum, { weights }) => sum + ad.packedBytes(packWeights(weights)), 0),
    }),
    checkpoint: (): CodebooksState => ({
      done: done.map(({ name, weights, activation, error: e, moved, movedFar }) => {
        return { name, weights, activation, error: e, moved, movedFar };
      }),
      ...(at && { learning: { state: at.learner.state(), random: at.random.state() } }),
    }),
  });
  let from = resume?.learning;
  yield iterate();
  while (done.length < layers.length) {
    const layer = layers[done.length];
    const W = matrixOf(layer, original.parameters[layer.name]);
    const own = { ...asked, groups: Math.min(asked.groups, layer.outputs) };
    if (layer.use === 'table') put(layer, tableOf(W, own));
    else {
      // Up to the first compressed layer both networks have the same inputs.
      const compressed = { ...dense, parameters: asked.dense || done.length === 0 ? dense.parameters : parameters };
      const lossOn = (some: readonly ad.Tensor[]): LayerLoss => {
        const wanted = inputRows(dense, some, layer);
        const given = compressed.parameters === dense.parameters ? wanted : inputRows(compressed, some, layer);
        return new LayerLoss(W, wanted, given, following.get(layer.name) ?? {}, asked.batchSize);
      };
      const loss = lossOn(batches);
      const random = new Random(asked.seed).split(done.length);
      if (from) random.restore(from.random);
      const at: Learning = { loss, random, learner: new CodeLearner(W, own, from?.state) };
      from = undefined;
      for (const error of steps(at, asked)) yield iterate(error, at);
      const judge = options.judge ? lossOn(options.judge) : loss;
      put(layer, {
        ...coded(at.learner),
        activation: following.get(layer.name)?.activation,
        error: errorOf(judge, at),
      });
      for (const used of new Set([loss, judge])) used.free();
    }
    W.free();
    yield iterate();
  }
}

/** A layer that is being learned. */
interface Learning {
  readonly loss: LayerLoss;
  readonly random: Random;
  readonly learner: CodeLearner;
}

/** Learns a layer; yields the error of each step's rows after it. */
function* steps({ loss, random, learner }: Learning, asked: Asked): Generator<number> {
  if (asked.mapping === 'none' && !asked.values) return;
  const [weights, slope] = [loss.matrix(), loss.matrix()];
  const rows = Int32Array.from({ length: Math.min(asked.batchSize, loss.count) }, (_, r) => r);
  try {
    while (learner.steps < asked.steps) {
      if (rows.length < loss.count) for (let r = 0; r < rows.length; r++) rows[r] = random.integer(loss.count);
      learner.weights(weights);
      const error = loss.slope(weights, rows, slope);
      learner.learn(slope);
      if (learner.steps < asked.steps) yield error;
    }
  } finally {
    weights.free();
    slope.free();
  }
}

function errorOf(loss: LayerLoss, { learner }: Learning): number {
  const weights = loss.matrix();
  learner.weights(weights);
  const error = loss.error(weights);
  weights.free();
  return error;
}

function coded(learner: CodeLearner): Pick<CodebookLayer, 'weights' | 'moved' | 'movedFar'> {
  const { codes, moved, movedFar } = learner.codes();
  return { weights: { kind: 'coded', codes }, moved, movedFar };
}

/** A table, whose rows are looked up: k-means is what learning would come to. */
function tableOf(W: DenseMatrix, asked: Asked): Omit<CodebookLayer, keyof LayerWeights> {
  const made = coded(new CodeLearner(W, { ...asked, mapping: 'none' }));
  const approximation = compressedToDense(made.weights);
  let [above, below] = [0, 0];
  const [a, b] = [W.data, approximation.data];
  for (let i = 0; i < a.length; i++) {
    above += (a[i] - b[i]) ** 2;
    below += a[i] * a[i];
  }
  approximation.free();
  return { ...made, activation: undefined, error: below === 0 ? 0 : above / below };
}

/** @throws NON_FINITE, with the layer. */
function checkLayers({ parameters }: nn.Model, layers: readonly LayerWeights[]): void {
  for (const { name } of layers) {
    const data = parameters[name].data();
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i])) fail('NON_FINITE', `compressToCodebooks: weight ${i} of '${name}' is ${data[i]}.`);
  }
}

/**
 * Replaces every weight of a network's matrices by its place in a codebook, and learns the values of the codebooks and the place of every
 * weight together (JLCM, arXiv 2309.17361, reconstructed from its description): layer by layer in the order of computation, by
 * Adam on the squared difference of the layer's outputs from those of the dense network. Outputs are those after the activation
 * that follows, if it is one of relu, tanh, sigmoid, silu and gelu; otherwise those of the product. A layer's inputs are those
 * that the compressed layers before it give. Groups of neurons with codebooks or scales of their own cost no index for each
 * neuron, since neurons are re-ordered, and with them the weights that read them. A step costs two products of the weights with
 * its rows and O(2^bits) for each weight; memory is 2·2^bits numbers for each weight of one layer.
 * @throws INVALID_PARAMETER for unknown options, values out of range and names of no layer; EMPTY without batches or layers;
 * NON_FINITE for weights or inputs of layers that are NaN or infinite; as the network, and with groups as `permutationSpec`.
 */
export function compressToCodebooks(
  model: nn.Model,
  batches: readonly ad.Tensor[],
  options: CodebooksOptions = {},
): Solution<CodebookNetwork, undefined> {
  return run(
    compressToCodebooksIterates(model, batches, options),
    only<RunOptions<CodebookNetwork, undefined>>(options, runKeys),
  );
}

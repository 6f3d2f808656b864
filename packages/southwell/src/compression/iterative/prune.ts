import type { Parameters } from '@southwell/autodiff/nn';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
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
import { type BinaryPoint, minimizeBinaryQuadratic } from '../binaryQuadratic.ts';
import { gradientsOf, hessianOf, productsOf } from './derivatives.ts';
import { type ModelOptions, quadraticModel } from './quadratic.ts';
import { type Batch, type LossExamples, type LossNetwork, type PrunableLayer, Pruning, SCORES } from './state.ts';

/** Chooses k of the variables of a binary quadratic problem. */
export type SolveBlock = (Q: DenseMatrix, k: number, options: { readonly seed: number }) => BinaryPoint;

const records = {
  /** Share of the weights of each layer that stay. Default 0.5. */
  density: numberOption({ min: 0, max: 1 }),
  /** Weights of a block. Default 512. */
  blockSize: integerOption({ min: 2 }),
  /** Weights of a block that are removed ones at first, as far as there are so many. Default half of it. */
  removed: integerOption({ min: 1 }),
  /** By what the first weights are removed. Default `wanda`. */
  init: choiceOption(SCORES),
  /** By what the weights of a block are chosen: the most important removed and the least important kept ones. Default `wanda`. */
  select: choiceOption(SCORES),
  /** Factor of the gradient in the model of the loss. Default 1. */
  alpha: numberOption({ min: 0, finite: true }),
  /** Factor of the squared length of a step. Default 0. */
  ridge: numberOption({ min: 0, finite: true }),
  /** Share of a layer's weights that stay out of blocks after they have been in one. Default 0.3. */
  tabu: numberOption({ min: 0, max: 1 }),
  /**
   * `gradients`: mean of products of the gradients of examples (default); `diagonal`: the diagonal of it alone; `exact`: second
   * derivatives of the mean loss.
   */
  curvature: choiceOption({
    gradients: 'products of gradients',
    diagonal: 'their squares',
    exact: 'second derivatives',
  }),
  /** Whether a step is taken whatever it does (default), or only if the loss of its examples does not rise. */
  accept: choiceOption({ always: 'always', lower: 'unless the loss of the batch rises' }),
  /** Blocks. Default 150. */
  steps: integerOption({ min: 0 }),
  /** Examples of a step. Default 1024. */
  batchSize: integerOption({ min: 1 }),
  seed: seedOption(),
  /** Solves the problem of a block, least x'Qx over x of zeros and k ones. Default: `minimizeBinaryQuadratic`. */
  solve: otherOption<SolveBlock>('a function'),
  /** Names of the layers' parameters. Default: all matrices of products and convolutions. */
  layers: otherOption<readonly string[]>('a list of names'),
  /** A state from a checkpoint of the same call. */
  resume: otherOption<PruneState>('a state from a checkpoint'),
} as const;

/** A network of which weights were removed. */
export interface PrunedNetwork {
  readonly parameters: Parameters;
  /** 1 where a weight stays, in the order of the parameter. */
  readonly masks: Readonly<Record<string, Uint8Array>>;
  /** Share of the weights of these layers that stay. */
  readonly density: number;
}

/** Options of {@link pruneIterative}. */
export type PruneIterativeOptions = OptionsOf<typeof records> & RunOptions<PrunedNetwork>;

const keys: OptionKeys<PruneIterativeOptions> = { ...runKeys, ...keysOf(records) };

/** Everything that the next steps depend on. */
export interface PruneState {
  readonly step: number;
  readonly masks: ReadonlyArray<Uint8Array>;
  readonly tabu: ReadonlyArray<readonly number[]>;
  readonly random: readonly number[];
}

/**
 * Iterates of {@link pruneIterative}: the loss of the batch after each step; the first is that of the first choice.
 * @throws as {@link pruneIterative}.
 */
export function* pruneIterativeIterates(
  network: LossNetwork,
  examples: LossExamples,
  options: PruneIterativeOptions = {},
): Generator<Iterate<PrunedNetwork>> {
  knownKeys('pruneIterative', options, keys);
  checkGiven(records, options);
  const { density = 0.5, blockSize = 512, init = 'wanda', select = 'wanda', alpha = 1, ridge = 0 } = options;
  const {
    tabu = 0.3,
    curvature = 'gradients',
    accept = 'always',
    steps = 150,
    batchSize = 1024,
    seed = 0,
    resume,
    solve = minimizeBinaryQuadratic,
  } = options;
  const removed = Math.min(options.removed ?? Math.floor(blockSize / 2), blockSize);
  const random = new Random(seed);
  const pruning = new Pruning(network, examples, random, batchSize, options.layers);
  const { layers, parameters } = pruning;
  if (resume) restore(layers, random, resume);
  else pruning.start(init, density);
  for (const layer of layers) pruning.put(layer);
  let loss = pruning.loss(pruning.first);
  let predicted = 0;
  for (let step = resume?.step ?? 0; ; step++) {
    yield {
      iteration: step,
      objective: loss,
      metrics: { predicted },
      work: { epochs: step * pruning.share },
      ...(step >= steps ? { done: 'completed' as const } : {}),
      snapshot: () => prunedOf(parameters, layers),
      checkpoint: (): PruneState => ({
        step,
        masks: layers.map(({ mask }) => mask.slice()),
        tabu: layers.map((layer) => [...layer.tabu]),
        random: random.state(),
      }),
    };
    if (step >= steps) return;
    const layer = chosenLayer(layers, random);
    const batch = pruning.batch();
    const [scores] = pruning.scores([layer], select, batch);
    const block = blockOf(layer, scores, { blockSize, removed });
    const before = accept === 'lower' ? pruning.loss(batch) : Number.POSITIVE_INFINITY;
    const masked = block.map((i) => layer.mask[i]);
    const drawn = Math.floor(random.uniform() * 2 ** 31);
    const choice = decide(pruning, layer, batch, block, { alpha, ridge, curvature, seed: drawn, solve });
    predicted = choice.predicted;
    const set = (values: ArrayLike<number>): void => {
      block.forEach((i, k) => {
        layer.mask[i] = values[k];
      });
      pruning.put(layer);
    };
    set(choice.mask);
    loss = pruning.loss(batch);
    if (loss > before) {
      set(masked);
      loss = before;
    }
    layer.tabu.push(...block);
    const most = Math.round(tabu * layer.mask.length);
    if (layer.tabu.length > most) layer.tabu = layer.tabu.slice(layer.tabu.length - most);
  }
}

function restore(layers: readonly PrunableLayer[], random: Random, { masks, tabu, random: state }: PruneState): void {
  for (const [i, layer] of layers.entries()) {
    if (masks[i]?.length !== layer.mask.length)
      fail('INVALID_PARAMETER', 'pruneIterative: the checkpoint is one of another network.');
    layer.mask.set(masks[i]);
    layer.tabu = [...tabu[i]];
  }
  random.restore(state);
}

/** The best mask of a block in the model, with as many weights removed as now. */
function decide(
  { network, parameters }: Pruning,
  layer: PrunableLayer,
  batch: Batch,
  block: readonly number[],
  how: ModelOptions & {
    readonly curvature: 'gradients' | 'diagonal' | 'exact';
    readonly seed: number;
    readonly solve: SolveBlock;
  },
): { readonly mask: ArrayLike<number>; readonly predicted: number } {
  const masked = block.map((i) => layer.mask[i]);
  const out = masked.filter((m) => m === 0).length;
  if (out === 0 || out === block.length) return { mask: masked, predicted: 0 };
  const { all, mean } = gradientsOf(network, parameters, layer, batch, block);
  const curvature =
    how.curvature === 'exact' ? hessianOf(network, parameters, layer, batch, block) : productsOf(all, how.curvature);
  const original = Float64Array.from(block, (i) => layer.original[i]);
  const current = original.map((w, k) => w * masked[k]);
  const { Q, constant } = quadraticModel({ original, current, gradient: mean, curvature }, how);
  const { x, value } = how.solve(Q, out, { seed: how.seed });
  for (const used of [Q, curvature, all]) used.free();
  return { mask: x.map((one) => 1 - one), predicted: constant + value };
}

function prunedOf(parameters: Parameters, layers: readonly PrunableLayer[]): PrunedNetwork {
  const [kept, all] = layers.reduce(
    ([a, b], { mask }) => [a + mask.reduce((s, m) => s + m, 0), b + mask.length],
    [0, 0],
  );
  return {
    parameters: { ...parameters },
    masks: Object.fromEntries(layers.map(({ name, mask }) => [name, mask.slice()])),
    density: kept / all,
  };
}

/** A layer, with a probability proportional to the logarithm of its size. */
function chosenLayer(layers: readonly PrunableLayer[], random: Random): PrunableLayer {
  const sizes = layers.map(({ mask }) => Math.log(mask.length));
  let left = random.uniform() * sizes.reduce((a, b) => a + b, 0);
  return layers.find((_, i) => (left -= sizes[i]) < 0) ?? layers[layers.length - 1];
}

/** The removed weights of greatest score and the kept ones of least, without those that were in a block lately. */
function blockOf(
  { mask, tabu }: PrunableLayer,
  scores: Float64Array,
  sizes: { readonly blockSize: number; readonly removed: number },
): number[] {
  const { blockSize, removed } = sizes;
  // If too few are left, all may be chosen.
  const lately = mask.length - tabu.length < blockSize ? new Set<number>() : new Set(tabu);
  const free = Array.from(mask.keys()).filter((i) => !lately.has(i));
  const out = free.filter((i) => mask[i] === 0).sort((a, b) => scores[b] - scores[a] || a - b);
  const kept = free.filter((i) => mask[i] === 1).sort((a, b) => scores[a] - scores[b] || a - b);
  return [...out.slice(0, removed), ...kept.slice(0, blockSize - removed)].sort((a, b) => a - b);
}

/**
 * Removes weights of a trained network without training it again (iCBS, arXiv 2411.17796): a first choice by scores, then block by
 * block of one layer the choice of least loss in a second-order model at the present network, among those with as many weights
 * removed. Kept weights have their values. The loss of a step's examples may rise unless `accept` is `lower`. Each step costs the
 * gradients of its examples, O(examples·blockSize²) and the annealing.
 * @throws INVALID_PARAMETER for unknown options, values out of range and names of no layer; INVALID_SHAPE if inputs and targets are not
 * as many; EMPTY without layers; NON_FINITE for weights that are NaN or infinite; as the network.
 */
export function pruneIterative(
  network: LossNetwork,
  examples: LossExamples,
  options: PruneIterativeOptions = {},
): Solution<PrunedNetwork> {
  return run(pruneIterativeIterates(network, examples, options), only<RunOptions<PrunedNetwork>>(options, runKeys));
}

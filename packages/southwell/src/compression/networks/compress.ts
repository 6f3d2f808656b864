import type { Tensor } from '@southwell/autodiff';
import { type Parameters, parameterBytes } from '@southwell/autodiff/nn';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  checkOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { type CompressedWeights, compressedToDense } from '../compressed.ts';
import { type CompressionMethod, compressionMethods, type Settings } from '../methods.ts';
import type { InputMoments } from '../moments.ts';
import { outputError } from '../reconstruct.ts';
import { refit } from '../refit.ts';
import { budgetSettings } from './budget.ts';
import { calibrate } from './calibrate.ts';
import { type LayerWeights, layersOf, matrixOf, type Network, withMatrix } from './layers.ts';
import { compressRecords, patternOf } from './records.ts';

/** A layer as it was compressed. */
export interface CompressedLayer extends LayerWeights {
  readonly weights: CompressedWeights;
  /**
   * The squared error of its outputs relative to the outputs, for the inputs that the dense network has on the batches that judge,
   * or of its weights if it is a table or there are no batches.
   */
  readonly error: number;
}

/** A network of which some parameters are compressed. */
export interface CompressedNetwork {
  /** The layers that are, in their order. */
  readonly layers: readonly CompressedLayer[];
  /** Matrices that were left as they are, and why. */
  readonly kept: ReadonlyArray<{ readonly layer: LayerWeights; readonly why: string }>;
  /** All parameters, those of compressed layers as the dense matrices that they stand for. */
  readonly parameters: Parameters;
}

/** Options of {@link compressNetwork}. */
export type CompressOptions<B> = OptionsOf<typeof compressRecords> &
  RunOptions<CompressedNetwork, undefined> & {
    /** Batches that were not used to calibrate, on which errors are measured. Default: those that were. */
    readonly judge?: readonly B[];
    /** Layers that stay as they are, by the names of their parameters. */
    readonly keep?: (name: string) => boolean;
    /**
     * Bytes that all parameters may take, those of compressed layers as they are packed: bits or densities are then chosen for each
     * layer, by the loss of the network's outputs if it alone is compressed.
     */
    readonly budget?: number;
    /** Of `icbs`: 1 where a weight stays, in the order of the parameter, such as from `pruneIterative`; layers without stay as they are. */
    readonly masks?: Readonly<Record<string, Uint8Array>>;
    /** A state from a checkpoint of the same call. */
    readonly resume?: CompressState;
  };

/** The layers that are done. */
export interface CompressState {
  /** Settings of each layer, if they were chosen for a budget. */
  readonly settings?: ReadonlyArray<readonly [name: string, settings: Partial<Settings>]>;
  readonly done: ReadonlyArray<{ readonly name: string; readonly weights: CompressedWeights; readonly error: number }>;
}

const keys: OptionKeys<CompressOptions<never>> = {
  ...keysOf(compressRecords),
  ...runKeys,
  ...{ judge: true, keep: true, budget: true, masks: true, resume: true },
};

/** Settings of all layers, with defaults. */
export function settingsOf(options: OptionsOf<typeof compressRecords>): Settings {
  const { bits = 4, groups = 1, blockSize = 32, steps = 600, seed = 0 } = options;
  return { bits, groups, blockSize, steps, seed, pattern: patternOf(options) };
}

/** Why a layer stays as it is; undefined if it is compressed. */
function reasonToKeep(
  { use, name, inputs }: LayerWeights,
  method: CompressionMethod,
  { keep, masks }: Pick<CompressOptions<never>, 'keep' | 'masks'>,
): string | undefined {
  if (keep?.(name)) return 'as asked';
  if (use === 'table' && method.makes === 'zeros') return 'its rows are looked up, and not multiplied by inputs';
  if (inputs < 4 && method.makes === 'zeros') return `it has only ${inputs} inputs`;
  if (masks && !Object.hasOwn(masks, name)) return 'it has no mask';
  return undefined;
}

/**
 * Iterates of {@link compressNetwork}: one for each layer that is done, and within layers whose method takes steps.
 * @throws as {@link compressNetwork}.
 */
export function* compressNetworkIterates<B>(
  network: Network<B>,
  batches: readonly B[],
  options: CompressOptions<B>,
): Generator<Iterate<CompressedNetwork, undefined>> {
  const { judge = batches, keep, budget, masks, resume, reconstruct = false } = options;
  knownKeys('compressNetwork', options, keys);
  checkOption('method', compressRecords.method, options.method);
  checkGiven(compressRecords, options);
  if (budget !== undefined && !(budget > 0))
    fail('INVALID_PARAMETER', `compressNetwork: budget must be a number of bytes above 0, not ${budget}.`);
  const method: CompressionMethod = compressionMethods[options.method!];
  const settings = settingsOf(options);
  if (batches.length === 0)
    fail('EMPTY', 'compressNetwork needs at least one batch, to see what the network computes.');
  const all = layersOf(network, batches[0]);
  const kept = all.flatMap((layer) => {
    const why = reasonToKeep(layer, method, { keep, masks });
    return why === undefined ? [] : [{ layer, why }];
  });
  const layers = all.filter((layer) => !kept.some((one) => one.layer === layer));
  if (layers.length === 0)
    fail(
      'EMPTY',
      `The network has no matrix to compress: ${kept.map(({ layer, why }) => `'${layer.name}' (${why})`).join(', ') || 'none is multiplied by inputs'}.`,
    );
  const needed = reconstruct ? 'full' : method.moments;
  const sequential = options.inputs !== 'dense';

  let chosen: ReadonlyMap<string, Partial<Settings>> | undefined = resume?.settings && new Map(resume.settings);
  const parameters: Record<string, Tensor> = { ...network.parameters };
  const done: CompressedLayer[] = [];
  const put = (layer: LayerWeights, weights: CompressedWeights, error: number): void => {
    const W = compressedToDense(weights);
    parameters[layer.name] = withMatrix(layer, network.parameters[layer.name], W);
    W.free();
    done.push({ ...layer, weights, error });
  };
  for (const { name, weights, error } of resume?.done ?? []) {
    const layer = layers[done.length];
    if (layer?.name !== name) fail('INVALID_PARAMETER', 'compressNetwork: the checkpoint is one of another network.');
    put(layer, weights, error);
  }
  const iterate = (part: number): Iterate<CompressedNetwork, undefined> => ({
    iteration: done.length,
    objective: undefined,
    metrics: { layers: layers.length, done: done.length + part },
    work: { epochs: done.length },
    ...(done.length === layers.length ? { done: 'completed' as const } : {}),
    snapshot: () => ({ layers: [...done], kept, parameters: { ...parameters } }),
    checkpoint: (): CompressState => ({
      ...(chosen && { settings: [...chosen] }),
      done: done.map(({ name, weights, error }) => ({ name, weights, error })),
    }),
  });

  yield iterate(0);
  if (budget !== undefined && !chosen) {
    const others = parameterBytes(network.parameters) - layers.reduce((n, l) => n + 4 * l.outputs * l.inputs, 0);
    const search = { method: options.method!, settings, reconstruct, bytes: budget - others };
    const steps = budgetSettings(network, batches, layers, search);
    let step = steps.next();
    for (; !step.done; step = steps.next()) yield iterate(0);
    chosen = step.value;
    yield iterate(0);
  }
  while (done.length < layers.length) {
    const some = together(layers.slice(done.length), sequential);
    const full = needed === 'full';
    const from = sequential ? { ...network, parameters } : network;
    const moments = needed === 'none' ? new Map<string, InputMoments>() : calibrate(from, batches, some, { full });
    const judged = calibrate(network, judge, some, { full: true });
    for (const layer of some) {
      const W = matrixOf(layer, network.parameters[layer.name]);
      const own = moments.get(layer.name);
      const mask = masks && { mask: columnsOf(layer, masks[layer.name]) };
      const made = method.compress(W, { ...settings, ...chosen?.get(layer.name), ...mask }, own);
      let found: CompressedWeights;
      if ('kind' in made) found = made;
      else {
        let step = made.next();
        for (; !step.done; step = made.next()) yield iterate(step.value);
        found = step.value;
      }
      const weights = reconstruct && own ? refit(W, found, own) : found;
      const approximation = compressedToDense(weights);
      const seen = judged.get(layer.name);
      put(layer, weights, seen ? outputError(W, approximation, seen) : weightError(W, approximation));
      approximation.free();
      W.free();
      yield iterate(0);
    }
    freeAll([...moments.values(), ...judged.values()]);
  }
}

/** A mask in the order of the parameter, as one of the matrix. */
function columnsOf({ name, outputs, inputs, turned }: LayerWeights, mask: Uint8Array): Uint8Array {
  if (mask.length !== outputs * inputs)
    fail(
      'INVALID_SHAPE',
      `compressNetwork: a mask of ${mask.length} places does not fit '${name}' of ${outputs} × ${inputs}.`,
    );
  return turned ? mask : mask.map((_, at) => mask[(at % outputs) * inputs + Math.floor(at / outputs)]);
}

/** Numbers of moments that are kept at a time. */
const MOST = 1 << 26;

/** The next layers whose moments come from the same run: those with the same inputs, or as many as there is room for. */
function together(left: readonly LayerWeights[], sequential: boolean): readonly LayerWeights[] {
  const [first] = left;
  let [count, room] = [1, MOST - first.inputs ** 2];
  while (count < left.length) {
    const next = left[count];
    if (sequential ? next.source !== first.source : (room -= next.inputs ** 2) < 0) break;
    count++;
  }
  return left.slice(0, count);
}

function freeAll(moments: readonly InputMoments[]): void {
  for (const used of new Set(moments.map(({ full }) => full))) used?.free();
}

/** ‖W − Ŵ‖²/‖W‖², 0 for weights of 0. */
function weightError(W: DenseMatrix, approximation: DenseMatrix): number {
  let [above, below] = [0, 0];
  W.data.forEach((w, i) => {
    above += (w - approximation.data[i]) ** 2;
    below += w * w;
  });
  return below === 0 ? 0 : above / below;
}

/**
 * Compresses the matrices of a network, layer by layer in the order of computation. Moments of a layer's inputs are those of the
 * network whose earlier layers are compressed already, or of the dense one. Methods that prune leave tables as they are. Costs
 * two applications of the network up to each layer for each batch, besides the method.
 * @throws INVALID_PARAMETER for unknown options and values out of range; EMPTY without batches, or if no parameter is a matrix;
 * INVALID_SHAPE for masks of another size; NON_FINITE for weights or inputs of layers that are NaN or infinite; as the network.
 */
export function compressNetwork<B>(
  network: Network<B>,
  batches: readonly B[],
  options: CompressOptions<B>,
): Solution<CompressedNetwork, undefined> {
  return run(
    compressNetworkIterates(network, batches, options),
    only<RunOptions<CompressedNetwork, undefined>>(options, runKeys),
  );
}

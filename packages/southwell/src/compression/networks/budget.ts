import { packedBytes } from '@southwell/autodiff';
import { fail } from '@southwell/numerics/core';
import { type CompressedWeights, compressedToDense } from '../compressed.ts';
import { type CompressionMethod, type CompressionMethodName, compressionMethods, type Settings } from '../methods.ts';
import { refit } from '../refit.ts';
import { calibrate } from './calibrate.ts';
import { type LayerWeights, matrixOf, type Network, withMatrix } from './layers.ts';
import { packWeights } from './packed.ts';

/** Bits and densities that are tried. */
const BITS = [2, 3, 4, 5, 6, 8] as const;
const DENSITIES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;

/** What a layer costs with some settings. */
interface Choice {
  readonly settings: Partial<Settings>;
  readonly bytes: number;
  /** Squared error of the network's outputs if only this layer is compressed, relative to their squares. */
  readonly loss: number;
}

/** What {@link budgetSettings} is told. */
export interface BudgetOptions {
  readonly method: CompressionMethodName;
  readonly settings: Settings;
  readonly reconstruct: boolean;
  /** Bytes that these layers may take together. */
  readonly bytes: number;
}

/**
 * Settings for each layer so that all together take at most so many bytes: bits of methods that quantise, densities of those that
 * prune. Each layer is compressed with each setting by itself, and the loss of the network's outputs measured; of the lower convex
 * hull of each layer's losses over bytes, the steps of steepest descent are taken while they fit. Yields the share of the work that
 * is done. Costs an application of the network for each layer, setting and batch.
 * @throws INVALID_PARAMETER if even the smallest settings need more, with what they need, and for methods without settings of size.
 */
export function* budgetSettings<B>(
  network: Network<B>,
  batches: readonly B[],
  layers: readonly LayerWeights[],
  { method: name, settings, reconstruct, bytes }: BudgetOptions,
): Generator<number, ReadonlyMap<string, Partial<Settings>>> {
  const method: CompressionMethod = compressionMethods[name];
  const tried: ReadonlyArray<Partial<Settings>> = method.reads.includes('bits')
    ? BITS.map((bits) => ({ bits }))
    : method.reads.includes('pattern') && 'density' in settings.pattern
      ? DENSITIES.map((density) => ({ pattern: { density } }))
      : fail('INVALID_PARAMETER', `A budget needs a method with bits or densities to choose; ${name} has none here.`);
  const dense = batches.map((batch) => network.apply(network.parameters, batch).data());
  const lossOf = (layer: LayerWeights, weights: CompressedWeights): number => {
    const W = compressedToDense(weights);
    const parameters = { ...network.parameters, [layer.name]: withMatrix(layer, network.parameters[layer.name], W) };
    W.free();
    let [above, below] = [0, 0];
    batches.forEach((batch, b) => {
      const y = network.apply(parameters, batch).data();
      for (let i = 0; i < y.length; i++) {
        above += (y[i] - dense[b][i]) ** 2;
        below += dense[b][i] ** 2;
      }
    });
    return below === 0 ? 0 : above / below;
  };
  const hulls: Choice[][] = [];
  let done = 0;
  for (const layer of layers) {
    const full = reconstruct || method.moments === 'full';
    const moments =
      method.moments === 'none' && !reconstruct
        ? undefined
        : calibrate(network, batches, [layer], { full }).get(layer.name);
    const W = matrixOf(layer, network.parameters[layer.name]);
    const choices: Choice[] = [];
    for (const own of tried) {
      const made = method.compress(W, { ...settings, ...own }, moments);
      if (!('kind' in made))
        return fail('NOT_SUPPORTED', `The method ${name} takes too long to be tried for a budget.`);
      const weights = reconstruct && moments ? refit(W, made, moments) : made;
      choices.push({ settings: own, bytes: packedBytes(packWeights(weights)), loss: lossOf(layer, weights) });
      yield ++done / (layers.length * tried.length);
    }
    W.free();
    moments?.full?.free();
    hulls.push(lowerHull(choices));
  }
  const chosen = spend(hulls, bytes);
  return new Map(layers.map(({ name: layer }, i) => [layer, hulls[i][chosen[i]].settings]));
}

/** The choices that are on the lower convex hull of loss over bytes, by bytes: only these are ever best. */
export function lowerHull(choices: readonly Choice[]): Choice[] {
  const hull: Choice[] = [];
  const slope = (a: Choice, b: Choice): number => (b.loss - a.loss) / (b.bytes - a.bytes);
  for (const next of choices.toSorted((a, b) => a.bytes - b.bytes || a.loss - b.loss)) {
    if (hull.length > 0 && (next.bytes === hull.at(-1)!.bytes || next.loss >= hull.at(-1)!.loss)) continue;
    while (hull.length > 1 && slope(hull.at(-2)!, hull.at(-1)!) >= slope(hull.at(-1)!, next)) hull.pop();
    hull.push(next);
  }
  return hull;
}

/** The place on each hull: steps by the loss that a byte saves, while they fit. */
function spend(hulls: ReadonlyArray<readonly Choice[]>, bytes: number): number[] {
  const at = hulls.map(() => 0);
  let left = bytes - hulls.reduce((sum, hull) => sum + hull[0].bytes, 0);
  if (left < 0)
    fail(
      'INVALID_PARAMETER',
      `The budget leaves ${Math.max(0, Math.floor(bytes))} bytes for the layers, but they need at least ${Math.ceil(bytes - left)} with this method.`,
    );
  for (;;) {
    let [best, gain] = [-1, 0];
    hulls.forEach((hull, i) => {
      const next = hull[at[i] + 1];
      if (!next) return;
      const here = hull[at[i]];
      const own = (here.loss - next.loss) / (next.bytes - here.bytes);
      if (next.bytes - here.bytes <= left && own > gain) [best, gain] = [i, own];
    });
    if (best < 0) return at;
    left -= hulls[best][at[best] + 1].bytes - hulls[best][at[best]].bytes;
    at[best]++;
  }
}

import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';

/** A contiguous range of weights of which some are active at a time, such as those of a layer. */
export interface ZoLayer {
  /** Index of the first weight, from 0, and one past the last. */
  readonly from: number;
  readonly to: number;
  /** Number of active weights. */
  readonly active: number;
}
const layerKeys: OptionKeys<ZoLayer> = { from: true, to: true, active: true };

/**
 * The active coordinates of one interval: in each layer a number of weights, uniformly at random, and all that belong
 * to no layer (biases). In ascending order; the same for the same seed and interval. O(size).
 * @throws INVALID_PARAMETER for layers that overlap, or have fewer weights than the number of active ones.
 */
export function drawActive(size: number, layers: readonly ZoLayer[], seed: number, interval: number): Int32Array {
  checkLayers(size, layers);
  const random = new Random(seed).split(interval);
  const active = new Uint8Array(size).fill(1);
  layers.forEach(({ from, to, active: count }, l) => {
    active.fill(0, from, to);
    for (const k of random.split(l).sample(to - from, count)) active[from + k] = 1;
  });
  const out: number[] = [];
  for (let j = 0; j < size; j++) if (active[j]) out.push(j);
  return Int32Array.from(out);
}

/** @throws INVALID_PARAMETER. */
export function checkLayers(size: number, layers: readonly ZoLayer[]): void {
  const seen = new Uint8Array(size);
  layers.forEach((layer, l) => {
    knownKeys(`Layer ${l + 1}`, layer, layerKeys);
    const { from, to, active } = layer;
    wholeNumber(`The first weight of layer ${l + 1}`, from, 0, size);
    wholeNumber(`The end of layer ${l + 1}`, to, from, size);
    wholeNumber(`The active weights of layer ${l + 1}`, active, 0, to - from);
    for (let j = from; j < to; j++)
      if (seen[j]++) fail('INVALID_PARAMETER', `Coordinate ${j} belongs to layer ${l + 1} and to an earlier one.`);
  });
}

/** A layer whose number of active weights has not been determined yet. */
export interface WeightsOf {
  readonly from: number;
  readonly to: number;
  /**
   * Minimum number of active weights, such as one for each unit of output, since layers without any are never trained.
   * Default 1.
   */
  readonly least?: number;
}

/**
 * The number of active weights of each layer at a given sparsity, by scores: of all weights the fraction 1 − sparsity
 * with the largest |score| over all layers (Chen et al. 2023 use only the resulting ratios, not the selected weights).
 * Layers below their minimum take weights from the layer with the largest surplus. O(d log d).
 * @throws INVALID_PARAMETER for a sparsity outside [0, 1); NON_FINITE for scores that are not finite.
 */
export function layersByScores(scores: ArrayLike<number>, layers: readonly WeightsOf[], sparsity: number): ZoLayer[] {
  checkSparsity(sparsity);
  checkLayers(
    scores.length,
    layers.map(({ from, to }) => ({ from, to, active: 0 })),
  );
  const all = layers.flatMap(({ from, to }, l) => Array.from({ length: to - from }, (_, k) => [from + k, l] as const));
  for (const [j] of all)
    if (!Number.isFinite(scores[j])) fail('NON_FINITE', `The score of coordinate ${j} is ${scores[j]}.`);
  all.sort(([a], [b]) => Math.abs(scores[b]) - Math.abs(scores[a]) || a - b);
  const counts = layers.map(() => 0);
  for (const [, l] of all.slice(0, Math.round((1 - sparsity) * all.length))) counts[l]++;
  return raised(layers, counts);
}

/**
 * The number of active weights of each layer by given ratios: `ratios` are the fractions that are inactive, one for
 * each layer, or one for all. O(layers).
 * @throws INVALID_PARAMETER.
 */
export function layersByRatios(layers: readonly WeightsOf[], ratios: number | readonly number[]): ZoLayer[] {
  const each = typeof ratios === 'number' ? layers.map(() => ratios) : ratios;
  if (each.length !== layers.length)
    fail('INVALID_PARAMETER', `There are ${each.length} ratios for ${layers.length} layers: pass one for each.`);
  return layers.map(({ from, to, least = 1 }, l) => {
    checkSparsity(each[l]);
    return { from, to, active: Math.max(Math.min(least, to - from), Math.round((1 - each[l]) * (to - from))) };
  });
}

/** @throws INVALID_PARAMETER. */
export function checkSparsity(sparsity: number): void {
  if (!(sparsity >= 0 && sparsity < 1))
    fail('INVALID_PARAMETER', `A sparsity is a fraction of weights, at least 0 and below 1, not ${sparsity}.`);
}

function raised(layers: readonly WeightsOf[], counts: number[]): ZoLayer[] {
  const floors = layers.map(({ from, to, least = 1 }) => Math.min(least, to - from));
  for (let l = 0; l < counts.length; l++) {
    while (counts[l] < floors[l]) {
      counts[l]++;
      // If no layer has a surplus, a few more weights are active in total.
      const richest = counts.reduce((best, c, k) => (c - floors[k] > counts[best] - floors[best] ? k : best), 0);
      if (counts[richest] > floors[richest]) counts[richest]--;
    }
  }
  return layers.map(({ from, to }, l) => ({ from, to, active: counts[l] }));
}

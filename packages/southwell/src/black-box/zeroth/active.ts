import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';

/** Weights next to each other, of which some are active at a time: those of a layer. */
export interface ZoLayer {
  /** The first, from 0, and one past the last. */
  readonly from: number;
  readonly to: number;
  /** How many are active at a time. */
  readonly active: number;
}
const layerKeys: OptionKeys<ZoLayer> = { from: true, to: true, active: true };

/**
 * The active coordinates of one interval: in each layer so many, uniformly at random, and all that lie in no layer (biases).
 * Ascending; the same for the same seed and interval. O(size).
 * @throws INVALID_PARAMETER for layers that overlap, or have fewer weights than are to be active.
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
      if (seen[j]++) fail('INVALID_PARAMETER', `Coordinate ${j} lies in layer ${l + 1} and in one before it.`);
  });
}

/** A layer before anybody has said how many of its weights are active. */
export interface WeightsOf {
  readonly from: number;
  readonly to: number;
  /** At least so many stay active: one a unit of output, as layers without any never train. Default 1. */
  readonly least?: number;
}

/**
 * How many weights of each layer are active at a sparsity, by scores: (1 − sparsity) of all weights, those of largest
 * |score| over all layers together (Chen et al. 2023 take the ratios of this and not the weights). Layers below their
 * least take from the one that has most above its own. O(d log d).
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
 * So many weights of each layer as its share says: `ratios` are the shares that are not active, one for each layer, or one
 * for all. O(layers).
 * @throws INVALID_PARAMETER.
 */
export function layersByRatios(layers: readonly WeightsOf[], ratios: number | readonly number[]): ZoLayer[] {
  const each = typeof ratios === 'number' ? layers.map(() => ratios) : ratios;
  if (each.length !== layers.length)
    fail('INVALID_PARAMETER', `There are ${each.length} ratios for ${layers.length} layers: give one for each.`);
  return layers.map(({ from, to, least = 1 }, l) => {
    checkSparsity(each[l]);
    return { from, to, active: Math.max(Math.min(least, to - from), Math.round((1 - each[l]) * (to - from))) };
  });
}

/** @throws INVALID_PARAMETER. */
export function checkSparsity(sparsity: number): void {
  if (!(sparsity >= 0 && sparsity < 1))
    fail('INVALID_PARAMETER', `A sparsity is a share of weights from 0 to below 1, not ${sparsity}.`);
}

function raised(layers: readonly WeightsOf[], counts: number[]): ZoLayer[] {
  const floors = layers.map(({ from, to, least = 1 }) => Math.min(least, to - from));
  for (let l = 0; l < counts.length; l++) {
    while (counts[l] < floors[l]) {
      counts[l]++;
      // Where nothing is above its floor, there are a few weights more.
      const richest = counts.reduce((best, c, k) => (c - floors[k] > counts[best] - floors[best] ? k : best), 0);
      if (counts[richest] > floors[richest]) counts[richest]--;
    }
  }
  return layers.map(({ from, to }, l) => ({ from, to, active: counts[l] }));
}

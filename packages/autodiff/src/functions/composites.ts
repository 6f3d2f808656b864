import { knownKeys } from '@southwell/numerics/core';
import { described, needAxis, needTensors } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { stopGradient } from '../ops/casts.ts';
import { binary } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { type Axes, axesOf, max, sum } from '../ops/reductions.ts';
import { padWith, reshape, slice } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/** Number of elements reduced over axes of x. */
const perResult = (name: string, x: Tensor, axes: Axes): number =>
  axesOf(name, x, axes).reduce((n, d) => n * x.shape[x.rank + d], 1);

/** Mean over axes (default all), kept as length 1 with `keep`; NaN if there are no elements. */
export const mean = (x: Tensor, axes?: Axes, keep = false): Tensor => {
  const count = perResult('mean', x, axes);
  return o.div(sum(x, axes, keep), count);
};

/** Options of {@link variance}. */
export interface VarianceOptions {
  /** Delta degrees of freedom: the divisor is the number of elements minus this (0; 1 for the sample variance). */
  readonly correction?: number;
  /** Whether to keep the reduced axes with length 1. */
  readonly keep?: boolean;
}

/** Variance over axes (default all). */
export function variance(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  knownKeys('variance', options, { correction: true, keep: true });
  const { correction = 0, keep = false } = options;
  const count = perResult('variance', x, axes);
  const squares = sum(o.square(o.sub(x, mean(x, axes, true))), axes, keep);
  return o.div(squares, count - correction);
}

/**
 * log Σ eˣ over axes, without overflow.
 * @throws INVALID_SHAPE if there are no elements.
 */
export function logsumexp(x: Tensor, axes?: Axes, keep = false): Tensor {
  const gone = axesOf('logsumexp', x, axes);
  const top = stopGradient(max(x, axes, true));
  // An infinite shift would give ∞ − ∞ = NaN.
  const shift = o.where(o.equal(o.mul(top, 0), 0), top, 0);
  const value = o.add(o.log(sum(o.exp(o.sub(x, shift)), axes, true)), shift);
  if (keep) return value;
  return reshape(
    value,
    value.shape.filter((_, d) => !gone.includes(d - x.rank)),
  );
}

/** Product over one axis (the last), by pairwise halving, so that the derivative is correct at zero factors. O(n log n) to differentiate. */
export function prod(x: Tensor, axis = -1): Tensor {
  const at = needAxis('prod', x, axis);
  const d = x.rank + at;
  const part = (from: number, to: number): Tensor =>
    slice(x2, ...x2.shape.map((_, k) => (k === d ? ([from, to] as const) : undefined)));
  let x2 = x;
  while (x2.shape[d] > 1) {
    const n = x2.shape[d];
    const half = n >> 1;
    const product = o.mul(part(0, half), part(half, 2 * half));
    x2 = n % 2 === 0 ? product : o.mul(product, withOnes(part(2 * half, n), d, half));
  }
  if (x.shape[d] === 0) return o.add(sum(x, axis), 1);
  return reshape(
    x2,
    x2.shape.filter((_, k) => k !== d),
  );
}

/** Puts the single entry of an axis first, followed by ones. */
const withOnes = (x: Tensor, d: number, n: number): Tensor =>
  n === 1
    ? x
    : padWith(
        o,
        x,
        x.shape.map((_, k) => [0, k === d ? n - 1 : 0] as const),
        1,
      );

/**
 * Pads the last axes of x with zeros, or `value`: a pair of amounts for each axis.
 * @throws INVALID_PARAMETER unless amounts are non-negative integers.
 */
export const pad = (x: Tensor, amounts: ReadonlyArray<readonly [before: number, after: number]>, value = 0): Tensor => {
  if (typeof value !== 'number') refuse('pad', `value must be a number, not ${described(value)}.`);
  return padWith(o, x, amounts, value);
};

/** Activations that {@link linear} can fuse. */
export type Activation = 'relu' | 'tanh' | 'sigmoid';
const FUSED = { relu: 'addRelu', tanh: 'addTanh', sigmoid: 'addSigmoid' } as const;

/**
 * x·w + b, x […, in], w [in, out] and b [out], with an optional activation fused with the addition.
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER for an unknown activation.
 */
export function linear(x: Tensor, w: Tensor, b?: Tensor, activation?: Activation): Tensor {
  needTensors('linear', { x, w }, { b });
  const y = matmul(x, w);
  if (activation === undefined) return b ? o.add(y, b) : y;
  const code = FUSED[activation];
  if (!code)
    refuse('linear', `there is no activation ${String(activation)}; there are ${Object.keys(FUSED).join(', ')}.`);
  return binary(code)(y, b ?? 0);
}

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Added to variances for numerical stability (1e-5). */
  readonly epsilon?: number;
  /** Mean and variance of each channel to normalise with, as in inference; default: those of x. */
  readonly statistics?: { readonly mean: Tensor; readonly variance: Tensor };
}

/**
 * Batch normalisation of each channel (last axis): (x − mean)/√(variance + epsilon)·gamma + beta (Ioffe & Szegedy 2015).
 * Use `variance(x, axes)` and `mean(x, axes)` to update running statistics. O(size).
 * @throws INVALID_SHAPE unless gamma, beta and statistics have one value per channel.
 */
export function batchNorm(x: Tensor, gamma?: Tensor, beta?: Tensor, options: BatchNormOptions = {}): Tensor {
  knownKeys('batchNorm', options, { epsilon: true, statistics: true });
  const { epsilon = 1e-5, statistics } = options;
  needTensors('batchNorm', { x }, { gamma, beta, mean: statistics?.mean, variance: statistics?.variance });
  if (x.rank < 2) misfit('batchNorm', [x], 'it takes a batch of channels: two axes or more.');
  const channels = x.shape.at(-1)!;
  for (const t of [gamma, beta, statistics?.mean, statistics?.variance]) {
    if (t && (t.rank !== 1 || t.shape[0] !== channels))
      misfit('batchNorm', [x, t], `gamma, beta and statistics must be [${channels}].`);
  }
  const axes = x.shape.slice(0, -1).map((_, d) => d);
  const centre = statistics?.mean ?? mean(x, axes);
  const apart = o.sub(x, centre);
  const spread = statistics?.variance ?? mean(o.square(apart), axes);
  // One scale per channel, so that the data are read once more rather than twice.
  const scale = o.div(gamma ?? 1, o.sqrt(o.add(spread, epsilon)));
  const y = o.mul(apart, scale);
  return beta ? o.add(y, beta) : y;
}

import { knownKeys } from '@southwell/numerics/core';
import { needTensors, pairGiven } from '../given.ts';
import { attend } from '../ops/attention.ts';
import { convolvedBackInGroups, convolvedInGroups } from '../ops/groups.ts';
import { pooled } from '../ops/pooling.ts';
import { type ConvolutionOptions, convolutionKeys } from '../ops/windows.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/**
 * 2-D convolution of images x [n, h, w, channels] with filters f [kh, kw, channels, out]: [n, rows, columns, out]. By matrix products on unfolded
 * windows (im2col), or directly for one or two channels. With `groups`, f is [kh, kw, channels/groups, out]: the first out/groups outputs depend on
 * the first channels/groups channels only, and so on. O(n·rows·columns·kh·kw·channels·out/groups).
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER for invalid strides, dilations or padding.
 */
export function conv2d(x: Tensor, f: Tensor, options: ConvolutionOptions = {}): Tensor {
  knownKeys('conv2d', options, convolutionKeys);
  needTensors('conv2d', { x, f });
  return convolvedInGroups(o, x, f, options);
}

/** Options of {@link conv2dTranspose}. */
export interface TransposeOptions extends ConvolutionOptions {
  /** Height and width of the result, which strides do not determine uniquely; default: the smallest. */
  readonly size?: readonly [rows: number, columns: number];
}

/**
 * Transposed convolution, the adjoint of {@link conv2d} in the images: y [n, rows, columns, out] and f as there give [n, h, w, channels].
 * @throws as conv2d.
 */
export function conv2dTranspose(y: Tensor, f: Tensor, options: TransposeOptions = {}): Tensor {
  knownKeys('conv2dTranspose', options, { ...convolutionKeys, size: true });
  needTensors('conv2dTranspose', { y, f });
  const size = options.size === undefined ? undefined : pairGiven('conv2dTranspose', 'size', options.size);
  return convolvedBackInGroups(o, y, f, options, size);
}

/** Options of pooling: a single number is used for both height and width. */
export interface PoolOptions {
  /** Stride; default: the window's size. */
  readonly stride?: number | readonly [rows: number, columns: number];
  /** Padding, at most half of the window (0). */
  readonly padding?: number | readonly [rows: number, columns: number];
}
const poolKeys = { stride: true, padding: true } as const;

/** The pairs of a pooling. */
const pool = (
  name: 'maxPool' | 'avgPool',
  window: number | readonly [number, number],
  { stride = window, padding = 0 }: PoolOptions,
) => ({
  window: pairGiven(name, 'the window', window),
  strides: pairGiven(name, 'stride', stride),
  padding: pairGiven(name, 'padding', padding),
});

/**
 * Max pooling of images [n, h, w, channels]; padding is never the maximum, and the first of ties gets the derivative.
 * @throws INVALID_SHAPE and INVALID_PARAMETER as {@link conv2d}.
 */
export function maxPool(x: Tensor, window: number | readonly [number, number], options: PoolOptions = {}): Tensor {
  knownKeys('maxPool', options, poolKeys);
  return pooled('maxPool', x, pool('maxPool', window, options));
}

/**
 * Average pooling of images [n, h, w, channels]; padding counts as zeros.
 * @throws INVALID_SHAPE and INVALID_PARAMETER as {@link conv2d}.
 */
export function avgPool(x: Tensor, window: number | readonly [number, number], options: PoolOptions = {}): Tensor {
  knownKeys('avgPool', options, poolKeys);
  const attrs = pool('avgPool', window, options);
  return o.div(pooled('avgPool', x, attrs), attrs.window[0] * attrs.window[1]);
}

/** Options of {@link attention}. */
export interface AttentionOptions {
  /** Whether attention is causal: each position attends only to itself and earlier ones (false). */
  readonly causal?: boolean;
  /** Factor of the scores; default 1/√d. */
  readonly scale?: number;
  /** Mask: non-zero where a query may attend to a key; broadcasts to [n, heads, t, s]. Not fused. */
  readonly mask?: Tensor;
}

/**
 * softmax(q·kᵀ·scale)·v for each head (Vaswani et al. 2017), fused: q [n, t, heads, d], k [n, s, heads, d] and v [n, s, heads, e] give
 * [n, t, heads, e]; slices of one packed tensor are read in place. With `causal`, queries and keys are aligned at their last
 * positions, and a query attends only to keys up to its own position. O(n·heads·t·s·(d + e)).
 * @throws INVALID_SHAPE if shapes do not match.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  knownKeys('attention', options, { causal: true, scale: true, mask: true });
  const { causal = false, scale = 1 / Math.sqrt(Math.max(1, q?.shape?.at(-1) ?? 1)), mask } = options;
  return attend(o, q, k, v, { causal, scale, mask });
}

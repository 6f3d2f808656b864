import { knownKeys } from '@southwell/numerics/core';
import { attend } from '../ops/attention.ts';
import { convolvedBackInGroups, convolvedInGroups } from '../ops/groups.ts';
import { pooled } from '../ops/pooling.ts';
import { type ConvolutionOptions, convolutionKeys } from '../ops/windows.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/**
 * Images x [n, h, w, channels] convolved with filters f [kh, kw, channels, out]: [n, rows, columns, out]. By products on unfolded
 * windows; from one or two channels where they lie. With `groups` f is [kh, kw, channels/groups, out]: the first out/groups results are of
 * the first channels/groups channels, and so on. O(n·rows·columns·kh·kw·channels·out/groups).
 * @throws INVALID_SHAPE where they do not fit; INVALID_PARAMETER for strides, dilations or padding that are none.
 */
export function conv2d(x: Tensor, f: Tensor, options: ConvolutionOptions = {}): Tensor {
  knownKeys('conv2d', options, convolutionKeys);
  return convolvedInGroups(o, x, f, options);
}

/** Options of {@link conv2dTranspose}. */
export interface TransposeOptions extends ConvolutionOptions {
  /** Height and width of the result, where strides leave a choice; by default the least. */
  readonly size?: readonly [rows: number, columns: number];
}

/**
 * The transpose of {@link conv2d} in the images: y [n, rows, columns, out] and f as there give [n, h, w, channels].
 * @throws as conv2d.
 */
export function conv2dTranspose(y: Tensor, f: Tensor, options: TransposeOptions = {}): Tensor {
  knownKeys('conv2dTranspose', options, { ...convolutionKeys, size: true });
  return convolvedBackInGroups(o, y, f, options, options.size);
}

/** Options of pooling: a number stands for rows and columns alike. */
export interface PoolOptions {
  /** Steps of the window; by default its size. */
  readonly stride?: number | readonly [rows: number, columns: number];
  /** What lies around the image, at most half of the window (0). */
  readonly padding?: number | readonly [rows: number, columns: number];
}
const poolKeys = { stride: true, padding: true } as const;

const pair = (v: number | readonly [number, number]): readonly [number, number] => (typeof v === 'number' ? [v, v] : v);

/**
 * The largest of each window of images [n, h, w, channels]; padding is never it, and of equal ones the first has the derivative.
 * @throws INVALID_SHAPE and INVALID_PARAMETER as {@link conv2d}.
 */
export function maxPool(x: Tensor, window: number | readonly [number, number], options: PoolOptions = {}): Tensor {
  knownKeys('maxPool', options, poolKeys);
  const { stride = window, padding = 0 } = options;
  return pooled('maxPool', x, { window: pair(window), strides: pair(stride), padding: pair(padding) });
}

/**
 * The mean of each window of images [n, h, w, channels], padding counting as zeros.
 * @throws INVALID_SHAPE and INVALID_PARAMETER as {@link conv2d}.
 */
export function avgPool(x: Tensor, window: number | readonly [number, number], options: PoolOptions = {}): Tensor {
  knownKeys('avgPool', options, poolKeys);
  const { stride = window, padding = 0 } = options;
  const [kh, kw] = pair(window);
  return o.div(pooled('avgPool', x, { window: [kh, kw], strides: pair(stride), padding: pair(padding) }), kh * kw);
}

/** Options of {@link attention}. */
export interface AttentionOptions {
  /** Whether positions see only those up to their own (false). */
  readonly causal?: boolean;
  /** What scores are multiplied by; 1/√width by default. */
  readonly scale?: number;
  /** Whose score counts: not 0 where a position may see another; of a shape that broadcasts to [n, heads, t, s]. Not fused. */
  readonly mask?: Tensor;
}

/**
 * softmax(q·kᵀ·scale)·v for each head (Vaswani et al. 2017), fused: q [n, t, heads, d], k [n, s, heads, d] and v [n, s, heads, e] give
 * [n, t, heads, e]; slices of one packed tensor are read where they lie. With `causal` row i of q sees the rows of k up to its own, the
 * last of both standing side by side. O(n·heads·t·s·(d + e)).
 * @throws INVALID_SHAPE where they do not fit.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  knownKeys('attention', options, { causal: true, scale: true, mask: true });
  const { causal = false, scale = 1 / Math.sqrt(Math.max(1, q.shape.at(-1) ?? 1)), mask } = options;
  return attend(o, q, k, v, { causal, scale, mask });
}

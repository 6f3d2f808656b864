import { knownKeys } from '@southwell/numerics/core';
import { needTensors } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { stack } from '../ops/concat.ts';
import { convolvedInGroups } from '../ops/groups.ts';
import { padWith, permute, reshape, slice } from '../ops/views.ts';
import { convolutionKeys } from '../ops/windows.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

// Convolutions over one and three axes, by those over two.

/** Options of {@link conv1d}. */
export interface Convolution1dOptions {
  /** Stride (1). */
  readonly stride?: number;
  /** Zero padding on both sides (0), or `same`, which keeps the length at stride 1. */
  readonly padding?: number | 'same';
  /** Dilation (1). */
  readonly dilation?: number;
  /** Number of channel groups (1). */
  readonly groups?: number;
}

/**
 * 1-D convolution of sequences x [n, t, channels] with filters f [k, channels, out]: [n, positions, out]. With `groups`
 * as in {@link conv2d}. O(n·positions·k·channels·out/groups).
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER for invalid strides, dilations or padding.
 */
export function conv1d(x: Tensor, f: Tensor, options: Convolution1dOptions = {}): Tensor {
  knownKeys('conv1d', options, convolutionKeys);
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  if (![stride, dilation].every((n) => Number.isInteger(n) && n >= 1))
    refuse('conv1d', 'strides and dilations must be whole numbers of at least 1.');
  needTensors('conv1d', { x, f });
  if (x.rank !== 3 || f.rank !== 3 || x.shape[2] !== f.shape[1] * groups) {
    const channels = groups === 1 ? 'channels' : `channels/${groups}`;
    misfit('conv1d', [x, f], `it takes sequences [n, t, channels] and filters [k, ${channels}, out].`);
  }
  const y = convolvedInGroups(o, reshape(x, [x.shape[0], 1, ...x.shape.slice(1)]), reshape(f, [1, ...f.shape]), {
    stride: [1, stride],
    padding: padding === 'same' ? padding : [0, padding],
    dilation: [1, dilation],
    groups,
  });
  return reshape(y, [y.shape[0], ...y.shape.slice(2)]);
}

/** An option of {@link conv3d}: a single number is used for depth, height and width. */
export type Triple = number | readonly [depth: number, rows: number, columns: number];

/** Options of {@link conv3d}. */
export interface Convolution3dOptions {
  /** Stride (1). */
  readonly stride?: Triple;
  /** Zero padding on both sides of each axis (0), or `same`, which keeps sizes at stride 1. */
  readonly padding?: Triple | 'same';
  /** Dilation (1). */
  readonly dilation?: Triple;
  /** Number of channel groups (1). */
  readonly groups?: number;
}

const triple = (v: Triple): readonly [number, number, number] => (typeof v === 'number' ? [v, v, v] : v);

/**
 * 3-D convolution of volumes x [n, depth, h, w, channels] with filters f [kd, kh, kw, channels, out]: [n, layers, rows,
 * columns, out], as a 2-D convolution of images that have the kd layers of a window as channels. With `groups` as in
 * {@link conv2d}. O(n·layers·rows·columns·kd·kh·kw·channels·out/groups).
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER for invalid strides, dilations or padding.
 */
export function conv3d(x: Tensor, f: Tensor, options: Convolution3dOptions = {}): Tensor {
  knownKeys('conv3d', options, convolutionKeys);
  const { padding = 0, groups = 1 } = options;
  needTensors('conv3d', { x, f });
  if (x.rank !== 5 || f.rank !== 5 || x.shape[4] !== f.shape[3] * groups) {
    const channels = groups === 1 ? 'channels' : `channels/${groups}`;
    misfit('conv3d', [x, f], `it takes volumes [n, depth, h, w, channels] and filters [kd, kh, kw, ${channels}, out].`);
  }
  const [strides, gaps] = [triple(options.stride ?? 1), triple(options.dilation ?? 1)];
  if (![strides[0], gaps[0]].every((n) => Number.isInteger(n) && n >= 1))
    refuse('conv3d', 'strides and dilations must be whole numbers of at least 1.');
  const [n, depth, h, w, c] = x.shape;
  const [kd, kh, kw, own, out] = f.shape;
  const reach = gaps[0] * (kd - 1) + 1;
  const around = (): [number, number] => {
    if (padding !== 'same') return [triple(padding)[0], triple(padding)[0]];
    const all = Math.max(0, (Math.ceil(depth / strides[0]) - 1) * strides[0] + reach - depth);
    return [all >> 1, all - (all >> 1)];
  };
  const [before, after] = around();
  if (![before, after].every((m) => Number.isInteger(m) && m >= 0))
    refuse('conv3d', "padding must be 'same' or whole numbers of at least 0.");
  const wide = before + after > 0 ? padWith(o, x, [[before, after], ...[1, 2, 3].map(() => [0, 0] as const)]) : x;
  const layers = Math.floor((depth + before + after - reach) / strides[0]) + 1;
  if (layers < 1) misfit('conv3d', [x, f], 'the filter is deeper than the padded volumes; increase the padding.');
  const taps = Array.from({ length: kd }, (_, k) => {
    const from = k * gaps[0];
    return slice(wide, null, [from, from + (layers - 1) * strides[0] + 1, strides[0]]);
  });
  // Channels in the order group, tap, channel of the group.
  const grouped = reshape(stack(taps, -2), [n, layers, h, w, kd, groups, own]);
  const images = reshape(permute(grouped, [0, 1, 2, 3, 5, 4, 6]), [n * layers, h, w, kd * c]);
  const filters = reshape(permute(f, [1, 2, 0, 3, 4]), [kh, kw, kd * own, out]);
  const plane = (t: Triple): readonly [number, number] => [triple(t)[1], triple(t)[2]];
  const y = convolvedInGroups(o, images, filters, {
    stride: plane(strides),
    padding: padding === 'same' ? padding : plane(padding),
    dilation: plane(gaps),
    groups,
  });
  return reshape(y, [n, layers, ...y.shape.slice(1)]);
}

import * as ad from '../../index.ts';
import { type Call, float, type Operator } from './call.ts';
import { CONVOLUTION_NORM, withNorm } from './fuse.ts';

// Convolutions of [n, channels, depth, height, width], or without depth, or of [n, channels, length]; inside, channels are last.

export type Two = readonly [number, number];
/** Windows along two or three axes; one axis counts as images of height 1. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before and after each axis. */
  readonly pads: readonly Two[];
}

/** Channels last: [n, d, h, w, c], or [n, h, w, c] for [n, c, h, w] and [n, c, l]. */
export function lastChannels(c: Call, x: ad.Tensor): ad.Tensor {
  if (x.rank === 3) return ad.permute(ad.reshape(x, [x.shape[0], x.shape[1], 1, x.shape[2]]), [0, 2, 3, 1]);
  if (x.rank !== 4 && x.rank !== 5)
    c.refuse(
      `inputs of ${x.rank} axes are not supported: it takes one to three axes after those of n and of channels.`,
    );
  return ad.permute(x, x.rank === 4 ? [0, 2, 3, 1] : [0, 2, 3, 4, 1]);
}
export function firstChannels(y: ad.Tensor, rank: number): ad.Tensor {
  const t = ad.permute(y, y.rank === 4 ? [0, 3, 1, 2] : [0, 4, 1, 2, 3]);
  return rank === 3 ? ad.reshape(t, [t.shape[0], t.shape[1], t.shape[3]]) : t;
}

/** Pads by `auto_pad`, such that windows cover ⌈length/stride⌉ positions. */
function automatic(mode: string, length: number, span: number, stride: number): Two {
  const all = Math.max(0, (Math.ceil(length / stride) - 1) * stride + span - length);
  const small = all >> 1;
  return mode === 'SAME_UPPER' ? [small, all - small] : [all - small, small];
}

export function windowsOf(c: Call, image: readonly number[], kernel: readonly number[]): Windows {
  const all = (values: readonly number[] = [], fill: number): number[] =>
    image.map((_, d) => values[d - image.length + kernel.length] ?? fill);
  const [strides, dilations] = [all(c.list('strides'), 1), all(c.list('dilations'), 1)];
  const window = all(kernel, 1);
  const mode = c.text('auto_pad', 'NOTSET');
  const given = c.list('pads') ?? kernel.flatMap(() => [0, 0]);
  if (given.some((n) => n < 0)) c.refuse('negative pads are not supported.');
  const [before, after] = [all(given.slice(0, kernel.length), 0), all(given.slice(kernel.length), 0)];
  const along = (_: number, d: number): Two => {
    if (mode === 'VALID') return [0, 0];
    if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') return [before[d], after[d]];
    return automatic(mode, image[d], dilations[d] * (window[d] - 1) + 1, strides[d]);
  };
  return { kernel: window, strides, dilations, pads: image.map(along) };
}

/** Pads that are equal on both sides of each axis, or undefined. */
const even = (pads: Windows['pads']): readonly number[] | undefined =>
  pads.every(([before, after]) => before === after) ? pads.map(([before]) => before) : undefined;
export const pad = (x: ad.Tensor, pads: Windows['pads'], value = 0): ad.Tensor =>
  ad.pad(x, [[0, 0], ...pads, [0, 0]], value);
/** Lengths of images or volumes whose channels are last. */
export const lengths = (images: ad.Tensor): readonly number[] => images.shape.slice(1, -1);
type Three = readonly [number, number, number];

function convolution(c: Call): ReturnType<Operator> {
  const normed = c.op === CONVOLUTION_NORM;
  const norm = () => [3, 4, 5, 6].map((i) => c.float(i));
  const [w, bias] = normed
    ? withNorm(c.float(1), c.maybe(2), norm(), c.real1('epsilon', 1e-5))
    : [c.float(1), c.maybe(2)];
  return float(convolved(c, c.float(0), w, bias));
}

/** The convolution of x with filters w, by the attributes of a call. */
export function convolved(c: Call, x: ad.Tensor, w: ad.Tensor, bias?: ad.Tensor): ad.Tensor {
  const images = lastChannels(c, x);
  const filters = w.rank === 3 ? ad.reshape(w, [w.shape[0], w.shape[1], 1, w.shape[2]]) : w;
  const o = windowsOf(c, lengths(images), w.shape.slice(2));
  const padding = c.text('auto_pad', 'NOTSET') === 'SAME_UPPER' ? 'same' : even(o.pads);
  const padded = padding ? images : pad(images, o.pads);
  const options = { groups: c.int('group', 1) };
  const y =
    x.rank === 5
      ? ad.conv3d(padded, ad.permute(filters, [2, 3, 4, 1, 0]), {
          ...options,
          ...{ stride: o.strides as Three, dilation: o.dilations as Three, padding: (padding as Three | 'same') ?? 0 },
        })
      : ad.conv2d(padded, ad.permute(filters, [2, 3, 1, 0]), {
          ...options,
          ...{ stride: o.strides as Two, dilation: o.dilations as Two, padding: (padding as Two | 'same') ?? 0 },
        });
  return firstChannels(bias ? ad.add(y, bias) : y, x.rank);
}

/** What is cut off the result of a transposed convolution: its pads, or as much as it is too long. */
function transposedPads(c: Call, o: Windows, image: readonly number[], sizes: readonly number[]): readonly Two[] {
  const mode = c.text('auto_pad', 'NOTSET');
  const wanted = c.list('output_shape');
  const same = mode === 'SAME_UPPER' || mode === 'SAME_LOWER';
  if (!wanted && !same) return o.pads;
  return image.map((n, d): Two => {
    const own = d - image.length + (wanted?.length ?? image.length);
    const length = wanted ? (wanted.slice(-image.length)[own] ?? sizes[d]) : n * o.strides[d];
    const all = Math.max(0, sizes[d] - length);
    const small = all >> 1;
    return mode === 'SAME_UPPER' ? [small, all - small] : [all - small, small];
  });
}

function transposed(c: Call): ReturnType<Operator> {
  const [x, w] = [c.float(0), c.float(1)];
  if (x.rank === 5) c.refuse('transposed convolutions of volumes are not supported.');
  const images = lastChannels(c, x);
  const filters = w.rank === 3 ? ad.reshape(w, [w.shape[0], w.shape[1], 1, w.shape[2]]) : w;
  const length = w.shape.length - 2;
  const o = windowsOf(c, lengths(images), w.shape.slice(2));
  const more = c.list('output_padding') ?? [0, 0];
  const extra = length === 1 ? [0, more[0]] : more;
  const wanted = c.list('output_shape')?.slice(-length) ?? [];
  const sizes = [0, 1].map((d) => {
    const own = (images.shape[d + 1] - 1) * o.strides[d] + o.dilations[d] * (o.kernel[d] - 1) + 1 + extra[d];
    return Math.max(own, wanted[d - 2 + length] ?? 0);
  }) as [number, number];
  const full = ad.conv2dTranspose(images, ad.permute(filters, [2, 3, 1, 0]), {
    ...{ stride: o.strides as Two, dilation: o.dilations as Two, groups: c.int('group', 1), size: sizes },
  });
  const cut = transposedPads(c, o, lengths(images), sizes).map(
    ([before, after], d) => [before, sizes[d] - after] as const,
  );
  const y = ad.slice(full, undefined, ...cut);
  const bias = c.maybe(2);
  return float(firstChannels(bias ? ad.add(y, bias) : y, x.rank));
}

/** The convolution with the batch norm after it, which graphs do not hold. */
export const convolutionNorm: Operator = convolution;

/** Convolutions by name. */
export const images: Readonly<Record<string, Operator>> = {
  ...{ Conv: convolution, ConvTranspose: transposed },
};

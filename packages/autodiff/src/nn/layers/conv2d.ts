import { add, conv2d as convolve, permute } from '../../index.ts';
import { both, choice, count, type Field, flag, type Pair, pair, real } from '../fields.ts';
import { biases, type Initialisation, initialisations, named } from '../initialisers.ts';
import { type LayerKind, maker } from '../kind.ts';
import { channelsFirst, needsImages } from './shared.ts';

/** Options of {@link conv2d}; a single number is used for both height and width. */
export interface Conv2dOptions {
  /** Input channels. */
  readonly in: number;
  /** Output channels. */
  readonly out: number;
  /** Height and width of the filters. */
  readonly kernel: Pair;
  /** Stride (1). */
  readonly stride?: Pair;
  /** Zero padding (0), or 'same': keeps height and width at stride 1. */
  readonly padding?: Pair | 'same';
  /** Dilation (1). */
  readonly dilation?: Pair;
  /** Whether to add a bias to each channel (true). */
  readonly bias?: boolean;
  /** Initialiser of the filters ('kaiming-uniform'). */
  readonly init?: Initialisation;
  /** Gain of the initialiser (1). */
  readonly gain?: number;
}

const numbers = pair(0);
const padding: Field<Pair | 'same'> = {
  check: (value, where) => (value === 'same' ? value : numbers.check(value, where)),
  fallback: 0,
};

export const conv2dKind: LayerKind<Conv2dOptions> = {
  kind: 'conv2d',
  options: {
    ...{ in: count(), out: count(), kernel: pair(1), stride: pair(1, 1), padding, dilation: pair(1, 1) },
    ...{ bias: flag(true), init: choice(initialisations, 'kaiming-uniform'), gain: real(1, 0) },
  },
  check: ({ padding: p, stride }) =>
    p === 'same' && both(stride).some((n) => n !== 1)
      ? "padding 'same' requires a stride of 1; give the padding as numbers."
      : undefined,
  parameters: ({ in: n, out, kernel, bias, init, gain }) => {
    const shape = [out, n, ...both(kernel)];
    return {
      weight: { shape, init: named(init, gain) },
      ...(bias ? { bias: { shape: [out], init: biases(shape) } } : {}),
    };
  },
  apply: ({ in: n, kernel, stride, padding: around, dilation, bias }, c, x) => {
    needsImages(c, x, n);
    const [kh, kw] = both(kernel);
    const [ph, pw] = around === 'same' ? [Infinity, Infinity] : both(around);
    const [gh, gw] = both(dilation);
    if (x.shape[1] + 2 * ph < gh * (kh - 1) + 1 || x.shape[2] + 2 * pw < gw * (kw - 1) + 1)
      c.misfit(x, `the ${kh} × ${kw} kernel is larger than the padded images; increase the padding.`);
    const y = convolve(x, permute(c.param('weight'), [2, 3, 1, 0]), { stride, padding: around, dilation });
    return bias ? add(y, c.param('bias')) : y;
  },
  onnx: ({ out, kernel, stride, padding: around, dilation, bias }, e, x) =>
    channelsFirst(e, x, (images) => {
      const [window, strides, gaps] = [both(kernel), both(stride), both(dilation)];
      const sides = [0, 1].map((d) => {
        const all = gaps[d] * (window[d] - 1);
        return around === 'same' ? [all >> 1, all - (all >> 1)] : [both(around)[d], both(around)[d]];
      });
      const [n, , ...image] = images.shape;
      const rows = image.map(
        (m, d) => Math.floor((m + sides[d][0] + sides[d][1] - gaps[d] * (window[d] - 1) - 1) / strides[d]) + 1,
      );
      return e.node('Conv', [images, e.param('weight'), ...(bias ? [e.param('bias')] : [])], [n, out, ...rows], {
        kernel_shape: window,
        strides,
        dilations: gaps,
        pads: [sides[0][0], sides[1][0], sides[0][1], sides[1][1]],
      });
    }),
};

/**
 * 2-D convolution of images [n, height, width, in] to [n, rows, columns, out]; weight [out, in, kernel rows, kernel columns] and bias [out], initially uniform
 * within 1/√(in·kernel). O(n·rows·columns·kernel·in·out).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const conv2d = maker(conv2dKind);

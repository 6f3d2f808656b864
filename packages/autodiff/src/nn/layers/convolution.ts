import { add, permute, type Tensor } from '../../index.ts';
import { choice, count, type Field, type Fields, flag, real } from '../fields.ts';
import { biases, type Initialisation, initialisations, named } from '../initialisers.ts';
import type { LayerKind } from '../kind.ts';
import { channelsFirst } from './shared.ts';

/** Options of a convolution; T is a number, or also one for each axis. */
export interface ConvolutionOptions<T> {
  /** Input channels. */
  readonly in: number;
  /** Output channels. */
  readonly out: number;
  /** Size of the filters. */
  readonly kernel: T;
  /** Stride (1). */
  readonly stride?: T;
  /** Zero padding (0), or 'same': keeps sizes at stride 1. */
  readonly padding?: T | 'same';
  /** Dilation (1). */
  readonly dilation?: T;
  /** Number of groups of channels that are convolved separately (1). */
  readonly groups?: number;
  /** Whether to add a bias to each channel (true). */
  readonly bias?: boolean;
  /** Initialiser of the filters ('kaiming-uniform'). */
  readonly init?: Initialisation;
  /** Gain of the initialiser (1). */
  readonly gain?: number;
}

/** What distinguishes convolutions over one, two and three axes. */
interface Dimensions<T> {
  readonly kind: string;
  /** The axes and what has them, for messages. */
  readonly axes: readonly string[];
  readonly things: string;
  /** A size for each axis, of at least `least`. */
  readonly sizes: (least: number, fallback?: T) => Field<T>;
  /** The value for each axis. */
  readonly each: (value: T) => readonly number[];
  readonly convolve: (
    x: Tensor,
    f: Tensor,
    options: { readonly stride: T; readonly padding: T | 'same'; readonly dilation: T; readonly groups: number },
  ) => Tensor;
}

/** The layer type of a convolution. */
export function convolutionKind<T>(given: Dimensions<T>): LayerKind<ConvolutionOptions<T>> {
  const { kind, axes, things, sizes, each, convolve } = given;
  const numbers = sizes(0);
  const padding: Field<T | 'same'> = {
    check: (value, where) => (value === 'same' ? value : numbers.check(value, where)),
    fallback: 0 as T,
  };
  return {
    kind,
    options: {
      ...{ in: count(), out: count(), kernel: sizes(1), stride: sizes(1, 1 as T), padding, dilation: sizes(1, 1 as T) },
      ...{ groups: count(1), bias: flag(true), init: choice(initialisations, 'kaiming-uniform'), gain: real(1, 0) },
    } as Fields<ConvolutionOptions<T>>,
    check: ({ in: n, out, groups, padding: p, stride }) => {
      if (n % groups !== 0 || out % groups !== 0)
        return `${n} input and ${out} output channels cannot be divided into ${groups} equal groups.`;
      return p === 'same' && each(stride).some((s) => s !== 1)
        ? "padding 'same' requires a stride of 1; give the padding as numbers."
        : undefined;
    },
    parameters: ({ in: n, out, kernel, groups, bias, init, gain }) => {
      const shape = [out, n / groups, ...each(kernel)];
      return {
        weight: { shape, init: named(init, gain) },
        ...(bias ? { bias: { shape: [out], init: biases(shape) } } : {}),
      };
    },
    apply: ({ in: n, kernel, stride, padding: around, dilation, groups, bias }, c, x) => {
      if (x.rank !== axes.length + 2 || x.shape.at(-1) !== n)
        c.misfit(x, `it takes ${things} [n, ${axes.join(', ')}, ${n}].`);
      const [window, gaps] = [each(kernel), each(dilation)];
      const sides = around === 'same' ? window.map(() => Number.POSITIVE_INFINITY) : each(around);
      if (window.some((k, d) => x.shape[d + 1] + 2 * sides[d] < gaps[d] * (k - 1) + 1))
        c.misfit(x, `the ${window.join(' × ')} kernel is larger than the padded ${things}; increase the padding.`);
      const order = [...axes.map((_, d) => d + 2), 1, 0];
      const y = convolve(x, permute(c.param('weight'), order), { stride, padding: around, dilation, groups });
      return bias ? add(y, c.param('bias')) : y;
    },
    onnx: ({ out, kernel, stride, padding: around, dilation, groups, bias }, e, x) =>
      channelsFirst(e, x, (images) => {
        const [window, strides, gaps] = [each(kernel), each(stride), each(dilation)];
        const sides = window.map((k, d) => {
          const all = gaps[d] * (k - 1);
          return around === 'same' ? [all >> 1, all - (all >> 1)] : [each(around)[d], each(around)[d]];
        });
        const [n, , ...image] = images.shape;
        const places = image.map(
          (m, d) => Math.floor((m + sides[d][0] + sides[d][1] - gaps[d] * (window[d] - 1) - 1) / strides[d]) + 1,
        );
        return e.node('Conv', [images, e.param('weight'), ...(bias ? [e.param('bias')] : [])], [n, out, ...places], {
          kernel_shape: window,
          strides,
          dilations: gaps,
          ...(groups > 1 ? { group: groups } : {}),
          pads: [...sides.map(([before]) => before), ...sides.map(([, after]) => after)],
        });
      }),
  };
}

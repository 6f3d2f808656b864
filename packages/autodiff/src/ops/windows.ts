import { refuse } from '../op.ts';
import type { Batching, Binding, Dependence, Place, TensorCall } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { throughWindows } from './windowDependence.ts';

/** Strides of the windows, padding of the image, and dilation of the windows: rows, then columns. */
export interface Geometry {
  readonly strides: readonly [number, number];
  /** Before and after the rows, before and after the columns. */
  readonly padding: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  /** Height and width of the image and of the windows. */
  readonly image: readonly [number, number];
  readonly window: readonly [number, number];
}

/** Number of windows along each axis. */
export function windows({ strides, padding, dilation, image, window }: Geometry): [number, number] {
  const along = (d: 0 | 1) =>
    Math.floor((image[d] + padding[2 * d] + padding[2 * d + 1] - dilation[d] * (window[d] - 1) - 1) / strides[d]) + 1;
  return [along(0), along(1)];
}

/** The rule of dependence of a convolution, or of its transpose. */
export const windowed =
  (transposed: boolean) =>
  (given: Dependence<Geometry>): Int32Array[] => {
    const { padding } = given.attrs;
    return throughWindows(given, { ...given.attrs, before: [padding[0], padding[2]] }, transposed);
  };

/**
 * The geometry in the form that kernels of direct convolutions take: x [n, h, w, c], windows of kh × kw, y [n, oh, ow,
 * k].
 */
export function geometryMeta(
  { meta, attrs }: Pick<Binding<Geometry>, 'meta' | 'attrs'>,
  x: readonly number[],
  y: readonly number[],
): number {
  const { strides, dilation, padding, window } = attrs;
  return meta([...x, ...window, ...strides, ...dilation, padding[0], padding[2], y[1], y[2], y[3]]);
}

/** A call of a direct kernel for a range of images or taps. */
export const directCall = (
  name: 'convolveDirect' | 'convolveDepthwise',
  kind: number | boolean,
  meta: number,
  [x, f, y]: readonly Place[],
): ((from: number, to: number) => readonly [TensorCall]) => {
  const own = x.dtype === 'f64' ? name : (`s${name}` as const);
  return (from, to) => [[own, kind, meta, from, to, x.pointer, f.pointer, y.pointer]];
};

/**
 * A batch of images, the first input, is treated as more images if the filter is the same for all; otherwise, and if
 * `first` says that both inputs are images, batch entries are processed one after the other.
 */
export function overBatch({ o, x, mapped, size, apply: again }: Batching<Geometry>, first: boolean): Tensor[] {
  if (first && !mapped[1] && size > 0) {
    const [t, f] = x;
    const y = again([o.reshape(t, [size * t.shape[1], ...t.shape.slice(2)]), f])[0];
    return [o.reshape(y, [size, t.shape[1], ...y.shape.slice(1)])];
  }
  const one = (t: Tensor, i: number, own: boolean): Tensor => (own ? o.at(t, i) : t);
  const each = Array.from({ length: size }, (_, i) => again(x.map((t, k) => one(t, i, mapped[k])))[0]);
  return [o.stack(each)];
}

/** Options of convolutions: a single number is used for both height and width. */
export interface ConvolutionOptions {
  /** Stride (1). */
  readonly stride?: number | readonly [rows: number, columns: number];
  /** Zero padding: one amount for all sides, one each for height and width, or `same`, which keeps sizes at stride 1. */
  readonly padding?: number | readonly [rows: number, columns: number] | 'same';
  /** Dilation (1). */
  readonly dilation?: number | readonly [rows: number, columns: number];
  /** Number of channel groups (1); equal to the number of channels: depthwise convolution. */
  readonly groups?: number;
}
export const convolutionKeys = { stride: true, padding: true, dilation: true, groups: true } as const;

/** Expands a single number to a pair. */
export const pair = (v: number | readonly [number, number]): readonly [number, number] =>
  typeof v === 'number' ? [v, v] : v;

/** Checked strides, padding and dilation for a window. */
export function geometry(
  name: string,
  { stride = 1, padding = 0, dilation = 1 }: ConvolutionOptions,
  image: readonly [number, number],
  window: readonly [number, number],
): Geometry {
  const [strides, gaps] = [pair(stride), pair(dilation)];
  if (![...strides, ...gaps].every((n) => Number.isInteger(n) && n >= 1))
    refuse(name, 'strides and dilations must be whole numbers of at least 1.');
  const around = (d: 0 | 1): [number, number] => {
    if (padding !== 'same') return [pair(padding)[d], pair(padding)[d]];
    const all = Math.max(
      0,
      (Math.ceil(image[d] / strides[d]) - 1) * strides[d] + gaps[d] * (window[d] - 1) + 1 - image[d],
    );
    return [Math.floor(all / 2), all - Math.floor(all / 2)];
  };
  const sides = [...around(0), ...around(1)] as const;
  if (!sides.every((n) => Number.isInteger(n) && n >= 0))
    refuse(name, "padding must be 'same' or whole numbers of at least 0.");
  return { strides, dilation: gaps, padding: sides as never, image, window };
}

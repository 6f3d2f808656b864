import * as ad from '../../index.ts';
import { type Call, float, type Operator } from './call.ts';

// Resize and Upsample, one axis after the other.

// Positions are rounded as in single precision, which decides ties.
const f32 = Math.fround;

/** An axis that is resized. */
interface Axis {
  readonly n: number;
  readonly out: number;
  readonly scale: number;
  /** The part of the axis that is resized, from 0 to 1. */
  readonly part: readonly [from: number, to: number];
}

/** From a position of the result to one of the input, both of an axis. */
function positions(c: Call, { n, out, scale, part: [from, to] }: Axis): number[] {
  const mode =
    c.op === 'Upsample' || c.opset < 11 ? 'asymmetric' : c.text('coordinate_transformation_mode', 'half_pixel');
  const at = (i: number): number => {
    if (mode === 'half_pixel' || mode === 'pytorch_half_pixel')
      return out > 1 || mode === 'half_pixel' ? f32(f32((i + 0.5) / scale) - 0.5) : 0;
    if (mode === 'half_pixel_symmetric') {
      const offset = f32((n / 2) * (1 - f32(out / f32(scale * n))));
      return f32(offset + f32(f32((i + 0.5) / scale) - 0.5));
    }
    if (mode === 'align_corners') return out > 1 ? f32((i * (n - 1)) / (out - 1)) : 0;
    if (mode === 'asymmetric') return f32(i / scale);
    if (mode === 'tf_crop_and_resize')
      return f32((n - 1) * (out > 1 ? from + (i * (to - from)) / (out - 1) : 0.5 * (from + to)));
    return c.refuse(`the coordinate transformation '${mode}' is not supported.`);
  };
  return Array.from({ length: out }, (_, i) => at(i));
}

/** Nearest neighbour of a position. */
function nearest(c: Call, x: number): number {
  const old = c.op === 'Upsample' || c.opset < 11;
  const mode = old ? 'floor' : c.text('nearest_mode', 'round_prefer_floor');
  if (mode === 'floor') return Math.floor(x);
  if (mode === 'ceil') return Math.ceil(x);
  return mode === 'round_prefer_ceil' ? Math.floor(x + 0.5) : Math.ceil(x - 0.5);
}

/** The cubic kernel (Keys 1981) at a distance. */
function cubic(distance: number, a: number): number {
  const s = Math.abs(distance);
  if (s <= 1) return ((a + 2) * s - (a + 3)) * s * s + 1;
  return s < 2 ? ((a * s - 5 * a) * s + 8 * a) * s - 4 * a : 0;
}

/** Weights of pixels around a position, the first of them `first`. With antialiasing the kernel is as wide as the pixels of the result. */
function weightsAt(c: Call, p: number, scale: number, mode: string): readonly [first: number, weights: number[]] {
  const smooth = c.int('antialias', 0) !== 0 && scale < 1;
  const shrink = smooth ? scale : 1;
  const reach = mode === 'cubic' ? 2 : 1;
  const first = Math.floor(p) + Math.floor(-reach / shrink) + 1;
  const count = Math.floor(p) + 1 - first + Math.floor(reach / shrink);
  const a = c.real1('cubic_coeff_a', -0.75);
  const weights = Array.from({ length: Math.max(2, count + 1) }, (_, k) => {
    const distance = (first + k - p) * shrink;
    return mode === 'cubic' ? cubic(distance, a) : Math.max(0, 1 - Math.abs(distance));
  });
  return [first, weights];
}

function along(c: Call, x: ad.Tensor, d: number, axis: Axis, mode: string): ad.Tensor {
  const { n, out, scale } = axis;
  const at = positions(c, axis);
  const within = (i: number): number => Math.min(n - 1, Math.max(0, i));
  if (mode === 'nearest') return ad.take(x, ad.tensor(Int32Array.from(at, (p) => within(nearest(c, p)))), d);
  const weights = new Float64Array(out * n);
  const outside = c.int('exclude_outside', 0) !== 0;
  at.forEach((p, i) => {
    const [first, all] = weightsAt(c, p, scale, mode);
    const kept = all.map((weight, k) => (outside && within(first + k) !== first + k ? 0 : weight));
    const total = outside || c.int('antialias', 0) ? kept.reduce((sum, weight) => sum + weight, 0) : 1;
    kept.forEach((weight, k) => {
      weights[i * n + within(first + k)] += weight / total;
    });
  });
  const matrix = ad.tensor(weights, { shape: [out, n], dtype: c.real });
  const order = x.shape.map((_, k) => k);
  [order[d], order[x.rank - 1]] = [x.rank - 1, d];
  return ad.permute(ad.matmul(ad.permute(x, order), ad.permute(matrix)), order);
}

/** Scales and lengths of axes from the lengths that are asked for, which may have to keep the proportions. */
function sized(c: Call, lengths: readonly number[], wanted: readonly number[]) {
  const policy = c.text('keep_aspect_ratio_policy', 'stretch');
  const ratios = lengths.map((n, k) => wanted[k] / n);
  if (policy === 'stretch') return { scales: ratios, sizes: wanted };
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return { scales: ratios.map(() => ratio), sizes: lengths.map((n) => Math.floor(ratio * n + 0.5)) };
}

function resize(c: Call): ReturnType<Operator> {
  const x = c.float(0);
  const mode = c.text('mode', 'nearest').replace('bilinear', 'linear');
  if (!['nearest', 'linear', 'cubic'].includes(mode)) c.refuse(`the mode '${mode}' is not supported.`);
  const first = c.op === 'Upsample' || c.opset < 11 ? 1 : 2;
  const axes = (c.list('axes') ?? x.shape.map((_, d) => d)).map((axis) => c.axis(axis, x.rank));
  const given = c.has(first) ? c.numbers(first) : c.list('scales');
  const wanted = c.has(3) ? c.numbers(3) : [];
  if ((given?.length || wanted.length) !== axes.length) return c.refuse('it has neither scales nor sizes of all axes.');
  const lengths = axes.map((d) => x.shape[d]);
  const { scales, sizes } = given?.length
    ? { scales: given, sizes: lengths.map((n, k) => Math.floor(n * given[k])) }
    : sized(c, lengths, wanted);
  const cropped = c.text('coordinate_transformation_mode', '') === 'tf_crop_and_resize';
  const parts = cropped ? c.numbers(1) : [];
  const all = axes.map((d, k): readonly [number, Axis] => {
    return [
      d,
      { n: lengths[k], out: sizes[k], scale: scales[k], part: cropped ? [parts[k], parts[axes.length + k]] : [0, 1] },
    ];
  });
  c.shape(x.shape.map((n, d) => all.find(([at]) => at === d)?.[1].out ?? n));
  return float(
    all.reduce((t, [d, axis]) => {
      if (!cropped && axis.scale === 1 && axis.out === axis.n) return t;
      const y = along(c, t, d, axis, mode);
      if (!cropped) return y;
      // What lies beyond the image has a value of its own.
      const beyond = positions(c, axis).map((p) => +(p < 0 || p > axis.n - 1));
      const mask = ad.tensor(beyond, { shape: x.shape.map((_, k) => (k === d ? axis.out : 1)), dtype: c.real });
      return ad.where(mask, ad.full([], c.real1('extrapolation_value', 0), c.real), y);
    }, x),
  );
}

/** Operators that resize by name. */
export const resizing: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: resize };

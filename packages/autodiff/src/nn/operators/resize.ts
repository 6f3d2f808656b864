import * as ad from '../../index.ts';
import { type Call, float, type Operator } from './call.ts';

// Resize and Upsample, one axis after the other.

// Positions are rounded as in single precision, which decides ties.
const f32 = Math.fround;

/** From a position of the result to one of the input, both of an axis. */
function positions(c: Call, n: number, out: number, scale: number): number[] {
  const mode =
    c.op === 'Upsample' || c.opset < 11 ? 'asymmetric' : c.text('coordinate_transformation_mode', 'half_pixel');
  const at = (i: number): number => {
    if (mode === 'half_pixel' || mode === 'pytorch_half_pixel')
      return out > 1 || mode === 'half_pixel' ? f32(f32((i + 0.5) / scale) - 0.5) : 0;
    if (mode === 'align_corners') return out > 1 ? f32((i * (n - 1)) / (out - 1)) : 0;
    if (mode === 'asymmetric') return f32(i / scale);
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

/** The weights of the pixels around a position: those of one before the lower neighbour, of both neighbours, and of the next (Keys 1981). */
function cubicWeights(t: number, a: number): number[] {
  const near = (s: number): number => ((a + 2) * s - (a + 3)) * s * s + 1;
  const far = (s: number): number => ((a * s - 5 * a) * s + 8 * a) * s - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

function along(c: Call, x: ad.Tensor, d: number, out: number, scale: number, mode: string): ad.Tensor {
  const n = x.shape[d];
  const at = positions(c, n, out, scale);
  const within = (i: number): number => Math.min(n - 1, Math.max(0, i));
  if (mode === 'nearest') return ad.take(x, ad.tensor(Int32Array.from(at, (p) => within(nearest(c, p)))), d);
  const weights = new Float64Array(out * n);
  at.forEach((p, i) => {
    const low = Math.floor(p);
    const [first, all] =
      mode === 'cubic'
        ? [low - 1, cubicWeights(p - low, c.real1('cubic_coeff_a', -0.75))]
        : [low, [1 - (p - low), p - low]];
    all.forEach((weight, k) => {
      weights[i * n + within(first + k)] += weight;
    });
  });
  const matrix = ad.tensor(weights, { shape: [out, n], dtype: c.real });
  const order = x.shape.map((_, k) => k);
  [order[d], order[x.rank - 1]] = [x.rank - 1, d];
  return ad.permute(ad.matmul(ad.permute(x, order), ad.permute(matrix)), order);
}

function resize(c: Call): ReturnType<Operator> {
  const x = c.float(0);
  const mode = c.text('mode', 'nearest');
  if (!['nearest', 'linear', 'bilinear', 'cubic'].includes(mode)) c.refuse(`the mode '${mode}' is not supported.`);
  if (
    c.int('antialias', 0) ||
    c.int('exclude_outside', 0) ||
    c.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch' ||
    c.list('axes')
  )
    c.refuse('antialias, exclude_outside, keep_aspect_ratio_policy and axes are not supported.');
  const first = c.op === 'Upsample' || c.opset < 11 ? 1 : 2;
  const given = c.has(first) ? c.numbers(first) : c.list('scales');
  const sizes = c.has(3) ? c.numbers(3) : undefined;
  const scales = given?.length ? given : sizes?.map((n, d) => n / x.shape[d]);
  if (!scales || scales.length !== x.rank) return c.refuse('it has neither scales nor sizes of all axes.');
  const out = c.shape(sizes?.length ? sizes : x.shape.map((n, d) => Math.floor(n * scales[d])));
  return float(
    out.reduce((t, n, d) => (scales[d] === 1 && n === t.shape[d] ? t : along(c, t, d, n, scales[d], mode)), x),
  );
}

/** Operators that resize by name. */
export const resizing: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: resize };

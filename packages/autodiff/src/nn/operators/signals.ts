import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import { type Call, classed, float, type Operator, type Val } from './call.ts';
import { CASTS } from './shapes.ts';

// Windows and Fourier transforms. Transforms are products with matrices of cosines and sines, which suits the short frames of sound.

/** Longest transform. */
const LONGEST = 8192;

const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A window of cosines with these coefficients. */
const cosines =
  (coefficients: readonly number[]): Operator =>
  (c) => {
    const n = c.shape([c.numbers(0)[0]])[0];
    const period = c.int('periodic', 1) ? n : n - 1;
    const values = Float64Array.from({ length: n }, (_, i) =>
      coefficients.reduce((sum, a, k) => sum + (k % 2 ? -a : a) * Math.cos((2 * Math.PI * k * i) / period), 0),
    );
    const t = ad.cast(ad.tensor(values), c.real);
    return classed(float(t), CASTS[c.int('output_datatype', 1)] ?? 'float', c.real);
  };

/** cos and sin of 2π j k/n, [n, bins]. */
function waves(c: Call, n: number, bins: number): readonly [ad.Tensor, ad.Tensor] {
  if (n > LONGEST) c.refuse(`transforms of ${n} numbers are not supported; up to ${LONGEST} are.`);
  const table = (f: (x: number) => number): ad.Tensor => {
    const once = Float64Array.from({ length: n }, (_, i) => f((2 * Math.PI * i) / n));
    const values = new Float64Array(n * bins);
    for (let j = 0; j < n; j++) for (let k = 0; k < bins; k++) values[j * bins + k] = once[(j * k) % n];
    return ad.tensor(values, { shape: [n, bins], dtype: c.real });
  };
  return [table(Math.cos), table(Math.sin)];
}

/** The transform of [..., n], with an imaginary part if there is one, to [..., bins, 2]. */
function transformed(c: Call, re: ad.Tensor, im: ad.Tensor | undefined, bins: number, inverse: boolean): ad.Tensor {
  const n = re.shape[re.rank - 1];
  const [cos, sin] = waves(c, n, bins);
  const back = inverse ? 1 : -1;
  let real = ad.matmul(re, cos);
  let imaginary = ad.mul(ad.matmul(re, sin), back);
  if (im) {
    real = ad.sub(real, ad.mul(ad.matmul(im, sin), back));
    imaginary = ad.add(imaginary, ad.matmul(im, cos));
  }
  const y = ad.stack([real, imaginary], real.rank);
  return inverse ? ad.div(y, n) : y;
}

function dft(c: Call): Val {
  const x = c.float(0);
  const given = c.opset >= 20 ? (c.has(2) ? c.numbers(2)[0] : -2) : c.int('axis', 1);
  const axis = c.axis(given, x.rank);
  if (axis === x.rank - 1) fail('INVALID_PARAMETER', `${c.where}: the last axis is that of real and imaginary parts.`);
  const n = c.has(1) ? c.numbers(1)[0] : x.shape[axis];
  c.shape([n]);
  const inverse = c.int('inverse', 0) !== 0;
  const oneSided = c.int('onesided', 0) !== 0;
  if (inverse && oneSided) c.refuse('inverse transforms of one side are not supported.');
  // The axis goes to the end, cut or padded with zeros to the length.
  const order = counting(x.rank - 1).filter((d) => d !== axis);
  const parts = counting(x.shape[x.rank - 1]).map((k) => {
    const part = ad.permute(ad.slice(x, ...counting(x.rank - 1).map(() => undefined), k), [...order, axis]);
    const length = Math.min(n, x.shape[axis]);
    const cut = ad.slice(part, ...order.map(() => undefined), [0, length]);
    return n > length ? ad.pad(cut, [...order.map(() => [0, 0] as const), [0, n - length]]) : cut;
  });
  const y = transformed(c, parts[0], parts[1], oneSided ? Math.floor(n / 2) + 1 : n, inverse);
  const back = counting(x.rank - 2);
  back.splice(axis, 0, x.rank - 2);
  return float(ad.permute(y, [...back, x.rank - 1]));
}

/** Transforms of frames [batch, frames, bins, 2] of signals [batch, length, 1 or 2]. */
function frames(c: Call): Val {
  const x = c.float(0);
  const step = c.numbers(1)[0];
  const window = c.maybe(2);
  const n = c.has(3)
    ? c.numbers(3)[0]
    : (window?.shape[0] ?? c.refuse('it has neither a window nor a length of frames.'));
  const width = window?.shape[0] ?? n;
  if (width !== n) c.refuse(`a window of ${width} numbers for frames of ${n} is not supported.`);
  const count = Math.floor((x.shape[1] - n) / step) + 1;
  const bins = c.int('onesided', 1) ? Math.floor(n / 2) + 1 : n;
  c.shape([x.shape[0], count, n]);
  const at = Int32Array.from({ length: count * n }, (_, i) => Math.floor(i / n) * step + (i % n));
  const places = ad.tensor(at, { shape: [count, n] });
  const parts = counting(x.rank === 3 ? x.shape[2] : 1).map((k) => {
    const signal = x.rank === 3 ? ad.slice(x, undefined, undefined, k) : x;
    const all = ad.take(signal, places, 1);
    return window ? ad.mul(all, window) : all;
  });
  return float(transformed(c, parts[0], parts[1], bins, false));
}

/** Triangles over bins of a transform that are equally spaced on the mel scale, [bins, triangles]. */
function mel(c: Call): Val {
  const [count, length, rate, low, high] = [0, 1, 2, 3, 4].map((i) => c.numbers(i)[0]);
  const bins = Math.floor(length / 2) + 1;
  c.shape([bins, count]);
  const toMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
  const [from, to] = [toMel(low), toMel(high)];
  const edges = counting(count + 2).map((i) => {
    const hertz = 700 * (10 ** ((from + ((to - from) * i) / (count + 2)) / 2595) - 1);
    return Math.floor(((length + 1) * hertz) / rate);
  });
  const values = new Float64Array(bins * count);
  for (let k = 0; k < count; k++) {
    const [left, middle, right] = edges.slice(k, k + 3);
    if (middle === left) values[middle * count + k] = 1;
    for (let j = left; j <= middle && middle > left; j++) values[j * count + k] = (j - left) / (middle - left);
    for (let j = middle; j < right && right > middle; j++) values[j * count + k] = (right - j) / (right - middle);
  }
  return float(ad.tensor(values, { shape: [bins, count], dtype: c.real }));
}

/** Windows and transforms by name. */
export const signals: Readonly<Record<string, Operator>> = {
  HannWindow: cosines([0.5, 0.5]),
  HammingWindow: cosines([25 / 46, 21 / 46]),
  BlackmanWindow: cosines([0.42, 0.5, 0.08]),
  ...{ DFT: dft, STFT: frames, MelWeightMatrix: mel },
};

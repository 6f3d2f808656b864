import * as ad from '../../index.ts';
import { type Call, float, int, type Operator, type Val } from './call.ts';
import { firstChannels, lastChannels, lengths, pad, type Two, type Windows, windowsOf } from './images.ts';

// Pooling of [n, channels, depth, height, width], or without depth, or of [n, channels, length]; inside, channels are last.

/** The pads of pooling, with those that the last window needs with `ceil_mode`. */
function poolPads(c: Call, o: Windows, image: readonly number[]): Windows['pads'] {
  return image.map((_, d): Two => {
    const [before, after] = o.pads[d];
    const [span, stride] = [o.dilations[d] * (o.kernel[d] - 1) + 1, o.strides[d]];
    const room = image[d] + before + after - span;
    if (!c.int('ceil_mode', 0) || room < 0) return [before, after];
    let count = Math.ceil(room / stride) + 1;
    // A window that would begin in the padding after the image is left out.
    if ((count - 1) * stride >= image[d] + before) count--;
    return [before, Math.max(after, (count - 1) * stride + span - image[d] - before)];
  });
}

/** Places of a window, counted from its first pixel, the last axis fastest. */
const offsets = ({ kernel }: Windows): number[][] =>
  kernel.reduce<number[][]>((all, n) => all.flatMap((at) => Array.from({ length: n }, (_, k) => [...at, k])), [[]]);
/** The pixels at one place of all windows of padded images. */
function shifted(x: ad.Tensor, { kernel, strides, dilations }: Windows, at: readonly number[]): ad.Tensor {
  const ranges = lengths(x).map((n, d): ad.Range => {
    const count = Math.floor((n - dilations[d] * (kernel[d] - 1) - 1) / strides[d]) + 1;
    const from = at[d] * dilations[d];
    return [from, from + (count - 1) * strides[d] + 1, strides[d]];
  });
  return ad.slice(x, undefined, ...ranges);
}

/** Pools images, and volumes first in their layers and then across them. */
function windowed(f: typeof ad.maxPool, x: ad.Tensor, o: Windows): ad.Tensor {
  const { kernel, strides } = o;
  if (o.dilations.some((n) => n !== 1)) {
    const all = offsets(o).map((at) => shifted(x, o, at));
    return f === ad.maxPool
      ? all.reduce((a, b) => ad.maximum(a, b))
      : ad.div(
          all.reduce((a, b) => ad.add(a, b)),
          all.length,
        );
  }
  const [window, stride] = [kernel.slice(-2) as unknown as Two, strides.slice(-2) as unknown as Two];
  if (x.rank === 4) return f(x, window, { stride });
  const [n, depth, h, w, channels] = x.shape;
  const flat = f(ad.reshape(x, [n * depth, h, w, channels]), window, { stride });
  const [, rows, columns] = flat.shape;
  const deep = ad.reshape(flat, [n, depth, rows * columns, channels]);
  const y = f(deep, [kernel[0], 1], { stride: [strides[0], 1] });
  return ad.reshape(y, [n, y.shape[1], rows, columns, channels]);
}

/** Windows of padded images, and what padding comes before and after each axis. */
function pooling(c: Call, x: ad.Tensor) {
  const images = lastChannels(c, x);
  const image = lengths(images);
  const o = windowsOf(c, image, c.list('kernel_shape') ?? c.refuse('it has no kernel_shape.'));
  return { images, image, o, pads: poolPads(c, o, image) };
}

/** Maxima, and where in the input each is. */
function largest(c: Call): Val | readonly Val[] {
  const x = c.float(0);
  if (c.outputs === 1) return float(pooled(c, x, true));
  const { images, image, o, pads } = pooling(c, x);
  const all = offsets(o);
  const padded = pad(images, pads, -Infinity);
  const stacked = ad.stack(all.map((at) => shifted(padded, o, at)));
  // Places count from the first pixel of a window, and that from the first of the channel.
  const columns = c.int('storage_order', 0) !== 0;
  const strides = image.map((_, d) => (columns ? image.slice(0, d) : image.slice(d + 1)).reduce((a, b) => a * b, 1));
  const within = all.map((at) => at.reduce((sum, k, d) => sum + k * o.dilations[d] * strides[d], 0));
  const best = ad.take(ad.tensor(within), ad.argmax(stacked, 0), 0);
  const shape = stacked.shape.slice(1);
  const along = (t: ad.Tensor, axis: number): ad.Tensor =>
    ad.reshape(
      t,
      shape.map((n, d) => (d === axis ? n : 1)),
    );
  const size = image.reduce((a, b) => a * b, 1);
  const [n, channels] = [shape[0], shape[shape.length - 1]];
  let at = ad.add(best, along(ad.mul(ad.range(n), channels * size), 0));
  at = ad.add(at, along(ad.mul(ad.range(channels), size), shape.length - 1));
  image.forEach((_, d) => {
    const starts = Float64Array.from({ length: shape[d + 1] }, (_, i) => (i * o.strides[d] - pads[d][0]) * strides[d]);
    at = ad.add(at, along(ad.tensor(starts), d + 1));
  });
  return [float(firstChannels(ad.max(stacked, 0), x.rank)), int(firstChannels(at, x.rank))];
}

/** Numbers put back to where they were the maxima; zeros elsewhere. */
function unpooled(c: Call): Val {
  const x = c.float(0);
  const kernel = c.list('kernel_shape') ?? c.refuse('it has no kernel_shape.');
  const all = (name: string, count: number, fill: number): number[] =>
    c.list(name) ?? new Array<number>(count).fill(fill);
  const [strides, pads] = [all('strides', kernel.length, 1), all('pads', 2 * kernel.length, 0)];
  const own = kernel.map((n, d) => (x.shape[d + 2] - 1) * strides[d] - pads[d] - pads[kernel.length + d] + n);
  const shape = c.shape(c.has(2) ? c.numbers(2) : [...x.shape.slice(0, 2), ...own]);
  const places = ad.cast(ad.reshape(c.x(1).t, [x.size]), 'i32');
  const blank = ad.full([shape.reduce((a, b) => a * b, 1)], 0, c.real);
  return float(ad.reshape(ad.scatter(blank, places, ad.reshape(x, [x.size]), 0), shape));
}

/** The p-norm of windows. */
function normed(c: Call): Val {
  const x = c.float(0);
  const p = c.int('p', 2);
  const { images, o, pads } = pooling(c, ad.pow(ad.abs(x), p));
  const mean = windowed(ad.avgPool, pad(images, pads), o);
  return float(firstChannels(ad.pow(ad.mul(mean, offsets(o).length), 1 / p), x.rank));
}

/** Largest numbers or averages of windows of x, by the attributes of a call. */
export function pooled(c: Call, x: ad.Tensor, largest: boolean): ad.Tensor {
  const { images, image, o, pads } = pooling(c, x);
  const plain = pads.flat().every((n) => n === 0);
  if (largest) {
    const y = windowed(ad.maxPool, plain ? images : pad(images, pads, -Infinity), o);
    return firstChannels(y, x.rank);
  }
  const y = windowed(ad.avgPool, plain ? images : pad(images, pads), o);
  if (plain) return firstChannels(y, x.rank);
  // Windows count pads by `count_include_pad`, but never what lies beyond them.
  const counted = c.int('count_include_pad', 0) ? o.pads : o.pads.map((): Two => [0, 0]);
  const ones = pad(ad.full([1, ...image, 1], 1, c.real), counted, 1);
  const rest = pads.map(([before, after], d): Two => [before - counted[d][0], after - counted[d][1]]);
  const share = windowed(ad.avgPool, pad(ones, rest), o);
  return firstChannels(ad.div(y, share), x.rank);
}

const globally =
  (f: (x: ad.Tensor, axes: readonly number[], keep: boolean) => ad.Tensor): Operator =>
  (c) => {
    const x = c.float(0);
    return float(f(x, x.shape.map((_, d) => d).slice(2), true));
  };

/** Pooling by name. */
export const poolings: Readonly<Record<string, Operator>> = {
  ...{ MaxPool: largest, AveragePool: (c) => float(pooled(c, c.float(0), false)) },
  ...{ LpPool: normed, MaxUnpool: unpooled },
  ...{ GlobalAveragePool: globally(ad.mean), GlobalMaxPool: globally(ad.max) },
  GlobalLpPool: (c) => {
    const p = c.int('p', 2);
    const sums = globally((x, axes, keep) => ad.sum(ad.pow(ad.abs(x), p), axes, keep))(c) as Val;
    return float(ad.pow(sums.t, 1 / p));
  },
};

import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import { type Call, float, type Operator, type Val } from './call.ts';

// Operators that read images between their pixels.

type Padding = 'zeros' | 'border' | 'reflection';

/** Where a number along an axis is after reflections at both ends. */
function reflected(x: ad.Tensor, from: number, to: number): ad.Tensor {
  const span = to - from;
  if (span <= 0) return ad.add(ad.mul(x, 0), from);
  const far = ad.abs(ad.sub(x, from));
  const within = ad.sub(far, ad.mul(ad.floor(ad.div(far, 2 * span)), 2 * span));
  return ad.add(ad.minimum(within, ad.sub(2 * span, within)), from);
}

/** Pixels of images [n, c, ...], as rows of all images one after the other. */
class Pixels {
  private readonly rows: ad.Tensor;
  private readonly lengths: readonly number[];
  constructor(
    private readonly x: ad.Tensor,
    private readonly padding: Padding,
    private readonly aligned: boolean,
  ) {
    this.lengths = x.shape.slice(2);
    const all = x.shape.map((_, d) => d);
    this.rows = ad.reshape(ad.permute(x, [0, ...all.slice(2), 1]), [-1, x.shape[1]]);
  }

  private ends(d: number): readonly [number, number] {
    return this.aligned ? [0, this.lengths[d] - 1] : [-0.5, this.lengths[d] - 0.5];
  }

  /** A place along axis d that padding moves into the image. */
  moved(place: ad.Tensor, d: number): ad.Tensor {
    if (this.padding === 'border') return ad.clip(place, 0, this.lengths[d] - 1);
    return this.padding === 'reflection' ? reflected(place, ...this.ends(d)) : place;
  }

  /** The channels [n, places, c] of the pixels at whole places [n, places] along each axis; `first` is the number of the image. */
  at(places: readonly ad.Tensor[], first: ad.Tensor): ad.Tensor {
    let [flat, inside] = [first, undefined as ad.Tensor | undefined];
    places.forEach((given, d) => {
      const last = this.lengths[d] - 1;
      const place = ad.round(this.moved(given, d));
      const own = ad.clip(place, 0, last);
      flat = ad.add(ad.mul(flat, this.lengths[d]), ad.cast(own, 'f64'));
      if (this.padding !== 'zeros') return;
      const here = ad.cast(ad.equal(place, own), this.x.dtype);
      inside = inside ? ad.mul(inside, here) : here;
    });
    const found = ad.take(this.rows, ad.cast(flat, 'i32'), 0);
    return inside ? ad.mul(found, ad.expandDims(inside, inside.rank)) : found;
  }
}

/** The weights of neighbours of a place, by their distance from the lower one. */
function neighbours(t: ad.Tensor, mode: string): ReadonlyArray<readonly [step: number, weight: ad.Tensor]> {
  if (mode === 'linear') return [[0, ad.sub(1, t)] as const, [1, t] as const];
  const a = -0.75;
  const near = (s: ad.Tensor): ad.Tensor => ad.add(ad.mul(ad.mul(ad.sub(ad.mul(s, a + 2), a + 3), s), s), 1);
  const far = (s: ad.Tensor): ad.Tensor =>
    ad.sub(ad.mul(ad.add(ad.mul(ad.sub(ad.mul(s, a), 5 * a), s), 8 * a), s), 4 * a);
  const back = ad.sub(1, t);
  return [
    [-1, far(ad.add(t, 1))],
    [0, near(t)],
    [1, near(back)],
    [2, far(ad.add(back, 1))],
  ];
}

/** Channels between pixels: the sum over neighbours along all axes. */
function between(pixels: Pixels, places: readonly ad.Tensor[], first: ad.Tensor, mode: string): ad.Tensor {
  const low = places.map((p) => ad.floor(p));
  const all = places.map((p, d) => neighbours(ad.sub(p, low[d]), mode));
  const sum = (d: number, at: readonly ad.Tensor[], weight: ad.Tensor | undefined): ad.Tensor => {
    if (d === places.length) {
      const found = pixels.at(at, first);
      return weight ? ad.mul(found, ad.expandDims(weight, weight.rank)) : found;
    }
    return all[d]
      .map(([step, w]) => sum(d + 1, [...at, ad.add(low[d], step)], weight ? ad.mul(weight, w) : w))
      .reduce((a, b) => ad.add(a, b));
  };
  return sum(0, [], undefined);
}

/** Images at the places of a grid [n, ..., axes], whose numbers go from −1 to 1 along each axis, the last axis first. */
function gridSample(c: Call): Val {
  const [x, grid] = [c.float(0), c.float(1)];
  const axes = x.rank - 2;
  if (grid.rank !== x.rank || grid.shape[grid.rank - 1] !== axes)
    fail(
      'INVALID_SHAPE',
      `${c.where}: a grid of [${grid.shape.join(', ')}] does not fit images of [${x.shape.join(', ')}].`,
    );
  const given = c.text('mode', c.opset >= 20 ? 'linear' : 'bilinear');
  const mode = { bilinear: 'linear', bicubic: 'cubic' }[given] ?? given;
  const padding = c.text('padding_mode', 'zeros');
  const aligned = c.int('align_corners', 0) !== 0;
  const pixels = new Pixels(x, padding as Padding, aligned);
  const out = grid.shape.slice(1, -1);
  const n = x.shape[0];
  const places = Array.from({ length: axes }, (_, d) => {
    const g = ad.reshape(ad.slice(grid, ...grid.shape.slice(0, -1).map(() => undefined), axes - 1 - d), [n, -1]);
    const length = x.shape[2 + d];
    const scaled = ad.mul(ad.add(g, 1), (aligned ? length - 1 : length) / 2);
    const place = aligned ? scaled : ad.sub(scaled, 0.5);
    // Cubic weights are those of the place itself, of which only the neighbours are held within the border.
    return mode === 'cubic' && padding === 'border' ? place : pixels.moved(place, d);
  });
  const first = ad.reshape(ad.range(n), [n, 1]);
  const y =
    mode === 'nearest'
      ? pixels.at(
          places.map((p) => ad.round(p)),
          first,
        )
      : between(pixels, places, first, mode);
  return float(ad.reshape(ad.permute(y, [0, 2, 1]), [n, x.shape[1], ...out]));
}

/** A grid for {@link gridSample} from affine maps. */
function affineGrid(c: Call): Val {
  const maps = c.float(0);
  const lengths = c.numbers(1).slice(2);
  c.shape([maps.shape[0], ...lengths, lengths.length]);
  const aligned = c.int('align_corners', 0) !== 0;
  const size = lengths.reduce((a, b) => a * b, 1);
  const rows = new Float64Array(size * (lengths.length + 1)).fill(1);
  for (let i = 0; i < size; i++) {
    let left = i;
    for (let d = lengths.length - 1; d >= 0; d--) {
      const [n, k] = [lengths[d], left % lengths[d]];
      left = Math.floor(left / n);
      const at = aligned ? (n > 1 ? (2 * k) / (n - 1) - 1 : -1) : (2 * k + 1) / n - 1;
      rows[i * (lengths.length + 1) + lengths.length - 1 - d] = at;
    }
  }
  const points = ad.tensor(rows, { shape: [size, lengths.length + 1], dtype: c.real });
  const y = ad.matmul(points, ad.permute(maps, [0, 2, 1]));
  return float(ad.reshape(y, [maps.shape[0], ...lengths, lengths.length]));
}

/** Averages or maxima of points between pixels, in a grid over each of the regions [r, 4]. */
function aligned(c: Call): Val {
  const [x, regions, images] = [c.float(0), c.float(1), ad.cast(c.x(2).t, 'f64')];
  const ratio = c.int('sampling_ratio', 0);
  if (ratio > 0) return float(regionsOf(c, x, regions, images, [ratio, ratio]));
  // The number of points depends on the size of each region.
  const scale = c.real1('spatial_scale', 1);
  const corners = c.numbers(1);
  if (regions.shape[0] === 0) return float(regionsOf(c, x, regions, images, [1, 1]));
  const parts = Array.from({ length: regions.shape[0] }, (_, i) => {
    const [x1, y1, x2, y2] = corners.slice(4 * i, 4 * i + 4).map((v) => v * scale);
    const least = halfPixel(c) ? 0 : 1;
    const count = (length: number, out: number): number => Math.max(1, Math.ceil(Math.max(length, least) / out));
    const counts = [count(y2 - y1, c.int('output_height', 1)), count(x2 - x1, c.int('output_width', 1))];
    return regionsOf(c, x, ad.slice(regions, [i, i + 1]), ad.slice(images, [i, i + 1]), counts);
  });
  return float(ad.concat(parts, 0));
}
const halfPixel = (c: Call): boolean =>
  c.opset >= 16 && c.text('coordinate_transformation_mode', 'half_pixel') === 'half_pixel';

function regionsOf(c: Call, x: ad.Tensor, regions: ad.Tensor, images: ad.Tensor, counts: readonly number[]): ad.Tensor {
  const sizes = [c.int('output_height', 1), c.int('output_width', 1)];
  const scale = c.real1('spatial_scale', 1);
  const [r, [, channels, ...lengths]] = [regions.shape[0], x.shape];
  const total = [0, 1].map((d) => c.shape([sizes[d] * counts[d]])[0]);
  const corner = (k: number): ad.Tensor =>
    ad.sub(ad.mul(ad.slice(regions, undefined, [k, k + 1]), scale), halfPixel(c) ? 0.5 : 0);
  // Places along both axes, [r, points], each with the row of zeros that stands for what is beyond the image.
  const places = [0, 1].map((d) => {
    const [from, to] = [corner(1 - d), corner(3 - d)];
    const length = halfPixel(c) ? ad.sub(to, from) : ad.maximum(ad.sub(to, from), 1);
    const steps = ad.tensor(
      Float64Array.from({ length: total[d] }, (_, i) => (i + 0.5) / total[d]),
      { dtype: c.real },
    );
    return ad.add(from, ad.mul(length, steps));
  });
  const rank = [r, total[0], total[1]];
  const wide = places.map((p, d) =>
    ad.reshape(ad.broadcastTo(ad.reshape(p, d === 0 ? [r, -1, 1] : [r, 1, -1]), rank), [r, -1]),
  );
  const inside = wide
    .map((p, d) => ad.mul(ad.greaterEqual(p, -1), ad.lessEqual(p, lengths[d])))
    .reduce((a, b) => ad.mul(a, b));
  const pixels = new Pixels(x, 'border', true);
  const first = ad.reshape(images, [r, 1]);
  const held = wide.map((p, d) => ad.clip(p, 0, lengths[d] - 1));
  const low = held.map((p) => ad.floor(p));
  const parts = [0, 1].flatMap((i) =>
    [0, 1].map((j) => {
      const steps = [i, j];
      const weights = held.map((p, d) => (steps[d] ? ad.sub(p, low[d]) : ad.sub(1, ad.sub(p, low[d]))));
      const weight = ad.mul(ad.mul(weights[0], weights[1]), inside);
      const found = pixels.at(
        low.map((p, d) => ad.add(p, steps[d])),
        first,
      );
      return ad.mul(found, ad.expandDims(weight, 2));
    }),
  );
  const largest = c.text('mode', 'avg') === 'max';
  const points = parts.reduce(largest ? ad.maximum : ad.add);
  const bins = ad.reshape(points, [r, sizes[0], counts[0], sizes[1], counts[1], channels]);
  return ad.permute(largest ? ad.max(bins, [2, 4]) : ad.mean(bins, [2, 4]), [0, 3, 1, 2]);
}

/** Maxima of bins of whole pixels of regions [r, 5], which must be known. */
function largestOf(c: Call): Val {
  const x = c.float(0);
  const [rows, columns] = c.list('pooled_shape') ?? c.refuse('it has no pooled_shape.');
  const scale = c.real1('spatial_scale', 1);
  const all = c.numbers(1);
  const [height, width] = x.shape.slice(2);
  const regions = Array.from({ length: all.length / 5 }, (_, i) => {
    const [image, ...corners] = all.slice(5 * i, 5 * i + 5);
    // In single precision, and halves away from 0, as in C.
    const [x1, y1, x2, y2] = corners.map((v) => Math.sign(v) * Math.round(Math.fround(Math.abs(v) * scale)));
    const edges = (from: number, to: number, count: number, length: number) =>
      Array.from({ length: count }, (_, k): readonly [number, number] => {
        const each = Math.fround(Math.max(1, to - from + 1) / count);
        const within = (v: number): number => Math.min(length, Math.max(0, v + from));
        return [within(Math.floor(Math.fround(k * each))), within(Math.ceil(Math.fround((k + 1) * each)))];
      });
    const bins = edges(y1, y2, rows, height).flatMap((h) =>
      edges(x1, x2, columns, width).map((w) =>
        h[1] > h[0] && w[1] > w[0]
          ? ad.max(ad.slice(x, image, undefined, h, w), [1, 2])
          : ad.full([x.shape[1]], 0, c.real),
      ),
    );
    return ad.reshape(ad.stack(bins, 1), [x.shape[1], rows, columns]);
  });
  return float(regions.length === 0 ? ad.full([0, x.shape[1], rows, columns], 0, c.real) : ad.stack(regions));
}

/** Operators that read images between pixels by name. */
export const sampling: Readonly<Record<string, Operator>> = {
  ...{ GridSample: gridSample, AffineGrid: affineGrid, RoiAlign: aligned, MaxRoiPool: largestOf },
};

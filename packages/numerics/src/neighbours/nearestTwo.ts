import { clusteringKernels } from '@southwell/kernels/clustering';
import { largestOf } from '@southwell/numerics/core';
import { type Points, squaredDistance } from './points.ts';

/** Points of one product: their distances to some fifty centres stay in the first cache. */
const WIDTH = 128;
/** Rows of so many centres are beside each other. */
const GROUP = 8;
/** Products of vectors no longer than this fit 32 bits. */
const LONGEST = 46340;
const LARGEST = 32766;

/**
 * The nearest centre of points, with bounds of the distances to it and to the others. Products are taken of whole numbers
 * of 16 bits, each vector in units of its own, four times as fast as in double precision, and their errors bounded; where
 * these leave the nearest centre open, distances to the centres in question decide in double precision. So the result is
 * that of double precision.
 */
export class NearestTwo {
  private readonly scratch;
  private readonly pairs: number;
  /** Centres, rounded up to whole groups. */
  private readonly rows: number;
  private readonly values;
  private readonly units;
  /** By how much points differ from their whole numbers. */
  private readonly errors: Float64Array;
  private readonly centreRows;
  private readonly centreValues;
  private readonly centreUnits;
  private readonly out;
  private readonly norms32;
  private readonly list;
  private readonly index;
  private readonly first;
  private readonly second;
  private centres: Float64Array;
  private largest = 0;
  private largestError = 0;
  /** Of the largest value, so that squares fit single precision. */
  private readonly scale: number;

  constructor(
    private readonly points: Points,
    private readonly k: number,
  ) {
    const { n, d, norms } = points;
    let largest = 0;
    for (let p = 0; p < n; p++) largest = Math.max(largest, norms[p]);
    largest = largestOf(points.rows, largest);
    this.scale = largest > 0 ? 1 / Math.sqrt(largest) : 1;
    this.pairs = (d + 1) >> 1;
    this.rows = Math.ceil(k / GROUP) * GROUP;
    this.scratch = points.matrix.arena.scratch();
    this.values = this.scratch.i32(n * this.pairs);
    this.units = this.scratch.f32(n);
    this.errors = new Float64Array(n);
    this.centreRows = this.scratch.f64(k * d);
    this.centreValues = this.scratch.i32(this.rows * this.pairs);
    this.centreUnits = this.scratch.f32(this.rows);
    this.out = this.scratch.f32(this.rows * WIDTH);
    this.norms32 = this.scratch.f32(this.rows);
    this.list = this.scratch.i32(n);
    this.index = this.scratch.i32(WIDTH);
    this.first = this.scratch.f32(WIDTH);
    this.second = this.scratch.f32(WIDTH);
    this.centres = new Float64Array(0);
    const units = this.units.view;
    const square = this.scale * this.scale;
    for (let p = 0; p < n; p++) {
      const from = points.matrix.pointer + 8 * p * d;
      this.errors[p] = this.pack(from, norms[p] * square, this.values.pointer + 4 * p * this.pairs, 1, -2, units, p);
    }
    this.centreValues.view.fill(0);
    this.centreUnits.view.fill(0);
    this.norms32.view.fill(Number.POSITIVE_INFINITY);
  }

  /**
   * The d numbers at an address, times the scale, as whole numbers in words `stride` apart, and their unit times `factor`.
   * Gives the distance between the two from above.
   */
  private pack(
    from: number,
    square: number,
    to: number,
    stride: number,
    factor: number,
    units: Float32Array,
    slot: number,
  ): number {
    const { scale } = this;
    const { d } = this.points;
    const kernels = this.points.matrix.arena.use(clusteringKernels);
    const most = kernels.largestMagnitude(d, from);
    // Rounding makes vectors longer by at most √d/2. Smaller units than 2^−60 are of no use, and f32 has few beyond.
    const longest = (LONGEST - 1 - Math.sqrt(d) / 2) / Math.sqrt(square * (1 + 1e-9));
    const perUnit = Math.min(longest, LARGEST / (most * scale), 2 ** 60);
    units[slot] = factor * Math.fround(1 / perUnit);
    const error = kernels.wholeNumbers(d, from, scale * perUnit, to, stride);
    return (Math.sqrt(error) / perUnit) * (1 + 1e-6);
  }

  /** Takes the centres, row after row; they must not change until the next call. O(kd). */
  setCentres(centres: Float64Array): void {
    const { k, scale, pairs } = this;
    const { d } = this.points;
    this.centres = centres;
    this.centreRows.view.set(centres);
    const units = this.centreUnits.view;
    this.largest = 0;
    this.largestError = 0;
    const norms = this.norms32.view;
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let j = c * d; j < (c + 1) * d; j++) sum += (centres[j] * scale) ** 2;
      norms[c] = sum;
      this.largest = Math.max(this.largest, sum);
      const to = this.centreValues.pointer + 4 * (Math.floor(c / GROUP) * GROUP * pairs + (c % GROUP));
      const error = this.pack(this.centreRows.pointer + 8 * c * d, sum, to, GROUP, 1, units, c);
      this.largestError = Math.max(this.largestError, error);
    }
  }

  /**
   * The nearest centre of each of list[0 … count − 1] into `nearest`, an upper bound of the distance to it into `upper`
   * and a lower bound of that to any other into `lower`, all by index of the point. O(count · k · d).
   */
  find(list: Int32Array, count: number, nearest: Int32Array, upper: Float64Array, lower: Float64Array): void {
    this.list.view.set(list.subarray(0, count));
    for (let from = 0; from < count; from += WIDTH) {
      this.block(list, from, Math.min(WIDTH, count - from), nearest, upper, lower);
    }
  }

  private block(
    list: Int32Array,
    from: number,
    count: number,
    nearest: Int32Array,
    upper: Float64Array,
    lower: Float64Array,
  ): void {
    const { points, rows, scale, largest, largestError, errors } = this;
    const { norms, data } = points;
    const kernels = points.matrix.arena.use(clusteringKernels);
    kernels.pairProducts(
      rows,
      count,
      this.pairs,
      this.centreValues.pointer,
      this.centreUnits.pointer,
      this.list.pointer + 4 * from,
      this.values.pointer,
      this.units.pointer,
      this.out.pointer,
      rows,
    );
    kernels.twoSmallest(
      rows,
      count,
      this.out.pointer,
      rows,
      this.norms32.pointer,
      this.index.pointer,
      this.first.pointer,
      this.second.pointer,
    );
    const index = this.index.view;
    const firsts = this.first.view;
    const seconds = this.second.view;
    const square = scale * scale;
    const longest = Math.sqrt(largest) * (1 + 1e-6);
    for (let i = 0; i < count; i++) {
      const first = firsts[i];
      const second = seconds[i];
      const p = list[from + i];
      const norm = norms[p] * square;
      // |x·c − x̃·c̃| ≤ ‖x‖‖c − c̃‖ + ‖x − x̃‖‖c̃‖; then five roundings of 2x·c, which is at most ‖x‖² + ‖c‖² in size, and
      // two of the sum; and what single precision has no digits for.
      const products = Math.sqrt(norm) * (1 + 1e-6) * largestError + errors[p] * (longest + largestError);
      const rounding = 2 * products + 2 ** -20 * (norm + largest) + 1e-36;
      // Also where single precision has overflown.
      if (!(second - first > 2 * rounding)) {
        this.decide(data, p, i * rows, first + 2 * rounding, nearest, upper, lower);
        // Those not looked at are further off than this.
        lower[p] = Math.min(lower[p], Math.sqrt(Math.max(0, first + norm + rounding)) / scale);
      } else {
        nearest[p] = index[i];
        upper[p] = Math.sqrt(Math.max(0, first + norm + rounding)) / scale;
        lower[p] = Math.sqrt(Math.max(0, second + norm - rounding)) / scale;
      }
    }
  }

  /** In double precision, among the centres whose products are at most `limit`. */
  private decide(
    data: Float64Array,
    p: number,
    at: number,
    limit: number,
    nearest: Int32Array,
    upper: Float64Array,
    lower: Float64Array,
  ): void {
    const { k, centres } = this;
    const { d } = this.points;
    const out = this.out.view;
    const norms = this.norms32.view;
    let best = 0;
    let first = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      if (out[at + c] + norms[c] > limit) continue;
      const v = squaredDistance(data, p * d, centres, c * d, d);
      if (v < first) {
        second = first;
        first = v;
        best = c;
      } else if (v < second) second = v;
    }
    nearest[p] = best;
    // Bounds must hold in spite of rounding.
    upper[p] = Math.sqrt(first) * (1 + 1e-12);
    lower[p] = Math.sqrt(second) * (1 - 1e-12);
  }

  free(): void {
    this.scratch.release();
  }
}

import { clusteringKernels } from '@southwell/kernels/clustering';
import { largestOf } from '@southwell/numerics/core';
import { type Points, squaredDistance } from './points.ts';

/** Points per product, so that their distances to about fifty centres stay in the first-level cache. */
const WIDTH = 128;
/** Centres are interleaved in groups of this size. */
const GROUP = 8;
/** Maximum norm of quantised vectors: their inner products then fit 32 bits. */
const LONGEST = 46340;
const LARGEST = 32766;

/**
 * The nearest centre of each point, with bounds on the distances to it and to the others. Inner products are computed
 * on vectors quantised to 16-bit integers, each with its own unit, four times as fast as in double precision, with
 * bounded errors; where these leave the nearest centre undecided, distances to the candidates are computed in double
 * precision. The result is that of double precision.
 */
export class NearestTwo {
  private readonly scratch;
  private readonly pairs: number;
  /** Number of centres, rounded up to whole groups. */
  private readonly rows: number;
  private readonly values;
  private readonly units;
  /** Quantisation error of each point. */
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
  /** Reciprocal of the largest norm, so that squares fit single precision. */
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
   * Quantises the d numbers at an address, times the scale, into words `stride` apart, and writes their unit times
   * `factor`. Returns an upper bound on the quantisation error.
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
    // Rounding increases the norm by at most √d/2. Units below 2^−60 are useless, and single precision has few below
    // that.
    const longest = (LONGEST - 1 - Math.sqrt(d) / 2) / Math.sqrt(square * (1 + 1e-9));
    const perUnit = Math.min(longest, LARGEST / (most * scale), 2 ** 60);
    units[slot] = factor * Math.fround(1 / perUnit);
    const error = kernels.wholeNumbers(d, from, scale * perUnit, to, stride);
    return (Math.sqrt(error) / perUnit) * (1 + 1e-6);
  }

  /** Sets the centres (row-major), which must not change until the next call. O(kd). */
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
   * For each point of list[0 … count − 1], writes the nearest centre to `nearest`, an upper bound on the distance to it
   * to `upper` and a lower bound on the distance to any other to `lower`, all indexed by point. O(count · k · d).
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
      // |x·c − x̃·c̃| ≤ ‖x‖‖c − c̃‖ + ‖x − x̃‖‖c̃‖, plus five roundings of 2x·c, which is at most ‖x‖² + ‖c‖², two of
      // the sum, and underflow in single precision.
      const products = Math.sqrt(norm) * (1 + 1e-6) * largestError + errors[p] * (longest + largestError);
      const rounding = 2 * products + 2 ** -20 * (norm + largest) + 1e-36;
      // Negated, so that it also holds after overflow in single precision.
      if (!(second - first > 2 * rounding)) {
        this.decide(data, p, i * rows, first + 2 * rounding, nearest, upper, lower);
        // Lower bound for the centres that were not examined.
        lower[p] = Math.min(lower[p], Math.sqrt(Math.max(0, first + norm + rounding)) / scale);
      } else {
        nearest[p] = index[i];
        upper[p] = Math.sqrt(Math.max(0, first + norm + rounding)) / scale;
        lower[p] = Math.sqrt(Math.max(0, second + norm - rounding)) / scale;
      }
    }
  }

  /** Decides in double precision among the centres whose products are at most `limit`. */
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
    // Margins, so that the bounds hold in spite of rounding.
    upper[p] = Math.sqrt(first) * (1 + 1e-12);
    lower[p] = Math.sqrt(second) * (1 - 1e-12);
  }

  free(): void {
    this.scratch.release();
  }
}

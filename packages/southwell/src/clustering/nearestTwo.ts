import { gemmWorkBytes } from '@southwell/kernels';
import type { Points } from './points.ts';

/** Points of one product: their distances to some fifty centres stay in the first caches. */
const WIDTH = 256;

/**
 * The nearest centre of points, with bounds of the distances to it and to the others. Products are taken in single
 * precision, twice as fast, and their rounding errors bounded; where these leave the nearest centre open, distances to
 * the centres in question decide in double precision. So the result is that of double precision.
 */
export class NearestTwo {
  private readonly scratch;
  private readonly values;
  private readonly centres32;
  private readonly gathered;
  private readonly out;
  private readonly work;
  private readonly norms32;
  private readonly index;
  private readonly first;
  private readonly second;
  private centres: Float64Array;
  private largest = 0;
  /** Of the largest value, so that squares fit single precision. */
  private readonly scale: number;

  constructor(
    private readonly points: Points,
    private readonly k: number,
  ) {
    const { n, d, norms } = points;
    let largest = 0;
    for (let p = 0; p < n; p++) largest = Math.max(largest, norms[p]);
    this.scale = largest > 0 ? 1 / Math.sqrt(largest) : 1;
    this.scratch = points.matrix.arena.scratch();
    this.values = this.scratch.f32(n * d);
    this.centres32 = this.scratch.f32(k * d);
    this.gathered = this.scratch.f32(WIDTH * d);
    this.out = this.scratch.f32(k * WIDTH);
    this.work = this.scratch.f64(Math.ceil(gemmWorkBytes(k, WIDTH, d) / 8));
    this.norms32 = this.scratch.f32(k);
    this.index = this.scratch.i32(WIDTH);
    this.first = this.scratch.f32(WIDTH);
    this.second = this.scratch.f32(WIDTH);
    this.centres = new Float64Array(0);
    const { data } = points;
    const to = this.values.view;
    for (let t = 0; t < to.length; t++) to[t] = data[t] * this.scale;
  }

  /** Takes the centres, row after row; they must not change until the next call. O(kd). */
  setCentres(centres: Float64Array): void {
    const { k, scale } = this;
    const { d } = this.points;
    this.centres = centres;
    const to = this.centres32.view;
    for (let t = 0; t < k * d; t++) to[t] = centres[t] * scale;
    this.largest = 0;
    const norms = this.norms32.view;
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let j = c * d; j < (c + 1) * d; j++) sum += (centres[j] * scale) ** 2;
      norms[c] = sum;
      this.largest = Math.max(this.largest, sum);
    }
  }

  /**
   * The nearest centre of each of list[0 … count − 1] into `nearest`, an upper bound of the distance to it into `upper`
   * and a lower bound of that to any other into `lower`, all by index of the point. O(count · k · d).
   */
  find(list: Int32Array, count: number, nearest: Int32Array, upper: Float64Array, lower: Float64Array): void {
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
    const { points, k, scale, largest } = this;
    const { d } = points;
    // Points in a row need no gathering.
    let pointer = this.values.pointer + 4 * list[from] * d;
    if (list[from + count - 1] - list[from] !== count - 1) {
      pointer = this.gathered.pointer;
      const to = this.gathered.view;
      const values = this.values.view;
      for (let i = 0; i < count; i++) {
        const at = list[from + i] * d;
        for (let j = 0; j < d; j++) to[i * d + j] = values[at + j];
      }
    }
    points.matrix.arena.kernels.sgemm(
      true,
      false,
      k,
      count,
      d,
      -2,
      this.centres32.pointer,
      d,
      pointer,
      d,
      0,
      this.out.pointer,
      k,
      this.work.pointer,
    );
    points.matrix.arena.kernels.twoSmallest(
      k,
      count,
      this.out.pointer,
      k,
      this.norms32.pointer,
      this.index.pointer,
      this.first.pointer,
      this.second.pointer,
    );
    const index = this.index.view;
    const firsts = this.first.view;
    const seconds = this.second.view;
    const square = scale * scale;
    for (let i = 0; i < count; i++) {
      const first = firsts[i];
      const second = seconds[i];
      const p = list[from + i];
      const norm = points.norms[p] * square;
      // d + 4 roundings of terms whose absolute values add up to at most 2‖x‖‖c‖ ≤ ‖x‖² + ‖c‖².
      const rounding = (d + 8) * 2 ** -23 * (norm + largest);
      if (second - first <= 2 * rounding) {
        this.decide(p, i * k, first + 2 * rounding, nearest, upper, lower);
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
    p: number,
    at: number,
    limit: number,
    nearest: Int32Array,
    upper: Float64Array,
    lower: Float64Array,
  ): void {
    const { points, k, centres } = this;
    const out = this.out.view;
    const norms = this.norms32.view;
    let best = 0;
    let first = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      if (out[at + c] + norms[c] > limit) continue;
      const v = points.distance(p, centres, c);
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

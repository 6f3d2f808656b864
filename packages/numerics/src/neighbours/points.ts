import { gemmWorkBytes } from '@southwell/kernels';
import { asMatrix, checkFinite, DenseMatrix, type Matrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, inOnePlace, type SplitRows, sumOverRows } from '@southwell/numerics/core';

/**
 * Points prepared for distance computations: a dense copy with the coordinates of each point contiguous, centred at the
 * mean, because ‖x‖² + ‖c‖² − 2x·c loses fewer digits near the origin.
 */
export class Points {
  /** Squared norms after centring. */
  readonly norms: Float64Array;
  private constructor(
    /** d × n: each column is a point. */
    readonly matrix: DenseMatrix,
    /** The mean that was subtracted from every point. */
    readonly mean: Float64Array,
    /** How the points are distributed over ranks. */
    readonly rows: SplitRows,
  ) {
    const { data, rows: d, cols: n } = matrix;
    this.norms = new Float64Array(n);
    for (let p = 0; p < n; p++) {
      let sum = 0;
      for (let j = p * d; j < (p + 1) * d; j++) sum += data[j] * data[j];
      this.norms[p] = sum;
    }
    if (!Number.isFinite(this.total())) {
      fail('NUMERICAL', 'Squares of these values overflow. Scale the data, for instance to unit variance.');
    }
  }

  /**
   * Copies the rows of X, in any form that {@link asMatrix} accepts; `mean` replaces their mean as the origin. With
   * `split` (default: all are local) they are the rows of this rank, and the mean is over all ranks. O(nd).
   * @throws EMPTY if there are no rows or columns, NON_FINITE for NaN and infinite values, NUMERICAL if squares
   * overflow.
   */
  static from(X: MatrixLike, mean?: Float64Array, split?: SplitRows): Points {
    const given: Matrix = asMatrix(X);
    const { rows: n, cols: d } = given;
    const spread = split ?? inOnePlace(n);
    const { all } = spread;
    if (spread.own !== n) {
      fail('INVALID_SHAPE', `X has ${n} rows, but ${spread.own} of the rows are on this rank.`);
    }
    if (all === 0 || d === 0) fail('EMPTY', `There is nothing to cluster or to search: the data are ${all} × ${d}.`);
    checkFinite(given, 'X', spread.first);
    const rows = given.kind === 'dense' ? given : given.toDense();
    const matrix = DenseMatrix.create(d, n, { fill: false });
    const centre = mean ?? new Float64Array(d);
    const { data } = matrix;
    const values = rows.data;
    if (!mean) {
      spread.sum(centre, (_, from, to, part) => {
        for (let j = 0; j < d; j++) {
          let sum = 0;
          for (let p = from; p < to; p++) sum += values[j * n + p] / all;
          part[j] = sum;
        }
      });
    }
    // Tile size of the transposition, so that both sides stay in the cache.
    const TILE = 32;
    for (let p0 = 0; p0 < n; p0 += TILE) {
      for (let j0 = 0; j0 < d; j0 += TILE) {
        const p1 = Math.min(n, p0 + TILE);
        const j1 = Math.min(d, j0 + TILE);
        for (let p = p0; p < p1; p++) for (let j = j0; j < j1; j++) data[p * d + j] = values[j * n + p] - centre[j];
      }
    }
    return new Points(matrix, centre, spread);
  }

  /** Copies some of the points, with the same origin. */
  some(points: Int32Array): Points {
    const { d } = this;
    const matrix = DenseMatrix.create(d, points.length, { fill: false });
    const [from, to] = [this.data, matrix.data];
    for (let i = 0; i < points.length; i++) to.set(from.subarray(points[i] * d, (points[i] + 1) * d), i * d);
    return new Points(matrix, this.mean, inOnePlace(points.length));
  }

  get n(): number {
    return this.matrix.cols;
  }

  get d(): number {
    return this.matrix.rows;
  }

  /** Σ‖x‖² over all points. */
  total(): number {
    return sumOverRows(this.rows, (p) => this.norms[p]);
  }

  /** Copies of points given by their global indices, whichever rank holds them, one after the other. */
  copies(numbers: ArrayLike<number>): Float64Array {
    const { d, data } = this;
    const { first, own } = this.rows;
    const here: number[] = [];
    for (let t = 0; t < numbers.length; t++) if (numbers[t] >= first && numbers[t] < first + own) here.push(t);
    const sent = new Float64Array(here.length * (d + 1));
    here.forEach((t, i) => {
      const p = numbers[t] - first;
      sent[i * (d + 1)] = t;
      sent.set(data.subarray(p * d, (p + 1) * d), i * (d + 1) + 1);
    });
    const come = this.rows.gather(sent);
    const out = new Float64Array(numbers.length * d);
    for (let at = 0; at < come.length; at += d + 1) out.set(come.subarray(at + 1, at + 1 + d), come[at] * d);
    return out;
  }

  /** Point p at p·d … (p+1)·d − 1. A view: fetch it again after anything that allocates. */
  get data(): Float64Array {
    return this.matrix.data;
  }

  /** ‖x_p − c‖² for the centre at `centres[k·d …]`, without cancellation. O(d). */
  distance(p: number, centres: Float64Array, k: number): number {
    const { data, rows: d } = this.matrix;
    return squaredDistance(data, p * d, centres, k * d, d);
  }

  /** Converts k centres relative to the origin (row-major) to a k × d matrix in the coordinates of X. */
  restore(centres: Float64Array, k: number): DenseMatrix {
    const { d, mean } = this;
    return DenseMatrix.fromRowMajor(
      centres.map((v, j) => v + mean[j % d]),
      k,
      d,
    );
  }

  /**
   * Converts the caller's k × d centres to coordinates relative to the origin, and checks their shape and values.
   * @throws INVALID_SHAPE.
   */
  adopt(centres: MatrixLike, k: number): Float64Array {
    const C = asMatrix(centres);
    if (C.rows !== k || C.cols !== this.d) {
      fail('INVALID_SHAPE', `The prototypes to start from must be ${k} × ${this.d}, but are ${C.rows} × ${C.cols}.`);
    }
    checkFinite(C, 'init');
    const dense = C.kind === 'dense' ? C : C.toDense();
    const out = new Float64Array(k * this.d);
    for (let c = 0; c < k; c++) for (let j = 0; j < this.d; j++) out[c * this.d + j] = dense.get(c, j) - this.mean[j];
    return out;
  }
}

/**
 * ‖x − y‖² of d numbers beginning at x[at] and y[bt]; four independent partial sums for instruction-level parallelism.
 */
export function squaredDistance(x: Float64Array, at: number, y: Float64Array, bt: number, d: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let e = 0;
  const whole = at + (d & ~3);
  for (; at < whole; at += 4, bt += 4) {
    const u = x[at] - y[bt];
    const v = x[at + 1] - y[bt + 1];
    const w = x[at + 2] - y[bt + 2];
    const z = x[at + 3] - y[bt + 3];
    a += u * u;
    b += v * v;
    c += w * w;
    e += z * z;
  }
  let sum = a + c + (b + e);
  for (const end = whole + (d & 3); at < end; at++, bt++) sum += (x[at] - y[bt]) ** 2;
  return sum;
}

/** Points per product, so that their distances to about fifty centres stay in the second-level cache. */
export const WIDTH = 256;

/** Squared distances between blocks of points and up to `capacity` centres, by matrix products. Call `free` at the end. */
export class Distances {
  private readonly scratch;
  private readonly centres;
  private readonly out;
  private readonly work;
  private readonly norms;
  private k = 0;
  readonly width = WIDTH;

  constructor(
    private readonly points: Points,
    capacity: number,
  ) {
    const { d } = points;
    this.scratch = points.matrix.arena.scratch();
    this.centres = this.scratch.f64(capacity * d);
    this.out = this.scratch.f64(capacity * WIDTH);
    this.work = this.scratch.f64(Math.ceil(gemmWorkBytes(capacity, WIDTH, d) / 8));
    this.norms = this.scratch.f64(capacity);
  }

  /** Sets the first k centres of `centres` (row-major). O(kd). */
  setCentres(centres: Float64Array, k: number): void {
    const { d } = this.points;
    this.centres.view.set(centres.subarray(0, k * d));
    this.k = k;
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let j = c * d; j < (c + 1) * d; j++) sum += centres[j] * centres[j];
      this.norms.view[c] = sum;
    }
  }

  /** Writes −2x·c for `count` ≤ width points beginning with `from` to `out`: point i and centre c at i·k + c. */
  private multiply(from: number, count: number): void {
    const { k, points } = this;
    const { d } = points;
    points.matrix.arena.kernels.gemm(
      true,
      false,
      k,
      count,
      d,
      -2,
      this.centres.pointer,
      d,
      points.matrix.pointer + 8 * from * d,
      d,
      0,
      this.out.pointer,
      k,
      this.work.pointer,
    );
  }

  /**
   * Squared distances of `count` ≤ width points beginning with `from`: point i and centre c at i·k + c. Valid until the
   * next call.
   */
  range(from: number, count: number): Float64Array {
    const { k, points } = this;
    this.multiply(from, count);
    const [out, norms] = [this.out.view, this.norms.view];
    for (let i = 0; i < count; i++) {
      const norm = points.norms[from + i];
      const at = i * k;
      for (let c = 0; c < k; c++) out[at + c] = Math.max(0, out[at + c] + norm + norms[c]);
    }
    return out;
  }

  free(): void {
    this.scratch.release();
  }
}

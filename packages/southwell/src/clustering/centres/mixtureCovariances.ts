import { denseKernels, gemmWorkBytes } from '@southwell/kernels';
import { clusteringKernels } from '@southwell/kernels/clustering';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type SplitRows } from '@southwell/numerics/core';
import { choleskyInPlace, gramMatrix } from '@southwell/numerics/linalg';
import type { Points } from '@southwell/numerics/neighbours';
import { elementary } from '@southwell/numerics/special';

const { log } = elementary;

/** Covariance types with their titles. */
export const covarianceTitles = {
  full: 'full',
  tied: 'one matrix for all',
  diagonal: 'diagonal',
  spherical: 'one variance',
} as const;

export type CovarianceKind = keyof typeof covarianceTitles;

/** The parts of a mixture that its covariances use. */
export interface MixtureParts {
  readonly points: Points;
  /** Responsibilities, or log densities; n × k. */
  readonly r: DenseMatrix;
  /** d × k. */
  readonly means: DenseMatrix;
  /** Sums of responsibilities, k. */
  readonly sizes: Float64Array;
  /** Initial variance of every covariance. */
  readonly variance: number;
  /** Regularisation added to every variance. */
  readonly ridge: number;
}

/** Log of a component's weighted density at its mean, from log |Σ| and tr Σ⁻¹. */
type Peak = (component: number, logDet: number, trace: number) => number;

export interface Covariances {
  /** As in a mixture's snapshot, except that 'spherical' has all d variances. */
  readonly values: readonly Float64Array[];
  /** Covariances from responsibilities, means and sizes; those of lost components are kept. */
  update(): void;
  /** Writes weighted log densities of all points to r. */
  densities(peak: Peak): void;
  /** Number of free parameters. */
  readonly parameters: number;
  free(): void;
}

export function covariancesOf(kind: CovarianceKind, parts: MixtureParts): Covariances {
  if (kind === 'full') return new FullCovariances(parts);
  if (kind === 'tied') return new TiedCovariance(parts);
  return new Variances(parts, kind === 'spherical');
}

/** A component whose responsibilities sum to less than this has lost its points. */
export const LOST = 1e-200;
/** Number of points of one product, and of one pass over all components. */
const WIDTH = 1024;

/** Iterates over the points of a piece, WIDTH at a time. */
function eachBlock(start: number, end: number, visit: (from: number, count: number) => void): void {
  for (let from = start; from < end; from += WIDTH) visit(from, Math.min(WIDTH, end - from));
}

/** Common base of matrix covariances: products with the inverse of a Cholesky factor. */
class Whitening {
  readonly out: number;
  readonly work: number;
  private readonly factor: DenseMatrix;
  private readonly shift;
  private readonly ones;
  private readonly scratch;

  constructor(private readonly parts: MixtureParts) {
    const { d, matrix } = parts.points;
    const { arena } = matrix;
    this.factor = DenseMatrix.create(d, d, { arena });
    this.scratch = arena.scratch();
    this.shift = this.scratch.f64(d);
    this.ones = this.scratch.f64(d);
    this.ones.view.fill(1);
    this.out = this.scratch.f64(d * WIDTH).pointer;
    const bytes = Math.max(gemmWorkBytes(d, WIDTH, d), gemmWorkBytes(d, d, WIDTH));
    this.work = this.scratch.f64(Math.ceil(bytes / 8)).pointer;
  }

  /** Factors S = LLᵀ; returns log |S| and tr S⁻¹. */
  take(S: Float64Array): { readonly logDet: number; readonly trace: number } {
    const { d } = this.parts.points;
    const F = this.factor.data;
    F.set(S);
    if (!choleskyInPlace(F, d))
      fail(
        'NUMERICAL',
        'A covariance matrix is singular: fewer clusters, a diagonal covariance, or in code a larger regularization.',
      );
    let logDet = 0;
    for (let j = 0; j < d; j++) logDet += 2 * log(F[j * d + j]);
    invertLower(F, d);
    return { logDet, trace: F.reduce((sum, v) => sum + v * v, 0) };
  }

  /** Writes L⁻¹x for `count` columns at x to `to`. */
  apply(count: number, x: number, to: number): void {
    const { d, matrix } = this.parts.points;
    // Stored by rows, L⁻¹ is the transpose of what the product expects.
    matrix.arena.kernels.gemm(true, false, d, count, d, 1, this.factor.pointer, d, x, d, 0, to, d, this.work);
  }

  /** Writes peak − ½‖L⁻¹x − L⁻¹μ‖² for `count` points from `from` on, whose L⁻¹x are in `out`, to r. */
  densities(c: number, peak: number, from: number, count: number): void {
    const { points, r, means } = this.parts;
    const { d, n } = points;
    this.apply(1, means.pointer + 8 * c * d, this.shift.pointer);
    const to = r.pointer + 8 * (c * n + from);
    r.arena.use(clusteringKernels).logDensities(d, count, this.out, this.shift.pointer, this.ones.pointer, peak, to);
  }

  free(): void {
    this.scratch.release();
    this.factor.free();
  }
}

/** A matrix for each component. */
class FullCovariances implements Covariances {
  readonly values: readonly Float64Array[];
  private readonly whitening: Whitening;
  private readonly term: DenseMatrix;

  constructor(private readonly parts: MixtureParts) {
    const { points, sizes, variance, ridge } = parts;
    const { d } = points;
    this.values = Array.from(sizes, () => scaledIdentity(d, variance + ridge));
    this.whitening = new Whitening(parts);
    this.term = DenseMatrix.create(d, d, { arena: points.matrix.arena });
  }

  get parameters(): number {
    const { d } = this.parts.points;
    return (this.values.length * d * (d + 1)) / 2;
  }

  update(): void {
    const { points, r, means, sizes, ridge } = this.parts;
    const { n, d, matrix, rows } = points;
    const kernels = matrix.arena.use(denseKernels, clusteringKernels);
    const { out, work } = this.whitening;
    this.values.forEach((S, c) => {
      if (!(sizes[c] > LOST)) return;
      rows.sum(S, (_, start, end, part) =>
        eachBlock(start, end, (from, width) => {
          const [x, w] = [matrix.pointer + 8 * from * d, r.pointer + 8 * (c * n + from)];
          const count = kernels.centreWeighted(d, width, x, means.pointer + 8 * c * d, w, out);
          if (count === 0) return;
          kernels.syrk(true, d, count, out, d, this.term.pointer, d, work);
          const { data } = this.term;
          for (let t = 0; t < part.length; t++) part[t] += data[t];
        }),
      );
      for (let t = 0; t < S.length; t++) S[t] /= sizes[c];
      for (let j = 0; j < d; j++) S[j * d + j] += ridge;
    });
  }

  densities(peakOf: Peak): void {
    const { d, matrix, rows } = this.parts.points;
    this.values.forEach((S, c) => {
      const { logDet, trace } = this.whitening.take(S);
      const peak = peakOf(c, logDet, trace);
      for (const [start, end] of rows.pieces) {
        eachBlock(start, end, (from, count) => {
          this.whitening.apply(count, matrix.pointer + 8 * from * d, this.whitening.out);
          this.whitening.densities(c, peak, from, count);
        });
      }
    });
  }

  free(): void {
    this.whitening.free();
    this.term.free();
  }
}

/** One matrix for all components. */
class TiedCovariance implements Covariances {
  readonly values: readonly Float64Array[];
  private readonly whitening: Whitening;
  /**
   * XXᵀ: responsibilities sum to 1, so that Σ w(x − μ)(x − μ)ᵀ over all components is XXᵀ minus Σ size·μμᵀ. The
   * difference has three digits if groups are 10⁶ of their widths apart; the default regularisation exceeds the error
   * from 10³ on.
   */
  private readonly total: DenseMatrix;

  constructor(private readonly parts: MixtureParts) {
    const { points, sizes, variance, ridge } = parts;
    const { d, matrix } = points;
    const shared = scaledIdentity(d, variance + ridge);
    this.values = Array.from(sizes, () => shared);
    this.whitening = new Whitening(parts);
    this.total = DenseMatrix.create(d, d, { arena: matrix.arena });
    if (points.rows.spread) this.total.data.set(splitGram(parts, points.rows, this.total, this.whitening.work));
    else gramMatrix(matrix, this.total, { transpose: true });
  }

  get parameters(): number {
    const { d } = this.parts.points;
    return (d * (d + 1)) / 2;
  }

  update(): void {
    const { points, means, sizes, ridge } = this.parts;
    const { d, rows } = points;
    const [S] = this.values;
    S.set(this.total.data);
    sizes.forEach((size, c) => {
      const mean = means.column(c);
      for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) S[i * d + j] -= size * mean[i] * mean[j];
    });
    for (let t = 0; t < S.length; t++) S[t] /= rows.all;
    for (let j = 0; j < d; j++) S[j * d + j] += ridge;
  }

  densities(peakOf: Peak): void {
    const { d, matrix, rows } = this.parts.points;
    const { logDet, trace } = this.whitening.take(this.values[0]);
    const peaks = this.values.map((_, c) => peakOf(c, logDet, trace));
    for (const [start, end] of rows.pieces) {
      eachBlock(start, end, (from, count) => {
        this.whitening.apply(count, matrix.pointer + 8 * from * d, this.whitening.out);
        peaks.forEach((peak, c) => {
          this.whitening.densities(c, peak, from, count);
        });
      });
    }
  }

  free(): void {
    this.whitening.free();
    this.total.free();
  }
}

/** Variances of the columns in each component, or one for all columns. */
class Variances implements Covariances {
  readonly values: readonly Float64Array[];
  private readonly sums: DenseMatrix;
  private readonly inverses: DenseMatrix;

  constructor(
    private readonly parts: MixtureParts,
    private readonly spherical: boolean,
  ) {
    const { points, sizes, variance, ridge } = parts;
    const { d, matrix } = points;
    this.values = Array.from(sizes, () => new Float64Array(d).fill(variance + ridge));
    const make = () => DenseMatrix.create(d, sizes.length, { arena: matrix.arena });
    [this.sums, this.inverses] = [make(), make()];
  }

  get parameters(): number {
    return this.values.length * (this.spherical ? 1 : this.parts.points.d);
  }

  update(): void {
    const { points, r, means, sizes, ridge } = this.parts;
    const { n, d, matrix, rows } = points;
    const kernels = matrix.arena.use(clusteringKernels);
    const all = new Float64Array(d * sizes.length);
    rows.sum(all, (_, start, end, part) => {
      this.sums.data.fill(0);
      // Points in the cache are used for all components.
      eachBlock(start, end, (from, count) => {
        const x = matrix.pointer + 8 * from * d;
        for (let c = 0; c < sizes.length; c++) {
          const [mean, sums] = [means, this.sums].map((M) => M.pointer + 8 * c * d);
          kernels.addWeightedSquares(d, count, x, mean, r.pointer + 8 * (c * n + from), sums);
        }
      });
      part.set(this.sums.data);
    });
    this.values.forEach((S, c) => {
      if (!(sizes[c] > LOST)) return;
      const sums = all.subarray(c * d, (c + 1) * d);
      for (let j = 0; j < d; j++) S[j] = sums[j] / sizes[c];
      if (this.spherical) S.fill(S.reduce((a, b) => a + b, 0) / d);
      for (let j = 0; j < d; j++) S[j] += ridge;
    });
  }

  densities(peakOf: Peak): void {
    const { points, r, means } = this.parts;
    const { n, d, matrix, rows } = points;
    const peaks = this.values.map((S, c) => {
      const inverse = this.inverses.column(c);
      let [logDet, trace] = [0, 0];
      for (let j = 0; j < d; j++) {
        logDet += log(S[j]);
        inverse[j] = 1 / S[j];
        trace += inverse[j];
      }
      return peakOf(c, logDet, trace);
    });
    for (const [start, end] of rows.pieces) {
      eachBlock(start, end, (from, count) => {
        const x = matrix.pointer + 8 * from * d;
        peaks.forEach((peak, c) => {
          const [mean, inverse] = [means, this.inverses].map((M) => M.pointer + 8 * c * d);
          matrix.arena
            .use(clusteringKernels)
            .logDensities(d, count, x, mean, inverse, peak, r.pointer + 8 * (c * n + from));
        });
      });
    }
  }

  free(): void {
    for (const M of [this.sums, this.inverses]) M.free();
  }
}

/** XXᵀ of the points of all ranks, piece by piece. */
function splitGram({ points }: MixtureParts, rows: SplitRows, term: DenseMatrix, work: number): Float64Array {
  const { d, matrix } = points;
  const sum = new Float64Array(d * d);
  rows.sum(sum, (_, start, end, part) =>
    eachBlock(start, end, (from, count) => {
      matrix.arena.kernels.syrk(true, d, count, matrix.pointer + 8 * from * d, d, term.pointer, d, work);
      const { data } = term;
      for (let t = 0; t < part.length; t++) part[t] += data[t];
    }),
  );
  return sum;
}

function scaledIdentity(d: number, value: number): Float64Array {
  return Float64Array.from({ length: d * d }, (_, t) => (t % (d + 1) === 0 ? value : 0));
}

/** Replaces L by L⁻¹, d × d by rows, with zeros above the diagonal. O(d³/6). */
function invertLower(L: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    const inverse = 1 / L[i * d + i];
    for (let j = 0; j < i; j++) {
      let sum = 0;
      // Rows above are already inverted; entries of this one are read before they are overwritten.
      for (let t = j; t < i; t++) sum += L[i * d + t] * L[t * d + j];
      L[i * d + j] = -inverse * sum;
    }
    L[i * d + i] = inverse;
    L.fill(0, i * d + i + 1, (i + 1) * d);
  }
}

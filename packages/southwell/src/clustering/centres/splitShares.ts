import { type Block, gemmWorkBytes, type Scratch } from '@southwell/kernels';
import { clusteringKernels } from '@southwell/kernels/clustering';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import type { Points } from '@southwell/numerics/neighbours';

/** Sums of a mixture over all points, piece by piece. */
export class SplitShares {
  /** Responsibilities of a piece, contiguous over components, if a piece is not all points. */
  private readonly piece: Block<Float64Array>;
  private readonly work: Block<Float64Array>;
  private readonly ones: Block<Float64Array>;

  /**
   * @param r responsibilities, n × k.
   * @param sums d × k.
   */
  constructor(
    private readonly points: Points,
    private readonly r: DenseMatrix,
    private readonly sums: DenseMatrix,
    scratch: Scratch,
  ) {
    const { d, n } = points;
    const k = r.cols;
    const most = points.rows.pieces.reduce((most, [from, to]) => Math.max(most, to - from), 0);
    this.piece = scratch.f64(most < n ? most * k : 0);
    this.work = scratch.f64(Math.ceil(gemmWorkBytes(d, k, most) / 8));
    this.ones = scratch.f64(most);
    this.ones.view.fill(1);
  }

  /** `sums` ← Σ r x, and `sizes` ← Σ r. */
  sum(sizes: Float64Array): void {
    const { points, r, sums, work, ones } = this;
    const { d, n, matrix } = points;
    const k = r.cols;
    const { kernels } = matrix.arena;
    const both = new Float64Array(d * k + k);
    points.rows.sum(both, (_, from, to, part) => {
      const count = to - from;
      const [x, w] = [matrix.pointer + 8 * from * d, r.pointer + 8 * from];
      kernels.gemm(false, false, d, k, count, 1, x, d, w, n, 0, sums.pointer, d, work.pointer);
      part.set(sums.data);
      for (let c = 0; c < k; c++) part[d * k + c] = kernels.dot(count, w + 8 * c * n, ones.pointer);
    });
    sums.data.set(both.subarray(0, d * k));
    sizes.set(both.subarray(d * k));
  }

  /**
   * Replaces log densities by responsibilities; returns Σ log of the mixture's density, with the penalties and, with
   * `most` added back, without.
   */
  posteriors(ratios: number, plain: Block<Float64Array>, most: number): [number, number] {
    const { points, r, piece } = this;
    const k = r.cols;
    const { n, rows } = points;
    const kernels = r.arena.use(clusteringKernels);
    const both = new Float64Array(2);
    rows.sum(both, (_, from, to, part) => {
      const count = to - from;
      const [all, some] = [r.data, piece.view];
      const whole = count === n;
      if (!whole) for (let c = 0; c < k; c++) some.set(all.subarray(c * n + from, c * n + to), c * count);
      part[0] = kernels.posteriors(count, k, whole ? r.pointer : piece.pointer, ratios, plain.pointer);
      part[1] = plain.view[0];
      if (!whole) for (let c = 0; c < k; c++) all.set(some.subarray(c * count, (c + 1) * count), c * n + from);
    });
    return [both[0], both[1] + rows.all * most];
  }
}

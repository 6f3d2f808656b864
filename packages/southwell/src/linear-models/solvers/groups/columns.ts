import type { Block, Scratch } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { extrapolationWeights, weightedSum } from '../../../optimisers/index.ts';
import type { Design } from '../../design/design.ts';
import type { ChannelLoss } from './channels.ts';
import type { GroupPenalty } from './penalty.ts';
import { largestEigenvalue } from './quadratic.ts';

/** H⁻·rhs for the curvature H of the intercepts. */
export type SolveIntercepts = (H: (k: number, l: number) => number, rhs: Float64Array) => Float64Array;

/**
 * Descent on the columns of groups, for working sets whose Gram matrix would cost more than it saves or not fit in
 * memory: minimises the quadratic model of a {@link ChannelLoss} at the frozen curvatures, with Anderson extrapolation
 * every five epochs (Bertrand & Massias 2021). If channels share curvatures d, columns are centred about their
 * d-weighted means, which eliminates the intercepts; if the loss couples channels, intercepts take a Newton step after
 * every epoch. Coupled blocks are bounded by the diagonal w·π_k, exact up to a shift common to all classes. One epoch:
 * O(m·n·K).
 */
export class GroupColumns {
  /** Coefficients, grouped by feature as in the solver. */
  readonly b: Block<Float64Array>;
  /** Change of the intercepts that goes with b. */
  readonly shift: Float64Array;
  epochs = 0;
  private readonly scratch: Scratch;
  private readonly n: number;
  private readonly m: number;
  private readonly K: number;
  private readonly count: number;
  private readonly columns: Block<Int32Array>;
  private readonly starts: Block<Int32Array>;
  private readonly d: Block<Float64Array>;
  private readonly rd: Block<Float64Array>;
  private readonly means: Block<Float64Array>;
  private readonly blocks: Block<Float64Array>;
  private readonly l1: Block<Float64Array>;
  private readonly l2: Block<Float64Array>;
  private readonly ridge: Block<Float64Array>;
  private readonly bound: Block<Float64Array>;
  private readonly state: Block<Float64Array>;
  private readonly work: Block<Float64Array>;
  private sumD = 0;

  /**
   * @param members groups in the model
   * @param columns their features by group: group t has those from starts[t] to starts[t + 1]
   * @param kept Gram matrix, means and bound of each group, reused between models while the loss is quadratic
   */
  constructor(
    private readonly design: Design,
    private readonly loss: ChannelLoss,
    private readonly centre: boolean,
    private readonly members: readonly number[],
    columns: Int32Array,
    starts: Int32Array,
    penalty: GroupPenalty,
    private readonly kept: Map<number, Float64Array>,
    private readonly solveIntercepts: SolveIntercepts,
  ) {
    const { n, arena } = design;
    const K = loss.channels;
    const m = columns.length;
    const count = members.length;
    this.n = n;
    this.m = m;
    this.K = K;
    this.count = count;
    this.shift = new Float64Array(K);
    this.scratch = arena.scratch();
    const { scratch } = this;
    let largest = 1;
    let squares = 0;
    for (let t = 0; t < count; t++) {
      const k = starts[t + 1] - starts[t];
      largest = Math.max(largest, k);
      squares += k * k;
    }
    this.columns = scratch.i32(m);
    this.starts = scratch.i32(count + 1);
    this.d = scratch.f64(loss.coupled ? n * K : n);
    this.rd = scratch.f64(n * K);
    this.means = scratch.f64(m);
    this.blocks = scratch.f64(K === 1 ? squares : m * K);
    this.b = scratch.f64(m * K);
    [this.l1, this.l2, this.ridge, this.bound] = Array.from({ length: 4 }, () => scratch.f64(count));
    this.state = scratch.f64(K);
    this.work = scratch.f64(2 * n + 3 * largest * K);
    this.columns.view.set(columns);
    this.starts.view.set(starts);
    members.forEach((u, t) => {
      this.l1.view[t] = penalty.l1[u];
      this.l2.view[t] = penalty.l2[u];
      this.ridge.view[t] = penalty.ridge[u];
    });
  }

  release(): void {
    this.scratch.release();
  }

  /** Updates to the frozen curvatures of the loss. */
  setCurvatures(): void {
    const { loss, n, K, d } = this;
    if (loss.coupled) for (let k = 0; k < K; k++) loss.bound(k, d.view.subarray(k * n, (k + 1) * n));
    else loss.curvature(0, 0, d.view);
    this.sumD = 0;
    if (!loss.coupled) for (const x of d.view) this.sumD += x;
    this.means.view.fill(0);
    if (K === 1) this.groupBlocks();
    else this.channelBlocks();
  }

  /** For one channel: the Gram matrix of every group. */
  private groupBlocks(): void {
    const { design, loss, centre, members, starts, kept, d } = this;
    const scratch = design.arena.scratch();
    const s = starts.view;
    let largest = 1;
    for (let t = 0; t < this.count; t++) largest = Math.max(largest, s[t + 1] - s[t]);
    const one = scratch.i32(largest);
    const means = scratch.f64(largest);
    const T = scratch.f64(largest * largest);
    let at = 0;
    members.forEach((u, t) => {
      const [from, k] = [starts.view[t], starts.view[t + 1] - starts.view[t]];
      let block = kept.get(u);
      if (!block) {
        one.view.set(this.columns.view.subarray(from, from + k));
        design.gram(one, k, 0, d, centre, means, T, k);
        block = new Float64Array(k * k + k + 1);
        block.set(T.view.subarray(0, k * k));
        block.set(means.view.subarray(0, k), k * k);
        const entries = block;
        block[k * k + k] = largestEigenvalue(k, (r, c) => entries[c * k + r]);
        if (loss.quadratic) kept.set(u, block);
      }
      const ridge = this.ridge.view[t];
      this.blocks.view.set(block.subarray(0, k * k), at);
      for (let j = 0; j < k; j++) this.blocks.view[at + j * k + j] += ridge;
      this.means.view.set(block.subarray(k * k, k * k + k), from);
      this.bound.view[t] = block[k * k + k] > 0 ? block[k * k + k] + ridge : 0;
      at += k * k;
    });
    scratch.release();
  }

  /** For several channels: their curvatures along every column. */
  private channelBlocks(): void {
    const { design, loss, m, K, d, sumD } = this;
    if (!loss.coupled && this.centre) {
      design.gradientSubset(d, this.columns, m, this.means);
      for (let j = 0; j < m; j++) this.means.view[j] /= sumD;
    }
    const channels = loss.coupled ? K : 1;
    const squares = this.weightedSquares(channels);
    const blocks = this.blocks.view;
    for (let j = 0; j < m; j++) {
      const ridge = this.ridge.view[j];
      let bound = 0;
      for (let k = 0; k < K; k++) {
        const raw = squares[j * channels + (loss.coupled ? k : 0)];
        const rest = raw - this.means.view[j] ** 2 * sumD;
        blocks[j * K + k] = rest > 1e-13 * raw ? rest + ridge : 0;
        bound = Math.max(bound, blocks[j * K + k]);
      }
      this.bound.view[j] = bound;
    }
  }

  /** Σ_i d_ik x̃_ij² for every column, and within it for every channel. */
  private weightedSquares(channels: number): Float64Array {
    const { design, n, m, d } = this;
    const { arena } = design;
    const { X, ...at } = design.at(this.columns, m);
    const out = new Float64Array(m * channels);
    const scratch = arena.scratch();
    const [square, sums] = [scratch.f64(n), scratch.f64(channels)];
    const [columns, weights] = [at.columns.view, d.view];
    for (let j = 0; j < m; j++) {
      if (X.kind === 'dense') {
        const x = X.data;
        const from = columns[j] * n;
        const s = square.view;
        for (let i = 0; i < n; i++) s[i] = x[from + i] ** 2;
        arena.kernels.gemvT(n, channels, d.pointer, n, square.pointer, sums.pointer);
        out.set(sums.view, j * channels);
      } else {
        const { colPointers, rowIndices, values } = X;
        for (let q = colPointers[columns[j]]; q < colPointers[columns[j] + 1]; q++) {
          const i = rowIndices[q];
          for (let k = 0; k < channels; k++) out[j * channels + k] += weights[k * n + i] * values[q] * values[q];
        }
      }
      const scale = at.scale.view[columns[j]] ** 2;
      for (let k = 0; k < channels; k++) out[j * channels + k] *= scale;
    }
    scratch.release();
    return out;
  }

  /** Five epochs and an extrapolation, from the coefficients in b and the negative gradient v of the loss. */
  descend(v: readonly Float64Array[]): void {
    const { n, m, K } = this;
    v.forEach((x, k) => {
      this.rd.view.set(x, k * n);
    });
    this.state.view.fill(0);
    this.shift.fill(0);
    const points = [this.point()];
    const residuals = [this.residual()];
    for (let e = 0; e < 5; e++) {
      this.epoch();
      points.push(this.point());
      residuals.push(this.residual());
    }
    const c = extrapolationWeights(points);
    if (c) {
      const point = weightedSum(points, c);
      if (this.value(weightedSum(residuals, c), point) < this.value(residuals[5], points[5])) {
        this.b.view.set(point.subarray(0, m * K));
        this.shift.set(point.subarray(m * K));
      }
    }
    if (!this.centre || this.loss.coupled) return;
    const [b, means] = [this.b.view, this.means.view];
    for (let j = 0; j < m; j++) {
      for (let k = 0; k < K; k++) this.shift[k] -= (b[j * K + k] - points[0][j * K + k]) * means[j];
    }
  }

  /** Coefficients and changes of the intercepts. */
  private point(): Float64Array {
    const out = new Float64Array(this.m * this.K + this.K);
    out.set(this.b.view);
    out.set(this.shift, this.m * this.K);
    return out;
  }

  private residual(): Float64Array {
    const { n, K } = this;
    const out = this.rd.view.slice();
    for (let k = 0; k < K; k++) {
      const shift = this.state.view[k];
      if (shift !== 0) for (let i = 0; i < n; i++) out[k * n + i] += shift * this.d.view[i];
    }
    return out;
  }

  /**
   * The model up to a constant: half the squared norm of the residual in the metric of the inverse curvatures, plus the
   * penalty.
   */
  private value(r: Float64Array, point: Float64Array): number {
    const { n, K } = this;
    const [s, l1, l2, ridge, d] = [this.starts.view, this.l1.view, this.l2.view, this.ridge.view, this.d.view];
    let sum = 0;
    for (let k = 0; k < K; k++) {
      const from = this.loss.coupled ? k * n : 0;
      for (let i = 0; i < n; i++) if (d[from + i] > 0) sum += (0.5 * r[k * n + i] ** 2) / d[from + i];
    }
    for (let t = 0; t < this.count; t++) {
      let size = 0;
      let square = 0;
      for (let a = s[t] * K; a < s[t + 1] * K; a++) {
        size += Math.abs(point[a]);
        square += point[a] * point[a];
      }
      sum += l1[t] * size + l2[t] * Math.sqrt(square) + 0.5 * ridge[t] * square;
    }
    return sum;
  }

  private epoch(): void {
    const { design, n, K, loss } = this;
    const { arena } = design;
    const { X, columns, scale } = design.at(this.columns, this.m);
    const coupled = loss.coupled ? 1 : 0;
    const b = this.b.pointer;
    const [l1, l2, ridge, bound] = [this.l1.pointer, this.l2.pointer, this.ridge.pointer, this.bound.pointer];
    const head = [n, this.count, this.starts.pointer, columns.pointer] as const;
    const model = [scale.pointer, K, this.d.pointer, coupled, this.rd.pointer, this.means.pointer] as const;
    const rest = [this.blocks.pointer, b, l1, l2, ridge, bound, this.work.pointer] as const;
    if (X.kind === 'dense') arena.use(modelKernels).denseGroupDescent(...head, X.pointer, n, ...model, ...rest);
    else {
      const { colPointers, rowIndices, values } = X.pointers;
      const { pointer } = this.state;
      arena
        .use(modelKernels)
        .cscGroupDescent(...head, colPointers, rowIndices, values, ...model, this.sumD, pointer, ...rest);
    }
    this.epochs++;
    if (coupled && this.centre) this.moveIntercepts();
  }

  /** A Newton step of the intercepts in the model. */
  private moveIntercepts(): void {
    const { n, K, loss } = this;
    const [rd, d] = [this.rd.view, this.d.view];
    const sums = Float64Array.from({ length: K }, (_, k) =>
      rd.subarray(k * n, (k + 1) * n).reduce((sum, x) => sum + x, 0),
    );
    const move = this.solveIntercepts((k, l) => loss.curvatureSum(k, l), sums);
    if (!move.every(Number.isFinite)) return;
    for (let k = 0; k < K; k++) this.shift[k] += move[k];
    for (let i = 0; i < n; i++) {
      let total = 0;
      let mean = 0;
      for (let k = 0; k < K; k++) {
        total += d[k * n + i];
        mean += d[k * n + i] * move[k];
      }
      if (total === 0) continue;
      mean /= total;
      for (let k = 0; k < K; k++) rd[k * n + i] -= d[k * n + i] * (move[k] - mean);
    }
  }
}

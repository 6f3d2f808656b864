import type { Block, Scratch } from '@southwell/kernels';
import type { Design } from '../../design/design.ts';
import { centreIntercepts } from '../intercept.ts';
import { Phases } from '../phases.ts';
import { MOST, Pricing } from '../pricing.ts';
import type { ChannelLoss } from './channels.ts';
import { type Groups, groupsOf, mark, measure, measureAll, pullsOn, scaled } from './passes.ts';
import type { GroupPenalty } from './penalty.ts';

/** Coefficients of K channels, grouped by feature: coef[j·K + k]; and an intercept for each channel. */
export interface ChannelPoint {
  readonly coef: Float64Array;
  readonly intercepts: Float64Array;
}

/** Steps after which the linear predictors are recomputed, so that rounding errors do not accumulate. */
const STALE = 20;

/**
 * A point of F(η) + Σ_g (l1‖b_g‖₁ + l2‖b_g‖₂ + ridge/2‖b_g‖²) and everything derived from it, the counterpart of
 * `LinearState` for one response and single features. A group is a set of columns (one channel), or one column with its
 * K channels.
 */
export class GroupState {
  readonly coef: Float64Array;
  readonly intercepts: Float64Array;
  /** The loss at the point. */
  value = 0;
  readonly nullValue: number;
  /** Gradient at the null model, grouped by feature. */
  readonly nullGradient: Float64Array;
  /** X̃ᵀv, grouped by feature; up to date after {@link price}, except for groups that cannot matter. */
  readonly g: Float64Array;
  /** Features read by pricing, in units of passes over the data, and Newton steps. */
  readonly counts = { passes: 1, newtonSteps: 0 };
  penalty!: GroupPenalty;

  readonly K: number;
  readonly n: number;
  readonly p: number;
  /** Number of groups. */
  readonly count: number;
  readonly centred: boolean;
  /** Added to the linear predictors, length n. */
  readonly offset: Float64Array | undefined;
  /** Coordinates of the largest group. */
  readonly largest: number;
  /** ‖X_u‖_F. */
  readonly norms: Float64Array;
  /** ‖g_u‖₂, or a bound on it, by which most groups are known to be within their thresholds. */
  readonly sizes: Float64Array;
  /** 1 for groups that were not zero at the last {@link price}, else 0, and their number. */
  readonly active: Float64Array;
  activeCount = 0;
  private readonly groupOf: Int32Array;
  /** Workspace of {@link price}: what of each group is compared, and with what. */
  private readonly pulls: Float64Array;
  private readonly limits: Float64Array;
  readonly etaBlocks: ReadonlyArray<Block<Float64Array>>;
  readonly directionBlocks: ReadonlyArray<Block<Float64Array>>;
  readonly trial: readonly Float64Array[];
  /** Workspace for curvatures, a list of features, and a number for each. */
  readonly d: Block<Float64Array>;
  readonly features: Block<Int32Array>;
  readonly dots: Block<Float64Array>;
  private readonly vBlocks: ReadonlyArray<Block<Float64Array>>;
  private readonly keep: Scratch;
  private readonly pricing: Pricing;
  private readonly stale: Int32Array;
  readonly phases = new Phases();
  /** Steps since eta was computed from the coefficients alone. */
  private steps = 0;

  constructor(
    readonly design: Design,
    readonly loss: ChannelLoss,
    readonly groups: Groups,
    options: { readonly intercept: boolean; readonly offset?: Float64Array },
  ) {
    const { n, p, arena } = design;
    this.phases.begin('first pass over the data');
    const K = loss.channels;
    this.K = K;
    this.n = n;
    this.p = p;
    this.offset = options.offset;
    this.count = groups.starts.length - 1;
    this.centred = options.intercept && loss.interceptMakesSense;
    this.keep = arena.scratch();
    const blocks = () => Array.from({ length: K }, () => this.keep.f64(n));
    this.etaBlocks = blocks();
    this.vBlocks = blocks();
    this.directionBlocks = blocks();
    this.d = this.keep.f64(n);
    this.features = this.keep.i32(p);
    this.dots = this.keep.f64(p);
    this.coef = new Float64Array(p * K);
    this.intercepts = new Float64Array(K);
    this.g = new Float64Array(p * K);
    this.stale = new Int32Array(this.count);
    this.sizes = new Float64Array(this.count);
    this.active = new Float64Array(this.count);
    this.groupOf = groupsOf(groups, p);
    this.pulls = new Float64Array(this.count);
    this.limits = new Float64Array(this.count);
    this.trial = this.etaBlocks.map(() => new Float64Array(n));
    for (const eta of this.eta) {
      if (options.offset) eta.set(options.offset);
      else eta.fill(0);
    }
    this.evaluate();
    this.nullValue = this.value;
    this.readAll(true);
    this.norms = new Float64Array(this.count);
    let largest = 0;
    for (let u = 0; u < this.count; u++) {
      let sum = 0;
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) sum += design.norms[groups.columns[a]] ** 2;
      this.norms[u] = Math.sqrt(sum);
      largest = Math.max(largest, this.sizeOf(u));
    }
    this.largest = largest;
    this.pricing = new Pricing(this.count, this.vBlocks, this.keep, design.vectors);
    this.nullGradient = this.g.slice();
    this.phases.begin();
  }

  release(): void {
    this.keep.release();
    this.design.release();
  }

  get eta(): Float64Array[] {
    return this.etaBlocks.map((block) => block.view);
  }

  get v(): Float64Array[] {
    return this.vBlocks.map((block) => block.view);
  }

  /** The loss at zero as a scale; positive. */
  get scale(): number {
    return Math.max(this.nullValue, Number.MIN_VALUE);
  }

  /** The point in the units of the data. */
  point(): ChannelPoint {
    return { coef: scaled(this.coef, this.design.scale.view, this.K), intercepts: this.intercepts.slice() };
  }

  /** Moves to a point in the units of the data, as if it were the initial point. O(npK). */
  moveTo({ coef, intercepts }: ChannelPoint): void {
    const scale = this.design.scale.view;
    for (let a = 0; a < coef.length; a++) this.coef[a] = coef[a] / scale[Math.floor(a / this.K)];
    if (this.centred) this.intercepts.set(intercepts);
    this.recompute();
    this.evaluate();
    this.readAll(false);
    this.pricing.follow(this.vBlocks);
    this.pricing.readAll();
  }

  /** Updates value, v and curvatures at eta, with optimal intercepts. */
  evaluate(): void {
    const { loss, trial } = this;
    const eta = this.eta;
    const v = this.v;
    this.value = loss.derivatives(eta, v);
    if (!this.centred) return;
    const evaluate = () => loss.derivatives(eta, v);
    const newton = (sums: Float64Array) => this.solveIntercepts((k, l) => loss.curvatureSum(k, l), sums);
    const { rows } = this.design;
    this.value = centreIntercepts({ eta, v, old: trial, evaluate, newton, rows }, this.value, this.intercepts);
  }

  /** H⁻·rhs for the K × K curvature of the intercepts. */
  solveIntercepts(H: (k: number, l: number) => number, rhs: Float64Array): Float64Array {
    const out = new Float64Array(this.K);
    this.interceptSolver(H)(rhs, 0, out, 0);
    return out;
  }

  /**
   * out[to … to + K) ← H⁻·rhs[from … from + K) for the K × K curvature of the intercepts, given for k ≤ l. For coupled
   * channels a common shift has no effect, and the last channel is fixed. Gaussian elimination.
   */
  interceptSolver(H: (k: number, l: number) => number) {
    const { K } = this;
    const size = this.loss.coupled ? K - 1 : K;
    // The triangular factors, the unit diagonal of the first left out.
    const A = new Float64Array(size * size);
    for (let k = 0; k < size; k++) for (let l = 0; l < size; l++) A[k * size + l] = H(Math.min(k, l), Math.max(k, l));
    for (let c = 0; c < size; c++) {
      for (let r = c + 1; r < size; r++) {
        const f = A[r * size + c] / A[c * size + c];
        A[r * size + c] = f;
        for (let e = c + 1; e < size; e++) A[r * size + e] -= f * A[c * size + e];
      }
    }
    return (rhs: Float64Array, from: number, out: Float64Array, to: number): void => {
      for (let k = 0; k < K; k++) out[to + k] = k < size ? rhs[from + k] : 0;
      for (let c = 0; c < size; c++) for (let r = c + 1; r < size; r++) out[to + r] -= A[r * size + c] * out[to + c];
      for (let c = size - 1; c >= 0; c--) {
        let sum = out[to + c];
        for (let e = c + 1; e < size; e++) sum -= A[c * size + e] * out[to + e];
        out[to + c] = sum / A[c * size + c];
      }
    };
  }

  /** Counts a step that was added to eta. */
  stepped(): void {
    this.steps++;
  }

  /** Recomputes eta if rounding errors of many steps may have accumulated; called once per working set. */
  freshen(): void {
    if (++this.steps <= STALE) return;
    this.recompute();
    this.evaluate();
  }

  /** eta from the coefficients alone. */
  private recompute(): void {
    const { K, coef, offset } = this;
    const columns = this.features.view;
    this.etaBlocks.forEach((block, k) => {
      const eta = block.view;
      if (offset) for (let i = 0; i < this.n; i++) eta[i] = offset[i] + this.intercepts[k];
      else eta.fill(this.intercepts[k]);
      const values: number[] = [];
      for (let j = 0; j < this.p; j++) {
        if (coef[j * K + k] !== 0) {
          columns[values.length] = j;
          values.push(coef[j * K + k]);
        }
      }
      this.design.add(this.features, Float64Array.from(values), values.length, block);
    });
    this.steps = 0;
  }

  private readAll(norms: boolean): void {
    const { K, p, g } = this;
    if (K === 1) this.design.gradient(this.vBlocks[0], g, norms);
    else {
      const out = new Float64Array(p);
      for (let k = 0; k < K; k++) {
        this.design.gradient(this.vBlocks[k], out, norms && k === 0);
        for (let j = 0; j < p; j++) g[j * K + k] = out[j];
      }
    }
    measureAll(g, this.groups, K, this.sizes);
  }

  /** x̃ᵀv for features[0 … m) and every channel. */
  read(m: number, put: (t: number, k: number, value: number) => void): void {
    for (let k = 0; k < this.K; k++) {
      this.design.gradientSubset(this.vBlocks[k], this.features, m, this.dots);
      const dots = this.dots.view;
      for (let t = 0; t < m; t++) put(t, k, dots[t]);
    }
  }

  /**
   * Updates g wherever it could matter. Groups are skipped by the bound ‖S(X_gᵀv)‖ ≤ ‖S(X_gᵀv_old)‖ + ‖X_g‖_F‖v −
   * v_old‖, since soft thresholding is non-expansive.
   */
  price(): void {
    const { penalty, pricing, norms, K, g, stale, sizes, active, groups, pulls, limits } = this;
    pricing.follow(this.vBlocks);
    this.activeCount = mark(this.coef, this.groupOf, K, active);
    pullsOn(g, groups, K, penalty, sizes, pulls, limits);
    const count = pricing.outdated(active, pulls, norms, limits, stale);
    const features = this.features.view;
    const list = stale.subarray(0, count);
    const m = this.listFeatures(list);
    if (m > MOST * this.p) {
      this.readAll(false);
      pricing.readAll();
    } else if (m > 0) {
      this.read(m, (t, k, value) => {
        g[features[t] * K + k] = value;
      });
      for (const u of list) sizes[u] = measure(g, groups, u, K);
      pricing.read(stale, count);
    }
    this.counts.passes += (m / this.p) * K;
    if (this.centred) this.ignoreConstants();
  }

  private ignoreConstants(): void {
    const { groups, groupOf, K, g, sizes } = this;
    const { constant } = this.design;
    for (let j = constant.indexOf(1); j >= 0; j = constant.indexOf(1, j + 1)) {
      g.fill(0, j * K, (j + 1) * K);
      sizes[groupOf[j]] = measure(g, groups, groupOf[j], K);
    }
  }

  /** Lists the features of the groups in `features`; returns how many. */
  listFeatures(list: Iterable<number>): number {
    const { groups } = this;
    const features = this.features.view;
    let m = 0;
    for (const u of list) {
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) features[m++] = groups.columns[a];
    }
    return m;
  }

  /** Number of coordinates of a group. */
  sizeOf(u: number): number {
    return (this.groups.starts[u + 1] - this.groups.starts[u]) * this.K;
  }

  /** Copies the entries of group u from an array grouped by feature to `out`; returns how many. */
  gather(u: number, from: Float64Array, out: Float64Array): number {
    const { groups, K } = this;
    let t = 0;
    for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
      const at = groups.columns[a] * K;
      for (let k = 0; k < K; k++) out[t++] = from[at + k];
    }
    return t;
  }

  isZero(u: number): boolean {
    const { groups, K, coef } = this;
    for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
      const at = groups.columns[a] * K;
      for (let k = 0; k < K; k++) if (coef[at + k] !== 0) return false;
    }
    return true;
  }

  /** The penalty of a group at the point. */
  penaltyAt(u: number): number {
    const { groups, K, penalty, coef } = this;
    let sum = 0;
    let squares = 0;
    for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
      const at = groups.columns[a] * K;
      for (let k = 0; k < K; k++) {
        const b = coef[at + k];
        sum += Math.abs(b);
        squares += b * b;
      }
    }
    return penalty.l1[u] * sum + penalty.l2[u] * Math.sqrt(squares) + 0.5 * penalty.ridge[u] * squares;
  }
}

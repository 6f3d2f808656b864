import type { Block, Scratch } from '@southwell/kernels';
import type { Iterate, Status } from '@southwell/numerics/core';
import type { Design } from '../design.ts';
import type { ChannelLoss } from './channels.ts';
import { GroupColumns } from './groupColumns.ts';
import { dualScale, type GroupPenalty, softNorm } from './groupPenalty.ts';
import { GroupQuadratic } from './groupQuadratic.ts';

/** Beyond some hundred coordinates a Gram matrix costs more than the epochs over the columns that it saves. */
const GRAM_LIMIT = 500;

/** Steps of five epochs after which descent on columns counts as slow. */
const SLOW = 40;

/** Coefficients of K channels, feature by feature: coef[j·K + k]; and an intercept for each channel. */
export interface ChannelPoint {
  readonly coef: Float64Array;
  readonly intercepts: Float64Array;
}

/** Columns by group: group u holds columns[starts[u]] … columns[starts[u+1] − 1]. */
export interface Groups {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
}

/**
 * Working sets of groups with a proximal Newton method inside, for F(η) + Σ_g (l1‖b_g‖₁ + l2‖b_g‖₂ + ridge/2‖b_g‖²). A
 * group is a set of columns (one channel), or one column with its K channels. Pricing, certificates and the line search
 * are those of WorkingSetSolver; groups are skipped by ‖S(X_gᵀv)‖ ≤ ‖S(X_gᵀv_old)‖ + ‖X_g‖_F‖v − v_old‖, since soft
 * thresholding does not expand. Inside, {@link GroupQuadratic} solves models whose Gram matrix is kept and grown.
 *
 * Beyond `gramLimit` coordinates in a working set, {@link GroupColumns} descends on the columns themselves.
 */
export class GroupWorkingSetSolver {
  readonly coef: Float64Array;
  readonly intercepts: Float64Array;
  readonly nullValue: number;
  /** Gradient at the null model, feature by feature. */
  readonly nullGradient: Float64Array;
  passes = 1;
  newtonSteps = 0;

  private readonly K: number;
  private readonly n: number;
  private readonly p: number;
  private readonly count: number;
  private readonly centre: boolean;
  private readonly keep: Scratch;
  private readonly etaBlocks: Array<Block<Float64Array>>;
  private readonly vBlocks: Array<Block<Float64Array>>;
  private readonly directionBlocks: Array<Block<Float64Array>>;
  private readonly d: Block<Float64Array>;
  private readonly features: Block<Int32Array>;
  private readonly dots: Block<Float64Array>;
  private readonly vPriced: Float64Array[];
  private readonly trial: Float64Array[];
  private readonly g: Float64Array;
  private readonly norms: Float64Array;
  private readonly pricedAt: Float64Array;
  private readonly priority: Float64Array;
  private drift = 0;
  private value = 0;
  private penalty!: GroupPenalty;
  private readonly quadratic: GroupQuadratic;
  /** Groups in the quadratic, in order, and whether a group is one of them. */
  private members: number[] = [];
  private readonly isMember: Uint8Array;
  /** shift_k = −Σ_t δ_t·means[t·K + k] keeps the intercepts optimal in the quadratic model. */
  private means = new Float64Array(0);
  /** Coordinates in a working set up to which a Gram matrix is formed. */
  private gramLimit: number;
  /** Of {@link GroupColumns}. */
  private readonly keptBlocks = new Map<number, Float64Array>();
  private stale = 0;

  constructor(
    readonly design: Design,
    private readonly loss: ChannelLoss,
    private readonly groups: Groups,
    private readonly options: { intercept: boolean; offset?: Float64Array; gramLimit?: number },
  ) {
    const { n, p, arena } = design;
    const K = loss.channels;
    this.K = K;
    this.n = n;
    this.gramLimit = options.gramLimit ?? GRAM_LIMIT;
    this.p = p;
    this.count = groups.starts.length - 1;
    this.centre = options.intercept && loss.interceptMakesSense;
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
    this.norms = new Float64Array(this.count);
    this.pricedAt = new Float64Array(this.count);
    this.priority = new Float64Array(this.count);
    this.isMember = new Uint8Array(this.count);
    this.trial = this.etaBlocks.map(() => new Float64Array(n));
    this.quadratic = new GroupQuadratic(arena);
    for (const eta of this.eta) {
      if (options.offset) eta.set(options.offset);
      else eta.fill(0);
    }
    this.evaluate();
    this.nullValue = this.value;
    this.fullGradient(true);
    for (let u = 0; u < this.count; u++) {
      let sum = 0;
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) sum += design.norms[groups.columns[a]] ** 2;
      this.norms[u] = Math.sqrt(sum);
    }
    this.vPriced = this.v.map((v) => v.slice());
    this.nullGradient = this.g.slice();
  }

  release(): void {
    this.quadratic.release();
    this.keep.release();
    this.design.release();
  }

  setPenalty(penalty: GroupPenalty): void {
    this.penalty = penalty;
  }

  get lossValue(): number {
    return this.value;
  }

  private get eta(): Float64Array[] {
    return this.etaBlocks.map((block) => block.view);
  }

  private get v(): Float64Array[] {
    return this.vBlocks.map((block) => block.view);
  }

  /** The smallest alpha at which every penalised group is zero, for penalties alpha·(l1‖·‖₁ + l2‖·‖₂) at unit alpha. */
  criticalAlpha(unit: GroupPenalty): number {
    let largest = 0;
    const u = new Float64Array(this.largestGroup());
    for (let t = 0; t < this.count; t++) {
      if (unit.l1[t] === 0 && unit.l2[t] === 0) continue;
      const k = this.gather(t, this.nullGradient, u);
      largest = Math.max(largest, 1 / dualScale(u, 0, k, unit.l1[t], unit.l2[t]));
    }
    return largest;
  }

  /** The point in the units of the data. */
  point(): ChannelPoint {
    const scale = this.design.scale.view;
    // Adding 0 turns −0 into 0.
    return {
      coef: this.coef.map((b, a) => b * scale[Math.floor(a / this.K)] + 0),
      intercepts: this.intercepts.slice(),
    };
  }

  /** Linear predictors of the channels at the present point, offset included. Copies. */
  linearPredictors(): Float64Array[] {
    return this.eta.map((eta) => eta.slice());
  }

  *iterates(tol: number): Generator<Iterate<ChannelPoint>> {
    const absolute = tol * Math.max(this.nullValue, Number.MIN_VALUE);
    let floor = Number.POSITIVE_INFINITY;
    let harder = 1;
    let stuck = 0;
    for (let iteration = 0; ; iteration++) {
      this.price();
      let objective = this.value;
      let active = 0;
      for (let u = 0; u < this.count; u++) {
        if (!this.isZero(u)) {
          active++;
          objective += this.penaltyAt(u, this.coef);
        }
      }
      const gap = this.gap(objective, undefined);
      const relative = gap / Math.max(this.nullValue, Number.MIN_VALUE);
      const done: Status | undefined = !Number.isFinite(objective) ? 'diverged' : stuck >= 3 ? 'stalled' : undefined;
      yield {
        iteration,
        objective,
        certificate: { kind: 'dualityGap', value: gap, relative },
        active,
        work: { epochs: this.quadratic.epochs, matrixVectorProducts: this.passes },
        done,
        snapshot: () => this.point(),
      };
      if (done) return;
      stuck = gap < 0.9 * floor ? 0 : stuck + 1;
      floor = Math.min(floor, gap);
      if (stuck > 0) harder *= 0.1;
      const list = this.chooseWorkingSet(active);
      if (list.length > 0) this.proximalNewton(list, iteration === 0, harder * Math.max(0.3 * absolute, 0.3 * gap));
    }
  }

  // ---- state ---------------------------------------------------------------------------------------------------

  /** Refreshes value, v and curvatures at eta, the intercepts at their best. */
  private evaluate(): void {
    const { loss, K, intercepts } = this;
    const eta = this.eta;
    const v = this.v;
    this.value = loss.derivatives(eta, v);
    if (!this.centre) return;
    for (let step = 0; step < 50; step++) {
      const sums = new Float64Array(K);
      let small = true;
      for (let k = 0; k < K; k++) {
        let size = 0;
        for (const x of v[k]) {
          sums[k] += x;
          size += Math.abs(x);
        }
        if (Math.abs(sums[k]) > 1e-13 * size) small = false;
      }
      if (small) break;
      const move = this.solveIntercepts((k, l) => loss.curvatureSum(k, l), sums);
      if (!move.every(Number.isFinite)) break;
      const before = this.value;
      let t = 1;
      const old = eta.map((e) => e.slice());
      for (let halving = 0; halving < 60; halving++) {
        for (let k = 0; k < K; k++) for (let i = 0; i < this.n; i++) eta[k][i] = old[k][i] + t * move[k];
        this.value = loss.derivatives(eta, v);
        if (this.value <= before + 1e-14 * Math.abs(before)) break;
        t /= 2;
      }
      for (let k = 0; k < K; k++) intercepts[k] += t * move[k];
      if (this.value >= before) break; // rounding: as exact as it gets
    }
  }

  /**
   * H⁻·rhs for the K × K curvature of the intercepts; where channels are coupled a common shift changes nothing, and the
   * last channel stays. Gaussian elimination.
   */
  private solveIntercepts(H: (k: number, l: number) => number, rhs: Float64Array): Float64Array {
    const size = this.loss.coupled ? this.K - 1 : this.K;
    const A = Array.from({ length: size }, (_, k) => [
      ...Array.from({ length: size }, (_, l) => H(Math.min(k, l), Math.max(k, l))),
      rhs[k],
    ]);
    for (let c = 0; c < size; c++) {
      for (let r = c + 1; r < size; r++) {
        const f = A[r][c] / A[c][c];
        for (let e = c; e <= size; e++) A[r][e] -= f * A[c][e];
      }
    }
    const out = new Float64Array(this.K);
    for (let c = size - 1; c >= 0; c--) {
      let sum = A[c][size];
      for (let e = c + 1; e < size; e++) sum -= A[c][e] * out[e];
      out[c] = sum / A[c][c];
    }
    return out;
  }

  /** eta from the coefficients alone, so that rounding does not pile up. */
  private recomputeEta(): void {
    const { K, coef, options } = this;
    const columns = this.features.view;
    this.etaBlocks.forEach((block, k) => {
      const eta = block.view;
      if (options.offset) for (let i = 0; i < this.n; i++) eta[i] = options.offset[i] + this.intercepts[k];
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
    this.stale = 0;
  }

  private fullGradient(norms: boolean): void {
    const { K, p, g } = this;
    if (K === 1) {
      this.design.gradient(this.vBlocks[0], g, norms);
      return;
    }
    const out = new Float64Array(p);
    for (let k = 0; k < K; k++) {
      this.design.gradient(this.vBlocks[k], out, norms && k === 0);
      for (let j = 0; j < p; j++) g[j * K + k] = out[j];
    }
  }

  /** Brings g up to date wherever it could matter. */
  private price(): void {
    const { groups, penalty, pricedAt, norms, K, g } = this;
    const v = this.v;
    let moved = 0;
    for (let k = 0; k < K; k++) {
      for (let i = 0; i < this.n; i++) moved += (v[k][i] - this.vPriced[k][i]) ** 2;
      this.vPriced[k].set(v[k]);
    }
    this.drift += Math.sqrt(moved);
    const features = this.features.view;
    const work = new Float64Array(this.largestGroup());
    let m = 0;
    for (let u = 0; u < this.count; u++) {
      const since = this.drift - pricedAt[u];
      if (since === 0) continue;
      if (this.isZero(u)) {
        const k = this.gather(u, g, work);
        const reach = norms[u] * since;
        const [l1, l2] = [penalty.l1[u], penalty.l2[u]];
        if (l2 > 0) {
          if (softNorm(work, 0, k, l1) + reach < l2 * (1 - 1e-12)) continue;
        } else if (softNorm(work, 0, k, 0) + reach < l1 * (1 - 1e-12)) continue;
      }
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) features[m++] = groups.columns[a];
      pricedAt[u] = -1; // marks what is read now
    }
    if (m > 0.8 * this.p) {
      this.fullGradient(false);
      pricedAt.fill(this.drift);
    } else {
      if (m > 0) this.readGradient(m, (t, k, value) => (g[features[t] * K + k] = value));
      for (let u = 0; u < this.count; u++) if (pricedAt[u] === -1) pricedAt[u] = this.drift;
    }
    this.passes += (m / this.p) * K;
    if (this.centre) {
      const { constant } = this.design;
      for (let j = 0; j < this.p; j++) if (constant[j] === 1) g.fill(0, j * K, (j + 1) * K);
    }
  }

  /** x̃ᵀv for features[0 … m) and every channel. */
  private readGradient(m: number, put: (t: number, k: number, value: number) => void): void {
    for (let k = 0; k < this.K; k++) {
      this.design.gradientSubset(this.vBlocks[k], this.features, m, this.dots);
      const dots = this.dots.view;
      for (let t = 0; t < m; t++) put(t, k, dots[t]);
    }
  }

  // ---- groups --------------------------------------------------------------------------------------------------

  private largestGroup(): number {
    const { starts } = this.groups;
    let largest = 0;
    for (let u = 0; u < this.count; u++) largest = Math.max(largest, starts[u + 1] - starts[u]);
    return largest * this.K;
  }

  /** Copies the entries of group u of a feature-by-feature array to out; returns how many. */
  private gather(u: number, from: Float64Array, out: Float64Array): number {
    const { groups, K } = this;
    let t = 0;
    for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
      const at = groups.columns[a] * K;
      for (let k = 0; k < K; k++) out[t++] = from[at + k];
    }
    return t;
  }

  private isZero(u: number): boolean {
    const { groups, K, coef } = this;
    for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
      const at = groups.columns[a] * K;
      for (let k = 0; k < K; k++) if (coef[at + k] !== 0) return false;
    }
    return true;
  }

  private penaltyAt(u: number, coef: Float64Array): number {
    const { groups, K, penalty } = this;
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

  // ---- certificate ---------------------------------------------------------------------------------------------

  /** Duality gap from g (all groups), or of the problem restricted to the members, from q. */
  private gap(primal: number, q: Float64Array | undefined, starts?: Int32Array): number {
    const { penalty, loss } = this;
    const count = q ? this.members.length : this.count;
    const work = new Float64Array(this.largestGroup());
    const at = (t: number): [number, ArrayLike<number>, number, number] => {
      if (q && starts) return [this.members[t], q, starts[t], starts[t + 1]];
      return [t, work, 0, this.gather(t, this.g, work)];
    };
    let scale = 1;
    let shrunk = 1;
    let free = 0;
    const b = new Float64Array(work.length);
    for (let t = 0; t < count; t++) {
      const [u, x, from, to] = at(t);
      const [l1, l2, ridge] = [penalty.l1[u], penalty.l2[u], penalty.ridge[u]];
      if (l1 === 0 && l2 === 0) {
        if (ridge > 0) continue;
        // Dual feasibility is an equation here; what rounding leaves of it costs |g·b| to first order.
        this.gather(u, this.coef, b);
        for (let i = from; i < to; i++) free += 2 * Math.abs(x[i] * b[i - from]) + x[i] * x[i];
        continue;
      }
      if (softNorm(x, from, to, l1) <= l2) continue;
      const s = dualScale(x, from, to, l1, l2);
      shrunk = Math.min(shrunk, s);
      if (ridge === 0) scale = Math.min(scale, s);
    }
    const v = this.v;
    let offset = 0;
    if (this.options.offset) for (let i = 0; i < this.n; i++) offset += v[0][i] * this.options.offset[i];
    const dual = (s: number): number => {
      let sum = loss.conjugate(v, s, this.eta) + s * offset;
      for (let t = 0; t < count; t++) {
        const u = q ? this.members[t] : t;
        if (penalty.ridge[u] === 0) continue; // feasible by the scaling
        const [, x, from, to] = at(t);
        const e = s * softNorm(x, from, to, penalty.l1[u] / s) - penalty.l2[u];
        if (e > 0) sum += (e * e) / (2 * penalty.ridge[u]);
      }
      return -sum;
    };
    let best = dual(scale);
    if (shrunk < scale && shrunk > 0) best = Math.max(best, dual(shrunk));
    const gap = primal - best + free;
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(gap, 0);
  }

  // ---- working sets --------------------------------------------------------------------------------------------

  /** The active groups and the most promising others, by (‖S(g_u, l1)‖ − l2)/‖X_u‖_F. */
  private chooseWorkingSet(active: number): number[] {
    const { penalty, norms, priority } = this;
    const list: number[] = [];
    const others: number[] = [];
    const work = new Float64Array(this.largestGroup());
    let violators = 0;
    for (let u = 0; u < this.count; u++) {
      const [l1, l2] = [penalty.l1[u], penalty.l2[u]];
      if (!this.isZero(u) || (l1 === 0 && l2 === 0 && norms[u] > 0)) {
        list.push(u);
        continue;
      }
      if (!(norms[u] > 0)) continue;
      const k = this.gather(u, this.g, work);
      const pull = softNorm(work, 0, k, l1);
      priority[u] = ((pull > 0 ? pull : softNorm(work, 0, k, 0) - l1 * Math.sqrt(k)) - l2) / norms[u];
      if (priority[u] > 0) violators++;
      others.push(u);
    }
    const base = Math.max(8, Math.round((2 * Math.sqrt(this.count)) / this.K));
    // Without violators nothing need enter: what is left is to solve harder on the groups that are there.
    const room = Math.min(violators, Math.max(active, base));
    others.sort((a, c) => priority[c] - priority[a]);
    for (const u of others.slice(0, room)) list.push(u);
    return list;
  }

  private sizeOf(u: number): number {
    return (this.groups.starts[u + 1] - this.groups.starts[u]) * this.K;
  }

  /** Forgets the members for which keep is false; the Gram entries of the others stay. */
  private prune(keep: (u: number, t: number) => boolean): void {
    const kept: number[] = [];
    const { starts } = this.quadratic;
    const K = this.K;
    const means: number[] = [];
    this.members.forEach((u, t) => {
      if (keep(u, t)) {
        kept.push(t);
        for (let a = starts.view[t] * K; a < starts.view[t + 1] * K; a++) means.push(this.means[a]);
      } else this.isMember[u] = 0;
    });
    if (kept.length === this.members.length) return;
    this.quadratic.compact(kept);
    this.members = kept.map((t) => this.members[t]);
    this.means.set(means);
  }

  /** Adds groups to the quadratic, with Gram entries under the frozen curvatures. */
  private extend(list: readonly number[]): void {
    const { quadratic } = this;
    const entering = list.filter((u) => this.isMember[u] === 0);
    const from = quadratic.m;
    let m = from;
    for (const u of entering) m += this.sizeOf(u);
    if (m > quadratic.capacity) {
      quadratic.reserve(Math.max(m, Math.round(1.3 * m)));
      const means = new Float64Array(quadratic.capacity * this.K);
      means.set(this.means.subarray(0, from * this.K));
      this.means = means;
    }
    const starts = quadratic.starts.view;
    m = from;
    for (const u of entering) {
      this.isMember[u] = 1;
      quadratic.ridge[this.members.length] = 0;
      this.members.push(u);
      m += this.sizeOf(u);
      starts[this.members.length] = m;
    }
    const first = quadratic.groups;
    quadratic.groups = this.members.length;
    quadratic.m = m;
    if (m > from) this.gram(from / this.K, first);
  }

  /** Lists the features of the members in `features`; returns how many. */
  private listFeatures(): number {
    const { groups } = this;
    const features = this.features.view;
    let m = 0;
    for (const u of this.members) {
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) features[m++] = groups.columns[a];
    }
    return m;
  }

  /** Gram entries of the features from `from` on (members from `first` on), the intercepts eliminated. */
  private gram(from: number, first: number): void {
    const { quadratic, design, loss, K, d, centre } = this;
    const m = this.listFeatures();
    const ld = quadratic.capacity;
    const scratch = design.arena.scratch();
    const meansBlock = scratch.f64(m);
    if (K === 1) {
      loss.curvature(0, 0, d.view);
      design.gram(this.features, m, from, d, centre, meansBlock, quadratic.G, ld);
      for (let t = from; t < m; t++) this.means[t] = meansBlock.view[t];
    } else {
      const T = scratch.f64(m * m);
      quadratic.G.view.fill(0, from * K * ld, m * K * ld);
      for (let r = 0; r < from * K; r++) quadratic.G.view.fill(0, r * ld + from * K, r * ld + m * K);
      this.means.fill(0, from * K * K, m * K * K);
      const H = new Float64Array(K * K);
      const A = new Float64Array(loss.coupled && centre ? m * K * K : 0);
      const scatter = (k: number, l: number, sign: number) => {
        const [G, t] = [quadratic.G.view, T.view];
        for (let c = from; c < m; c++) {
          for (let r = 0; r < m; r++) {
            const x = sign * t[c * m + r];
            G[(c * K + l) * ld + r * K + k] = x;
            G[(r * K + k) * ld + c * K + l] = x;
            G[(c * K + k) * ld + r * K + l] = x;
            G[(r * K + l) * ld + c * K + k] = x;
          }
        }
      };
      for (let k = 0; k < K; k++) {
        for (let l = k; l < (loss.coupled ? K : k + 1); l++) {
          if (!loss.shared || k === 0) {
            const sign = loss.curvature(k, l, d.view);
            design.gram(this.features, m, from, d, centre && !loss.coupled, meansBlock, T, m);
            if (loss.coupled && centre) {
              for (const x of d.view) H[k * K + l] += sign * x;
              design.gradientSubset(d, this.features, m, this.dots);
              for (let t = 0; t < m; t++) {
                A[(t * K + k) * K + l] = sign * this.dots.view[t];
                A[(t * K + l) * K + k] = sign * this.dots.view[t];
              }
            }
            scatter(k, l, sign);
          } else scatter(k, l, 1);
          if (centre && !loss.coupled)
            for (let t = from; t < m; t++) this.means[(t * K + k) * K + k] = meansBlock.view[t];
        }
      }
      if (loss.coupled && centre) {
        // G ← G − A H⁻ Aᵀ: the intercepts follow.
        const G = quadratic.G.view;
        for (let t = 0; t < m * K; t++) {
          const row = A.subarray(t * K, (t + 1) * K);
          this.means.set(
            this.solveIntercepts((k, l) => H[k * K + l], row),
            t * K,
          );
        }
        for (let c = from * K; c < m * K; c++) {
          for (let r = 0; r <= c; r++) {
            let sum = 0;
            for (let k = 0; k < K; k++) sum += this.means[c * K + k] * A[r * K + k];
            const x = G[c * ld + r] - sum;
            G[c * ld + r] = x;
            G[r * ld + c] = x;
          }
        }
      }
    }
    scratch.release();
    for (let t = first; t < this.members.length; t++) {
      quadratic.ridge[t] = 0;
      quadratic.computeBound(t);
    }
  }

  /** Gradient at the members into q, without the ridge. */
  private loadGradient(): void {
    const m = this.listFeatures();
    const K = this.K;
    const q = this.quadratic.q.view;
    this.readGradient(m, (t, k, value) => {
      q[t * K + k] = value;
    });
  }

  private proximalNewton(list: readonly number[], warm: boolean, tol: number): void {
    const { quadratic, loss, penalty } = this;
    if (++this.stale > 20) {
      this.recomputeEta();
      this.evaluate();
    }
    let wanted = 0;
    let entering = 0;
    for (const u of list) {
      wanted += this.sizeOf(u);
      if (this.isMember[u] === 0) entering += this.sizeOf(u);
    }
    const limit = this.gramLimit;
    if (wanted > limit) {
      if (this.descendOn(list, tol) || this.options.gramLimit !== undefined) return;
      // Columns close to dependent: the second-order finish is worth its Gram matrix, where that is not out of all size.
      this.gramLimit = Math.min(6000, Math.max(1500, this.n));
      if (wanted > this.gramLimit) return;
    }
    if (quadratic.m + entering > Math.min(1.5 * wanted, limit)) {
      const set = new Set(list);
      this.prune((u) => set.has(u));
    }
    let fresh = false;
    if (quadratic.m === 0) {
      loss.freeze();
      fresh = true;
    }
    this.extend(list);
    let previous = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 200; step++) {
      this.loadGradient();
      const q = quadratic.q.view;
      let primal = this.value;
      for (const u of this.members) primal += this.penaltyAt(u, this.coef);
      const gap = this.gap(primal, q, quadratic.starts.view);
      if (gap <= tol || (step > 50 && gap > (1 - 1e-6) * previous)) break;
      if (loss.quadratic && step > 6 && gap > 0.9 * previous) break; // rounding: as exact as it gets
      if (!loss.quadratic && !fresh && gap > 0.2 * previous) {
        // The model has served its time: drop idle members, and take the curvatures of here.
        const starts = quadratic.starts.view;
        const idle = (u: number, t: number) =>
          this.isZero(u) && softNorm(q, starts[t], starts[t + 1], penalty.l1[u]) <= 0.8 * penalty.l2[u];
        this.prune((u, t) => !idle(u, t) || penalty.l2[u] === 0);
        loss.freeze();
        this.gram(0, 0);
        this.loadGradient();
        fresh = true;
      } else fresh = loss.quadratic;
      previous = gap;
      this.loadPoint();
      this.newtonSteps++;
      quadratic.solve(
        (1e-2 * tol) / Math.max(1, this.members.length),
        !loss.quadratic || warm || step > 0,
        warm && step === 0,
      );
      if (this.takeStep(quadratic.b.view.slice()) === 0 && fresh && !loss.quadratic) break;
    }
  }

  /** Coefficients and penalty at the members into the quadratic. */
  private loadPoint(): void {
    const { quadratic, penalty, groups, K } = this;
    const [b, q, starts] = [quadratic.b.view, quadratic.q.view, quadratic.starts.view];
    this.members.forEach((u, t) => {
      quadratic.l1.view[t] = penalty.l1[u];
      quadratic.l2.view[t] = penalty.l2[u];
      quadratic.setRidge(t, penalty.ridge[u]);
      let at = starts[t];
      for (let a = groups.starts[u]; a < groups.starts[u + 1]; a++) {
        for (let k = 0; k < K; k++, at++) {
          b[at] = this.coef[groups.columns[a] * K + k];
          q[at] -= penalty.ridge[u] * b[at];
        }
      }
    });
  }

  /**
   * Moves the members' coefficients towards b, and the intercepts by `shifts` or as the quadratic has them follow; returns
   * the step length, 0 if none lowers the objective.
   */
  private takeStep(b: Float64Array, shifts?: Float64Array): number {
    const { K, coef, loss, design, intercepts } = this;
    const m = this.listFeatures();
    const features = this.features.view.slice(0, m);
    const delta = new Float64Array(m * K);
    const shift = shifts?.slice() ?? new Float64Array(K);
    let any = false;
    for (let t = 0; t < m; t++) {
      for (let k = 0; k < K; k++) {
        const change = b[t * K + k] - coef[features[t] * K + k];
        delta[t * K + k] = change;
        if (change === 0) continue;
        any = true;
        if (this.centre && !shifts) for (let l = 0; l < K; l++) shift[l] -= change * this.means[(t * K + k) * K + l];
      }
    }
    if (!any) return 0;
    const column = new Float64Array(m);
    const addTo = (k: number, block: Block<Float64Array>) => {
      for (let t = 0; t < m; t++) column[t] = delta[t * K + k];
      design.add(this.features, column, m, block);
    };
    if (loss.quadratic) {
      for (let k = 0; k < K; k++) {
        addTo(k, this.etaBlocks[k]);
        const eta = this.etaBlocks[k].view;
        intercepts[k] += shift[k];
        if (shift[k] !== 0) for (let i = 0; i < eta.length; i++) eta[i] += shift[k];
      }
      for (let t = 0; t < m; t++) for (let k = 0; k < K; k++) coef[features[t] * K + k] = b[t * K + k];
      this.stale++;
      this.evaluate();
      return 1;
    }
    let slope = 0;
    for (let k = 0; k < K; k++) {
      this.directionBlocks[k].view.fill(shift[k]);
      addTo(k, this.directionBlocks[k]);
      const [direction, v] = [this.directionBlocks[k].view, this.vBlocks[k].view];
      for (let i = 0; i < v.length; i++) slope -= v[i] * direction[i];
    }
    const old = Float64Array.from(delta, (_, a) => coef[features[Math.floor(a / K)] * K + (a % K)]);
    const penaltySum = (): number => this.members.reduce((sum, u) => sum + this.penaltyAt(u, coef), 0);
    const place = (t: number) => {
      for (let a = 0; a < m; a++) {
        for (let k = 0; k < K; k++) coef[features[a] * K + k] = old[a * K + k] + t * delta[a * K + k];
      }
    };
    const penaltyBefore = penaltySum();
    place(1);
    const promised = slope + penaltySum() - penaltyBefore;
    const start = this.value;
    const eta = this.eta;
    for (let t = 1; t > 1e-10; t /= 2) {
      for (let k = 0; k < K; k++) {
        const direction = this.directionBlocks[k].view;
        const trial = this.trial[k];
        for (let i = 0; i < trial.length; i++) trial[i] = eta[k][i] + t * direction[i];
      }
      place(t);
      const change = loss.value(this.trial) - start + penaltySum() - penaltyBefore;
      // Near the solution the change drowns in rounding: a full step that the model approves of is then taken.
      const noise = 1e-15 * Math.abs(start);
      if (change <= 1e-4 * t * promised || (t === 1 && Math.abs(promised) <= 1e3 * noise && change <= 10 * noise)) {
        for (let k = 0; k < K; k++) {
          eta[k].set(this.trial[k]);
          intercepts[k] += t * shift[k];
        }
        this.stale++;
        this.evaluate();
        return t;
      }
    }
    place(0);
    return 0;
  }

  /** Descent on the columns of the listed groups, without a Gram matrix; false where it gets on too slowly. */
  private descendOn(list: readonly number[], tol: number): boolean {
    const { design, loss, K, groups, centre } = this;
    this.prune(() => false);
    this.members = [...list];
    const starts = new Int32Array(list.length + 1);
    list.forEach((u, t) => {
      starts[t + 1] = starts[t] + groups.starts[u + 1] - groups.starts[u];
    });
    const m = this.listFeatures();
    const columns = this.features.view.slice(0, m);
    const model = new GroupColumns(
      design,
      loss,
      centre,
      list,
      columns,
      starts,
      this.penalty,
      this.keptBlocks,
      (H, rhs) => this.solveIntercepts(H, rhs),
    );
    try {
      const q = new Float64Array(m * K);
      const coordinates = starts.map((at) => at * K);
      let previous = Number.POSITIVE_INFINITY;
      let known = false;
      for (let step = 0; step < 300; step++) {
        this.features.view.set(columns);
        this.readGradient(m, (t, k, value) => {
          q[t * K + k] = value;
        });
        let primal = this.value;
        for (const u of list) primal += this.penaltyAt(u, this.coef);
        const gap = this.gap(primal, q, coordinates);
        if (gap <= tol) return true;
        if (step > 50 && gap > (1 - 1e-6) * previous) return false;
        if (step >= SLOW && this.options.gramLimit === undefined && this.gramLimit === GRAM_LIMIT) return false;
        previous = gap;
        if (!known) {
          loss.freeze();
          model.setCurvatures();
          known = loss.quadratic;
        }
        const b = model.b.view;
        for (let t = 0; t < m; t++) for (let k = 0; k < K; k++) b[t * K + k] = this.coef[columns[t] * K + k];
        model.descend(this.v);
        this.newtonSteps++;
        if (this.takeStep(model.b.view.slice(), model.shift) === 0) return false;
      }
      return false;
    } finally {
      this.quadratic.epochs += model.epochs;
      model.release();
      this.members = [];
    }
  }
}

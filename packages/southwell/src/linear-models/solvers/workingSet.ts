import { type Block, PenaltyKind, type Scratch } from '@southwell/kernels';
import type { Iterate, Status } from '@southwell/numerics/core';
import { WorkingSetQuadratic } from '../../blocks/index.ts';
import type { BoundLoss } from '../../losses/index.ts';
import type { Design } from '../design.ts';
import { conjugateAt, feasibleScale, type ScaledPenalty, stationarity, valueAt } from './scaledPenalty.ts';

/** Newcomers that are worth a few epochs of descent before they get Gram columns. */
const SCREEN_FROM = 100;
const DESCENT_EPOCHS = 10;
/** Features whose gradient is below this part of its threshold are not worth a place in a working set yet. */
const NEAR = 0.7;
/** How much faster matrix products multiply than descent on columns, which waits for memory. */
const GEMM_ADVANTAGE = 6;

/** A linear model's point, in the coordinates of the data. */
export interface LinearPoint {
  readonly coef: Float64Array;
  readonly intercept: number;
}

export interface WorkingSetOptions {
  readonly intercept: boolean;
  /** Added to the linear predictor, length n. */
  readonly offset?: Float64Array;
  /** The largest working set whose Gram matrix is formed; beyond it descent runs on the columns themselves. */
  readonly gramLimit?: number;
}

/**
 * Working sets with a proximal Newton method inside, for Σ w_i ℓ(y_i, η_i) + Σ g_j(b_j) with a separable penalty.
 *
 * Outside: price every feature by its gradient, certify, and let the most promising enter (the greedy variable-block
 * rule of card 01 with 'support + m' blocks). A feature whose gradient cannot have reached its threshold since it was
 * last computed, by |x̃ᵀv| ≤ |x̃ᵀv_old| + ‖x̃‖‖v − v_old‖, is not read again; this never loses a feature.
 * Inside: quadratic models on the working set (one exact model for squared loss, whose Gram matrix is kept and grown),
 * solved by {@link WorkingSetQuadratic}, with a line search, until the duality gap of the restricted problem is a
 * fraction of the tolerance.
 *
 * Celer (Massias et al. 2018) and skglm (Bertrand et al. 2022) share the outer idea; the inner second-order finish
 * replaces their Anderson-accelerated descent.
 */
export class WorkingSetSolver {
  readonly beta: Float64Array;
  intercept = 0;
  /** f at the best constant (intercept only): what relative tolerances refer to. */
  readonly nullValue: number;
  /** X̃ᵀv at the null model: its largest entry is the critical strength. */
  readonly nullGradient: Float64Array;
  epochs = 0;
  newtonSteps = 0;
  /** Features read by pricing, in units of whole passes over the data. */
  passes = 0;

  private readonly n: number;
  private readonly p: number;
  private readonly keep: Scratch;
  private readonly eta: Block<Float64Array>;
  private readonly v: Block<Float64Array>;
  private readonly vPriced: Float64Array;
  private readonly d: Block<Float64Array>;
  /** The curvatures under which the quadratic's Gram matrix was taken. */
  private readonly dModel: Block<Float64Array>;
  private readonly trial: Block<Float64Array>;
  private readonly direction: Block<Float64Array>;
  private readonly g: Float64Array;
  /** Cumulative ‖Δv‖ when g_j was computed. */
  private readonly pricedAt: Float64Array;
  private drift = 0;
  private value = 0;
  private penalty!: ScaledPenalty;
  private readonly quadratic: WorkingSetQuadratic;
  /** Slot of each feature in the quadratic's working set, −1 if none. */
  private readonly slot: Int32Array;
  private readonly list: Block<Int32Array>;
  private readonly priced: Block<Float64Array>;
  private readonly priority: Float64Array;
  private readonly selection: Float64Array;
  private readonly outside: Int32Array;
  private readonly gramLimit: number;
  private readonly centre: boolean;
  private readonly offset: Float64Array | undefined;
  private stale = 0;

  constructor(
    readonly design: Design,
    private readonly loss: BoundLoss,
    options: WorkingSetOptions,
  ) {
    const { n, p, arena } = design;
    this.n = n;
    this.p = p;
    this.centre = options.intercept && loss.interceptMakesSense;
    this.offset = options.offset;
    this.keep = arena.scratch();
    this.eta = this.keep.f64(n);
    this.v = this.keep.f64(n);
    this.d = this.keep.f64(n);
    this.dModel = this.keep.f64(n);
    this.trial = this.keep.f64(n);
    this.direction = this.keep.f64(n);
    this.list = this.keep.i32(p);
    this.priced = this.keep.f64(p);
    this.vPriced = new Float64Array(n);
    this.beta = new Float64Array(p);
    this.g = new Float64Array(p);
    this.pricedAt = new Float64Array(p);
    this.priority = new Float64Array(p);
    this.selection = new Float64Array(p);
    this.outside = new Int32Array(p);
    this.slot = new Int32Array(p).fill(-1);
    this.gramLimit = options.gramLimit ?? 2500;
    this.quadratic = new WorkingSetQuadratic(arena, Math.min(p, this.gramLimit));
    loss.attach?.(arena);
    if (this.offset) this.eta.view.set(this.offset);
    else this.eta.view.fill(0);
    this.evaluate();
    this.nullValue = this.value;
    this.design.gradient(this.v, this.g, true);
    this.passes = 1;
    this.vPriced.set(this.v.view);
    this.nullGradient = this.g.slice();
  }

  release(): void {
    this.loss.detach?.();
    this.quadratic.release();
    this.keep.release();
    this.design.release();
  }

  setPenalty(penalty: ScaledPenalty): void {
    this.penalty = penalty;
  }

  /** Starts from the given point instead of the null model. */
  warmStart(beta: Float64Array, intercept: number): void {
    this.beta.set(beta);
    this.intercept = intercept;
    this.resetQuadratic();
    this.recomputeEta();
    this.evaluate();
  }

  /** The linear predictor at the present point (offset included). */
  get linearPredictor(): Float64Array {
    return this.eta.view;
  }

  get lossValue(): number {
    return this.value;
  }

  point(): LinearPoint {
    const scale = this.design.scale.view;
    const coef = new Float64Array(this.p);
    for (let j = 0; j < coef.length; j++) if (this.beta[j] !== 0) coef[j] = this.beta[j] * scale[j];
    return { coef, intercept: this.intercept };
  }

  /** Iterates until the caller stops; ends by itself (done: 'stalled') where rounding allows no further progress. */
  *iterates(tol: number): Generator<Iterate<LinearPoint>> {
    const absolute = tol * Math.max(this.nullValue, Number.MIN_VALUE);
    let floor = Number.POSITIVE_INFINITY;
    let previous = Number.POSITIVE_INFINITY;
    let harder = 1;
    let stuck = 0;
    for (let iteration = 0; ; iteration++) {
      this.price();
      const certificate = this.certificate();
      const done: Status | undefined = !Number.isFinite(certificate.objective)
        ? 'diverged'
        : stuck >= 3
          ? 'stalled'
          : undefined;
      yield {
        iteration,
        objective: certificate.objective,
        certificate,
        active: certificate.active,
        work: { epochs: this.quadratic.epochs + this.epochs, matrixVectorProducts: this.passes },
        done,
        snapshot: () => this.point(),
      };
      if (done) return;
      // No better certificate, twice: solve the inner problem harder, then give up.
      stuck = certificate.value < 0.9 * floor ? 0 : stuck + 1;
      floor = Math.min(floor, certificate.value);
      if (stuck > 0) harder *= 0.1;
      let size = this.chooseWorkingSet(certificate.active);
      const inner = harder * Math.max(0.3 * absolute, certificate.kind === 'dualityGap' ? 0.3 * certificate.value : 0);
      if (++this.stale > 20) {
        this.recomputeEta();
        this.evaluate();
      }
      // Rounds of descent that are still needed if the gap goes on falling as in the last one.
      const rounds = Math.log(certificate.value / absolute) / Math.log(previous / certificate.value);
      previous = certificate.value;
      if (stuck === 0) size = this.screen(size, inner, rounds);
      this.solveOn(size, iteration === 0, inner);
    }
  }

  // ---- state ---------------------------------------------------------------------------------------------------

  /** Refreshes value, v and d at eta; with an intercept, moves it until the gradient sums to zero. */
  private evaluate(majorize = false): void {
    this.value = this.loss.derivatives(this.eta.view, this.v.view, this.d.view, majorize);
    this.centreGradient(majorize);
  }

  /** With an intercept, moves it until the gradient sums to zero: the dual point is then feasible. */
  private centreGradient(majorize: boolean): void {
    if (!this.centre) return;
    const v = this.v.view;
    const d = this.d.view;
    const eta = this.eta.view;
    for (let step = 0; step < 50; step++) {
      let sum = 0;
      let size = 0;
      let curvature = 0;
      for (let i = 0; i < v.length; i++) {
        sum += v[i];
        size += Math.abs(v[i]);
        curvature += d[i];
      }
      if (Math.abs(sum) <= 1e-13 * size || !(curvature > 0)) break;
      const before = this.value;
      let move = sum / curvature;
      const old = this.trial.view;
      old.set(eta);
      for (let halving = 0; halving < 60; halving++) {
        for (let i = 0; i < eta.length; i++) eta[i] = old[i] + move;
        this.value = this.loss.derivatives(eta, v, d, majorize);
        if (this.value <= before + 1e-14 * Math.abs(before)) break;
        move /= 2;
      }
      this.intercept += move;
      if (this.value >= before) break; // rounding: as exact as it gets
    }
  }

  /** eta from b alone, so that rounding does not pile up. */
  private recomputeEta(): void {
    const eta = this.eta.view;
    if (this.offset) for (let i = 0; i < this.n; i++) eta[i] = this.offset[i] + this.intercept;
    else eta.fill(this.intercept);
    const columns = this.list.view;
    const delta: number[] = [];
    for (let j = 0; j < this.p; j++) {
      if (this.beta[j] !== 0) {
        columns[delta.length] = j;
        delta.push(this.beta[j]);
      }
    }
    this.design.add(this.list, Float64Array.from(delta), delta.length, this.eta);
    this.stale = 0;
  }

  /** Brings g up to date wherever it could matter. */
  private price(): void {
    const { g, p, beta, pricedAt, penalty } = this;
    const { norms } = this.design;
    const v = this.v.view;
    let moved = 0;
    for (let i = 0; i < v.length; i++) {
      const t = v[i] - this.vPriced[i];
      moved += t * t;
    }
    this.drift += Math.sqrt(moved);
    this.vPriced.set(v);
    const skip =
      penalty.kind === PenaltyKind.convex || penalty.kind === PenaltyKind.mcp || penalty.kind === PenaltyKind.scad;
    const columns = this.list.view;
    let k = 0;
    for (let j = 0; j < p; j++) {
      const since = this.drift - pricedAt[j];
      if (since === 0) continue;
      if (skip && beta[j] === 0 && Math.abs(g[j]) + norms[j] * since < penalty.a1[j] * (1 - 1e-12)) continue;
      columns[k++] = j;
    }
    if (k > 0.8 * p) {
      this.design.gradient(this.v, g);
      pricedAt.fill(this.drift);
    } else if (k > 0) {
      this.design.gradientSubset(this.v, this.list, k, this.priced);
      const out = this.priced.view;
      const c = this.list.view;
      for (let t = 0; t < k; t++) {
        g[c[t]] = out[t];
        pricedAt[c[t]] = this.drift;
      }
    }
    this.passes += k / p;
    if (this.centre) {
      const { constant } = this.design;
      for (let j = 0; j < p; j++) if (constant[j] === 1) g[j] = 0;
    }
  }

  // ---- certificates --------------------------------------------------------------------------------------------

  /** Duality gap (convex) or stationarity residual of the whole problem, from g. */
  private certificate() {
    const { beta, g, penalty, p } = this;
    let penaltyValue = 0;
    let active = 0;
    for (let j = 0; j < p; j++) {
      if (beta[j] !== 0) {
        active++;
        penaltyValue += valueAt(penalty, j, beta[j]);
      }
    }
    const objective = this.value + penaltyValue;
    if (penalty.kind !== PenaltyKind.convex) {
      let worst = 0;
      let scale = 0;
      for (let j = 0; j < p; j++) {
        worst = Math.max(worst, this.residual(j, beta[j], g[j]));
        scale = Math.max(scale, Math.abs(this.nullGradient[j]));
      }
      return {
        kind: 'kktResidual' as const,
        value: worst,
        relative: scale > 0 ? worst / scale : 0,
        objective,
        active,
      };
    }
    const gap = this.gap(objective, p, undefined, g);
    const scale = Math.max(this.nullValue, Number.MIN_VALUE);
    return { kind: 'dualityGap' as const, value: gap, relative: gap / scale, objective, active };
  }

  /** Stationarity of one coordinate; for |b|^q, where 0 is always stationary, the distance that a prox step would move. */
  private residual(j: number, b: number, g: number): number {
    const { penalty } = this;
    if (penalty.kind <= PenaltyKind.scad || b !== 0) return stationarity(penalty, j, b, g);
    const curvature = this.curvature(j);
    if (!(curvature > 0)) return 0;
    const { kernels } = this.design.arena;
    const next = kernels.proximal(penalty.kind, g / curvature, 1 / curvature, penalty.a1[j], 0, 0, -Infinity, Infinity);
    return Math.abs(next) * curvature;
  }

  /** A bound on ∂²f/∂b_j², for single-coordinate tests. */
  private curvature(j: number): number {
    const slot = this.slot[j];
    if (slot >= 0) return this.quadratic.G.view[slot * this.quadratic.capacity + slot];
    const d = this.d.view;
    let largest = 0;
    for (let i = 0; i < d.length; i++) if (d[i] > largest) largest = d[i];
    return largest * this.design.norms[j] ** 2;
  }

  /**
   * The duality gap over k features (all others zero and never to move), the better of two scalings of the dual point.
   * `columns` lists the features, or is undefined for all; g[t] = X̃ᵀv.
   */
  private gap(primal: number, k: number, columns: Int32Array | undefined, g: Float64Array): number {
    const { penalty, loss, outside } = this;
    const { a1, a2, lower, upper } = penalty;
    let scale = 1;
    let shrunk = 1;
    let unpenalised = 0;
    // Only features outside their box [−a1, a1] have a conjugate above zero or limit the scaling.
    const candidates = columns ? outsideOf(a1, g, k, columns, outside) : outsideAll(a1, g, k, outside);
    let count = 0;
    for (let u = 0; u < candidates; u++) {
      const t = outside[u];
      const j = columns ? columns[t] : t;
      const size = Math.abs(g[t]);
      if (a1[j] === 0 && a2[j] === 0 && !Number.isFinite(lower[j] + upper[j])) {
        // Dual feasibility here is an equation; what rounding leaves of it costs |g·b| to first order.
        const pull = stationarity(penalty, j, this.beta[j], g[t]);
        unpenalised += 2 * Math.abs(pull * this.beta[j]) + pull * pull;
        continue;
      }
      outside[count++] = t;
      scale = Math.min(scale, feasibleScale(penalty, j, g[t]));
      // With a ridge part no scaling is needed, but pulling the point towards the box may still be better.
      if (a1[j] > 0) shrunk = Math.min(shrunk, a1[j] / size);
    }
    let offset = 0;
    const v = this.v.view;
    if (this.offset) for (let i = 0; i < v.length; i++) offset += v[i] * this.offset[i];
    const dual = (s: number): number => {
      let sum = loss.conjugate(v, s, this.eta.view) + s * offset;
      for (let u = 0; u < count; u++) {
        const t = outside[u];
        const j = columns ? columns[t] : t;
        // A hair inside the box, so that rounding does not make a feasible point infinite.
        if (Math.abs(s * g[t]) <= a1[j] * (1 + 1e-12)) continue;
        sum += conjugateAt(penalty, j, s * g[t]);
      }
      return -sum;
    };
    let best = dual(scale);
    if (shrunk < scale) best = Math.max(best, dual(shrunk));
    const gap = primal - best + unpenalised;
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(gap, 0);
  }

  // ---- working sets --------------------------------------------------------------------------------------------

  /**
   * Fills `list` with the support and the most promising others; returns how many. Promise is the distance to the
   * threshold in units of the column, (|g_j| − a1_j)/‖x̃_j‖.
   */
  private chooseWorkingSet(active: number): number {
    const { beta, g, p, penalty, priority } = this;
    const { norms, constant } = this.design;
    const columns = this.list.view;
    let k = 0;
    let violators = 0;
    let candidates = 0;
    for (let j = 0; j < p; j++) {
      if (beta[j] !== 0 || (penalty.a1[j] === 0 && norms[j] > 0 && constant[j] === 0)) {
        columns[k++] = j;
        priority[j] = Number.NEGATIVE_INFINITY;
        continue;
      }
      if (!(norms[j] > 0) || constant[j] === 1 || !(penalty.a1[j] < Number.POSITIVE_INFINITY)) {
        priority[j] = Number.NEGATIVE_INFINITY;
        continue;
      }
      const pull = penalty.upper[j] <= 0 ? -g[j] : penalty.lower[j] >= 0 ? g[j] : Math.abs(g[j]);
      if (!(pull > NEAR * penalty.a1[j])) {
        priority[j] = Number.NEGATIVE_INFINITY;
        continue;
      }
      priority[j] = (pull - penalty.a1[j]) / norms[j];
      this.selection[candidates++] = priority[j];
      if (priority[j] > 0) violators++;
    }
    // A first set whose Gram matrix costs about as much as one pass over the data; a support rarely exceeds n.
    const base = this.design.X.kind === 'dense' ? Math.max(16, Math.min(Math.round(4 * Math.sqrt(p)), this.n)) : 32;
    const room = Math.max(
      base - k,
      Math.round(0.25 * k),
      Math.min(violators, Math.max(Math.round(0.5 * active), base)),
    );
    const take = Math.min(candidates, room);
    if (take > 0) {
      const threshold = kthLargest(this.selection, candidates, take);
      for (let j = 0; j < p && k < p; j++)
        if (priority[j] >= threshold && priority[j] > Number.NEGATIVE_INFINITY) columns[k++] = j;
    }
    return k;
  }

  /**
   * Where many newcomers would need Gram columns of dense data: descends on the columns of list[0 … size) first, and
   * drops the newcomers that are zero after it. Returns how many stay: none while the support still grows fast, or when
   * that many more `rounds` of descent are expected to cost less than the Gram matrix and its factor.
   */
  private screen(size: number, tol: number, rounds: number): number {
    const { beta, slot, design, n } = this;
    if (design.X.kind !== 'dense' || this.penalty.kind !== PenaltyKind.convex || size > this.gramLimit) return size;
    let list = this.list.view;
    let entering = 0;
    let support = 0;
    for (let t = 0; t < size; t++) {
      if (slot[list[t]] < 0) entering++;
      if (beta[list[t]] !== 0) support++;
    }
    if (entering < SCREEN_FROM) return size;
    this.stale++;
    this.descend(size, tol, DESCENT_EPOCHS);
    list = this.list.view; // descent may have grown the memory
    let kept = 0;
    entering = 0;
    for (let t = 0; t < size; t++) {
      const j = list[t];
      if (slot[j] < 0) {
        if (beta[j] === 0) continue;
        entering++;
      }
      list[kept++] = j;
    }
    const descent = rounds * DESCENT_EPOCHS * n * size;
    const gram = n * entering * (kept - entering / 2) + kept ** 3 / 6;
    const growing = kept > 1.1 * support;
    const worthwhile = rounds > 0 && descent * GEMM_ADVANTAGE > gram * (this.loss.quadratic ? 1 : 3);
    return entering < SCREEN_FROM || (worthwhile && !growing) ? kept : 0;
  }

  /** Solves the problem restricted to list[0 … size) and what the quadratic already holds, to a duality gap of `tol`. */
  private solveOn(size: number, warm: boolean, tol: number): void {
    if (size === 0) return;
    if (size > this.gramLimit) this.descendOn(size, tol);
    else this.proximalNewton(size, warm, tol);
  }

  private resetQuadratic(): void {
    const { quadratic, slot } = this;
    if (quadratic.m === 0) return;
    const c = quadratic.columns.view;
    for (let t = 0; t < quadratic.m; t++) slot[c[t]] = -1;
    quadratic.m = 0;
    quadratic.invalidate();
  }

  /** Adds list[0 … size) to the quadratic's members (keeping the old), with Gram columns under the curvatures `dModel`. */
  private extendQuadratic(size: number): void {
    const { quadratic, slot, design } = this;
    const from = quadratic.m;
    let list = this.list.view;
    let m = from;
    for (let t = 0; t < size; t++) if (slot[list[t]] < 0) m++;
    if (m > quadratic.capacity) {
      quadratic.reserve(Math.max(m, Math.min(Math.round(1.3 * m), this.gramLimit)));
      // Memory that is not shared loses its views when it grows.
      list = this.list.view;
    }
    const columns = quadratic.columns.view;
    m = from;
    for (let t = 0; t < size; t++) {
      const j = list[t];
      if (slot[j] < 0) {
        slot[j] = m;
        columns[m++] = j;
      }
    }
    quadratic.m = m;
    if (m > from) {
      design.gram(
        quadratic.columns,
        m,
        from,
        this.dModel,
        this.centre,
        quadratic.means,
        quadratic.G,
        quadratic.capacity,
      );
    }
  }

  /** Forgets the members for which `keep` is false. Keeps the Gram entries of the others. */
  private prune(keep: (j: number, t: number) => boolean): void {
    const { quadratic, slot } = this;
    if (quadratic.m === 0) return;
    const c = quadratic.columns.view;
    const kept: number[] = [];
    for (let t = 0; t < quadratic.m; t++) {
      if (keep(c[t], t)) kept.push(t);
      else slot[c[t]] = -1;
    }
    quadratic.compact(kept);
    for (let t = 0; t < quadratic.m; t++) slot[c[t]] = t;
  }

  /** Forgets the members that are not in list[0 … size). */
  private keepOnly(size: number): void {
    const wanted = new Set(this.list.view.subarray(0, size));
    this.prune((j) => wanted.has(j));
  }

  /** Copies b and the penalty at the members into the quadratic. */
  private loadQuadratic(): void {
    const { quadratic, penalty, beta } = this;
    const { m, capacity: ld } = quadratic;
    const columns = quadratic.columns.view;
    const b = quadratic.b.view;
    const pen = quadratic.penalty.view;
    for (let t = 0; t < m; t++) {
      const j = columns[t];
      b[t] = beta[j];
      pen[t] = penalty.a1[j];
      pen[ld + t] = penalty.a2[j];
      pen[2 * ld + t] = penalty.gamma[j];
      pen[3 * ld + t] = penalty.lower[j];
      pen[4 * ld + t] = penalty.upper[j];
    }
  }

  /** The restricted certificate, from q = X̃ᵀv at the members; in units of the objective (gap) or its KKT analogue. */
  private restrictedGap(m: number, columns: Int32Array, q: Float64Array): number {
    const { penalty, beta } = this;
    if (penalty.kind !== PenaltyKind.convex) {
      let worst = 0;
      let scale = Number.MIN_VALUE;
      for (let t = 0; t < m; t++) worst = Math.max(worst, this.residual(columns[t], beta[columns[t]], q[t]));
      for (let j = 0; j < this.p; j++) scale = Math.max(scale, Math.abs(this.nullGradient[j]));
      return (worst / scale) * this.nullValue;
    }
    let primal = this.value;
    for (let t = 0; t < m; t++) primal += valueAt(penalty, columns[t], beta[columns[t]]);
    return this.gap(primal, m, columns, q);
  }

  /**
   * Proximal Newton on the members: quadratic models whose Gram matrix is kept while it serves (for ever under squared
   * loss), a line search on the true objective.
   */
  private proximalNewton(size: number, warm: boolean, tol: number): void {
    const { quadratic, design, penalty, loss } = this;
    const convex = penalty.kind === PenaltyKind.convex;
    let majorize = false;
    // A model from another point may be kept for a new working set while it still contracts.
    let fresh = false;
    let entering = 0;
    for (let t = 0; t < size; t++) if (this.slot[this.list.view[t]] < 0) entering++;
    if (quadratic.m + entering > Math.min(1.5 * size, this.gramLimit)) this.keepOnly(size);
    if (quadratic.m === 0) {
      this.dModel.view.set(this.d.view);
      fresh = true;
    }
    this.extendQuadratic(size);
    let previous = Number.POSITIVE_INFINITY;
    for (let step = 0; step < (convex ? 200 : 1000); step++) {
      design.gradientSubset(this.v, quadratic.columns, quadratic.m, quadratic.q);
      const gap = this.restrictedGap(quadratic.m, quadratic.columns.view, quadratic.q.view);
      if (gap <= tol || (convex && step > 50 && gap > (1 - 1e-6) * previous)) break;
      if (loss.quadratic && step > 6 && gap > 0.9 * previous) break; // rounding: as exact as it gets
      if (!loss.quadratic && (majorize || (!fresh && gap > 0.2 * previous))) {
        // The model has served its time: drop idle members, and take the curvatures of here.
        const q = quadratic.q.view;
        this.prune((j, t) => this.beta[j] !== 0 || Math.abs(q[t]) > 0.8 * penalty.a1[j]);
        this.dModel.view.set(this.d.view);
        quadratic.invalidate();
        design.gram(
          quadratic.columns,
          quadratic.m,
          0,
          this.dModel,
          this.centre,
          quadratic.means,
          quadratic.G,
          quadratic.capacity,
        );
        fresh = true;
      } else fresh = loss.quadratic;
      previous = gap;
      this.loadQuadratic();
      this.newtonSteps++;
      quadratic.solve(
        penalty.kind,
        (1e-2 * tol) / quadratic.m,
        !loss.quadratic || warm || step > 0,
        warm && step === 0,
      );
      const moved = this.takeStep(majorize);
      if (loss.quadratic) continue;
      if (moved === 0 && majorize) break;
      if (moved < 1) {
        // Kinks in the slope of the loss, or a concave penalty, mislead Newton's model: take one that lies above.
        majorize = true;
        this.evaluate(true);
      } else if (convex && majorize) {
        majorize = false;
        this.evaluate();
      }
    }
  }

  /** Moves to the quadratic's minimiser, or part of the way; returns the step length. */
  private takeStep(majorize: boolean): number {
    const { quadratic, beta } = this;
    const { m } = quadratic;
    const b = quadratic.b.view;
    const columns = quadratic.columns.view;
    const means = quadratic.means.view;
    const delta = new Float64Array(m);
    let shift = 0;
    for (let t = 0; t < m; t++) {
      delta[t] = b[t] - beta[columns[t]];
      if (this.centre) shift -= delta[t] * means[t];
    }
    if (!this.loss.quadratic) return this.lineSearch(quadratic.columns, m, delta, shift, majorize);
    for (let t = 0; t < m; t++) beta[columns[t]] = b[t];
    this.design.add(quadratic.columns, delta, m, this.eta);
    if (this.centre) {
      this.intercept += shift;
      const eta = this.eta.view;
      for (let i = 0; i < eta.length; i++) eta[i] += shift;
    }
    this.evaluate();
    return 1;
  }

  /** Descent on the columns themselves for working sets too large for a Gram matrix. */
  private descendOn(size: number, tol: number): void {
    const { design } = this;
    const scratch = design.arena.scratch();
    try {
      const members = scratch.i32(size);
      members.view.set(this.list.view.subarray(0, size));
      const g = scratch.f64(size);
      this.resetQuadratic();
      for (let step = 0; step < 500; step++) {
        design.gradientSubset(this.v, members, size, g);
        if (this.restrictedGap(size, members.view, g.view) <= tol) break;
        this.newtonSteps++;
        this.list.view.set(members.view);
        if (!this.descend(size, tol, 20)) break;
      }
    } finally {
      scratch.release();
    }
  }

  /** Moves b by delta at the listed columns, and the intercept by shift; returns the step length, 0 if none lowers the objective. */
  private lineSearch(
    list: Block<Int32Array>,
    k: number,
    delta: Float64Array,
    shift: number,
    majorize: boolean,
  ): number {
    const { design, penalty, beta, loss } = this;
    this.direction.view.fill(shift);
    design.add(list, delta, k, this.direction);
    const direction = this.direction.view;
    const columns = list.view;
    const v = this.v.view;
    let slope = 0;
    for (let i = 0; i < v.length; i++) slope -= v[i] * direction[i];
    const at = (t: number): number => {
      let sum = 0;
      for (let a = 0; a < k; a++) {
        const j = columns[a];
        sum += valueAt(penalty, j, beta[j] + t * delta[a]) - valueAt(penalty, j, beta[j]);
      }
      return sum;
    };
    const convex = penalty.kind === PenaltyKind.convex;
    const promised = convex ? slope + at(1) : 0; // ≤ 0 for a convex penalty
    if (slope === 0 && delta.every((t) => t === 0)) return 0;
    const start = this.value;
    const eta = this.eta.view;
    const trial = this.trial.view;
    for (let t = 1; t > 1e-10; t /= 2) {
      for (let i = 0; i < eta.length; i++) trial[i] = eta[i] + t * direction[i];
      const value = loss.derivatives(trial, v, this.d.view, majorize);
      const change = value - start + at(t);
      // Near the solution the change drowns in rounding: a full step that the model approves of is then taken.
      const noise = 1e-15 * Math.abs(start);
      const enough = convex ? change <= 1e-4 * t * promised : change < 0;
      if (enough || (t === 1 && Math.abs(promised) <= 1e3 * noise && change <= 10 * noise)) {
        eta.set(trial);
        for (let a = 0; a < k; a++) beta[columns[a]] += t * delta[a];
        this.intercept += t * shift;
        this.stale++;
        this.value = value;
        this.centreGradient(majorize);
        return t;
      }
    }
    this.evaluate(majorize);
    return 0;
  }

  /** Weighted coordinate descent on the columns of list[0 … k): no Gram matrix. Returns whether anything moved. */
  private descend(k: number, tol: number, epochs: number): boolean {
    const { design, penalty, beta } = this;
    const { arena, X, n } = design;
    const scratch = arena.scratch();
    try {
      const columns = scratch.i32(k);
      columns.view.set(this.list.view.subarray(0, k));
      const rd = scratch.f64(n);
      const curvatures = scratch.f64(k);
      const sums = scratch.f64(k);
      const state = scratch.f64(1);
      const b = scratch.f64(k);
      const pen = scratch.f64(5 * k);
      const c = columns.view;
      const d = this.d.view;
      let sumD = 0;
      for (let i = 0; i < n; i++) sumD += d[i];
      design.weightedStats(this.d, columns, k, sums, curvatures);
      const pv = pen.view;
      for (let t = 0; t < k; t++) {
        const j = c[t];
        if (this.centre) {
          const centred = curvatures.view[t] - sums.view[t] ** 2 / sumD;
          curvatures.view[t] = centred <= 1e-13 * curvatures.view[t] ? 0 : centred;
        }
        b.view[t] = beta[j];
        pv[t] = penalty.a1[j];
        pv[k + t] = penalty.a2[j];
        pv[2 * k + t] = penalty.gamma[j];
        pv[3 * k + t] = penalty.lower[j];
        pv[4 * k + t] = penalty.upper[j];
      }
      rd.view.set(this.v.view);
      state.view[0] = 0;
      const rest = [
        this.d.pointer,
        rd.pointer,
        curvatures.pointer,
        sums.pointer,
        sumD,
        this.centre ? 1 : 0,
        state.pointer,
        b.pointer,
        penalty.kind,
        pen.pointer,
        k,
        epochs,
        (1e-3 * tol) / k,
      ] as const;
      this.epochs += epochs;
      if (X.kind === 'dense') {
        arena.kernels.denseDescent(n, k, columns.pointer, X.pointer, n, design.scale.pointer, ...rest);
      } else {
        const { colPointers, rowIndices, values } = X.pointers;
        arena.kernels.cscDescent(k, columns.pointer, colPointers, rowIndices, values, design.scale.pointer, ...rest);
      }
      const delta = new Float64Array(k);
      let any = false;
      for (let t = 0; t < k; t++) {
        delta[t] = b.view[t] - beta[c[t]];
        if (delta[t] !== 0) any = true;
      }
      if (!any) return false;
      // The shift of the kernel moves the residual; the intercept moves the other way.
      return this.lineSearch(columns, k, delta, -state.view[0], false) > 0;
    } finally {
      scratch.release();
    }
  }
}

/** Lists the t < k with |g[t]| outside [−a1[columns[t]], a1[columns[t]]]; returns how many. */
function outsideOf(a1: Float64Array, g: Float64Array, k: number, columns: Int32Array, out: Int32Array): number {
  let count = 0;
  for (let t = 0; t < k; t++) if (Math.abs(g[t]) > a1[columns[t]] * (1 + 1e-12)) out[count++] = t;
  return count;
}

/** As {@link outsideOf} for all features in their order: the loop that runs most. */
function outsideAll(a1: Float64Array, g: Float64Array, p: number, out: Int32Array): number {
  let count = 0;
  for (let j = 0; j < p; j++) if (Math.abs(g[j]) > a1[j] * (1 + 1e-12)) out[count++] = j;
  return count;
}

/** The k-th largest of a[0 … n), which is reordered, by quickselect. O(n). */
function kthLargest(a: Float64Array, n: number, k: number): number {
  let lo = 0;
  let hi = n - 1;
  const target = k - 1;
  while (lo < hi) {
    const pivot = a[(lo + hi) >>> 1];
    let i = lo;
    let j = hi;
    while (i <= j) {
      while (a[i] > pivot) i++;
      while (a[j] < pivot) j--;
      if (i <= j) {
        const t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    if (target <= j) hi = j;
    else if (target >= i) lo = i;
    else break;
  }
  return a[target];
}

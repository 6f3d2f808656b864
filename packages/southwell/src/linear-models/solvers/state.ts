// Over 400 lines: one point and everything derived from it, which would need each other's fields if split.
import type { Block, Scratch } from '@southwell/kernels';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import { largestOf, type SplitRows, sumOfRows, sumOverRows } from '@southwell/numerics/core';
import type { Bends, BoundLoss, Kinks } from '../../losses/index.ts';
import type { Design } from '../design/design.ts';
import { bisectIntercept, type Centring, centreIntercepts, newtonMove } from './intercept.ts';
import { gather, scatter } from './lists.ts';
import type { Moments } from './moments.ts';
import { PackedRows } from './packedRows.ts';
import { Phases } from './phases.ts';
import { MOST, Pricing } from './pricing.ts';
import { type ScaledPenalty, valueAt } from './scaledPenalty.ts';

/** A point of a linear model, in the coordinates of the data. */
export interface LinearPoint {
  readonly coef: Float64Array;
  readonly intercept: number;
}

/** Results of a first pass over the data, if already known: X̃ᵀv at the null model, and norms of columns. */
export interface NullModel {
  readonly gradient: Float64Array;
  readonly norms: Float64Array;
}

/** Steps after which the linear predictor is recomputed, so that rounding errors do not accumulate. */
const STALE = 20;

/**
 * A point of Σ w_i ℓ(y_i, η_i) + Σ g_j(b_j) and everything derived from it: the linear predictor η, v = −∇f(η),
 * curvatures d, the optimal intercept, and X̃ᵀv wherever it could matter. Shared by the solvers of linear models, which
 * differ in how they move b. Coefficients are in the scaled coordinates of the {@link Design}.
 */
export class LinearState {
  readonly beta: Float64Array;
  /** The loss at the point. */
  value = 0;
  /** The loss at the best constant (intercept only), to which relative tolerances refer. */
  readonly nullValue: number;
  /** X̃ᵀv at the null model, which determines alphaMax. */
  readonly nullGradient: Float64Array;
  /** X̃ᵀv; up to date after {@link price}, except for features that cannot matter. */
  readonly g: Float64Array;
  /** Epochs over columns, Newton steps, and features read by pricing in units of passes over the data. */
  readonly counts = { epochs: 0, newtonSteps: 0, passes: 1 };
  readonly phases = new Phases();
  penalty!: ScaledPenalty;

  /** Number of rows on this rank, if rows are distributed. */
  readonly n: number;
  readonly p: number;
  /** Added to the linear predictor, length n. */
  readonly offset: Float64Array | undefined;
  /** Quadratic models use centred columns: there is an intercept, or the loss is invariant to constants. */
  readonly centred: boolean;
  /** The loss is invariant to a constant added to η (Cox): columns may be shifted, and points have no intercept. */
  private readonly shiftFree: boolean;
  readonly eta: Block<Float64Array>;
  readonly v: Block<Float64Array>;
  readonly d: Block<Float64Array>;
  /** Workspace for a direction, and for a trial predictor. */
  readonly direction: Block<Float64Array>;
  readonly trial: Block<Float64Array>;
  /** Workspace for a list of features. */
  readonly list: Block<Int32Array>;
  private readonly priced: Block<Float64Array>;
  private readonly intercepts = new Float64Array(1);
  private readonly keep: Scratch;
  private readonly pricing: Pricing;
  /** Products of all columns, while they replace the data: eta, v and d are then out of date. */
  private held: Moments | undefined;
  private readonly nullIntercept: number;
  private packed: PackedRows | undefined;
  /** Whether d is only an upper bound on the curvatures. */
  private majorized = false;
  /** Steps since eta was computed from b alone. */
  private stale = 0;
  /** Number of moves of v, and its value when prices and products were last computed. */
  private moves = 0;
  private pricedAt = -1;
  /** The sums over rows that {@link conjugateBounds} uses, and the v that they belong to. */
  private readonly bound = {
    ...{ at: -1, product: 0, offset: 0 },
    bends: undefined as Bends | undefined,
  };
  /** The last products of {@link gradientOn}, with their v and features. */
  private readonly read = { at: -1, k: 0, columns: new Int32Array(0), products: new Float64Array(0) };

  constructor(
    readonly design: Design,
    readonly loss: BoundLoss,
    /** Row weights, which sum to 1. */
    readonly weights: Float64Array,
    options: {
      readonly intercept: boolean;
      readonly offset?: Float64Array;
      readonly known?: NullModel;
      /** Results of a first pass, given v and the curvatures at zero, if other work yields them. */
      readonly found?: (v: Block<Float64Array>, d: Block<Float64Array>, centred: boolean) => NullModel | undefined;
    },
  ) {
    const { n, p, arena } = design;
    this.phases.begin('first pass over the data');
    this.n = n;
    this.p = p;
    this.shiftFree = !loss.interceptMakesSense;
    this.centred = options.intercept || this.shiftFree;
    this.offset = options.offset;
    this.keep = arena.scratch();
    this.eta = this.keep.f64(n);
    this.v = this.keep.f64(n);
    this.d = this.keep.f64(n);
    this.trial = this.keep.f64(n);
    this.direction = this.keep.f64(n);
    this.list = this.keep.i32(p);
    this.priced = this.keep.f64(p);
    this.beta = new Float64Array(p);
    this.g = new Float64Array(p);
    loss.attach?.(arena);
    if (this.offset) this.eta.view.set(this.offset);
    else this.eta.view.fill(0);
    this.evaluate();
    if (loss.kinks) this.approachNull(loss.kinks);
    this.nullValue = loss.kinks ? loss.value(this.eta.view) : this.value;
    const { found } = options;
    const known =
      options.known ?? this.phases.during('products of columns', () => found?.(this.v, this.d, this.centred));
    if (known) {
      this.g.set(known.gradient);
      this.design.norms.set(known.norms);
    } else this.design.gradient(this.v, this.g, true);
    this.pricing = new Pricing(p, [this.v], this.keep, design.vectors);
    this.nullGradient = this.g.slice();
    this.nullIntercept = this.intercept;
    this.phases.begin();
  }

  /** How rows are distributed over ranks. */
  get rows(): SplitRows {
    return this.design.rows;
  }

  /** Products of all columns that replace the data, if any. */
  get moments(): Moments | undefined {
    return this.held;
  }

  /**
   * Uses products instead of the data from now on, under a squared loss: g and value are derived from them. This state
   * releases them.
   */
  takeMoments(moments: Moments): void {
    this.held?.release();
    this.held = moments;
    if (this.centred && moments.farFromZero && this.beta.every((b) => b === 0)) {
      this.design.gradientAbout(this.v, moments.means.view, this.nullGradient);
    }
    this.refresh();
  }

  /** Returns to using the data. O(np). */
  leaveMoments(): void {
    if (!this.held) return;
    this.held.release();
    this.held = undefined;
    this.recompute();
    this.evaluate();
    this.design.gradient(this.v, this.g);
    this.pricing.follow([this.v]);
    this.pricing.readAll();
  }

  /** Computes g, value and intercept at b from the products. */
  private refresh(): void {
    const { gain, shift } = this.held!.gradient(this.beta, this.nullGradient, this.g);
    this.ignoreConstants();
    this.value = Math.max(0, this.nullValue - 0.5 * gain);
    if (this.centred) this.intercept = this.nullIntercept - shift;
  }

  /** f*(−s·v) plus s times the contribution of the offset, at the current point. */
  conjugateAt(s: number, of: Pick<BoundLoss, 'conjugate'> = this.loss): number {
    if (this.held) {
      // Σ v²/w = Σ w r² and Σ v (y − offset) = Σ w r² + bᵀg, as Σ v = 0 with an intercept.
      const product = productOf(this.beta, this.g);
      return s * s * this.value - s * (2 * this.value + product);
    }
    if (of === this.loss && this.loss.quadratic) {
      // As above, without a pass over y and weights: Σ v (y − offset) = Σ w r² + ⟨v, η − offset⟩.
      return s * s * this.value - s * (2 * this.value + this.productOfRows(this.v, this.eta) - this.offsetShare());
    }
    return of.conjugate(this.v.view, s, this.eta.view) + s * this.offsetShare();
  }

  /**
   * Bounds on {@link conjugateAt} for 0 ≤ s ≤ 1, with v = −∇f(η). f* is above its tangent at −v, whose slope is η, and
   * below the chord to f*(0) = −inf f ≤ 0, or a tighter bound if the loss bounds its curvature; f*(−v) = −f(η) − ⟨v,
   * η⟩. O(n), without logarithms.
   */
  conjugateBounds(s: number): readonly [least: number, most: number] {
    const { bound, loss } = this;
    if (bound.at !== this.moves) {
      bound.at = this.moves;
      bound.product = this.productOfRows(this.v, this.eta);
      bound.offset = this.offsetShare();
      bound.bends = this.majorized ? undefined : loss.bends?.(this.v.view, this.d.view);
    }
    const { product, offset, bends } = bound;
    const at = -this.value - product;
    const tangent = at + (1 - s) * product + s * offset;
    const chord = s * (at + offset);
    if (!bends) return [tangent, chord];
    const [least, most] = bends(s);
    // If a curvature has vanished, the tighter bound is NaN.
    if (tangent + most < chord) return [tangent + least, tangent + most];
    return [tangent + least, chord];
  }

  /** ⟨v, offset⟩ over all rows. */
  private offsetShare(): number {
    const { offset, rows } = this;
    if (!offset) return 0;
    const v = this.v.view;
    return sumOverRows(rows, (i) => v[i] * offset[i]);
  }

  /** Over all rows. */
  productOfRows(a: Block<Float64Array>, b: Block<Float64Array>): number {
    return this.design.vectors.dot(a, b);
  }

  /** The linear predictor at b in the listed rows, or in all. A copy. */
  predictor(rows?: ArrayLike<number>): Float64Array {
    const { X } = this.design;
    const packed = rows && this.held && X.kind === 'dense' ? this.packedRows(X, rows) : undefined;
    if (packed) return packed.times(this.beta, this.intercept);
    if (this.held) this.recompute();
    const eta = this.eta.view;
    const out = rows ? Float64Array.from(rows, (i) => eta[i]) : eta.slice();
    // Removes a constant that was only added to shorten the path of v; points have no intercept.
    if (this.shiftFree) for (let i = 0; i < out.length; i++) out[i] -= this.intercept;
    return out;
  }

  private packedRows(X: DenseMatrix, rows: ArrayLike<number>): PackedRows {
    if (this.packed?.rows !== rows) {
      this.packed?.release();
      this.packed = new PackedRows(X, rows, this.design.scale.view, this.offset);
    }
    return this.packed;
  }

  /** out[t] ← x̃ᵀv for the k listed columns. */
  gradientOn(columns: Block<Int32Array>, k: number, out: Block<Float64Array>): void {
    if (this.held) {
      gather(this.g, columns.view, k, out.view);
      return;
    }
    if (this.pricedAt === this.moves) {
      this.gradientOfUnread(columns, k, out);
      return;
    }
    this.design.gradientSubset(this.v, columns, k, out);
    const { read } = this;
    if (read.columns.length < k) {
      read.columns = new Int32Array(Math.min(2 * k, this.p));
      read.products = new Float64Array(read.columns.length);
    }
    read.columns.set(columns.view.subarray(0, k));
    read.products.set(out.view.subarray(0, k));
    read.k = k;
    read.at = this.moves;
  }

  /** As {@link gradientOn}, if pricing has computed most of the products at this v. */
  private gradientOfUnread(columns: Block<Int32Array>, k: number, out: Block<Float64Array>): void {
    const scratch = this.design.arena.scratch();
    try {
      const [unread, products] = [scratch.i32(k), scratch.f64(k)];
      const count = this.pricing.unreadOf(columns.view, k, unread.view);
      if (count > 0) this.design.gradientSubset(this.v, unread, count, products);
      const [list, o, found] = [columns.view, out.view, products.view];
      for (let t = 0, u = 0; t < k; t++) {
        if (u < count && unread.view[u] === list[t]) o[t] = found[u++];
        else o[t] = this.g[list[t]];
      }
    } finally {
      scratch.release();
    }
  }

  /**
   * Under a squared loss, moves the k listed coordinates to `to`, and the intercept to its optimum, using the means of
   * these columns.
   */
  place(columns: Block<Int32Array>, k: number, to: Float64Array, means: Float64Array): void {
    const delta = new Float64Array(k);
    const shift = placeAt(this.beta, columns.view, k, to, means, delta);
    if (this.held) {
      this.refresh();
      return;
    }
    this.design.add(columns, delta, k, this.eta);
    if (this.centred) {
      this.intercept += shift;
      const eta = this.eta.view;
      for (let i = 0; i < eta.length; i++) eta[i] += shift;
    }
    this.evaluate();
  }

  /** Finds v of a loss with kinks at the best constant, such that it is a subgradient of the original loss. */
  private approachNull(kinks: Kinks): void {
    for (let round = 0; round < 12; round++) {
      kinks.about(this.v.view, 0.25);
      this.evaluate();
    }
  }

  release(): void {
    this.held?.release();
    this.packed?.release();
    this.loss.detach?.();
    this.keep.release();
    this.design.release();
  }

  get intercept(): number {
    return this.intercepts[0];
  }

  set intercept(value: number) {
    this.intercepts[0] = value;
  }

  /** The loss at zero as a scale; positive. */
  get scale(): number {
    return Math.max(this.nullValue, Number.MIN_VALUE);
  }

  point(): LinearPoint {
    const scale = this.design.scale.view;
    return { coef: scaled(this.beta, scale), intercept: this.shiftFree ? 0 : this.intercept };
  }

  /** Moves to a point in the coordinates of the data, as if it were the initial point. O(np). */
  moveTo({ coef, intercept }: LinearPoint): void {
    const scale = this.design.scale.view;
    for (let j = 0; j < this.p; j++) this.beta[j] = coef[j] / scale[j];
    this.intercept = this.centred && !this.shiftFree ? intercept : 0;
    if (this.held) {
      this.refresh();
      return;
    }
    this.recompute();
    this.evaluate();
    this.design.gradient(this.v, this.g);
    this.pricing.follow([this.v]);
    this.pricing.readAll();
  }

  /** The penalty at b, and the number of non-zero coefficients. */
  penaltySum(): { sum: number; active: number } {
    const { beta, penalty, p } = this;
    let sum = 0;
    let active = 0;
    for (let j = 0; j < p; j++) {
      if (beta[j] !== 0) {
        active++;
        sum += valueAt(penalty, j, beta[j]);
      }
    }
    return { sum, active };
  }

  /** Updates value, v and d at eta; with an intercept, moves that until the gradient sums to zero. */
  evaluate(majorize = false): void {
    this.moves++;
    this.value = this.loss.derivatives(this.eta.view, this.v.view, this.d.view, majorize);
    this.centre(majorize);
  }

  /** As {@link evaluate}, if value, v and d are up to date. */
  centre(majorize: boolean): void {
    this.majorized = majorize;
    if (!this.centred || this.shiftFree) return;
    const { loss, rows } = this;
    const known = loss.sums;
    const [eta, v, d] = [this.eta.view, this.v.view, this.d.view];
    const f: Centring = {
      eta: [eta],
      v: [v],
      old: [this.trial.view],
      evaluate: () => loss.derivatives(eta, v, d, majorize),
      newton: ([sum]) => newtonMove(sum, loss.sums?.d ?? sumOfRows(rows, d)),
      rows,
      ...(loss.steady && !known && !majorize && { follow: (move: number) => addTo(v, d, -move) }),
      ...(known && { sums: () => [known.v, known.size] as const }),
    };
    this.value = centreIntercepts(f, this.value, this.intercepts);
    // There is no curvature between kinks, so Newton's method fails.
    if (loss.kinks) this.value = bisectIntercept(f, this.value, this.intercepts);
  }

  /** Records that a step was added to eta, and that v is up to date there. */
  stepped(): void {
    this.moves++;
    this.stale++;
  }

  /** Recomputes eta if rounding errors of many steps may have accumulated; called once per iteration. */
  freshen(): void {
    if (this.held || ++this.stale <= STALE) return;
    this.recompute();
    this.evaluate();
  }

  /** Computes eta from b alone. */
  recompute(): void {
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

  /** Updates g wherever it could matter. */
  price(): void {
    if (this.held) return;
    const { g, p, beta, penalty, pricing, list } = this;
    pricing.follow([this.v]);
    const { read } = this;
    if (read.at === this.moves) {
      scatter(read.products, read.columns, read.k, g);
      pricing.read(read.columns, read.k);
    }
    this.pricedAt = this.moves;
    const rests = penalty.penalty.screenable ? penalty.threshold : undefined;
    const k = pricing.outdated(beta, g, this.design.norms, rests, list.view);
    if (k > MOST * p) {
      this.design.gradient(this.v, g);
      pricing.readAll();
    } else if (k > 0) {
      this.design.gradientSubset(this.v, list, k, this.priced);
      // Views are read again, as allocation may have moved the memory.
      scatter(this.priced.view, list.view, k, g);
      pricing.read(list.view, k);
    }
    this.counts.passes += k / p;
    this.ignoreConstants();
  }

  private ignoreConstants(): void {
    if (!this.centred) return;
    const { constant } = this.design;
    for (let j = 0; j < this.p; j++) if (constant[j] === 1) this.g[j] = 0;
  }

  /** A bound on ∂²f/∂b_j² under the current curvatures. O(n). */
  curvatureBound(j: number): number {
    const d = this.d.view;
    let largest = 0;
    for (let i = 0; i < d.length; i++) if (d[i] > largest) largest = d[i];
    return largestOf(this.rows, largest) * this.design.norms[j] ** 2;
  }
}

// Loops over features and members are functions of arrays alone: these compile in a millisecond, a method with all that
// it calls in five.

/** to ← to + by·x. */
function addTo(to: Float64Array, x: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i] += by * x[i];
}

/** Σ b_j g_j over the non-zeros of b. */
function productOf(b: Float64Array, g: Float64Array): number {
  let product = 0;
  for (let j = 0; j < b.length; j++) if (b[j] !== 0) product += b[j] * g[j];
  return product;
}

/** b[list[t]] ← to[t], t < k, with the changes in `delta`; returns −Σ delta·means. */
function placeAt(
  b: Float64Array,
  list: Int32Array,
  k: number,
  to: Float64Array,
  means: Float64Array,
  delta: Float64Array,
): number {
  let shift = 0;
  for (let t = 0; t < k; t++) {
    delta[t] = to[t] - b[list[t]];
    shift -= delta[t] * means[t];
    b[list[t]] = to[t];
  }
  return shift;
}

/** b times the scales; zeros remain zero. */
function scaled(b: Float64Array, scale: Float64Array): Float64Array {
  const out = new Float64Array(b.length);
  for (let j = 0; j < out.length; j++) if (b[j] !== 0) out[j] = b[j] * scale[j];
  return out;
}

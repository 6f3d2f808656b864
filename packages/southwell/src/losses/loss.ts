import type { Arena } from '@southwell/kernels';
import { largestOf, type SplitRows } from '@southwell/numerics/core';

/**
 * A smooth convex loss f(η) = Σ_i w_i ℓ(y_i, η_i), with targets and weights bound; η is the linear predictor. Values
 * are shifted so that inf f = 0 where the infimum is a constant, which makes objectives comparable with deviances. v
 * denotes −∇f(η), the direction of steepest descent in η.
 */
export interface BoundLoss {
  readonly n: number;
  /** Whether ∇²f is independent of η, so that one Newton model is exact. */
  readonly quadratic: boolean;
  /** Whether |ℓ‴| ≤ ℓ″, so that a small change of η changes the curvatures by no larger a fraction. */
  readonly steady?: true;
  /** Whether the model may have an intercept; if not (Cox), f is invariant to a constant added to η. */
  readonly interceptMakesSense: boolean;
  /** f(η). */
  value(eta: Float64Array): number;
  /**
   * Computes v = −∇f(η) and the curvatures d ≥ 0 of a separable quadratic model, and returns f(η). With `majorize` the
   * model is an upper bound on f if the loss has such a model (Huber, quantile, Cox); otherwise d is the (generalised)
   * Hessian.
   */
  derivatives(eta: Float64Array, v: Float64Array, d: Float64Array, majorize?: boolean): number;
  /**
   * If ∇²f is not diagonal (Cox): its difference to the d of the last `derivatives`, which is then an upper bound.
   * O(n).
   */
  couplings?(): Couplings;
  /** f*(−s·v), +∞ outside the domain, for v = −∇f(η) up to a projection; an upper bound is allowed. */
  conjugate(v: Float64Array, s: number, eta: Float64Array): number;
  /**
   * Bounds on the difference between f*(−s·v) and its tangent at s = 1, for 0 ≤ s ≤ 1, v = −∇f(η) and the curvatures d
   * there. O(n) for v, without a logarithm per row, and O(1) for each s. Undefined if no kernel can compute them.
   */
  bends?(v: Float64Array, d: Float64Array): Bends | undefined;
  /**
   * The sums over all rows of v, |v| and d at the last `derivatives`, if computed; always if rows are distributed over
   * ranks.
   */
  readonly sums?: { readonly v: number; readonly size: number; readonly d: number };
  /**
   * If f has kinks: `value` is that of f, but derivatives and conjugate are those of a smooth approximation, which can
   * be tightened.
   */
  readonly kinks?: Kinks;
  /** Survival losses only: the baseline hazard at η for each stratum. O(n). */
  baseline?(eta: Float64Array): readonly BaselineHazard[];
  /** Copies y and w into an arena, so that kernels can process vectors there; call `detach` when done. */
  attach?(arena: Arena): void;
  detach?(): void;
}

/** Bounds on the difference between a conjugate at s times its argument and its tangent. */
export type Bends = (s: number) => readonly [least: number, most: number];

/** ∇²f = diag(d) − PPᵀ, where the columns p of P are orthogonal to constants. */
export interface Couplings {
  /** The number of columns of P. */
  readonly count: number;
  /** out ← Pᵀx. O(n + count). */
  project(x: Float64Array, out: Float64Array): void;
}

/**
 * The cumulative baseline hazard H₀ of a Cox model at η = 0 (Breslow 1972; for Efron's ties the corresponding
 * estimate), a step function that increases at `times`. Stored as logarithms, since e^−η may overflow.
 */
export interface BaselineHazard {
  /** Absent without strata. */
  readonly stratum?: number | string;
  /** Event times, ascending. */
  readonly times: Float64Array;
  /** log H₀ from that time on. */
  readonly logCumulative: Float64Array;
  /** The last time of an event or of censoring: the hazard is unknown beyond. */
  readonly lastTime: number;
}

/** Properties of a loss with kinks in addition to its smooth approximation. */
export interface Kinks {
  /** Width of the approximation, whose curvatures are at most the loss's `curvatureBound` divided by it. */
  readonly width: number;
  /** f*(−s·v), for f itself. */
  conjugate(v: Float64Array, s: number): number;
  /**
   * Moves the approximation to a point where its −∇ is v, the best multipliers known, and multiplies its width by
   * `times`, up to the initial width. The narrower it is and the better v, the more accurate the approximation. O(n).
   */
  about(v: Float64Array, times: number): void;
}

/** A loss that is not yet bound to data. */
export interface Loss<Y = Float64Array> {
  readonly name: string;
  /** c ≥ ℓ″ everywhere, if there is such a bound: required for fixed step sizes. */
  readonly curvatureBound?: number;
  /** ℓ(y/s, η/s) = ℓ(y, η)/s²: targets of extreme scale may be rescaled to unit size. */
  readonly followsTarget?: boolean;
  /**
   * Checks the target (throws SouthwellError INVALID_TARGET) and binds it with weights that sum to 1. With `rows` y and
   * w are for the rows of one rank of several, and values are those of all rows; methods that are not sums over rows
   * throw NOT_SUPPORTED. Default: all rows are on this rank.
   */
  bind(y: Y, w: Float64Array, rows?: SplitRows): BoundLoss;
  /** The mean of y given η (inverse link). */
  mean(eta: number): number;
}

/** A loss whose curvature has a bound. */
export interface BoundedLoss extends Loss {
  readonly curvatureBound: number;
}

/** The one-based row number, for messages. */
export const rowOf = (i: number, rows: SplitRows): number => i + 1 + rows.first;

/** Whether a weight is positive on any rank. */
export const isAbove0 = (own: number, rows: SplitRows): boolean => largestOf(rows, own) > 0;

/** A loss that is a sum over rows, which may be distributed over ranks; `part` binds a block of checked rows. */
export function overRows(
  y: Float64Array,
  w: Float64Array,
  rows: SplitRows,
  part: (y: Float64Array, w: Float64Array) => BoundLoss,
): BoundLoss {
  // Kernels process all rows at once, without a pass for sums that may not be needed.
  if (!rows.spread) return part(y, w);
  const parts = rows.pieces.map(([from, to]) => part(y.subarray(from, to), w.subarray(from, to)));
  const { quadratic, interceptMakesSense } = parts[0] ?? part(y.subarray(0, 0), w.subarray(0, 0));
  const total = (add: (loss: BoundLoss, from: number, to: number) => number): number => {
    const sum = new Float64Array(1);
    rows.sum(sum, (piece, from, to, into) => {
      into[0] = add(parts[piece], from, to);
    });
    return sum[0];
  };
  const sums = { v: 0, size: 0, d: 0 };
  return {
    n: y.length,
    quadratic,
    interceptMakesSense,
    sums,
    value: (eta) => total((loss, from, to) => loss.value(eta.subarray(from, to))),
    derivatives(eta, v, d, majorize) {
      const all = new Float64Array(4);
      rows.sum(all, (piece, from, to, into) => {
        const [ofV, ofD] = [v.subarray(from, to), d.subarray(from, to)];
        into[0] = parts[piece].derivatives(eta.subarray(from, to), ofV, ofD, majorize);
        for (let i = from; i < to; i++) {
          into[1] += v[i];
          into[2] += Math.abs(v[i]);
          into[3] += d[i];
        }
      });
      [sums.v, sums.size, sums.d] = all.subarray(1);
      return all[0];
    },
    conjugate: (v, s, eta) =>
      total((loss, from, to) => loss.conjugate(v.subarray(from, to), s, eta.subarray(from, to))),
    attach(arena) {
      for (const loss of parts) loss.attach?.(arena);
    },
    detach() {
      for (const loss of parts) loss.detach?.();
    },
  };
}

/** A bound loss from its scalar parts; `conj(y, u)` is ℓ*(u), the conjugate in the second argument. */
export function separableLoss(
  y: Float64Array,
  w: Float64Array,
  parts: {
    quadratic?: boolean;
    value(y: number, eta: number): number;
    /** −ℓ′(η). */
    pull(y: number, eta: number): number;
    curvature(y: number, eta: number): number;
    majorant?(y: number, eta: number): number;
    conj(y: number, u: number): number;
  },
): BoundLoss {
  const n = y.length;
  return {
    n,
    quadratic: parts.quadratic ?? false,
    interceptMakesSense: true,
    value(eta) {
      let sum = 0;
      for (let i = 0; i < n; i++) if (w[i] > 0) sum += w[i] * parts.value(y[i], eta[i]);
      return sum;
    },
    derivatives(eta, v, d, majorize = false) {
      const curvature = majorize && parts.majorant ? parts.majorant : parts.curvature;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const wi = w[i];
        if (wi > 0) {
          sum += wi * parts.value(y[i], eta[i]);
          v[i] = wi * parts.pull(y[i], eta[i]);
          d[i] = wi * curvature(y[i], eta[i]);
        } else {
          v[i] = 0;
          d[i] = 0;
        }
      }
      return sum;
    },
    conjugate(v, s) {
      let sum = 0;
      for (let i = 0; i < n; i++) if (w[i] > 0) sum += w[i] * parts.conj(y[i], (-s * v[i]) / w[i]);
      return sum;
    },
  };
}

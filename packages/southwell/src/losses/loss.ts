import type { Arena } from '@southwell/kernels';
import { largestOf, type SplitRows } from '@southwell/numerics/core';

/**
 * A smooth convex loss f(η) = Σ_i w_i ℓ(y_i, η_i), as a linear model sees it: the targets and weights are bound, η is the
 * linear predictor. Values are shifted so that inf f = 0 where that is a constant, which makes objectives comparable
 * with deviances. v denotes −∇f(η), the direction that a prediction wants to move.
 */
export interface BoundLoss {
  readonly n: number;
  /** ∇²f does not depend on η: one Newton model is exact. */
  readonly quadratic: boolean;
  /** An intercept makes sense; where not (Cox), f is the same whatever constant is added to η. */
  readonly interceptMakesSense: boolean;
  /** f(η). */
  value(eta: Float64Array): number;
  /**
   * Fills v = −∇f(η) and the curvatures d ≥ 0 of a separable quadratic model, and returns f(η). With `majorize` the
   * model lies above f wherever the loss has such a bound (Huber, quantile, Cox); else d is the (generalised) Hessian.
   */
  derivatives(eta: Float64Array, v: Float64Array, d: Float64Array, majorize?: boolean): number;
  /** Where ∇²f is no diagonal (Cox): what it is beside the d of the last `derivatives`, which then is a bound. O(n). */
  couplings?(): Couplings;
  /** f*(−s·v), +∞ outside the domain, for v = −∇f(η) up to a projection; an upper bound is allowed. */
  conjugate(v: Float64Array, s: number, eta: Float64Array): number;
  /**
   * Bounds on what f*(−s·v) is beyond its tangent at s = 1, for 0 ≤ s ≤ 1, v = −∇f(η) and the curvatures d there. O(n) for v, without a
   * logarithm a row, and O(1) for each s. Undefined where no kernel can.
   */
  bends?(v: Float64Array, d: Float64Array): Bends | undefined;
  /** Of the last `derivatives`, the sums over all rows of v, |v| and d, where it found them: always where rows are spread over ranks. */
  readonly sums?: { readonly v: number; readonly size: number; readonly d: number };
  /** Where f has kinks: `value` is of f, derivatives and conjugate are of a smooth stand-in, which can come nearer. */
  readonly kinks?: Kinks;
  /** Of survival: the baseline hazard at η, stratum by stratum. O(n). */
  baseline?(eta: Float64Array): readonly BaselineHazard[];
  /** Copies y and w into an arena, so that kernels serve vectors that live there; call `detach` when done. */
  attach?(arena: Arena): void;
  detach?(): void;
}

/** Bounds on how far a conjugate bends on the way to s times its argument. */
export type Bends = (s: number) => readonly [least: number, most: number];

/** ∇²f = diag(d) − PPᵀ, of vectors p that do not see constants. */
export interface Couplings {
  /** How many vectors there are. */
  readonly count: number;
  /** out ← Pᵀx. O(n + count). */
  project(x: Float64Array, out: Float64Array): void;
}

/**
 * The cumulative baseline hazard H₀ of a Cox model at η = 0 (Breslow 1972; of ties by Efron his form of it), a step function
 * that rises at `times`. Logarithms, as e^−η may be no double.
 */
export interface BaselineHazard {
  /** Absent where there are no strata. */
  readonly stratum?: number | string;
  /** Of events, ascending. */
  readonly times: Float64Array;
  /** log H₀ from that time on. */
  readonly logCumulative: Float64Array;
  /** The last time, of an event or of censoring: nothing is known beyond. */
  readonly lastTime: number;
}

/** What a loss with kinks has beside its smooth stand-in. */
export interface Kinks {
  /** Of the stand-in: curvatures are at most the loss's `curvatureBound` over it. */
  readonly width: number;
  /** f*(−s·v), of f itself. */
  conjugate(v: Float64Array, s: number): number;
  /**
   * The stand-in about a point where −∇ of it is v, the best multipliers known, `times` as wide as it was, but no wider
   * than at first; nearer to f the narrower and the better v. O(n).
   */
  about(v: Float64Array, times: number): void;
}

/** A loss before it meets data. */
export interface Loss<Y = Float64Array> {
  readonly name: string;
  /** c ≥ ℓ″ everywhere, where there is such a bound: what fixed step sizes ask for. */
  readonly curvatureBound?: number;
  /** ℓ(y/s, η/s) = ℓ(y, η)/s²: targets of extreme size may be brought to unit size. */
  readonly followsTarget?: boolean;
  /**
   * Checks the target (throws SouthwellError INVALID_TARGET) and binds it with weights that add up to 1. With `rows` these are
   * the rows of one rank of several, values are those of all rows, and what does not add up over rows throws NOT_SUPPORTED. Default:
   * all rows are here.
   */
  bind(y: Y, w: Float64Array, rows?: SplitRows): BoundLoss;
  /** The mean of y given η (inverse link). */
  mean(eta: number): number;
}

/** A loss whose curvature has a bound. */
export interface BoundedLoss extends Loss {
  readonly curvatureBound: number;
}

/** How people count a row. */
export const rowOf = (i: number, rows: SplitRows): number => i + 1 + rows.first;

/** Whether a weight of all rows is above 0. */
export const isAbove0 = (own: number, rows: SplitRows): boolean => largestOf(rows, own) > 0;

/** A loss that adds up over rows, which may be spread over ranks; `part` binds some that have been checked. */
export function overRows(
  y: Float64Array,
  w: Float64Array,
  rows: SplitRows,
  part: (y: Float64Array, w: Float64Array) => BoundLoss,
): BoundLoss {
  // By kernels over all of them, without a pass for sums that may not be asked for.
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

/** Builds a bound loss from its scalar parts; `conj(y, u)` is ℓ*(u) in its second argument. */
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

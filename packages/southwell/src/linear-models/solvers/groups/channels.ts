import { type SplitRows, sumOfRows } from '@southwell/numerics/core';
import type { BoundLoss } from '../../../losses/index.ts';

/**
 * A smooth convex loss of K linear predictors, F(η₁, …, η_K) with η_k of length n: one channel for a single response,
 * otherwise one per task or class. v_k = −∂F/∂η_k.
 */
export interface ChannelLoss {
  readonly n: number;
  readonly channels: number;
  readonly quadratic: boolean;
  /** Whether the Hessian couples channels. */
  readonly coupled: boolean;
  /** Whether all channels have the curvature of the first (and are not coupled). */
  readonly shared: boolean;
  readonly interceptMakesSense: boolean;
  value(eta: readonly Float64Array[]): number;
  /** Computes v and the current curvatures; returns F. */
  derivatives(eta: readonly Float64Array[], v: readonly Float64Array[]): number;
  /** Stores the current curvatures for {@link ChannelLoss.curvature}. */
  freeze(): void;
  /** out ← |∂²F/∂η_ik∂η_il| at the frozen point; returns its sign. */
  curvature(k: number, l: number, out: Float64Array): 1 | -1;
  /** out ← row k of a frozen upper bound on the Hessian that is diagonal in channels. */
  bound(k: number, out: Float64Array): void;
  /** Σ_i ∂²F/∂η_ik∂η_il at the current point. */
  curvatureSum(k: number, l: number): number;
  /** F*(−s·v) for v = −∇F(η) up to a projection; +∞ outside the domain. */
  conjugate(v: readonly Float64Array[], s: number, eta: readonly Float64Array[]): number;
}

/** Independent losses, one per channel: Σ_k f_k(η_k). */
export function independent(losses: readonly BoundLoss[], shared: boolean, rows: SplitRows): ChannelLoss {
  const n = losses[0].n;
  const now = losses.map(() => new Float64Array(n));
  const frozen = losses.map(() => new Float64Array(n));
  return {
    n,
    channels: losses.length,
    quadratic: losses.every((f) => f.quadratic),
    coupled: false,
    shared,
    interceptMakesSense: losses[0].interceptMakesSense,
    value: (eta) => losses.reduce((sum, f, k) => sum + f.value(eta[k]), 0),
    derivatives: (eta, v) => losses.reduce((sum, f, k) => sum + f.derivatives(eta[k], v[k], now[k]), 0),
    freeze() {
      now.forEach((d, k) => {
        frozen[k].set(d);
      });
    },
    curvature(k, l, out) {
      if (k === l) out.set(frozen[k]);
      else out.fill(0);
      return 1;
    },
    bound(k, out) {
      out.set(frozen[k]);
    },
    curvatureSum(k, l) {
      if (k !== l) return 0;
      return sumOfRows(rows, now[k]);
    },
    conjugate: (v, s, eta) => losses.reduce((sum, f, k) => sum + f.conjugate(v[k], s, eta[k]), 0),
  };
}

/**
 * The multinomial negative log-likelihood Σ_i w_i (log Σ_k exp η_ik − η_{i,y_i}), y_i in 0 … K−1. Its conjugate is the
 * negative entropy on the simplex: F*(−sv) = Σ_i w_i Σ_k π_ik log π_ik with π_i = (1 − s)e_{y_i} + s·softmax(η_i).
 */
export function multinomialLoss(y: Int32Array, K: number, w: Float64Array, rows: SplitRows): ChannelLoss {
  const n = y.length;
  /** Sum over all rows of what `add` returns for a range of them. */
  const total = (add: (from: number, to: number) => number): number => {
    const sum = new Float64Array(1);
    rows.sum(sum, (_, from, to, part) => {
      part[0] = add(from, to);
    });
    return sum[0];
  };
  const prob = Array.from({ length: K }, () => new Float64Array(n));
  const frozen = prob.map(() => new Float64Array(n));
  const rowValue = (eta: readonly Float64Array[], i: number, fill: boolean): number => {
    let top = eta[0][i];
    for (let k = 1; k < K; k++) if (eta[k][i] > top) top = eta[k][i];
    let sum = 0;
    for (let k = 0; k < K; k++) {
      const e = Math.exp(eta[k][i] - top);
      sum += e;
      if (fill) prob[k][i] = e;
    }
    if (fill) for (let k = 0; k < K; k++) prob[k][i] /= sum;
    return Math.log(sum) + top - eta[y[i]][i];
  };
  return {
    n,
    channels: K,
    quadratic: false,
    coupled: true,
    shared: false,
    interceptMakesSense: true,
    value: (eta) =>
      total((from, to) => {
        let sum = 0;
        for (let i = from; i < to; i++) if (w[i] > 0) sum += w[i] * rowValue(eta, i, false);
        return sum;
      }),
    derivatives: (eta, v) =>
      total((from, to) => {
        let sum = 0;
        for (let i = from; i < to; i++) {
          sum += w[i] * rowValue(eta, i, true);
          for (let k = 0; k < K; k++) v[k][i] = w[i] * ((y[i] === k ? 1 : 0) - prob[k][i]);
        }
        return sum;
      }),
    freeze() {
      prob.forEach((p, k) => {
        frozen[k].set(p);
      });
    },
    curvature(k, l, out) {
      const [a, b] = [frozen[k], frozen[l]];
      for (let i = 0; i < n; i++) out[i] = w[i] * a[i] * (k === l ? 1 - a[i] : b[i]);
      return k === l ? 1 : -1;
    },
    bound(k, out) {
      for (let i = 0; i < n; i++) out[i] = w[i] * frozen[k][i];
    },
    curvatureSum(k, l) {
      const [a, b] = [prob[k], prob[l]];
      return total((from, to) => {
        let sum = 0;
        for (let i = from; i < to; i++) sum += w[i] * a[i] * (k === l ? 1 - a[i] : -b[i]);
        return sum;
      });
    },
    conjugate: (v, s) =>
      total((from, to) => {
        let sum = 0;
        for (let i = from; i < to; i++) {
          if (!(w[i] > 0)) continue;
          for (let k = 0; k < K; k++) {
            const pi = (y[i] === k ? 1 : 0) - (s * v[k][i]) / w[i];
            if (pi < -1e-12) return Number.POSITIVE_INFINITY;
            if (pi > 0) sum += w[i] * pi * Math.log(pi);
          }
        }
        return sum;
      }),
  };
}

import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { KalmanSmoother, type SmoothedPath, type StateSpace } from './kalman.ts';
import { packedSize } from './packed.ts';

const { exp } = elementary;

/** Matérn kernels of smoothness 1/2 (continuous), 3/2 (once differentiable) and 5/2 (twice), each with its title. */
export const kernelTitles = {
  matern12: 'continuous (Matérn 1/2)',
  matern32: 'smooth (Matérn 3/2)',
  matern52: 'smoother (Matérn 5/2)',
} as const;
export type MaternName = keyof typeof kernelTitles;
export const SMOOTHNESS: Readonly<Record<MaternName, 0.5 | 1.5 | 2.5>> = {
  matern12: 0.5,
  matern32: 1.5,
  matern52: 2.5,
};

const maternRecords = {
  /** Length scale in the units of the times. Default 1. */
  lengthscale: numberOption({ min: 0, open: true, finite: true }),
  /** Marginal variance. Default 1. */
  variance: numberOption({ min: 0, open: true, finite: true }),
};

export interface MaternOptions extends OptionsOf<typeof maternRecords> {}

/** Transition of the state over a gap: x(t + h) = A x(t) + noise of covariance Q, each order × order by rows. */
export interface Transition {
  readonly A: Float64Array;
  readonly Q: Float64Array;
}

/**
 * A Gaussian process with a Matérn kernel in state-space form (Hartikainen & Särkkä 2010). The state has `order`
 * entries: the function, then its derivatives, the j-th divided by λ^j with λ = √(2ν) / lengthscale, so that all have
 * the units of the function.
 */
export class Matern implements StateSpace {
  readonly order: 1 | 2 | 3;
  /** Decay rate √(2ν)/lengthscale. */
  readonly rate: number;

  constructor(
    readonly nu: 0.5 | 1.5 | 2.5,
    readonly lengthscale: number,
    readonly variance: number,
  ) {
    this.order = nu === 0.5 ? 1 : nu === 1.5 ? 2 : 3;
    this.rate = Math.sqrt(2 * nu) / lengthscale;
  }

  /** Covariance of two values at a distance. */
  covariance(distance: number): number {
    const x = this.rate * Math.abs(distance);
    const shape = this.nu === 0.5 ? 1 : this.nu === 1.5 ? 1 + x : 1 + x + (x * x) / 3;
    return this.variance * shape * exp(-x);
  }

  /** Stationary covariance of the state, order × order. */
  get stationary(): Float64Array {
    const v = this.variance;
    if (this.order === 1) return Float64Array.of(v);
    if (this.order === 2) return Float64Array.of(v, 0, 0, v);
    return Float64Array.of(v, 0, -v / 3, 0, v / 3, 0, -v / 3, 0, v);
  }

  /**
   * A = e^{Fh} and Q = ∫₀ʰ e^{Fs} L Lᵀ e^{Fs}ᵀ ds in closed form: Q by integrals of positive terms, as P∞ − A P∞ Aᵀ
   * suffers from cancellation for small gaps.
   * @throws INVALID_PARAMETER for a negative gap.
   */
  transition(gap: number): Transition {
    if (!(gap >= 0 && gap < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `A gap must be at least 0 and finite, but is ${gap}.`);
    }
    const c = this.order;
    const [A, Q] = [new Float64Array(c * c), new Float64Array(c * c)];
    this.transitionInto(gap, A, Q, 0);
    return { A, Q };
  }

  /** As {@link transition}, into c² entries of arrays from `at` on. */
  transitionInto(gap: number, A: Float64Array, Q: Float64Array, at: number): void {
    const x = this.rate * gap;
    const e = exp(-x);
    const v = this.variance;
    const x2 = (x * x) / 2;
    if (this.order === 1) {
      A[at] = e;
      Q[at] = 2 * v * decayed(0, x);
      return;
    }
    const [i0, i1, i2] = [decayed(0, x), decayed(1, x), decayed(2, x)];
    if (this.order === 2) {
      A[at] = e * (1 + x);
      A[at + 1] = e * x;
      A[at + 2] = -e * x;
      A[at + 3] = e * (1 - x);
      Q[at] = 4 * v * i2;
      Q[at + 1] = Q[at + 2] = 4 * v * x2 * e * e;
      Q[at + 3] = 4 * v * (i0 - 2 * i1 + i2);
      return;
    }
    A[at] = e * (1 + x + x2);
    A[at + 1] = e * (x + 2 * x2);
    A[at + 2] = e * x2;
    A[at + 3] = -e * x2;
    A[at + 4] = e * (1 + x - 2 * x2);
    A[at + 5] = e * (x - x2);
    A[at + 6] = e * (x2 - x);
    A[at + 7] = e * (2 * x2 - 3 * x);
    A[at + 8] = e * (1 - 2 * x + x2);
    const [i3, i4] = [decayed(3, x), decayed(4, x)];
    const q = (16 / 3) * v;
    Q[at] = (q * i4) / 4;
    Q[at + 1] = Q[at + 3] = q * (i3 / 2 - i4 / 4);
    Q[at + 2] = Q[at + 6] = q * (i2 / 2 - i3 + i4 / 4);
    Q[at + 4] = q * (i2 - i3 + i4 / 4);
    Q[at + 5] = Q[at + 7] = q * (i1 - 2.5 * i2 + 1.5 * i3 - i4 / 4);
    Q[at + 8] = q * (i0 - 4 * i1 + 5 * i2 - 2 * i3 + i4 / 4);
  }

  /**
   * The posterior of functions u: ℝ → ℝᴿ with independent components of this prior, given at each time t a message
   * exp(−½ u(t)ᵀ Λ u(t) + ηᵀ u(t)): for measurements y with precision Λ, η = Λy; Λ may be singular, and zero without a
   * measurement. Forward filter and backward adjoint, without inverting a covariance. O(n (order·R)³).
   * @param times n of them, strictly ascending.
   * @param precisions Λ, n × R(R + 1)/2, each its lower triangle by rows.
   * @param vectors η, n × R; R follows from their number.
   * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for times that do not ascend or precisions that are not
   * positive semi-definite.
   */
  smooth(times: ArrayLike<number>, precisions: ArrayLike<number>, vectors: ArrayLike<number>): SmoothedPath {
    const n = times.length;
    if (n === 0) fail('EMPTY', 'Smoothing needs at least one time.');
    const R = vectors.length / n;
    if (!Number.isInteger(R) || R < 1) {
      fail('INVALID_SHAPE', `${vectors.length} values of vectors are not a multiple of ${n}, the number of times.`);
    }
    if (precisions.length !== n * packedSize(R)) {
      fail(
        'INVALID_SHAPE',
        `precisions must have ${n} × ${packedSize(R)} values, lower triangles of ${R} × ${R}, but have ${precisions.length}.`,
      );
    }
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(times[i])) fail('NON_FINITE', `Time ${i + 1} is ${times[i]}.`);
      if (i > 0 && !(times[i] > times[i - 1])) {
        fail(
          'INVALID_PARAMETER',
          `Times must be ascending, but time ${i + 1}, ${times[i]}, comes after ${times[i - 1]}.`,
        );
      }
    }
    for (const [name, values, each] of [
      ['precisions', precisions, packedSize(R)],
      ['vectors', vectors, R],
    ] as const) {
      for (let k = 0; k < values.length; k++) {
        if (!Number.isFinite(values[k])) {
          fail('NON_FINITE', `${name} have ${values[k]} at time ${Math.floor(k / each) + 1}.`);
        }
      }
    }
    const smoother = new KalmanSmoother(this, R, Float64Array.from(times));
    return smoother.path(Float64Array.from(precisions), Float64Array.from(vectors));
  }
}

/**
 * The Gaussian process of a Matérn kernel of smoothness `nu` 1/2, 3/2 or 5/2.
 * @throws INVALID_PARAMETER.
 */
export function matern(nu: 0.5 | 1.5 | 2.5, options: MaternOptions = {}): Matern {
  checkOptions('matern', maternRecords, options);
  const { lengthscale = 1, variance = 1 } = options;
  if (nu !== 0.5 && nu !== 1.5 && nu !== 2.5) fail('INVALID_PARAMETER', `nu must be 0.5, 1.5 or 2.5, but is ${nu}.`);
  return new Matern(nu, lengthscale, variance);
}

const FACTORIAL = [1, 1, 2, 6, 24];

/** ∫₀ˣ sᵏ e^{−2s} ds, by a series of positive terms where 1 − … suffers from cancellation. */
function decayed(k: number, x: number): number {
  const X = 2 * x;
  if (X > 12) {
    let [term, sum] = [1, 1];
    for (let i = 1; i <= k; i++) {
      term *= X / i;
      sum += term;
    }
    return (FACTORIAL[k] * (1 - exp(-X) * sum)) / (2 << k);
  }
  let term = 1 / (k + 1);
  let sum = term;
  for (let i = 1; term > 1e-17 * sum; i++) {
    term *= X / (k + 1 + i);
    sum += term;
  }
  let power = x;
  for (let i = 0; i < k; i++) power *= x;
  return power * exp(-X) * sum;
}

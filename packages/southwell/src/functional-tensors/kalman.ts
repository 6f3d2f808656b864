import { fail, type Random } from '@southwell/numerics/core';
import { KalmanStep } from './kalmanStep.ts';
import { packedSize, semidefiniteRoot } from './packed.ts';

/** A prior with a state of `order` entries, the function first. */
export interface StateSpace {
  readonly order: number;
  /** Stationary covariance of the state, order × order. */
  readonly stationary: Float64Array;
  /**
   * Writes the transition matrix and its noise covariance for a gap, order × order by rows, into arrays from `at` on.
   */
  transitionInto(gap: number, A: Float64Array, Q: Float64Array, at: number): void;
}

/**
 * Posterior of R functions with the same prior, at the data times and in between. Means are by times, R each;
 * covariances of the R values at a time are lower triangles by rows, R(R + 1)/2 each.
 */
export interface SmoothedPath {
  readonly times: Float64Array;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  /**
   * Posterior at any times, in any order: interpolated between the data, extrapolated by the prior beyond them.
   * O((order·R)³) per time.
   * @throws NON_FINITE.
   */
  at(times: ArrayLike<number>): { readonly mean: Float64Array; readonly covariance: Float64Array };
}

/** Results of a filter for the backward pass; smoothers that take turns may share one. */
export class FilterStore {
  /** After the update at each time: state and covariance; gain, information and innovation of that update. */
  m = new Float64Array(0);
  P = new Float64Array(0);
  X = new Float64Array(0);
  T = new Float64Array(0);
  r = new Float64Array(0);

  hold(n: number, D: number, R: number): void {
    const grown = (a: Float64Array<ArrayBuffer>, size: number) => (a.length < size ? new Float64Array(size) : a);
    this.m = grown(this.m, n * D);
    this.P = grown(this.P, n * D * D);
    this.X = grown(this.X, n * D * R);
    this.T = grown(this.T, n * R * R);
    this.r = grown(this.r, n * R);
  }
}

/**
 * Kalman filter and adjoint smoother (Bryson & Frazier 1963) of R functions with one prior at fixed times. States are
 * ordered by derivative, R values each, so that all R share one small transition. Updates only need Cholesky factors of
 * I + UᵀPU, where UUᵀ is the precision: no possibly singular matrix is inverted. Scratch memory is allocated once.
 */
export class KalmanSmoother {
  private readonly D: number;
  private readonly S: number;
  private readonly A: Float64Array;
  private readonly Q: Float64Array;
  private readonly store: FilterStore;
  /** The step at the current time. */
  private readonly step: KalmanStep;

  constructor(
    readonly kernel: StateSpace,
    readonly R: number,
    readonly times: Float64Array,
    store: FilterStore = new FilterStore(),
  ) {
    const c = kernel.order;
    const n = times.length;
    const D = c * R;
    this.D = D;
    this.S = packedSize(R);
    this.A = new Float64Array(n * c * c);
    this.Q = new Float64Array(n * c * c);
    for (let i = 1; i < n; i++) kernel.transitionInto(times[i] - times[i - 1], this.A, this.Q, i * c * c);
    this.store = store;
    store.hold(n, D, R);
    this.step = new KalmanStep(c, R);
  }

  /**
   * Means and covariances at the times, into `mean` and `covariance`; with `adjoints`, also the adjoint at each time
   * before its update: D + D² values per time.
   * @throws INVALID_PARAMETER if a precision is not positive semi-definite.
   */
  smooth(
    precisions: Float64Array,
    vectors: Float64Array,
    mean: Float64Array,
    covariance: Float64Array,
    adjoints?: Float64Array,
  ): void {
    this.forward(precisions, vectors);
    this.backward(mean, covariance, adjoints);
  }

  /** As {@link smooth}, with the data for interpolation between the times. */
  path(precisions: Float64Array, vectors: Float64Array): SmoothedPath {
    const { times, R, S, D, kernel } = this;
    const n = times.length;
    const [mean, covariance] = [new Float64Array(n * R), new Float64Array(n * S)];
    const adjoints = new Float64Array(n * (D + D * D));
    this.smooth(precisions, vectors, mean, covariance, adjoints);
    const { m, P } = this.store;
    const filtered = { m: m.slice(0, n * D), P: P.slice(0, n * D * D) };
    return {
      times,
      mean,
      covariance,
      at: (asked) => between(kernel, R, times, filtered, adjoints, asked),
    };
  }

  /** Samples functions from the prior at the times: n × R, replacing `out`. */
  draw(random: Random, out: Float64Array): void {
    const { times, kernel, R, D, A, Q } = this;
    const c = kernel.order;
    const root = new Float64Array(packedSize(c));
    const [x, next, noise] = [new Float64Array(D), new Float64Array(D), new Float64Array(c)];
    for (let i = 0; i < times.length; i++) {
      const [covariance, at] = i === 0 ? [kernel.stationary, 0] : [Q, i * c * c];
      for (let a = 0; a < c; a++) for (let b = 0; b <= a; b++) root[packedSize(a) + b] = covariance[at + a * c + b];
      semidefiniteRoot(root, 0, c);
      for (let k = 0; k < R; k++) {
        for (let a = 0; a < c; a++) noise[a] = random.normal();
        for (let a = 0; a < c; a++) {
          let sum = 0;
          for (let b = 0; b <= a; b++) sum += root[packedSize(a) + b] * noise[b];
          if (i > 0) for (let b = 0; b < c; b++) sum += A[at + a * c + b] * x[b * R + k];
          next[a * R + k] = sum;
        }
      }
      x.set(next);
      for (let k = 0; k < R; k++) out[i * R + k] = x[k];
    }
  }

  private forward(precisions: Float64Array, vectors: Float64Array): void {
    const { times, kernel, R, S, D, A, Q, step } = this;
    const { m, P, X, T, r } = this.store;
    const c = kernel.order;
    step.begin(kernel.stationary);
    for (let i = 0; i < times.length; i++) {
      if (i > 0) step.predict(A, Q, i * c * c);
      if (!step.update(precisions, i * S, vectors, i * R)) {
        fail('INVALID_PARAMETER', `The precision at time ${i + 1} is not positive semi-definite.`);
      }
      m.set(step.m, i * D);
      P.set(step.P, i * D * D);
      X.set(step.X, i * D * R);
      T.set(step.T, i * R * R);
      r.set(step.r, i * R);
    }
  }

  private backward(mean: Float64Array, covariance: Float64Array, adjoints?: Float64Array): void {
    const { times, kernel, R, S, D, A, step } = this;
    const { m, P, X, T, r } = this.store;
    const c = kernel.order;
    const DD = D * D;
    step.l.fill(0);
    step.L.fill(0);
    for (let i = times.length - 1; i >= 0; i--) {
      step.combine(m, i * D, P, i * DD, mean, i * R, covariance, i * S);
      step.pull(X, i * D * R, T, i * R * R, r, i * R);
      if (adjoints) {
        adjoints.set(step.l, i * (D + DD));
        adjoints.set(step.L, i * (D + DD) + D);
      }
      if (i > 0) step.back(A, i * c * c);
    }
  }
}

/** Index of the last of the ascending times that is at most t, −1 if there is none. */
export function lastBefore(times: Float64Array, t: number): number {
  let [low, high] = [-1, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Combines the filtered state from the left and the adjoint from the right at each requested time. */
function between(
  kernel: StateSpace,
  R: number,
  times: Float64Array,
  { m, P }: { readonly m: Float64Array; readonly P: Float64Array },
  adjoints: Float64Array,
  asked: ArrayLike<number>,
) {
  const c = kernel.order;
  const D = c * R;
  const DD = D * D;
  const S = packedSize(R);
  const step = new KalmanStep(c, R);
  const [A, Q] = [new Float64Array(c * c), new Float64Array(c * c)];
  const { stationary } = kernel;
  const mean = new Float64Array(asked.length * R);
  const covariance = new Float64Array(asked.length * S);
  for (let i = 0; i < asked.length; i++) {
    const t = asked[i];
    if (!Number.isFinite(t)) fail('NON_FINITE', `Time ${i + 1} is ${t}.`);
    const left = lastBefore(times, t);
    if (left < 0) step.begin(stationary);
    else {
      for (let k = 0; k < D; k++) step.m[k] = m[left * D + k];
      for (let k = 0; k < DD; k++) step.P[k] = P[left * DD + k];
      kernel.transitionInto(t - times[left], A, Q, 0);
      step.predict(A, Q, 0);
    }
    if (left + 1 < times.length) {
      const at = (left + 1) * (D + DD);
      for (let k = 0; k < D; k++) step.l[k] = adjoints[at + k];
      for (let k = 0; k < DD; k++) step.L[k] = adjoints[at + D + k];
      kernel.transitionInto(times[left + 1] - t, A, Q, 0);
      step.back(A, 0);
    } else {
      step.l.fill(0);
      step.L.fill(0);
    }
    step.combine(step.m, 0, step.P, 0, mean, i * R, covariance, i * S);
  }
  return { mean, covariance };
}

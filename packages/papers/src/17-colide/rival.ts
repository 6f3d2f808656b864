import { elementary } from '@southwell/numerics/special';
import type { DenseMatrix } from 'southwell';

const { log, power } = elementary;

/**
 * Least squares by DAGMA (Bello, Aragam & Ravikumar, NeurIPS 2022, Algorithm 1), reimplemented in plain arrays, without
 * any code in common with the method under test.
 */

export interface DagmaOptions {
  readonly lambda: number;
  /** Maximum number of Adam steps of a stage, and of the last stage. */
  readonly iterations: number;
  readonly lastIterations: number;
  readonly signal?: AbortSignal;
}

const LEARNING_RATE = 3e-4;
const [BETA_1, BETA_2, EPSILON] = [0.99, 0.999, 1e-8];
/** Steps between evaluations of the objective. */
const CHECK = 1000;

/** W before thresholding, row-major: W[i·d + j] is the weight of i → j. Covariances row-major, O(d³) per step. */
export function dagma(C: Float64Array, d: number, options: DagmaOptions): Float64Array {
  const { lambda, iterations, lastIterations, signal } = options;
  let W: Float64Array = new Float64Array(d * d);
  const scales = [1, 0.9, 0.8, 0.7];
  scales.forEach((first, stage) => {
    const most = stage === scales.length - 1 ? lastIterations : iterations;
    let [s, rate] = [first, LEARNING_RATE];
    let done: Float64Array | undefined;
    while (!done) {
      done = minimise(C, d, W.slice(), { mu: power(0.1, stage), s, rate, lambda, most, signal });
      // The stage left the domain: restarted in a larger one, with smaller steps.
      s += 0.1;
      rate /= 2;
    }
    W = done;
  });
  return W;
}

interface Stage {
  readonly mu: number;
  readonly s: number;
  readonly rate: number;
  readonly lambda: number;
  readonly most: number;
  readonly signal?: AbortSignal;
}

/** min μ(½ tr[(I−W)ᵀC(I−W)] + λ‖W‖₁) − log det(sI − W∘W) from W, in place; undefined if a step leaves the domain. */
function minimise(C: Float64Array, d: number, W: Float64Array, stage: Stage): Float64Array | undefined {
  const { mu, s, lambda, most, signal } = stage;
  let { rate } = stage;
  const [first, second, R, A, M] = Array.from({ length: 5 }, () => new Float64Array(d * d));
  let taken = new Float64Array(d * d);
  let before = 1e16;
  for (let k = 1; k <= most; k++) {
    let logDet = inverse(W, d, s, A, M);
    if (logDet === undefined && (k === 1 || s <= 0.9)) return undefined;
    for (; logDet === undefined && rate > 1e-16; logDet = inverse(W, d, s, A, M)) {
      // Takes back half of the last step.
      rate /= 2;
      for (let e = 0; e < W.length; e++) W[e] += rate * taken[e];
    }
    if (logDet === undefined) return W;
    const fit = residuals(C, W, d, R);
    if (k % CHECK === 0) {
      signal?.throwIfAborted();
      const value = mu * (fit / 2 + lambda * W.reduce((sum, w) => sum + Math.abs(w), 0)) - logDet + d * log(s);
      if (Math.abs((before - value) / before) <= 1e-6) return W;
      before = value;
    }
    const [unbias1, unbias2] = [1 - power(BETA_1, k), 1 - power(BETA_2, k)];
    taken = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        const e = i * d + j;
        const g = mu * (lambda * Math.sign(W[e]) - R[e]) + 2 * W[e] * M[j * d + i];
        first[e] = BETA_1 * first[e] + (1 - BETA_1) * g;
        second[e] = BETA_2 * second[e] + (1 - BETA_2) * g * g;
        taken[e] = first[e] / unbias1 / (Math.sqrt(second[e] / unbias2) + EPSILON);
        W[e] -= rate * taken[e];
      }
    }
  }
  return W;
}

/** R = C(I − W), and tr[(I−W)ᵀC(I−W)]. */
function residuals(C: Float64Array, W: Float64Array, d: number, R: Float64Array): number {
  R.set(C);
  for (let i = 0; i < d; i++) {
    for (let l = 0; l < d; l++) {
      const c = C[i * d + l];
      for (let j = 0; j < d; j++) R[i * d + j] -= c * W[l * d + j];
    }
  }
  let fit = 0;
  for (let e = 0; e < R.length; e++) fit -= W[e] * R[e];
  for (let j = 0; j < d; j++) fit += R[j * d + j];
  return fit;
}

/**
 * M = (sI − W∘W)⁻¹ by Gauss–Jordan elimination, and log det; undefined outside of the domain, where M has a negative
 * entry.
 */
function inverse(W: Float64Array, d: number, s: number, A: Float64Array, M: Float64Array): number | undefined {
  for (let e = 0; e < A.length; e++) A[e] = -W[e] * W[e];
  M.fill(0);
  for (let i = 0; i < d; i++) {
    A[i * d + i] += s;
    M[i * d + i] = 1;
  }
  let logDet = 0;
  for (let p = 0; p < d; p++) {
    const pivot = A[p * d + p];
    if (!(pivot > 0)) return undefined;
    logDet += log(pivot);
    for (let j = 0; j < d; j++) {
      A[p * d + j] /= pivot;
      M[p * d + j] /= pivot;
    }
    for (let i = 0; i < d; i++) {
      const factor = A[i * d + p];
      if (i === p || factor === 0) continue;
      for (let j = p; j < d; j++) A[i * d + j] -= factor * A[p * d + j];
      for (let j = 0; j <= p; j++) M[i * d + j] -= factor * M[p * d + j];
    }
  }
  return M.some((v) => v < -1e-6) ? undefined : logDet;
}

/** The covariances of the columns, row-major. */
export function covariance(X: DenseMatrix): Float64Array {
  const [n, d] = [X.rows, X.cols];
  const columns = Array.from({ length: d }, (_, j) => {
    const column = Float64Array.from({ length: n }, (_, i) => X.get(i, j));
    const centre = column.reduce((a, b) => a + b, 0) / n;
    return column.map((v) => v - centre);
  });
  const C = new Float64Array(d * d);
  columns.forEach((a, i) => {
    columns.forEach((b, j) => {
      C[i * d + j] = a.reduce((sum, v, k) => sum + v * b[k], 0) / n;
    });
  });
  return C;
}

/** Removes entries of magnitude at most 0.3, then the smallest ones until there is no cycle. */
export function dagOf(W: Float64Array, d: number, threshold = 0.3): Float64Array {
  const left = W.map((w) => (Math.abs(w) > threshold ? w : 0));
  const bySize = [...left.keys()].filter((e) => left[e] !== 0).sort((a, b) => Math.abs(left[a]) - Math.abs(left[b]));
  for (const e of bySize) {
    if (isAcyclic(left, d)) break;
    left[e] = 0;
  }
  return left;
}

/** Repeatedly removes variables without remaining parents. */
function isAcyclic(W: Float64Array, d: number): boolean {
  let left = Array.from({ length: d }, (_, j) => j);
  for (let before = d + 1; left.length > 0 && left.length < before; ) {
    before = left.length;
    left = left.filter((j) => left.some((i) => W[i * d + j] !== 0));
  }
  return left.length === 0;
}

/** The standard deviations of the residuals of each column. */
export function residualDeviations(C: Float64Array, W: Float64Array, d: number): Float64Array {
  const R = new Float64Array(d * d);
  residuals(C, W, d, R);
  return Float64Array.from({ length: d }, (_, j) => {
    let sum = R[j * d + j];
    for (let i = 0; i < d; i++) sum -= W[i * d + j] * R[i * d + j];
    return Math.sqrt(sum);
  });
}

/**
 * SortNRegress (Reisach, Seiler & Weichwald, NeurIPS 2021): least-squares regressions of each variable on all of smaller
 * variance. Row-major, without a threshold.
 */
export function sortedRegressions(C: Float64Array, d: number): Float64Array {
  const order = Array.from({ length: d }, (_, j) => j).sort((a, b) => C[a * d + a] - C[b * d + b]);
  const W = new Float64Array(d * d);
  for (let m = 1; m < d; m++) {
    const parents = order.slice(0, m);
    const target = order[m];
    // Elimination on [C of the parents, covariances with the target].
    const A = parents.map((i) => [...parents.map((j) => C[i * d + j]), C[i * d + target]]);
    for (let p = 0; p < m; p++) {
      for (let i = 0; i < m; i++) {
        if (i === p) continue;
        const factor = A[i][p] / A[p][p];
        for (let j = p; j <= m; j++) A[i][j] -= factor * A[p][j];
      }
    }
    parents.forEach((i, p) => {
      W[i * d + target] = A[p][m] / A[p][p];
    });
  }
  return W;
}

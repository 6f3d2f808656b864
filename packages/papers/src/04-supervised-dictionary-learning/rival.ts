import { elementary } from '@southwell/numerics/special';
import { type DenseMatrix, Random } from 'southwell';

const { exp, log } = elementary;

/**
 * Factorisation followed by classification; regression on all columns; and metrics. In plain arrays, without any code
 * in common with the methods under test.
 */

/** Rows, stored contiguously. */
export interface Table {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export function tableOf(X: DenseMatrix): Table {
  const { rows, cols } = X;
  const data = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) {
    const column = X.column(j);
    for (let i = 0; i < rows; i++) data[i * cols + j] = column[i];
  }
  return { rows, cols, data };
}

export interface Nmf {
  /** Atoms, cols × r, row-major. */
  readonly W: Float64Array;
  /** ‖X − HWᵀ‖²/‖X‖². */
  readonly error: number;
}

/**
 * Non-negative factors of X ≈ HWᵀ by hierarchical alternating least squares (Cichocki and Phan 2009), until no
 * entry of an atom changes by more than `tol` of the largest, or for `sweeps`. O(npr) a sweep.
 */
export function nmf(X: Table, r: number, seed: number, { tol = 1e-4, sweeps = 200 } = {}): Nmf {
  const { rows: n, cols: p } = X;
  const random = new Random(seed);
  const [W, H] = [p, n].map((count) => Float64Array.from({ length: count * r }, () => random.uniform()));
  const [across, down] = [new Float64Array(n * r), new Float64Array(p * r)];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const before = W.slice();
    timesRows(X, W, r, across);
    alternate(H, across, gramOf(W, r), r);
    timesColumns(X, H, r, down);
    alternate(W, down, gramOf(H, r), r);
    if (largest(W.map((v, at) => v - before[at])) <= tol * largest(W)) break;
  }
  return { W, error: rebuildingError(X, W, H, r) };
}

const largest = (values: Float64Array): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Each column of the factor is set to its non-negative optimum, with the others fixed. */
function alternate(factor: Float64Array, product: Float64Array, gram: Float64Array, r: number): void {
  for (let k = 0; k < r; k++) {
    for (let at = 0; at < factor.length; at += r) {
      let v = product[at + k];
      for (let l = 0; l < r; l++) if (l !== k) v -= gram[l * r + k] * factor[at + l];
      factor[at + k] = Math.max(0, v / Math.max(gram[k * r + k], 1e-300));
    }
  }
}

function gramOf(F: Float64Array, r: number): Float64Array {
  const out = new Float64Array(r * r);
  for (let at = 0; at < F.length; at += r) {
    for (let k = 0; k < r; k++) for (let l = 0; l < r; l++) out[k * r + l] += F[at + k] * F[at + l];
  }
  return out;
}

/** out ← XW. */
function timesRows({ rows, cols, data }: Table, W: Float64Array, r: number, out: Float64Array): void {
  for (let k = 0; k < r; k++) {
    const atom = Float64Array.from({ length: cols }, (_, j) => W[j * r + k]);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0, at = i * cols; j < cols; j++, at++) sum += data[at] * atom[j];
      out[i * r + k] = sum;
    }
  }
}

/** out ← XᵀH. */
function timesColumns({ rows, cols, data }: Table, H: Float64Array, r: number, out: Float64Array): void {
  const sum = new Float64Array(cols);
  for (let k = 0; k < r; k++) {
    sum.fill(0);
    for (let i = 0; i < rows; i++) {
      const h = H[i * r + k];
      for (let j = 0, at = i * cols; j < cols; j++, at++) sum[j] += h * data[at];
    }
    for (let j = 0; j < cols; j++) out[j * r + k] = sum[j];
  }
}

/** The projections of samples on atoms: XW. */
export function filtered(X: Table, W: Float64Array, r: number): Table {
  const data = new Float64Array(X.rows * r);
  timesRows(X, W, r, data);
  return { rows: X.rows, cols: r, data };
}

/** ‖X − HWᵀ‖²/‖X‖², with row-major factors. */
export function rebuildingError({ rows, cols, data }: Table, W: Float64Array, H: Float64Array, r: number): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let v = data[i * cols + j];
      size += v * v;
      for (let k = 0; k < r; k++) v -= H[i * r + k] * W[j * r + k];
      error += v * v;
    }
  }
  return error / size;
}

/**
 * Logistic regression on the columns of X and an intercept, with ½ridge‖w‖² (for the intercept `ridgeOfOne`), by
 * Newton's method from zero with step halving. Returns the coefficients, the intercept last. O(np² + p³) per step.
 */
export function ridgeLogistic(X: Table, y: ArrayLike<number>, ridge: number, ridgeOfOne: number): Float64Array {
  const { rows: n, cols: p, data } = X;
  const d = p + 1;
  const penalty = new Float64Array(d).fill(ridge);
  penalty[p] = ridgeOfOne;
  let w = new Float64Array(d);
  let value = objective(X, y, w, penalty);
  for (let step = 0; step < 100; step++) {
    const gradient = w.map((v, i) => -penalty[i] * v);
    const H = new Float64Array(d * d);
    for (let i = 0; i < d; i++) H[i * d + i] = penalty[i];
    const row = new Float64Array(d).fill(1);
    for (let s = 0; s < n; s++) {
      row.set(data.subarray(s * p, (s + 1) * p));
      const prob = probabilityOf(w, row);
      const bend = prob * (1 - prob);
      for (let i = 0; i < d; i++) {
        gradient[i] += (y[s] - prob) * row[i];
        const scaled = bend * row[i];
        for (let j = 0; j <= i; j++) H[i * d + j] += scaled * row[j];
      }
    }
    const move = solvePositive(H, gradient, d);
    let t = 1;
    let next = w;
    let reached = value;
    for (; t > 1e-12; t /= 2) {
      next = w.map((v, i) => v + t * move[i]);
      reached = objective(X, y, next, penalty);
      if (reached <= value) break;
    }
    if (t <= 1e-12) break;
    [w, value] = [next, reached];
    if (move.every((v) => Math.abs(t * v) < 1e-13)) break;
  }
  return w;
}

function objective({ rows, cols, data }: Table, y: ArrayLike<number>, w: Float64Array, penalty: Float64Array): number {
  let sum = 0;
  w.forEach((v, i) => {
    sum += 0.5 * penalty[i] * v * v;
  });
  for (let s = 0; s < rows; s++) {
    let a = w[cols];
    for (let j = 0; j < cols; j++) a += w[j] * data[s * cols + j];
    sum += Math.max(0, a) + log(1 + exp(-Math.abs(a))) - y[s] * a;
  }
  return sum;
}

/** The probability for a row that ends in a one. */
function probabilityOf(w: Float64Array, row: Float64Array): number {
  let a = 0;
  for (let i = 0; i < w.length; i++) a += w[i] * row[i];
  return 1 / (1 + exp(-a));
}

/** The probabilities of samples. */
export function predicted({ rows, cols, data }: Table, w: Float64Array): Float64Array {
  const row = new Float64Array(cols + 1).fill(1);
  return Float64Array.from({ length: rows }, (_, s) => {
    row.set(data.subarray(s * cols, (s + 1) * cols));
    return probabilityOf(w, row);
  });
}

/** By the Cholesky factorisation, which overwrites the lower triangle. */
function solvePositive(A: Float64Array, b: Float64Array, d: number): Float64Array {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let v = A[i * d + j];
      for (let k = 0; k < j; k++) v -= A[i * d + k] * A[j * d + k];
      A[i * d + j] = i === j ? Math.sqrt(v) : v / A[j * d + j];
    }
  }
  const x = b.slice();
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) x[i] -= A[i * d + k] * x[k];
    x[i] /= A[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i] -= A[k * d + i] * x[k];
    x[i] /= A[i * d + i];
  }
  return x;
}

/**
 * Regression with a ridge of 1, as in the models under test: probabilities on the test set, and the threshold from the
 * training set.
 */
export function classify(train: Table, y: ArrayLike<number>, test: Table): { P: Float64Array; threshold: number } {
  const w = ridgeLogistic(train, y, 1, 1e-6);
  return { P: predicted(test, w), threshold: bestThreshold(y, predicted(train, w)) };
}

/**
 * The probability from which labels are 1, half-way between two neighbours, that maximises true positive rate minus
 * false positive rate (Youden).
 */
export function bestThreshold(y: ArrayLike<number>, P: Float64Array): number {
  const order = [...P.keys()].sort((a, b) => P[b] - P[a]);
  const ones = order.filter((s) => y[s] === 1).length;
  let [j, most, best] = [0, 0, 0.5];
  order.forEach((s, k) => {
    j += y[s] === 1 ? 1 / ones : -1 / (P.length - ones);
    const next = k + 1 < order.length ? P[order[k + 1]] : P[s];
    if (next < P[s] && j > most) [most, best] = [j, (P[s] + next) / 2];
  });
  return best;
}

/** The fraction of correct labels at a threshold. */
export function accuracy(y: ArrayLike<number>, P: ArrayLike<number>, threshold: number): number {
  let right = 0;
  for (let s = 0; s < y.length; s++) if ((P[s] >= threshold ? 1 : 0) === y[s]) right++;
  return right / y.length;
}

import type { DenseMatrix, MatrixLike } from '@southwell/numerics/arrays';
import { fail, Random } from '@southwell/numerics/core';
import { generalisedEigen } from '@southwell/numerics/krylov';
import { choleskyInPlace } from '@southwell/numerics/linalg';
import { Adam, type Direction, HeavyBall } from '../optimisers/index.ts';
import { type CanonicalVariates, checkComponents, variates } from './cca.ts';
import { batchCodes, eyGradient, withinViews } from './eckartYoung.ts';
import { strengths, takeViews, type Views } from './views.ts';

export interface StochasticCcaOptions {
  /** How many canonical variates. Default 1. */
  readonly components?: number;
  /** As of exact CCA: 0 (default) is CCA, 1 is PLS; one for all views or one each. */
  readonly ridge?: number | readonly number[];
  /** Rows in a batch, at least 2. Default 20. */
  readonly batchSize?: number;
  /** Default 'adam'. */
  readonly optimiser?: 'adam' | 'sgd';
  /** Default 1e-3. Halved whenever the weights run away. */
  readonly learningRate?: number;
  /** Of sgd. Default 0. */
  readonly momentum?: number;
  /** Passes over the rows. Default 1. */
  readonly epochs?: number;
  /** Whether the two variances of a step come from two batches, so that the gradient is unbiased. Default true. */
  readonly twoBatches?: boolean;
  /** Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onStep?: (step: number) => void;
}

/** So many rows to begin from and, of a stream, the last ones, on which the variates are put in order. */
const CALIBRATION = 1000;

/**
 * CCA and PLS of two views or more by batches: the Eckart–Young loss −2 tr C + ‖V‖² of the scores' covariances between
 * and within views has no constraints and no false minima, and two independent batches estimate its gradient without bias
 * (Chapman, Wells and Lawry Aguila, ICLR 2024). Memory for weights and batches alone. Feed arrays to `fit`, or rows as
 * they come to `partialFit`, or a stream of batches to `fitStream`.
 */
export class StochasticCca {
  private readonly random: Random;
  private weights: Float64Array[] = [];
  private optimisers: Direction[] = [];
  private alpha: Float64Array = new Float64Array(0);
  private held: Float64Array[] | undefined;
  /** Of the first rows that came by `partialFit`; batches are centred by themselves. */
  private means: Float64Array[] = [];
  private rate: number;
  /** Steps so far, and how often the rate was halved. */
  steps = 0;
  halvings = 0;

  constructor(private readonly options: StochasticCcaOptions = {}) {
    const { batchSize = 20, learningRate = 1e-3, epochs = 1, momentum = 0, optimiser = 'adam', seed = 0 } = options;
    for (const [name, value, least] of [
      ['batchSize', batchSize, 2],
      ['epochs', epochs, 1],
    ] as const) {
      if (!(Number.isInteger(value) && value >= least)) {
        fail('INVALID_PARAMETER', `${name} must be a whole number of at least ${least}, but is ${value}.`);
      }
    }
    if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `learningRate must be above 0, but is ${learningRate}.`);
    }
    if (!(momentum >= 0 && momentum < 1)) fail('INVALID_PARAMETER', `momentum lies in [0, 1), but is ${momentum}.`);
    if (optimiser !== 'adam' && optimiser !== 'sgd') fail('INVALID_PARAMETER', `There is no optimiser '${optimiser}'.`);
    this.rate = learningRate;
    this.random = new Random(seed);
  }

  /** One or more passes over the rows in random order; gives the variates in order. Blocking. O(epochs · values · k). */
  fit(input: readonly MatrixLike[]): CanonicalVariates {
    const steps = this.fitSteps(input);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** As {@link fit}, yielding the weights (cols × components by rows, one a view) after every step. */
  *fitSteps(input: readonly MatrixLike[]): Generator<readonly Float64Array[], CanonicalVariates, undefined> {
    const { batchSize: asked = 20, epochs = 1, twoBatches = true, signal } = this.options;
    const views = takeViews(input);
    try {
      this.prepare(views);
      const { rows } = views;
      if (rows < 2) fail('EMPTY', 'Covariances need at least two rows.');
      const size = Math.min(asked, rows);
      const count = Math.floor(rows / size);
      for (let epoch = 0; epoch < epochs; epoch++) {
        const order = this.random.permutation(rows);
        const other = this.random.permutation(rows);
        for (let b = 0; b < count; b++) {
          signal?.throwIfAborted();
          const first = gather(views, order, b * size, size);
          const second = twoBatches ? gather(views, other, b * size, size) : first;
          this.step(first, second, size);
          yield this.weights;
        }
      }
      return this.finish(views);
    } finally {
      views.free();
    }
  }

  /**
   * One step on rows as they come, at least four, which become the two batches. {@link CanonicalVariates} come from
   * {@link calibrate}. Throws INVALID_SHAPE where columns differ from before.
   */
  partialFit(input: readonly MatrixLike[]): void {
    const views = takeViews(input, { means: input.map((_, v) => this.means[v]) as Float64Array[] });
    try {
      const { rows } = views;
      if (rows < 4) fail('EMPTY', `A step needs four rows or more, two for each batch, not ${rows}.`);
      if (this.weights.length === 0) {
        this.prepare(views);
        this.means = views.means.map((m) => m.slice());
      } else if (views.wide.some((X, v) => X.rows * this.k !== this.weights[v]?.length)) {
        fail('INVALID_SHAPE', 'These rows have other views or columns than those before.');
      }
      const half = Math.floor(rows / 2);
      const order = Int32Array.from({ length: rows }, (_, i) => i);
      this.step(gather(views, order, 0, half), gather(views, order, half, half), half);
    } finally {
      views.free();
    }
  }

  /** Consumes a stream of batches of rows, larger than memory if need be; the last ones put the variates in order. */
  async fitStream(batches: AsyncIterable<readonly MatrixLike[]>): Promise<CanonicalVariates> {
    const kept: DenseMatrix[][] = [];
    let rows = 0;
    for await (const batch of batches) {
      this.options.signal?.throwIfAborted();
      this.partialFit(batch);
      const views = takeViews(batch, { means: batch.map((_, v) => new Float64Array(this.weights[v].length / this.k)) });
      kept.push([...views.wide]);
      rows += views.rows;
      while (kept.length > 1 && rows - kept[0][0].cols >= CALIBRATION) {
        rows -= kept[0][0].cols;
        for (const M of kept.shift()!) M.free();
      }
    }
    if (kept.length === 0) fail('EMPTY', 'The stream brought no rows.');
    const joined = kept[0].map((first, v) => {
      const all = new Float64Array(first.rows * rows);
      let at = 0;
      for (const part of kept) {
        all.set(part[v].data, at);
        at += part[v].data.length;
      }
      return { data: all, rows, cols: first.rows, order: 'row' as const };
    });
    for (const part of kept) for (const M of part) M.free();
    return this.calibrate(joined);
  }

  /** The variates in order of their correlations on these rows, from the weights so far. */
  calibrate(input: readonly MatrixLike[]): CanonicalVariates {
    if (this.weights.length === 0) fail('EMPTY', 'There are no weights yet.');
    const views = takeViews(input);
    try {
      return this.finish(views);
    } finally {
      views.free();
    }
  }

  private get k(): number {
    return this.options.components ?? 1;
  }

  private prepare(views: Views): void {
    const { ridge = 0, optimiser = 'adam', momentum = 0 } = this.options;
    const { k } = this;
    checkComponents(views, k);
    this.alpha = strengths(ridge, views.wide.length);
    // Directions at random, scores of some rows made orthonormal (of PLS, the directions).
    const sample = Math.min(views.rows, CALIBRATION);
    // At random: rows of a table may be in an order, such as by class.
    const order = this.random.sample(views.rows, sample);
    this.weights = views.wide.map((X) => Float64Array.from({ length: X.rows * k }, () => this.random.normal()));
    const codes = batchCodes(gather(views, order, 0, sample), this.weights, sample, k);
    this.weights.forEach((U, v) => {
      const V = withinViews([codes[v]], [U], [this.alpha[v]], sample, k);
      const L = V.slice();
      // Fewer rows than components: lengths alone.
      const sound = choleskyInPlace(L, k);
      for (let at = 0; at < U.length; at += k) {
        // u ← L⁻¹u for each row u of U.
        for (let a = 0; a < k; a++) {
          let sum = U[at + a];
          if (sound) for (let b = 0; b < a; b++) sum -= L[a * k + b] * U[at + b];
          U[at + a] = sum / (sound ? L[a * k + a] : Math.sqrt(V[a * k + a]) || 1);
        }
      }
    });
    this.optimisers = this.weights.map((U) =>
      optimiser === 'adam' ? new Adam(U.length) : new HeavyBall(U.length, momentum),
    );
    this.held = this.weights.map((U) => U.slice());
  }

  private step(first: readonly Float64Array[], second: readonly Float64Array[], size: number): void {
    const { weights, alpha, k } = this;
    const { gradients, within } = eyGradient(first, second, weights, alpha, size, k);
    // Scores within views have variances near the eigenvalues, at most the number of views.
    if (!(within < 1e4 * k * weights.length)) {
      this.rate /= 2;
      this.halvings++;
      this.held?.forEach((U, v) => {
        weights[v].set(U);
      });
      for (const optimiser of this.optimisers) optimiser.reset();
      return;
    }
    if (this.steps % 50 === 0) this.held = weights.map((U) => U.slice());
    gradients.forEach((g, v) => {
      const optimiser = this.optimisers[v];
      optimiser.take(g);
      const { direction } = optimiser;
      const U = weights[v];
      for (let at = 0; at < U.length; at++) U[at] -= this.rate * direction[at];
    });
    this.steps++;
    this.options.onStep?.(this.steps);
  }

  private finish(views: Views): CanonicalVariates {
    return orderVariates(views, this.weights, this.alpha, this.k);
  }
}

/** Solves the problem within the span of the weights, cols × k by rows, on these rows. */
export function orderVariates(
  views: Views,
  weights: readonly Float64Array[],
  alpha: ArrayLike<number>,
  k: number,
): CanonicalVariates {
  const { wide, rows } = views;
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  const M = wide.length;
  const n = M * k;
  const A = new Float64Array(n * n);
  const B = new Float64Array(n * n);
  const Z = batchCodes(gather(views, order, 0, rows), weights, rows, k);
  for (let a = 0; a < M; a++) {
    for (let b = 0; b < M; b++) {
      for (let p = 0; p < k; p++) {
        for (let q = 0; q < k; q++) {
          let cov = 0;
          for (let i = 0; i < rows; i++) cov += Z[a][i * k + p] * Z[b][i * k + q];
          cov /= rows - 1;
          const at = (a * k + p) * n + b * k + q;
          if (a !== b) A[at] = cov;
          else {
            let inner = 0;
            for (let j = 0; j < weights[a].length; j += k) inner += weights[a][j + p] * weights[a][j + q];
            B[at] = (1 - alpha[a]) * cov + alpha[a] * inner;
          }
        }
      }
    }
  }
  const { values, vectors } = generalisedEigen(A, B, n, k);
  const joint = vectors.map((g) => {
    const out = new Float64Array(weights.reduce((s, U) => s + U.length / k, 0));
    let at = 0;
    weights.forEach((U, v) => {
      for (let j = 0; j < U.length; j += k) {
        let sum = 0;
        for (let c = 0; c < k; c++) sum += U[j + c] * g[v * k + c];
        out[at++] = sum;
      }
    });
    return out;
  });
  return variates(views, alpha, values, joint);
}

/** Rows of each view, one after the other, as they are. */
export function gather(views: Views, order: Int32Array, from: number, count: number): Float64Array[] {
  return views.wide.map((X) => {
    const d = X.rows;
    const { data } = X;
    const out = new Float64Array(count * d);
    for (let i = 0; i < count; i++) out.set(data.subarray(order[from + i] * d, order[from + i] * d + d), i * d);
    return out;
  });
}

import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  SouthwellError,
  type Status,
  seedOption,
} from '@southwell/numerics/core';
import { choleskyInPlace } from '@southwell/numerics/linalg';
import { Adam, type AdamState, type Direction, HeavyBall } from '../../optimisers/index.ts';
import { type CanonicalVariates, ccaRecords, checkComponents } from './cca.ts';
import { eyGradient } from './eckartYoung.ts';
import { gather, orderVariates } from './orderVariates.ts';
import { CALIBRATION, RecentRows } from './recentRows.ts';
import { batchCodes, withinViews } from './viewScores.ts';
import { ridges, takeViews, type Views } from './views.ts';

export const stochasticCcaRecords = {
  ...ccaRecords,
  /** Batch size, at least 2. Default 20. */
  batchSize: integerOption(
    { min: 2 },
    {
      title: 'Batch size',
      about: 'rows per stochastic step',
      argument: 'rows',
      otherwise: '20',
      form: { hint: '20', advanced: true },
    },
  ),
  /** Number of epochs. Default 1. */
  epochs: integerOption({ min: 1 }, { title: 'Epochs', about: 'passes over the rows', form: { advanced: true } }),
  /** Learning rate, halved whenever the weights diverge. Default 1e-3. */
  learningRate: numberOption(
    { min: 0, open: true, finite: true },
    {
      title: 'Learning rate',
      about: 'learning rate',
      argument: 'rate',
      otherwise: '0.001',
      form: { hint: '0.001', advanced: true },
    },
  ),
  /** Default 'adam'. */
  optimiser: choiceOption({ adam: 'Adam', sgd: 'stochastic gradient descent' }),
  /** Momentum of sgd, below 1. Default 0. */
  momentum: numberOption({ min: 0, below: 1 }),
  /** Whether the two variances of a step come from two batches, so that the gradient is unbiased. Default true. */
  twoBatches: flagOption(),
  /** Default 0. */
  seed: seedOption('seed of the initialisation and of the row order of the stochastic method'),
};

export interface StochasticCcaOptions extends OptionsOf<typeof stochasticCcaRecords> {}

/** State of the learner as plain data. */
export interface StochasticCcaState {
  /** Number of batches processed. */
  readonly batches: number;
  readonly weights: readonly Float64Array[];
  /** Earlier weights, restored when a step diverges. */
  readonly held: readonly Float64Array[];
  /** For each view: the moments of Adam, or the previous direction. */
  readonly optimisers: ReadonlyArray<AdamState | Float64Array>;
  readonly means: readonly Float64Array[];
  readonly rate: number;
  readonly steps: number;
  readonly halvings: number;
  /** State of the generator at the start of the epoch. */
  readonly random: readonly number[];
}

/** An iterate for each batch; there is no objective. Metrics: the learning rate, and how often it was halved. */
export interface StochasticCcaIterate extends Iterate<CanonicalVariates, undefined> {
  /** cols × components by rows for each view; valid until the next batch. */
  readonly weights: readonly Float64Array[];
}

export interface StochasticCcaRun extends RunOptions<CanonicalVariates, undefined> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: StochasticCcaState;
}

const fitKeys: OptionKeys<StochasticCcaRun> = {
  ...runKeys,
  resume: true,
};

/**
 * CCA and PLS of two or more views by mini-batches: the Eckart–Young loss −2 tr C + ‖V‖² of the scores' covariances
 * between and within views is unconstrained and has no spurious minima, and two independent batches give an unbiased
 * estimate of its gradient (Chapman, Wells and Lawry Aguila, ICLR 2024). Memory only for the weights and batches. Use
 * `fit` for arrays, `partialFit` for rows as they arrive, and `fitStream` for a stream of batches.
 */
export class StochasticCca {
  private readonly random: Random;
  private weights: Float64Array[] = [];
  private optimisers: Direction[] = [];
  private alpha: Float64Array = new Float64Array(0);
  private held: Float64Array[] = [];
  /** Means of the first rows passed to `partialFit`; batches are centred by their own means. */
  private means: Float64Array[] = [];
  private rate: number;
  /** Number of steps, and of halvings of the learning rate. */
  steps = 0;
  halvings = 0;

  /** @throws INVALID_PARAMETER. */
  constructor(private readonly options: StochasticCcaOptions = {}) {
    checkOptions('StochasticCca', stochasticCcaRecords, options);
    const { learningRate = 1e-3, seed = 0 } = options;
    this.rate = learningRate;
    this.random = new Random(seed);
  }

  /**
   * One or more epochs over the rows in random order; returns the variates in descending order. Blocking. O(epochs ·
   * values · k).
   */
  fit(input: readonly MatrixLike[], options: StochasticCcaRun = {}): Solution<CanonicalVariates, undefined> {
    knownKeys('fit', options, fitKeys);
    return run(this.iterates(input, options), only<RunOptions<CanonicalVariates, undefined>>(options, runKeys));
  }

  /**
   * The batches of {@link fit}: an iterate before the first batch, and one for each; `completed` with the last,
   * `diverged` if no step size was small enough.
   * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
   */
  *iterates(
    input: readonly MatrixLike[],
    { resume }: Pick<StochasticCcaRun, 'resume'> = {},
  ): Generator<StochasticCcaIterate, void, undefined> {
    const { batchSize: asked = 20, epochs = 1, twoBatches = true } = this.options;
    const views = takeViews(input);
    const { random } = this;
    try {
      if (resume) this.restore(resume, views);
      else this.prepare(views);
      const { rows } = views;
      if (rows < 2) fail('EMPTY', 'Covariances need at least two rows.');
      const size = Math.min(asked, rows);
      const count = Math.floor(rows / size);
      let [order, other]: Int32Array[] = [];
      let start = random.state();
      const from = resume?.batches ?? 0;
      for (let batches = from; ; batches++) {
        const b = (batches - 1) % count;
        if (batches > from ? b === 0 : batches % count > 0) {
          start = random.state();
          [order, other] = [random.permutation(rows), random.permutation(rows)];
        }
        if (batches > from) {
          const first = gather(views, order, b * size, size);
          this.step(first, twoBatches ? gather(views, other, b * size, size) : first, size);
        }
        const over = batches >= epochs * count;
        const done = over ? (this.steps > 0 ? 'completed' : 'diverged') : undefined;
        const kept = batches % count === 0 ? undefined : start;
        yield this.iterate({ batches, epochs: batches / count, done }, kept, () => this.finish(views));
        if (over) return;
      }
    } finally {
      views.free();
    }
  }

  /**
   * One step on at least four rows, which are divided into two batches. {@link calibrate} then computes {@link
   * CanonicalVariates}.
   * @throws INVALID_SHAPE if columns differ from earlier batches.
   */
  partialFit(input: readonly MatrixLike[]): void {
    const views = takeViews(input, { means: input.map((_, v) => this.means[v]) as Float64Array[] });
    try {
      const { rows } = views;
      if (rows < 4) fail('EMPTY', `A step needs at least four rows, two for each batch, not ${rows}.`);
      if (this.weights.length === 0) {
        this.prepare(views);
        this.means = views.means.map((m) => m.slice());
      } else if (views.wide.some((X, v) => X.rows * this.k !== this.weights[v]?.length)) {
        fail('INVALID_SHAPE', 'The views or columns of this batch differ from those of earlier batches.');
      }
      const half = Math.floor(rows / 2);
      const order = Int32Array.from({ length: rows }, (_, i) => i);
      this.step(gather(views, order, 0, half), gather(views, order, half, half), half);
    } finally {
      views.free();
    }
  }

  /**
   * Consumes a stream of batches of rows, which may be larger than memory; the last rows determine the order of the
   * variates.
   */
  fitStream(
    batches: AsyncIterable<readonly MatrixLike[]>,
    options: StochasticCcaRun = {},
  ): Promise<Solution<CanonicalVariates, undefined>> {
    knownKeys('fitStream', options, fitKeys);
    const watch = only<RunOptions<CanonicalVariates, undefined>>(options, runKeys);
    return runAsync(this.streamIterates(batches, options), watch);
  }

  /**
   * The steps of {@link fitStream}: an iterate for each batch, `completed` with the last. A resumed run takes the same
   * stream from its start, and skips the batches that have been processed.
   * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
   */
  async *streamIterates(
    stream: AsyncIterable<readonly MatrixLike[]>,
    { resume }: Pick<StochasticCcaRun, 'resume'> = {},
  ): AsyncGenerator<StochasticCcaIterate, void, undefined> {
    const recent = new RecentRows();
    const source = stream[Symbol.asyncIterator]();
    try {
      let next = await source.next();
      let batches = 0;
      for (; resume && batches < resume.batches && !next.done; batches++) {
        recent.add(next.value);
        next = await source.next();
      }
      if (resume) this.restore(resume, recent);
      for (let begin = resume !== undefined; ; begin = false) {
        if (!begin) {
          if (next.done) fail('EMPTY', 'The stream has no rows.');
          this.partialFit(next.value);
          recent.add(next.value);
          batches++;
          next = await source.next();
        }
        const done = next.done ? (this.steps > 0 ? 'completed' : 'diverged') : undefined;
        // A checkpoint may be taken while the next batch is awaited, and must count the batch that has been processed.
        yield this.iterate({ batches, seen: () => batches, done }, undefined, () => this.calibrate(recent.joined()));
        if (next.done) return;
      }
    } finally {
      recent.free();
      await source.return?.();
    }
  }

  private iterate(
    { batches, seen, epochs, done }: { batches: number; seen?: () => number; epochs?: number; done?: Status },
    random: readonly number[] | undefined,
    snapshot: () => CanonicalVariates,
  ): StochasticCcaIterate {
    const { weights, steps, rate, halvings } = this;
    return {
      iteration: batches,
      objective: undefined,
      metrics: { rate, halvings },
      work: { epochs, oracleCalls: steps },
      weights,
      done,
      snapshot,
      checkpoint: () => this.state(seen ? seen() : batches, random ?? this.random.state()),
    };
  }

  private state(batches: number, random: readonly number[]): StochasticCcaState {
    const copies = (of: readonly Float64Array[]) => of.map((v) => v.slice());
    const { weights, held, means, rate, steps, halvings } = this;
    return {
      ...{ batches, rate, steps, halvings, random },
      ...{ weights: copies(weights), held: copies(held), means: copies(means) },
      optimisers: this.optimisers.map((o) => (o instanceof Adam ? o.state() : o.direction.slice())),
    };
  }

  private restore(state: StochasticCcaState, { wide }: Pick<Views, 'wide'>): void {
    const { k } = this;
    if (wide.length !== state.weights.length || wide.some((X, v) => X.rows * k !== state.weights[v].length)) {
      fail('INVALID_FORMAT', 'The checkpoint has views with different columns, or a different number of components.');
    }
    this.alpha = ridges(this.options.ridge ?? 0, wide.length);
    this.weights = state.weights.map((U) => U.slice());
    this.held = state.held.map((U) => U.slice());
    this.means = state.means.map((m) => m.slice());
    [this.rate, this.steps, this.halvings] = [state.rate, state.steps, state.halvings];
    this.random.restore(state.random);
    this.optimisers = this.newOptimisers();
    this.optimisers.forEach((optimiser, v) => {
      const kept = state.optimisers[v];
      if (optimiser instanceof Adam) optimiser.restore(kept as AdamState);
      else optimiser.direction.set(kept as Float64Array);
    });
  }

  private newOptimisers(): Direction[] {
    const { optimiser = 'adam', momentum = 0 } = this.options;
    return this.weights.map((U) => (optimiser === 'adam' ? new Adam(U.length) : new HeavyBall(U.length, momentum)));
  }

  /**
   * The variates of the current weights, ordered by their correlations on these rows.
   * @throws EMPTY.
   */
  calibrate(input: readonly MatrixLike[]): CanonicalVariates {
    if (this.weights.length === 0) fail('EMPTY', 'There are no weights yet: fit some rows first.');
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
    const { ridge = 0 } = this.options;
    const { k } = this;
    checkComponents(views, k);
    this.alpha = ridges(ridge, views.wide.length);
    // Random directions, orthonormalised with respect to the scores of some rows (for PLS, the directions themselves).
    const sample = Math.min(views.rows, CALIBRATION);
    // A random sample, since rows of a table may be sorted, for instance by class.
    const order = this.random.sample(views.rows, sample);
    this.weights = views.wide.map((X) => Float64Array.from({ length: X.rows * k }, () => this.random.normal()));
    const codes = batchCodes(gather(views, order, 0, sample), this.weights, sample, k);
    this.weights.forEach((U, v) => {
      const V = withinViews([codes[v]], [U], [this.alpha[v]], sample, k);
      const L = V.slice();
      // With fewer rows than components only the norms are adjusted.
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
    this.optimisers = this.newOptimisers();
    this.held = this.weights.map((U) => U.slice());
  }

  private step(first: readonly Float64Array[], second: readonly Float64Array[], size: number): void {
    const { weights, alpha, k } = this;
    const { gradients, within } = eyGradient(first, second, weights, alpha, size, k);
    // At sensible weights the variances of the scores within views are near the eigenvalues, at most the number of
    // views.
    if (!(within < 1e4 * k * weights.length)) {
      this.rate /= 2;
      this.halvings++;
      this.held.forEach((U, v) => {
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
  }

  /** The variates within the span of the weights; if the last step diverged, of the earlier weights. */
  private finish(views: Views): CanonicalVariates {
    const order = (weights: readonly Float64Array[]) => orderVariates(views, weights, this.alpha, this.k);
    try {
      return order(this.weights);
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      return order(this.held);
    }
  }
}

import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  knownKeys,
  numberOption,
  type OptionsNeeding,
  otherOption,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { matrixProduct, polarFactor, symmetricEigen } from '@southwell/numerics/linalg';
import {
  applyRight,
  type CodeOptions,
  OrthogonalDictionary,
  powerGradient,
  type Whitening,
} from './orthogonalDictionary.ts';
import { averagingWeight, farthestAlong, floored, stepLength } from './orthogonalSteps.ts';
import { besides, denseSamples } from './samples.ts';
import { type StreamState, streamIterates, streamKeys } from './streams.ts';

/** What batch and online learning of orthogonal dictionaries share. */
export const orthogonalRecords = {
  /** p of the norm ‖Dᵀy‖_p that is maximised, above 2 and at most 8. Default 3; online, 4 converges faster at first but ends less accurate. */
  power: numberOption({ min: 2, max: 8 }),
  /**
   * Initial dictionary: an N × N matrix of spectral norm at most 1 (such as an earlier dictionary), atoms as columns. Default
   * 'random', a random orthogonal one.
   */
  init: otherOption<DenseMatrix | 'identity' | 'random'>("'identity', 'random' or an N × N matrix"),
  /** Whitens samples with their second moments C^(−1/2), for dictionaries that are not orthogonal. Default false. */
  whiten: flagOption({ title: 'whiten', about: 'whiten the data first, for atoms that are not orthogonal' }),
  /** Seed of the random initial dictionary. Default 0. */
  seed: seedOption('seed of the initialisation'),
};

export const onlineOrthogonalRecords = {
  /** N, the number of features and of atoms. */
  dim: integerOption({ min: 1 }),
  ...orthogonalRecords,
  /** ρ_t, the averaging weight of batch t's gradient. Default t^(−1/2). */
  averaging: otherOption<(t: number) => number>('a function'),
  /** γ_t, the step size. Default t^(−3/4). */
  stepSize: otherOption<(t: number) => number>('a function'),
  /** Lower bound of both, to track a drifting dictionary. Default 0. */
  forgetting: numberOption({ min: 0, max: 1 }),
  /** Clips the norm of samples to this running quantile (such as 0.99) of ‖y‖. Default: no clipping. */
  clip: numberOption({ min: 0, max: 1, open: true }),
};

export interface OnlineOrthogonalOptions extends OptionsNeeding<typeof onlineOrthogonalRecords, 'dim'> {}

/** State of the stream as plain data. */
export interface OnlineOrthogonalState {
  readonly dim: number;
  readonly power: number;
  readonly steps: number;
  readonly samples: number;
  readonly skipped: number;
  readonly gap: number;
  readonly size: number;
  readonly D: Float64Array;
  readonly G: Float64Array;
  readonly energies: Float64Array;
  readonly lengths: readonly number[];
  readonly moments?: Float64Array;
  readonly whitenedAt: number;
  readonly whitening?: Whitening;
}

/** Energies of codes that differ by more than this factor suggest that the dictionary is not orthogonal. */
const UNEVEN = 4;
/** Number of samples for the running quantile of norms. */
const WINDOW = 500;
/** Growth of the number of samples after which the second moments are diagonalised again. */
const GROWTH = 1.05;

/**
 * Learns an orthogonal dictionary from a stream with two N × N matrices and without storing samples (Xue and Lau 2021):
 * the gradient of E‖Dᵀy‖_p^p is averaged over batches, and D takes a Frank–Wolfe step in the unit ball of the spectral
 * norm towards the polar factor of the average. O(N²B + N³) for a batch of B samples.
 */
export class OnlineOrthogonalDictionary {
  readonly dim: number;
  readonly power: number;
  /** Number of batches that changed D. */
  steps = 0;
  /** Number of non-zero samples. */
  samples = 0;
  /** Number of zero samples, which are skipped. */
  skipped = 0;
  /**
   * ⟨S − D, G⟩ ≥ 0 at the last step: the Frank–Wolfe gap, a measure of non-stationarity. Infinite before the first
   * step.
   */
  gap = Number.POSITIVE_INFINITY;
  private size = 0;
  private D: Float64Array;
  private G: Float64Array;
  /** Running means of squared codes. */
  private energies: Float64Array;
  /** Norms of the last samples, for the quantile of `clip`. */
  private lengths: readonly number[] = [];
  private moments: Float64Array | undefined;
  private whitening: Whitening | undefined;
  private whitenedAt = 0;
  private readonly averaging: (t: number) => number;
  private readonly stepSize: (t: number) => number;
  private readonly clip: number | undefined;

  /** @throws INVALID_PARAMETER. */
  constructor(options: OnlineOrthogonalOptions) {
    checkOptions('OnlineOrthogonalDictionary', onlineOrthogonalRecords, options);
    const { dim: n, power = 3, forgetting = 0, init = 'random', whiten = false, clip, seed = 0 } = options;
    wholeNumber('dim', n, 1);
    checkPower(power);
    const { averaging = averagingWeight, stepSize = stepLength } = options;
    this.averaging = floored(averaging, forgetting, 'averaging');
    this.stepSize = floored(stepSize, forgetting, 'stepSize');
    this.dim = n;
    this.power = power;
    this.clip = clip;
    this.D = start(n, init, seed);
    this.G = new Float64Array(n * n);
    this.energies = new Float64Array(n);
    if (whiten) this.moments = new Float64Array(n * n);
  }

  /**
   * Processes a batch of samples by rows, B × N. Zero samples are skipped. With whitening the first 2N samples only
   * update the second moments.
   * @throws EMPTY, INVALID_SHAPE or NON_FINITE, and leaves the state unchanged.
   */
  update(batch: MatrixLike): void {
    const { dim: n, power: p } = this;
    const Y = denseSamples(batch, n, 'The samples of the batch');
    const lengths = new Float64Array(Y.rows);
    Y.data.forEach((v, k) => {
      lengths[k % Y.rows] += v * v;
    });
    const seen = lengths.reduce((count, square) => count + (square > 0 ? 1 : 0), 0);
    try {
      if (!lengths.every((square) => Number.isFinite(square ** (p / 2)))) {
        fail('NON_FINITE', `The norm of a sample of the batch to the power ${p} overflows; scale the samples.`);
      }
      const t = this.steps + 1;
      const [rho, gamma] = [this.averaging(t), this.stepSize(t)];
      this.skipped += Y.rows - seen;
      if (seen === 0) return;
      this.samples += seen;
      if (this.clip !== undefined) this.shorten(Y, lengths);
      if (this.moments) {
        this.whiten(Y, seen, this.moments);
        if (!this.whitening) return;
        applyRight(Y, this.whitening.forward);
      }
      this.steps = t;
      const D = besides(Y, this.D, n, n);
      const G = besides(Y, this.G, n, n);
      const Z = DenseMatrix.create(Y.rows, n, { fill: false, arena: Y.arena });
      matrixProduct(Y, D, Z);
      this.count(Z, seen);
      powerGradient(Z.data, p);
      matrixProduct(Y, Z, G, { transA: true, alpha: rho / seen, beta: 1 - rho });
      this.G.set(G.data);
      D.free();
      G.free();
      Z.free();
      const S = farthestAlong(this.G, n, this.D);
      let [nuclear, value] = [0, 0];
      for (let k = 0; k < S.length; k++) {
        nuclear += S[k] * this.G[k];
        value += this.D[k] * this.G[k];
        this.D[k] += gamma * (S[k] - this.D[k]);
      }
      this.gap = nuclear - value;
      this.size = nuclear;
    } finally {
      Y.free();
    }
  }

  /** D before orthogonalisation, of spectral norm at most 1. A copy, atoms as columns. */
  iterate(): DenseMatrix {
    return DenseMatrix.fromColumnMajor(this.D, this.dim, this.dim);
  }

  /** A copy of the current dictionary. O(N³). */
  snapshot(): OrthogonalDictionary {
    const { whitening } = this;
    return new OrthogonalDictionary(this.dim, polarFactor(this.D, this.dim), whitening);
  }

  /** The orthogonal matrix closest to the iterate, atoms as columns: see {@link OrthogonalDictionary.dictionary}. */
  dictionary(): DenseMatrix {
    return this.snapshot().dictionary();
  }

  /** See {@link OrthogonalDictionary.encode}. */
  encode(samples: MatrixLike, options: CodeOptions = {}): DenseMatrix {
    return this.snapshot().encode(samples, options);
  }

  /** See {@link OrthogonalDictionary.decode}. */
  decode(codes: MatrixLike): DenseMatrix {
    return this.snapshot().decode(codes);
  }

  /** ⟨D, G⟩ at the last step, an estimate of E‖Dᵀy‖_p^p; and the gap divided by ⟨S, G⟩, between 0 and 2. */
  get progress(): { readonly value: number; readonly relativeGap: number } {
    const value = this.size - (Number.isFinite(this.gap) ? this.gap : 0);
    return { value, relativeGap: this.size > 0 ? this.gap / this.size : this.steps > 0 ? 0 : Number.POSITIVE_INFINITY };
  }

  /** Warnings about the stream. */
  get notes(): readonly string[] {
    const out: string[] = [];
    const { energies, samples, skipped } = this;
    if (skipped > 0) out.push(`${skipped} samples of zeros were skipped.`);
    if (this.moments && !this.whitening && samples > 0) {
      out.push(`No step yet: whitening waits for ${2 * this.dim} samples.`);
    }
    const most = energies.reduce((a, b) => Math.max(a, b), 0);
    const least = energies.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    if (samples >= 20 * this.dim && most > UNEVEN * least) {
      out.push(
        this.moments
          ? 'The codes of some atoms have far more energy than others: the stream has fewer sources than coordinates, or drifts.'
          : 'The codes of some atoms have far more energy than others: the dictionary may not be orthogonal; try whiten.',
      );
    }
    return out;
  }

  /** A copy of the state, from which an object with the same options continues; functions are not included. */
  state(): OnlineOrthogonalState {
    const { dim, power, steps, samples, skipped, gap, size, whitenedAt, whitening, moments } = this;
    return {
      ...{ dim, power, steps, samples, skipped, size, gap, whitenedAt },
      D: this.D.slice(),
      G: this.G.slice(),
      energies: this.energies.slice(),
      lengths: [...this.lengths],
      ...(moments && { moments: moments.slice() }),
      ...(whitening && { whitening: { forward: whitening.forward.slice(), back: whitening.back.slice() } }),
    };
  }

  /**
   * Continues from a state.
   * @throws INVALID_FORMAT, and leaves the state unchanged, if the given one does not match the options.
   */
  restore(state: OnlineOrthogonalState): void {
    const { dim: n } = this;
    const good = (values: Float64Array | undefined, length: number) =>
      values instanceof Float64Array && values.length === length && finite(values);
    if (
      state?.dim !== n ||
      state.power !== this.power ||
      !good(state.D, n * n) ||
      !good(state.G, n * n) ||
      !good(state.energies, n) ||
      !(Array.isArray(state.lengths) && finite(state.lengths)) ||
      !finite([state.steps, state.samples, state.skipped, state.size, state.whitenedAt]) ||
      !(state.gap <= Number.POSITIVE_INFINITY) ||
      (this.moments !== undefined) !== good(state.moments, n * n) ||
      (state.whitening && !(good(state.whitening.forward, n * n) && good(state.whitening.back, n * n)))
    ) {
      fail('INVALID_FORMAT', `The state does not match an orthogonal dictionary of ${n} atoms with these options.`);
    }
    this.steps = state.steps;
    this.samples = state.samples;
    this.skipped = state.skipped;
    this.gap = state.gap;
    this.size = state.size;
    [this.D, this.G, this.energies] = [state.D.slice(), state.G.slice(), state.energies.slice()];
    this.lengths = [...state.lengths];
    this.moments = state.moments?.slice();
    this.whitenedAt = state.whitenedAt;
    const { whitening } = state;
    this.whitening = whitening && { forward: whitening.forward.slice(), back: whitening.back.slice() };
  }

  /** Updates the running means of squared codes with a batch. */
  private count(Z: DenseMatrix, seen: number): void {
    const weight = Math.max(seen / this.samples, 1e-3);
    for (let j = 0; j < this.dim; j++) {
      const mean = Z.column(j).reduce((sum, v) => sum + v * v, 0) / seen;
      this.energies[j] += Math.min(1, weight) * (mean - this.energies[j]);
    }
  }

  /** Clips norms to the quantile of the last norms, including those of this batch. */
  private shorten(Y: DenseMatrix, squares: Float64Array): void {
    const lengths = Array.from(squares, Math.sqrt);
    this.lengths = [...this.lengths, ...lengths.filter((v) => v > 0)].slice(-WINDOW);
    const sorted = Float64Array.from(this.lengths).sort();
    const limit = sorted[Math.ceil(this.clip! * sorted.length) - 1];
    const { data, rows } = Y;
    for (let k = 0; k < data.length; k++) if (lengths[k % rows] > limit) data[k] *= limit / lengths[k % rows];
  }

  /** Adds Y to the second moments, and diagonalises them again after enough new samples. */
  private whiten(Y: DenseMatrix, seen: number, moments: Float64Array): void {
    const { dim: n, samples } = this;
    const M = besides(Y, moments, n, n);
    matrixProduct(Y, Y, M, { transA: true, alpha: 1 / samples, beta: 1 - seen / samples });
    moments.set(M.data);
    M.free();
    if (samples < 2 * n || samples < GROWTH * this.whitenedAt) return;
    this.whitening = whiteningOf(moments, n);
    this.whitenedAt = samples;
  }
}

/** C^(−1/2) and C^(1/2) of second moments; directions without energy are left unchanged. O(9n³). */
export function whiteningOf(moments: Float64Array, n: number): Whitening {
  const { values, vectors } = symmetricEigen(moments, n);
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const root = values.map((v) => (v > 1e-12 * largest ? Math.sqrt(v) : 1));
  const build = (weigh: (r: number) => number) => {
    const out = new Float64Array(n * n);
    for (let k = 0; k < n; k++) {
      const w = weigh(root[k]);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) out[i * n + j] += w * vectors[i * n + k] * vectors[j * n + k];
      }
    }
    return out;
  };
  return { forward: build((r) => 1 / r), back: build((r) => r) };
}

/** An {@link OnlineOrthogonalDictionary} before the first batch. */
export const onlineOrthogonalDictionary = (options: OnlineOrthogonalOptions) => new OnlineOrthogonalDictionary(options);

/**
 * A learner and its batches as a method for core's `run`: an iterate before the first batch and one for each, the last
 * `completed`. The certificate is the Frank–Wolfe gap relative to the nuclear norm of the averaged gradient; the
 * objective is an estimate of −E‖Dᵀy‖_p^p.
 */
export function onlineOrthogonalIterates(
  learner: OnlineOrthogonalDictionary,
  batches: Iterable<MatrixLike>,
  options: { readonly resume?: StreamState<OnlineOrthogonalState> } = {},
): Generator<Iterate<OrthogonalDictionary>, void, undefined> {
  knownKeys('onlineOrthogonalIterates', options, streamKeys);
  return streamIterates(learner, batches, { ...options, atStart: true }, () => {
    const { value, relativeGap } = learner.progress;
    return {
      objective: -value,
      certificate: { kind: 'kktResidual', value: learner.gap, relative: relativeGap },
      work: { oracleCalls: learner.steps },
      snapshot: () => learner.snapshot(),
    };
  });
}

/** @throws INVALID_PARAMETER. */
export function checkPower(power: number): void {
  if (power === 2) fail('INVALID_PARAMETER', 'power must be above 2: with 2 all orthogonal dictionaries are optimal.');
}

const finite = (values: readonly number[] | Float64Array): boolean => values.every((v) => Number.isFinite(v));

/**
 * An initial point in the unit ball.
 * @throws INVALID_SHAPE.
 */
export function start(n: number, init: DenseMatrix | 'identity' | 'random', seed: number): Float64Array {
  if (init === 'random') {
    const random = new Random(seed);
    return polarFactor(
      Float64Array.from({ length: n * n }, () => random.normal()),
      n,
    );
  }
  if (init === 'identity') return polarFactor(new Float64Array(n * n), n);
  const D = denseSamples(init, n, 'The initial atoms');
  if (D.rows !== n) fail('INVALID_SHAPE', `init has ${D.rows} rows, but must have ${n}.`);
  const values = D.data.slice();
  D.free();
  return values;
}

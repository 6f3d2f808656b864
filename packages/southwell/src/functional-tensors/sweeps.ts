import { type Iterate, Random } from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import type { Entries } from './axes.ts';
import { type Coupling, type Moments, TuckerCoupling, unpacked } from './coupling.ts';
import { CpCoupling } from './cpCoupling.ts';
import { FilterStore, KalmanSmoother } from './kalman.ts';
import { type MaternName, matern, SMOOTHNESS } from './matern.ts';
import { packedSize } from './packed.ts';

const { log } = elementary;

/**
 * Messages of entries to the factors of an axis at its coordinates, in natural parameters: packed precisions and
 * vectors.
 */
export interface Told {
  readonly precision: Float64Array;
  readonly vector: Float64Array;
}

/** Fitted factors, core and noise, in units of the scaled values: all that predictions depend on. */
export interface FunctionalFactors {
  readonly axes: readonly Told[];
  /** The Tucker core, R^K by rows, with its precision by packed pairs, S^K, without its prior. */
  readonly core?: { readonly mean: Float64Array; readonly precision: Float64Array };
  /** E[τ], of scaled values. */
  readonly tau: number;
  /** Negative expected log-likelihood of an entry, for scaled values. */
  readonly objective: number;
}

/** State of a fit after a sweep, as plain data. */
export interface FunctionalState {
  readonly start: number;
  readonly sweep: number;
  readonly axes: ReadonlyArray<Told & { readonly mean: Float64Array; readonly covariance: Float64Array }>;
  readonly core?: { readonly mean: Float64Array; readonly precision: Float64Array; readonly vector: Float64Array };
  readonly tau: number;
  readonly loss: number;
  readonly squares: number;
  readonly best?: FunctionalFactors;
}

/** Checked options of a fit, with defaults. */
export interface Settings {
  readonly form: 'tucker' | 'cp';
  readonly rank: number;
  readonly kernel: MaternName;
  readonly lengthscales: readonly number[];
  readonly variances: readonly number[];
  readonly damping: Readonly<Record<'factors' | 'core' | 'noise', number>>;
  readonly sweeps: number;
  readonly warmup: number;
  /** E[τ] during warm-up, for successive restarts. */
  readonly firstTaus: readonly number[];
  readonly restarts: number;
  readonly coreUncertainty: boolean;
  readonly seed: number;
}

/** Shape and rate of the prior of τ, and the precision of the prior of core entries, for scaled values. */
const [SHAPE, RATE] = [1e-3, 1e-3];
export const CORE_PRIOR = 1e-3;
/** Initial variance of the factors. */
const FIRST_VARIANCE = 0.1;

export const kernelOf = ({ kernel, lengthscales, variances }: Settings, k: number) =>
  matern(SMOOTHNESS[kernel], { lengthscale: lengthscales[k], variance: variances[k] });

/** Covariance of the core, by rows, from its precision by packed pairs. O(R^3K). */
export function coreCovariance(precision: Float64Array, pairOf: Int32Array): Float64Array {
  const size = Math.round(Math.sqrt(pairOf.length));
  const full = unpacked(precision, pairOf);
  for (let p = 0; p < size; p++) full[p * size + p] += CORE_PRIOR;
  const factor = factorPositive(full, size);
  const out = new Float64Array(size * size);
  for (let p = 0; p < size; p++) {
    const column = out.subarray(p * size, (p + 1) * size);
    column[p] = 1;
    factor.solve(column);
  }
  return out;
}

/** One restart of a fit, sweep by sweep. */
class Sweeper {
  readonly axes: Array<Told & { readonly mean: Float64Array; readonly covariance: Float64Array }>;
  tau = 1;
  /** Half of the expected squares of all residuals: damped, and of the last sweep. */
  loss = Number.NaN;
  squares = Number.NaN;
  readonly coupling: Coupling;
  readonly tucker: TuckerCoupling | undefined;
  private readonly moments: Moments[];
  private readonly fresh: Told[];

  constructor(
    private readonly entries: Entries,
    private readonly settings: Settings,
    private readonly smoothers: readonly KalmanSmoother[],
  ) {
    const { form, rank: R, coreUncertainty } = settings;
    const S = packedSize(R);
    const list = () =>
      entries.axes.map(({ places: { length: n } }) => ({
        precision: new Float64Array(n * S),
        vector: new Float64Array(n * R),
      }));
    this.fresh = list();
    this.axes = list().map((told) => ({
      ...told,
      mean: new Float64Array(told.vector.length),
      covariance: new Float64Array(told.precision.length),
    }));
    this.moments = this.axes.map(({ mean, covariance }) => ({ mean, second: new Float64Array(covariance.length) }));
    this.tucker =
      form === 'tucker'
        ? new TuckerCoupling(entries, R, (precision, vector) => {
            const size = vector.length;
            for (let p = 0; p < size; p++) precision[p * size + p] += CORE_PRIOR;
            const factor = factorPositive(precision, size);
            const mean = vector.slice();
            factor.solve(mean);
            if (!coreUncertainty) return { mean };
            const covariance = new Float64Array(size * size);
            for (let p = 0; p < size; p++) {
              const column = covariance.subarray(p * size, (p + 1) * size);
              column[p] = 1;
              factor.solve(column);
            }
            return { mean, covariance };
          })
        : undefined;
    this.coupling = this.tucker ?? new CpCoupling(entries, R);
  }

  /** Initialises factors from their prior and the core with normal random numbers. */
  begin(random: Random, start: number): void {
    const { axes, smoothers, tucker, settings } = this;
    const R = settings.rank;
    for (const [k, { mean, covariance }] of axes.entries()) {
      smoothers[k].draw(random, mean);
      covariance.fill(0);
      for (let at = 0; at < covariance.length; at += packedSize(R)) {
        for (let r = 0; r < R; r++) covariance[at + packedSize(r) + r] = FIRST_VARIANCE;
      }
      this.pair(k);
    }
    tucker?.take(Float64Array.from(tucker.core, () => random.normal()));
    this.tau = this.settings.firstTaus[start % this.settings.firstTaus.length];
  }

  resume(state: FunctionalState): void {
    for (const [k, told] of state.axes.entries()) {
      const own = this.axes[k];
      for (const name of ['precision', 'vector', 'mean', 'covariance'] as const) own[name].set(told[name]);
      this.pair(k);
    }
    const { core } = state;
    if (this.tucker && core) {
      this.tucker.precision.set(core.precision);
      this.tucker.vector.set(core.vector);
      const begun = state.sweep > 0 && this.settings.coreUncertainty;
      this.tucker.take(core.mean, begun ? coreCovariance(core.precision, this.tucker.pairOf) : undefined);
    }
    this.tau = state.tau;
    this.loss = state.loss;
    this.squares = state.squares;
  }

  /** E[uuᵀ] = V + mmᵀ at the coordinates of an axis. */
  private pair(k: number): void {
    const R = this.settings.rank;
    const { mean, covariance } = this.axes[k];
    const { second } = this.moments[k];
    for (let i = 0, at = 0; at < second.length; i += R) {
      for (let r = 0; r < R; r++)
        for (let s = 0; s <= r; s++, at++) second[at] = covariance[at] + mean[i + r] * mean[i + s];
    }
  }

  sweep(number: number): void {
    const { axes, fresh, moments, coupling, smoothers, entries, settings } = this;
    const { damping, warmup } = settings;
    const first = number === 1;
    const { length: N } = entries.values;
    for (const [k, { precision, vector, mean, covariance }] of axes.entries()) {
      coupling.sums(k, moments, fresh[k].precision, fresh[k].vector);
      damp(precision, fresh[k].precision, this.tau, first ? 0 : damping.factors);
      damp(vector, fresh[k].vector, this.tau, first ? 0 : damping.factors);
      smoothers[k].smooth(precision, vector, mean, covariance);
      this.pair(k);
    }
    this.squares = coupling.settle(moments, this.tau, first ? 0 : damping.core);
    const half = this.squares / 2;
    this.loss = first ? half : damping.noise * this.loss + (1 - damping.noise) * half;
    if (number < warmup) return;
    const { noise, scale } = entries;
    this.tau = noise === undefined ? (SHAPE + N / 2) / (RATE + this.loss) : (scale / noise) ** 2;
  }

  /** Negative expected log-likelihood of an entry. */
  get objective(): number {
    const { tau, squares, entries } = this;
    const N = entries.values.length;
    return (tau * (squares / N) - log(tau) + log(2 * Math.PI)) / 2;
  }

  factors(): FunctionalFactors {
    const { axes, tucker, tau, objective } = this;
    return {
      axes: axes.map(({ precision, vector }) => ({ precision: precision.slice(), vector: vector.slice() })),
      ...(tucker && { core: { mean: tucker.core.slice(), precision: tucker.precision.slice() } }),
      tau,
      objective,
    };
  }

  state(start: number, sweep: number, best: FunctionalFactors | undefined): FunctionalState {
    const { axes, tucker, tau, loss, squares } = this;
    return {
      ...{ start, sweep, tau, loss, squares, best },
      axes: axes.map(({ precision, vector, mean, covariance }) => ({
        precision: precision.slice(),
        vector: vector.slice(),
        mean: mean.slice(),
        covariance: covariance.slice(),
      })),
      ...(tucker && {
        core: { mean: tucker.core.slice(), precision: tucker.precision.slice(), vector: tucker.vector.slice() },
      }),
    };
  }
}

/** out ← d out + (1 − d) τ sum. */
function damp(out: Float64Array, sum: Float64Array, tau: number, d: number): void {
  const share = (1 - d) * tau;
  if (d === 0) for (let k = 0; k < out.length; k++) out[k] = share * sum[k];
  else for (let k = 0; k < out.length; k++) out[k] = d * out[k] + share * sum[k];
}

/** The sweeps of all restarts in succession: an iterate each, whose point is the best restart so far. */
export function* sweepIterates(
  entries: Entries,
  settings: Settings,
  resume?: FunctionalState,
): Generator<Iterate<FunctionalFactors>> {
  const { sweeps, restarts, seed, rank } = settings;
  if (entries.scale === 0) {
    yield constant(entries, settings);
    return;
  }
  const store = new FilterStore();
  const smoothers = entries.axes.map(({ places }, k) => new KalmanSmoother(kernelOf(settings, k), rank, places, store));
  const sweeper = new Sweeper(entries, settings, smoothers);
  const random = new Random(seed);
  let best = resume?.best;
  const iterateAt = (start: number, sweep: number): Iterate<FunctionalFactors> => {
    const { objective, tau } = sweeper;
    const iteration = start * sweeps + sweep;
    const last = start === restarts - 1 && sweep === sweeps;
    return {
      iteration,
      // Before a sweep: the objective of the mean alone.
      objective:
        sweep === 0 ? (1 + log(2 * Math.PI)) / 2 : last ? Math.min(objective, best?.objective ?? objective) : objective,
      metrics: { start: start + 1, noise: entries.scale / Math.sqrt(tau) },
      work: { epochs: iteration },
      mayFail: true,
      done: last ? 'completed' : undefined,
      // Intermediate iterates of a restart may look better than its final one.
      snapshot: () => (best && !(last && objective < best.objective) ? best : sweeper.factors()),
      checkpoint: () => sweeper.state(start, sweep, best),
    };
  };
  for (let start = resume?.start ?? 0; start < restarts; start++) {
    const resumed = resume?.start === start;
    if (resumed) sweeper.resume(resume);
    else sweeper.begin(random.split(start), start);
    if (start === 0 || resumed) yield iterateAt(start, resumed ? resume.sweep : 0);
    for (let sweep = (resumed ? resume.sweep : 0) + 1; sweep <= sweeps; sweep++) {
      sweeper.sweep(sweep);
      yield iterateAt(start, sweep);
    }
    if (!(best && best.objective <= sweeper.objective)) best = sweeper.factors();
  }
}

/** Constant values carry no information about the factors. */
function constant({ axes }: Entries, { form, rank: R }: Settings): Iterate<FunctionalFactors> {
  const S = packedSize(R);
  const point: FunctionalFactors = {
    axes: axes.map(({ places: { length: n } }) => ({
      precision: new Float64Array(n * S),
      vector: new Float64Array(n * R),
    })),
    ...(form === 'tucker' && {
      core: { mean: new Float64Array(R ** axes.length), precision: new Float64Array(S ** axes.length) },
    }),
    tau: 1,
    objective: 0,
  };
  return { iteration: 0, objective: 0, work: {}, done: 'completed', snapshot: () => point };
}

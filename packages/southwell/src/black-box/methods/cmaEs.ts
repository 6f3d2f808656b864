// Over 400 lines: one method whose sampling, adaptation and restarts share their state.
import {
  checkOptions,
  choiceOption,
  fail,
  flagOption,
  integerOption,
  numberOption,
  type OptionsOf,
  type Random,
} from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import {
  type AsynchronousMethod,
  LowestEnd,
  type MethodContext,
  type Proposals,
  ranking,
  type Stop,
  successive,
} from '../method.ts';
import { NoiseMeasure } from '../noise.ts';
import type { Space } from '../space.ts';
import { CategoricalDistribution } from './categoricalDistribution.ts';

const { exp, log, power } = elementary;

export const cmaEsRecords = {
  /** Population size λ. Default 4 + ⌊3 ln n⌋. */
  population: integerOption({ min: 2 }),
  /** Tolerance on the range of function values over the last generations. Default 1e-12. */
  tolF: numberOption({ min: 0 }),
  /** Whether the covariance matrix is diagonal: O(n) a point instead of O(n²), for hundreds of coordinates. Default false. */
  separable: flagOption(),
  /**
   * Restart strategy: `ipop` doubles the population each time; `bipop` (default) spends the same number of evaluations on
   * small populations with small steps in addition; `same` changes nothing.
   */
  schedule: choiceOption({ bipop: 'BIPOP', ipop: 'IPOP', same: 'the same population' }),
  /**
   * Whether values are noisy: each generation then measures, by re-evaluating some points, whether noise changes the
   * ranks, and if so increases the number of evaluations of each point. The search returns the mean of the distribution,
   * rather than the point with the luckiest value. Default false.
   */
  noisy: flagOption({
    title: 'Noise',
    about:
      'the function is noisy: adapt the number of re-evaluations during the search; for other methods use {repeats}',
  }),
};

export interface CmaEsOptions extends OptionsOf<typeof cmaEsRecords> {}

/**
 * Strategy parameters as functions of the number of coordinates and the population size: Hansen's tutorial, Table 1.
 */
export function cmaEsParameters(n: number, lambda: number, separable = false) {
  const raw = Float64Array.from({ length: lambda }, (_, i) => log((lambda + 1) / 2) - log(i + 1));
  const mu = Math.floor(lambda / 2);
  const sums = (from: number, to: number): [number, number] => {
    let [s, q] = [0, 0];
    for (let i = from; i < to; i++) {
      s += raw[i];
      q += raw[i] * raw[i];
    }
    return [s, q];
  };
  const [s, q] = sums(0, mu);
  const [sNegative, qNegative] = sums(mu, lambda);
  const muEff = (s * s) / q;
  const muEffNegative = (sNegative * sNegative) / qNegative;
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma;
  const cC = (4 + muEff / n) / (n + 4 + (2 * muEff) / n);
  // Ros and Hansen 2008: n parameters instead of n²/2 can be learnt (n + 2)/3 times as fast.
  const faster = separable ? (n + 2) / 3 : 1;
  const c1 = Math.min(0.5, (faster * 2) / ((n + 1.3) * (n + 1.3) + muEff));
  const cMu = Math.min(1 - c1, (faster * 2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) * (n + 2) + muEff));
  const least = Math.min(1 + c1 / cMu, 1 + (2 * muEffNegative) / (muEff + 2), (1 - c1 - cMu) / (n * cMu));
  const weights = raw.map((w) => (w >= 0 ? w / s : (-w * least) / sNegative));
  const chi = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  return { mu, muEff, weights, cSigma, dSigma, cC, c1, cMu, chi };
}

interface RunSettings {
  readonly mean: Float64Array;
  /** Whether categories start at those of the mean. */
  readonly begun: boolean;
  readonly lambda: number;
  /** Initial step size, relative to that of the space. */
  readonly sigma: number;
  /** Number of evaluations after which the run ends. */
  readonly evaluations: number;
  readonly tolF: number;
  readonly separable: boolean;
}

interface Place {
  readonly x: Float64Array;
  readonly value: number;
}

/** Standard deviation below which an integer coordinate would hardly ever change. */
const LEAST_WHOLE_STEP = 0.2;
/**
 * Lower bound on the standard deviation of numeric coordinates while categories have not converged: Λmin = 1e-30 of
 * CatCMA.
 */
const LEAST_STEP = 1e-15;

/**
 * CMA-ES with cumulative step-size adaptation, rank-one and (weighted, also negative) rank-μ updates, after Hansen,
 * "The CMA evolution strategy: a tutorial" (2016), and its stopping rules; restarts by IPOP (Auger and Hansen 2005) or
 * BIPOP (Hansen 2009). Points beyond bounds are reflected, so that f is extended as if by mirrors. O(n²) a point, and
 * an eigendecomposition, O(n³), about every n/10 generations. Categories have a distribution of their own, and both are
 * updated from the same ranks, as in CatCMA: {@link CategoricalDistribution}.
 */
export function* cmaEs(context: MethodContext, options: CmaEsOptions = {}): Proposals {
  checkOptions('cmaEs', cmaEsRecords, options);
  const { space } = context;
  const { noisy = false } = options;
  if (noisy) context.recommend(space.start, Number.POSITIVE_INFINITY);
  const end = new LowestEnd();
  // With noise: the best final point of the previous runs.
  let kept: Place | undefined;
  for (const run of runs(context, options)) {
    let stop: Stop | undefined;
    let least = Number.POSITIVE_INFINITY;
    const noise = noisy ? new NoiseMeasure(space.dim, run.lambda, run.random.split(0)) : undefined;
    let present: Place | undefined;
    while (!stop) {
      const samples = Array.from({ length: run.lambda }, () => run.sample());
      const points = samples.map(({ x }) => x);
      if (!noise) {
        run.evaluations += run.lambda;
        const values = yield points;
        for (const value of values) least = Math.min(least, value);
        stop = run.update(samples, values);
        continue;
      }
      const x = run.centre();
      const batch = noise.batch(x, points);
      run.evaluations += batch.length;
      const values = noise.means(yield batch);
      present = { x, value: noise.meanValue };
      least = present.value;
      const best = kept && kept.value < present.value ? kept : present;
      context.recommend(best.x, best.value);
      stop = run.update(samples, values, noise.adapt());
    }
    if (present && !(kept && kept.value < present.value)) kept = present;
    end.take(stop, least);
  }
  return end.stop!;
}

/** The runs of a search; each starts when the one before has terminated. */
function* runs({ space, random, restarts }: MethodContext, options: CmaEsOptions): Generator<CmaEsRun, void> {
  const {
    population = 4 + Math.floor(3 * log(space.dim)),
    separable = false,
    schedule = 'bipop',
    tolF = 1e-12,
  } = options;
  let spentLarge = 0;
  let spentSmall = 0;
  let doublings = 0;
  for (let k = 0; k <= restarts; k++) {
    const own = random.split(k);
    const mean = k === 0 ? space.start.slice() : space.sample(own);
    let [lambda, sigma, evaluations] = [population, 1, Number.POSITIVE_INFINITY];
    const small = schedule === 'bipop' && k > 0 && doublings > 0 && spentSmall < spentLarge;
    if (small) {
      const u = own.uniform();
      const large = 2 ** doublings;
      lambda = Math.max(population, Math.floor(population * power(large / 2, u * u)));
      sigma = power(10, -2 * own.uniform());
      evaluations = Math.max(spentLarge / 2, 1);
    } else if (k > 0 && schedule !== 'same') lambda = population * 2 ** ++doublings;
    const begun = k === 0 && space.begun;
    const run = new CmaEsRun(space, own, { mean, begun, lambda, sigma, evaluations, tolF, separable });
    yield run;
    if (small) spentSmall += run.evaluations;
    // The first run belongs to neither regime.
    else if (k > 0) spentLarge += run.evaluations;
  }
}

/** Of the last fifth (at least 120 generations), the median of the newest 30 % is no better than that of the oldest. */
function stagnates(history: readonly number[]): boolean {
  const window = Math.min(20_000, Math.max(120, Math.floor(0.2 * history.length)));
  const last = history.slice(-window);
  const part = Math.max(1, Math.floor(0.3 * last.length));
  const median = (v: readonly number[]) => [...v].sort((a, b) => a - b)[v.length >> 1];
  return median(last.slice(-part)) >= median(last.slice(0, part));
}

/** A sample of the distribution. The mean and y have only numeric coordinates, in units of the initial step sizes. */
interface Sample {
  /** The point to evaluate, reflected at the bounds. */
  readonly x: Float64Array;
  /** Indices of its categories. */
  readonly words?: Int32Array;
  /** The mean and the step size of the distribution that it was drawn from, and its displacement from that mean. */
  readonly mean: Float64Array;
  readonly sigma: number;
  readonly y: Float64Array;
  /** y with the longer steps of integer coordinates. */
  readonly long: Float64Array;
}

/** A run of CMA-ES without restarts: the distribution, and its update from λ points and their values. */
class CmaEsRun {
  /** Number of points of a generation; {@link update} takes any number. */
  readonly lambda: number;
  /** Counted by the caller. */
  evaluations = 0;
  private parameters: ReturnType<typeof cmaEsParameters>;
  private mean: Float64Array;
  private sigma: number;
  private readonly rounded: Uint8Array;
  /** The covariance matrix, row by row, or its diagonal. */
  private readonly C: Float64Array;
  private readonly pSigma: Float64Array;
  private readonly pC: Float64Array;
  /** C = B diag(D²) Bᵀ; B is the identity where C is diagonal. */
  private B: Float64Array | undefined;
  private readonly D: Float64Array;
  private readonly t: Float64Array;
  private generation = 0;
  private decomposed = 0;
  private readonly bests: number[] = [];
  private readonly medians: number[] = [];
  /** The numeric coordinates, to which all arrays refer. */
  private readonly space: Space;
  private readonly categories: CategoricalDistribution | undefined;
  /** Categories of the best point, and the number of generations for which they have been the same. */
  private bestWords = '';
  private steady = 0;
  /**
   * The numeric coordinates have converged and wait for the categories: adapting to equal values would only degenerate
   * their distribution.
   */
  private waiting = false;

  constructor(
    private readonly whole: Space,
    readonly random: Random,
    private readonly settings: RunSettings,
  ) {
    const { lambda, separable, begun } = settings;
    this.space = whole.numbers;
    if (whole.categories.length > 0) {
      const sizes = whole.categories.map(({ words }) => words.length);
      this.categories = new CategoricalDistribution(sizes, begun ? whole.ofCategories(settings.mean) : undefined);
    }
    const { dim: n, step } = this.space;
    this.lambda = lambda;
    this.parameters = cmaEsParameters(n, lambda, separable);
    // In units of the step sizes, so that coordinates of any scale start as a sphere.
    this.mean = whole.ofNumbers(settings.mean).map((v, i) => v / step[i]);
    this.sigma = settings.sigma;
    this.rounded = new Uint8Array(n);
    for (const i of this.space.integer) this.rounded[i] = 1;
    this.C = new Float64Array(separable ? n : n * n);
    for (let i = 0; i < n; i++) this.C[separable ? i : i * n + i] = 1;
    this.pSigma = new Float64Array(n);
    this.pC = new Float64Array(n);
    this.D = new Float64Array(n).fill(1);
    this.t = new Float64Array(n);
  }

  /** The mean with the most probable categories, as a point to evaluate. */
  centre(): Float64Array {
    const { space } = this;
    const x = space.reflect(this.mean.map((v, i) => space.step[i] * v));
    return this.joined(x, this.categories?.mode());
  }

  private joined(numbers: Float64Array, words: Int32Array | undefined): Float64Array {
    return words ? this.whole.joined(numbers, words) : numbers;
  }

  sample(): Sample {
    const { space, mean, sigma, B, D, t } = this;
    const { dim: n, step } = space;
    const y = new Float64Array(n);
    for (let j = 0; j < n; j++) t[j] = D[j] * this.random.normal();
    if (B) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += B[i * n + j] * t[j];
        y[i] = sum;
      }
    } else y.set(t);
    const long = space.integer.length > 0 ? y.slice() : y;
    for (const i of space.integer) {
      const deviation = sigma * step[i] * this.root(i);
      if (deviation < LEAST_WHOLE_STEP) long[i] *= LEAST_WHOLE_STEP / deviation;
    }
    const words = this.categories?.sample(this.random);
    const x = this.joined(space.reflect(long.map((v, i) => step[i] * (mean[i] + sigma * v))), words);
    return { x, words, mean, sigma, y, long };
  }

  /** Standard deviation of a coordinate at step size 1. */
  private root(i: number): number {
    return Math.sqrt(this.C[this.settings.separable ? i : i * this.space.dim + i]);
  }

  /** t ← C^(−1/2) y, and its squared length. */
  private whiten(y: Float64Array): number {
    const { B, D, t } = this;
    const n = y.length;
    let length = 0;
    if (!B) {
      for (let i = 0; i < n; i++) length += (t[i] = y[i] / D[i]) ** 2;
      return length;
    }
    const u = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) u[j] += B[i * n + j] * y[i];
    for (let j = 0; j < n; j++) {
      u[j] /= D[j];
      length += u[j] * u[j];
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += B[i * n + j] * u[j];
      t[i] = sum;
    }
    return length;
  }

  /**
   * The displacement of a point from the present mean, in present step sizes, limited to twice what Hansen, "Injecting
   * external solutions into CMA-ES" (2011), allows. A point that is much older than the others may be a million steps
   * away, and if it is the best, a path through it would multiply the step size for many updates.
   */
  private encode({ mean, sigma }: Sample, y: Float64Array): Float64Array {
    if (mean === this.mean) return y;
    const n = y.length;
    const now = y.map((v, i) => (mean[i] + sigma * v - this.mean[i]) / this.sigma);
    const longest = 2 * (Math.sqrt(n) + (2 * n) / (n + 2));
    const length = Math.sqrt(this.whiten(now));
    return length > longest ? now.map((v) => (v * longest) / length) : now;
  }

  /**
   * Update from λ points with their values; the step size is then multiplied by `factor`. Returns the reason if the run
   * terminates.
   *
   * Points may come from an older distribution. The new mean is the weighted mean of the points at their positions (or
   * of positions towards them, if they are far away), and the paths accumulate the actual displacement of the mean: of
   * two steps in one direction, the second by points drawn before the first, only the additional displacement counts,
   * so that the step size does not grow by old information. The covariance matrix uses the steps as they were drawn,
   * since only these have the shape of the distribution when values are uninformative; relative to the present mean
   * they would include its displacement since then.
   */
  update(samples: readonly Sample[], values: ArrayLike<number>, factor = 1): Stop | undefined {
    const { separable } = this.settings;
    const lambda = samples.length;
    if (lambda !== this.parameters.weights.length) this.parameters = cmaEsParameters(this.space.dim, lambda, separable);
    const order = ranking(values);
    this.generation++;
    if (this.space.dim > 0 && !this.waiting) this.adapt(samples, order, factor);
    if (this.categories) {
      const { mu, weights } = this.parameters;
      const best = Array.from(order.subarray(0, mu), (k) => samples[k].words!);
      this.categories.update(best, weights.subarray(0, mu));
      const words = best[0].join();
      this.steady = words === this.bestWords ? this.steady + 1 : 0;
      this.bestWords = words;
    }
    return this.ended(samples, values, order);
  }

  /** Update of the normal distribution from the points in order of rank. */
  private adapt(samples: readonly Sample[], order: Int32Array, factor: number): void {
    const { C, pSigma, pC, t } = this;
    const { separable } = this.settings;
    const { mu, muEff, weights, cSigma, dSigma, cC, c1, cMu, chi } = this.parameters;
    const n = this.space.dim;
    const lambda = samples.length;

    // The mean, and the two paths.
    const yw = new Float64Array(n);
    const way = new Float64Array(n);
    for (let k = 0; k < mu; k++) {
      const sample = samples[order[k]];
      const y = this.encode(sample, sample.y);
      const long = sample.long === sample.y ? y : this.encode(sample, sample.long);
      for (let i = 0; i < n; i++) yw[i] += weights[k] * y[i];
      for (let i = 0; i < n; i++) way[i] += weights[k] * long[i];
    }
    this.mean = this.mean.map((m, i) => m + this.sigma * way[i]);
    this.whiten(yw);
    let pathLength = 0;
    const a = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    for (let i = 0; i < n; i++) {
      pSigma[i] = (1 - cSigma) * pSigma[i] + a * t[i];
      pathLength += pSigma[i] * pSigma[i];
    }
    pathLength = Math.sqrt(pathLength);
    const settled = Math.sqrt(1 - power(1 - cSigma, 2 * this.generation));
    const h = pathLength / settled < (1.4 + 2 / (n + 1)) * chi ? 1 : 0;
    const b = h * Math.sqrt(cC * (2 - cC) * muEff);
    for (let i = 0; i < n; i++) pC[i] = (1 - cC) * pC[i] + b * yw[i];

    // The covariance matrix (its lower triangle).
    let total = 0;
    for (const w of weights) total += w;
    const decay = 1 + c1 * (1 - h) * cC * (2 - cC) - c1 - cMu * total;
    for (let i = 0; i < C.length; i++) C[i] *= decay;
    const add = (v: Float64Array, w: number) => {
      if (separable) for (let i = 0; i < n; i++) C[i] += w * v[i] * v[i];
      else for (let i = 0; i < n; i++) for (let j = 0, wi = w * v[i]; j <= i; j++) C[i * n + j] += wi * v[j];
    };
    add(pC, c1);
    for (let k = 0; k < lambda; k++) {
      const { y } = samples[order[k]];
      add(y, cMu * (weights[k] >= 0 ? weights[k] : (weights[k] * n) / (this.whiten(y) || 1)));
    }
    this.sigma *= exp(Math.min(1, (cSigma / dSigma) * (pathLength / chi - 1))) * factor;
    this.decompose();
    if (this.categories) this.sigma = Math.max(this.sigma, LEAST_STEP / Math.min(...this.D));
  }

  /** The square root of C, when it is due. */
  private decompose(): void {
    const { C, D } = this;
    const { c1, cMu } = this.parameters;
    const n = D.length;
    if (this.generation - this.decomposed < Math.max(1, Math.floor(1 / ((c1 + cMu) * n * 10)))) return;
    this.decomposed = this.generation;
    if (this.settings.separable) {
      for (let i = 0; i < n; i++) D[i] = Math.sqrt(Math.max(0, C[i]));
      return;
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) C[j * n + i] = C[i * n + j];
    const { values: squares, vectors } = symmetricEigen(C, n);
    this.B = vectors;
    for (let i = 0; i < n; i++) D[i] = Math.sqrt(Math.max(0, squares[i]));
  }

  /**
   * Stopping rules of the tutorial, section B.3; stagnation is expensive to test and therefore tested last. Since
   * categories are always sampled, values are compared among the points with the categories of the best, and parameters
   * of their distribution count as coordinates do, so that rare categories are sampled too.
   */
  private ended(samples: readonly Sample[], values: ArrayLike<number>, order: Int32Array): Stop | undefined {
    const { D, bests, medians, mean, settings, categories } = this;
    const n = D.length;
    const learnt = n + (categories?.parameters ?? 0);
    const lambda = order.length;
    const generations = (parameters: number) => 10 + Math.ceil((30 * parameters) / lambda);
    const keep = generations(learnt);
    const best = values[order[0]];
    bests.push(best);
    medians.push(values[order[lambda >> 1]]);
    let [least, most, widest] = [Number.POSITIVE_INFINITY, 0, 0];
    let unmoved = false;
    for (let i = 0; i < n; i++) {
      least = Math.min(least, D[i]);
      most = Math.max(most, D[i]);
      const deviation = this.sigma * this.root(i);
      widest = Math.max(widest, deviation, this.sigma * Math.abs(this.pC[i]));
      if (!this.rounded[i] && mean[i] === mean[i] + 0.2 * deviation) unmoved = true;
    }
    if (!(this.sigma * most < 1e14)) {
      return { status: 'diverged', message: 'The step size grows without bound: f may be unbounded below.' };
    }
    const worst = categories ? order.findLast((k) => samples[k].words!.join() === this.bestWords)! : order[lambda - 1];
    const same = (count: number): boolean => {
      const recent = bests.slice(-count);
      const range = Math.max(...recent) - Math.min(...recent);
      return recent.length >= count && range <= settings.tolF && values[worst] - best <= settings.tolF;
    };
    if (same(keep)) return { status: 'converged', message: `Values no longer differ by ${settings.tolF}.` };
    this.waiting = categories !== undefined && same(generations(n));
    if (n > 0 && !(categories && this.steady < keep)) {
      if (widest < 1e-12 * settings.sigma)
        return { status: 'converged', message: 'Steps fell below 1e-12 of the first.' };
      if (unmoved) return { status: 'converged', message: 'Steps fell below the rounding of the coordinates.' };
    }
    if (!(least > 1e-7 * most)) return { status: 'stalled', message: 'The covariance matrix became ill-conditioned.' };
    if (this.evaluations >= settings.evaluations)
      return { status: 'iteration-limit', message: 'The evaluations of this restart are spent.' };
    const due = this.generation % 20 === 1 && bests.length >= 120 + (30 * learnt) / lambda;
    if (due && stagnates(bests) && stagnates(medians)) {
      return { status: 'stalled', message: 'Neither the best nor the median value has improved for many generations.' };
    }
    return undefined;
  }
}

/**
 * CMA-ES for asynchronous evaluation: points are drawn from the present distribution whenever one is requested, and as
 * soon as λ values have arrived the distribution is updated, whichever distribution the points came from. λ is the
 * population size, or the number of points under evaluation if that is larger: points are then about one update old,
 * and with several updates between asking and telling the step size would grow or shrink without bound. With one point
 * at a time it is ordinary CMA-ES. For noisy values evaluate repeatedly; `noisy` throws `NOT_SUPPORTED`.
 * @throws NOT_SUPPORTED.
 */
export function asynchronousCmaEs(context: MethodContext, options: CmaEsOptions = {}): AsynchronousMethod {
  if (options.noisy) {
    fail('NOT_SUPPORTED', 'noisy compares values of one generation and cannot be asynchronous; use repeats instead.');
  }
  return successive(overlappingRuns(context, options));
}

function* overlappingRuns(context: MethodContext, options: CmaEsOptions): Generator<AsynchronousMethod, void> {
  for (const run of runs(context, options)) yield new OverlappingRun(run);
}

class OverlappingRun implements AsynchronousMethod {
  generation = 0;
  stop: Stop | undefined;
  private readonly underWay = new Map<Float64Array, Sample>();
  private samples: Sample[] = [];
  private values: number[] = [];

  constructor(private readonly run: CmaEsRun) {}

  propose(): Float64Array {
    const sample = this.run.sample();
    this.underWay.set(sample.x, sample);
    return sample.x;
  }

  update(x: Float64Array, value: number): void {
    const { run, underWay, samples, values } = this;
    const sample = underWay.get(x);
    if (!sample) return;
    samples.push(sample);
    values.push(value);
    run.evaluations++;
    // Including this point.
    const enough = samples.length >= Math.max(run.lambda, underWay.size);
    underWay.delete(x);
    if (!enough) return;
    this.stop = run.update(samples, values);
    this.generation++;
    this.samples = [];
    this.values = [];
  }
}

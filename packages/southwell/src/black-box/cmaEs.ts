import { elementary, fail, type Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import { type MethodContext, type Proposals, ranking, type Stop } from './method.ts';
import { NoiseMeasure } from './noise.ts';
import type { Space } from './space.ts';

const { exp, log, power } = elementary;

export interface CmaEsOptions {
  /** Points a generation, λ. Default 4 + ⌊3 ln n⌋. */
  readonly population?: number;
  /** A run ends when the values of its last generations differ by at most this. Default 1e-12. */
  readonly tolF?: number;
  /** A diagonal covariance matrix: O(n) a point instead of O(n²), for hundreds of coordinates. */
  readonly separable?: boolean;
  /**
   * What restarts do: `ipop` doubles the population each time; `bipop` (default) spends as much again on small
   * populations with small steps; `same` changes nothing.
   */
  readonly schedule?: 'bipop' | 'ipop' | 'same';
  /**
   * Values have noise: each generation measures by evaluating some points anew whether it decides the ranks, and has
   * points evaluated more often where it does. What the search gives is the mean of the distribution, whose values are
   * not those of the luckiest point. Default false.
   */
  readonly noisy?: boolean;
}

/** Strategy parameters, all from the number of coordinates and the population: Hansen's tutorial, Table 1. */
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
  // Ros and Hansen 2008: n parameters instead of n²/2 are learnt (n + 2)/3 times as fast.
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
  readonly lambda: number;
  /** Times the steps of the space. */
  readonly sigma: number;
  readonly evaluations: number;
  readonly tolF: number;
  /** With noise: learns of the mean and its value, once a generation. */
  readonly placed?: (place: Place) => void;
}

interface Place {
  readonly x: Float64Array;
  readonly value: number;
}

/** Standard deviation below which a whole coordinate would hardly ever change. */
const LEAST_WHOLE_STEP = 0.2;

/**
 * CMA-ES with cumulative step lengths, rank-one and (weighted, also negative) rank-μ updates, after Hansen, "The CMA
 * evolution strategy: a tutorial" (2016), and its stopping rules; restarts by IPOP (Auger and Hansen 2005) or BIPOP
 * (Hansen 2009). Bounds: points are folded back, so that f is continued as if between mirrors. O(n²) a point, and an
 * eigendecomposition, O(n³), every n/10 generations or so.
 */
export function* cmaEs(context: MethodContext, options: CmaEsOptions = {}): Proposals {
  const { space, random, restarts } = context;
  const n = space.dim;
  const {
    population = 4 + Math.floor(3 * log(n)),
    separable = false,
    schedule = 'bipop',
    tolF = 1e-12,
    noisy = false,
  } = options;
  if (noisy) context.recommend(space.start, Number.POSITIVE_INFINITY);
  if (!(Number.isInteger(population) && population >= 2)) {
    fail('INVALID_PARAMETER', `The population must be a whole number from 2, but is ${population}.`);
  }
  let spentLarge = 0;
  let spentSmall = 0;
  let doublings = 0;
  let stop: Stop | undefined;
  // With noise: where the present run is, and the best end of those before it.
  let present: Place | undefined;
  let kept: Place | undefined;
  const placed = (place: Place) => {
    present = place;
    const { x, value } = kept && kept.value < place.value ? kept : place;
    context.recommend(x, value);
  };
  for (let k = 0; k <= restarts; k++) {
    const own = random.split(k);
    const mean = k === 0 ? space.start.slice() : space.sample(own);
    let [lambda, sigma, most] = [population, 1, Number.POSITIVE_INFINITY];
    const small = schedule === 'bipop' && k > 0 && doublings > 0 && spentSmall < spentLarge;
    if (small) {
      const u = own.uniform();
      const large = 2 ** doublings;
      lambda = Math.max(population, Math.floor(population * power(large / 2, u * u)));
      sigma = power(10, -2 * own.uniform());
      most = Math.max(spentLarge / 2, 1);
    } else if (k > 0 && schedule !== 'same') lambda = population * 2 ** ++doublings;
    const settings = { mean, lambda, sigma, evaluations: most, tolF, placed: noisy ? placed : undefined };
    const run = cmaEsRun(space, own, separable, settings);
    let spent = 0;
    let next = run.next();
    while (!next.done) {
      spent += next.value.length;
      next = run.next(yield next.value);
    }
    stop = next.value;
    if (present && !(kept && kept.value < present.value)) kept = present;
    if (small) spentSmall += spent;
    // The first run belongs to neither regime.
    else if (k > 0) spentLarge += spent;
  }
  return stop!;
}

/** Of the last fifth (at least 120 generations), the newest 30 % are no better than the oldest, by their medians. */
function stagnates(history: readonly number[]): boolean {
  const window = Math.min(20_000, Math.max(120, Math.floor(0.2 * history.length)));
  const last = history.slice(-window);
  const part = Math.max(1, Math.floor(0.3 * last.length));
  const median = (v: readonly number[]) => [...v].sort((a, b) => a - b)[v.length >> 1];
  return median(last.slice(-part)) >= median(last.slice(0, part));
}

function* cmaEsRun(space: Space, random: Random, separable: boolean, settings: RunSettings): Proposals {
  const n = space.dim;
  const { step } = space;
  const { lambda } = settings;
  const { mu, muEff, weights, cSigma, dSigma, cC, c1, cMu, chi } = cmaEsParameters(n, lambda, separable);
  // In units of the steps, so that coordinates of any scale begin as a sphere.
  const mean = settings.mean.map((v, i) => v / step[i]);
  let sigma = settings.sigma;
  const whole = new Uint8Array(n);
  for (const i of space.integer) whole[i] = 1;
  const size = separable ? n : n * n;
  const C = new Float64Array(size);
  for (let i = 0; i < n; i++) C[separable ? i : i * n + i] = 1;
  const pSigma = new Float64Array(n);
  const pC = new Float64Array(n);
  // C = B diag(D²) Bᵀ; B is the identity where C is diagonal.
  let B: Float64Array | undefined;
  const D = new Float64Array(n).fill(1);
  const ys = Array.from({ length: lambda }, () => new Float64Array(n));
  const t = new Float64Array(n);
  const between = Math.max(1, Math.floor(1 / ((c1 + cMu) * n * 10)));
  let decomposed = 0;
  const keep = 10 + Math.ceil((30 * n) / lambda);
  const bests: number[] = [];
  const medians: number[] = [];
  let evaluations = 0;
  const noise = settings.placed && new NoiseMeasure(n, lambda, random.split(0));

  /** t ← C^(−1/2) y, and its squared length. */
  const whiten = (y: Float64Array): number => {
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
  };

  for (let generation = 0; ; generation++) {
    const points: Float64Array[] = [];
    for (const y of ys) {
      for (let j = 0; j < n; j++) t[j] = D[j] * random.normal();
      if (B) {
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += B[i * n + j] * t[j];
          y[i] = sum;
        }
      } else y.set(t);
      for (const i of space.integer) {
        const deviation = sigma * step[i] * Math.sqrt(C[separable ? i : i * n + i]);
        if (deviation < LEAST_WHOLE_STEP) y[i] *= LEAST_WHOLE_STEP / deviation;
      }
      points.push(space.reflect(y.map((v, i) => step[i] * (mean[i] + sigma * v))));
    }
    let values: Float64Array;
    if (noise) {
      const x = space.reflect(mean.map((v, i) => step[i] * v));
      const batch = noise.batch(x, points);
      evaluations += batch.length;
      values = noise.means(yield batch);
      settings.placed!({ x, value: noise.meanValue });
    } else {
      values = yield points;
      evaluations += lambda;
    }
    const order = ranking(values);

    // The mean, and the two paths.
    const yw = new Float64Array(n);
    for (let k = 0; k < mu; k++) for (let i = 0; i < n; i++) yw[i] += weights[k] * ys[order[k]][i];
    for (let i = 0; i < n; i++) mean[i] += sigma * yw[i];
    whiten(yw);
    let pathLength = 0;
    const a = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    for (let i = 0; i < n; i++) {
      pSigma[i] = (1 - cSigma) * pSigma[i] + a * t[i];
      pathLength += pSigma[i] * pSigma[i];
    }
    pathLength = Math.sqrt(pathLength);
    const settled = Math.sqrt(1 - power(1 - cSigma, 2 * (generation + 1)));
    const h = pathLength / settled < (1.4 + 2 / (n + 1)) * chi ? 1 : 0;
    const b = h * Math.sqrt(cC * (2 - cC) * muEff);
    for (let i = 0; i < n; i++) pC[i] = (1 - cC) * pC[i] + b * yw[i];

    // The covariance matrix (its lower triangle).
    let total = 0;
    for (const w of weights) total += w;
    const decay = 1 + c1 * (1 - h) * cC * (2 - cC) - c1 - cMu * total;
    for (let i = 0; i < size; i++) C[i] *= decay;
    const add = (v: Float64Array, w: number) => {
      if (separable) for (let i = 0; i < n; i++) C[i] += w * v[i] * v[i];
      else for (let i = 0; i < n; i++) for (let j = 0, wi = w * v[i]; j <= i; j++) C[i * n + j] += wi * v[j];
    };
    add(pC, c1);
    for (let k = 0; k < lambda; k++) {
      const y = ys[order[k]];
      add(y, cMu * (weights[k] >= 0 ? weights[k] : (weights[k] * n) / (whiten(y) || 1)));
    }
    sigma *= exp(Math.min(1, (cSigma / dSigma) * (pathLength / chi - 1))) * (noise?.adapt() ?? 1);

    // The square root of C.
    if (generation + 1 - decomposed >= between) {
      decomposed = generation + 1;
      if (separable) for (let i = 0; i < n; i++) D[i] = Math.sqrt(Math.max(0, C[i]));
      else {
        for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) C[j * n + i] = C[i * n + j];
        const { values: squares, vectors } = symmetricEigen(C, n);
        B = vectors;
        for (let i = 0; i < n; i++) D[i] = Math.sqrt(Math.max(0, squares[i]));
      }
    }

    // Stopping rules of the tutorial, section B.3; that of stagnation is costly and waits.
    const best = values[order[0]];
    const middle = values[order[lambda >> 1]];
    bests.push(best);
    medians.push(middle);
    const recent = bests.slice(-keep);
    const [low, high] = [Math.min(...recent), Math.max(...recent)];
    let [least, most, widest] = [Number.POSITIVE_INFINITY, 0, 0];
    let unmoved = false;
    for (let i = 0; i < n; i++) {
      least = Math.min(least, D[i]);
      most = Math.max(most, D[i]);
      const deviation = sigma * Math.sqrt(C[separable ? i : i * n + i]);
      widest = Math.max(widest, deviation, sigma * Math.abs(pC[i]));
      if (!whole[i] && mean[i] === mean[i] + 0.2 * deviation) unmoved = true;
    }
    if (!(sigma * most < 1e14)) {
      return { status: 'diverged', message: 'The steps grew beyond all measure: f may be unbounded below.' };
    }
    if (bests.length >= keep && high - low <= settings.tolF && values[order[lambda - 1]] - best <= settings.tolF) {
      return { status: 'converged', message: `Values no longer differ by ${settings.tolF}.` };
    }
    if (widest < 1e-12 * settings.sigma)
      return { status: 'converged', message: 'Steps fell below 1e-12 of the first.' };
    if (unmoved) return { status: 'converged', message: 'Steps fell below the rounding of the coordinates.' };
    if (!(least > 1e-7 * most)) return { status: 'stalled', message: 'The covariance matrix became ill-conditioned.' };
    if (evaluations >= settings.evaluations)
      return { status: 'stalled', message: 'The share of this restart is spent.' };
    if (generation % 20 === 0 && bests.length >= 120 + (30 * n) / lambda && stagnates(bests) && stagnates(medians)) {
      return { status: 'stalled', message: 'Neither best nor median values improved for long.' };
    }
  }
}

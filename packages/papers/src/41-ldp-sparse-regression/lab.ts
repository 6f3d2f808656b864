import { DenseMatrix, Random } from 'southwell';
import {
  ClippedSums,
  type Design,
  designOf,
  estimateFrom,
  type LdpOptions,
  simulateLdp,
  solveFloored,
} from 'southwell/private-models';
import type { ExperimentContext } from '../experiment.ts';
import type { Pause } from '../pauses.ts';

/** The card's population: standard normal features, three coefficients of ±1/√3, targets with noise of 0.5. */
const SPARSITY = 3;
const NOISE = 0.5;
export const DELTA = 1e-5;
export const PUBLIC = 5000;
const FLOOR = 0.3;

export interface Population {
  readonly d: number;
  readonly truth: Float64Array;
  /** Fills x with the features of a random person, and returns their target. */
  person(random: Random, x: Float64Array): number;
}

export function population(d: number, random: Random): Population {
  const truth = new Float64Array(d);
  for (let left = SPARSITY; left > 0; ) {
    const j = random.integer(d);
    if (truth[j] !== 0) continue;
    truth[j] = ((random.bits() & 1) === 1 ? 1 : -1) / Math.sqrt(SPARSITY);
    left--;
  }
  return {
    d,
    truth,
    person(own, x) {
      let y = NOISE * own.normal();
      for (let j = 0; j < d; j++) {
        x[j] = own.normal();
        y += x[j] * truth[j];
      }
      return y;
    },
  };
}

export const clipOf = (d: number) => ({ x: Math.sqrt(d) + 1.5, y: 3.5 });

export const errorOf = ({ truth }: Population, theta: Float64Array): number =>
  Math.sqrt(theta.reduce((sum, v, j) => sum + (v - truth[j]) ** 2, 0));

/** The random generator of a draw, to be split by purpose. */
export const drawOf = (context: ExperimentContext, draw: number): Random => new Random(context.seed).split(draw);

/** Sums over the first people at several numbers of them, ascending, with the same people each time. */
export async function* sumsAt(people: Population, counts: readonly number[], random: Random, pause: Pause) {
  const sums = new ClippedSums(people.d, clipOf(people.d));
  const x = new Float64Array(people.d);
  for (const n of counts) {
    while (sums.people < n) {
      const until = Math.min(n, sums.people + 20_000);
      while (sums.people < until) sums.add(x, people.person(random, x));
      await pause();
    }
    yield sums;
  }
}

/** The mean covariance of public people, with the same clipping. */
function publicCovariance(people: Population, random: Random): Float64Array {
  const sums = new ClippedSums(people.d, clipOf(people.d));
  const x = new Float64Array(people.d);
  for (let i = 0; i < PUBLIC; i++) sums.add(x, people.person(random, x));
  return sums.means(random).covariance;
}

const oneRound = (d: number, epsilon: number, mode: LdpOptions['mode']): Design =>
  designOf({ d, epsilon, delta: DELTA, mode, clip: clipOf(d), eigenFloor: FLOOR });

/** The card's threshold, for a smallest eigenvalue of 1. */
const thresholded = (design: Design, noise: number): Design => ({
  ...design,
  options: { ...design.options, lambda: noise * Math.sqrt(2 * Math.log(design.options.d)) },
});

/** Errors of the estimates from the sums with the noise of all people. */
export interface Errors {
  /** With a floor on eigenvalues and a threshold. */
  readonly oneRound: number;
  /** With neither. */
  readonly plain: number;
  /** With public covariates. */
  readonly withPublic: number;
}

function errorsOnce(people: Population, sums: ClippedSums, epsilon: number, random: Random): Errors {
  const covariance = publicCovariance(people, random);
  const { d } = people;
  const n = sums.people;
  const of = (design: Design, matrix: Float64Array, moment: Float64Array) => {
    const { noiseStd } = estimateFrom(design, matrix, moment, n);
    return errorOf(people, estimateFrom(thresholded(design, noiseStd.vector), matrix, moment, n).theta);
  };
  const nldp = oneRound(d, epsilon, 'noninteractive');
  const noisy = sums.means(random, nldp);
  const open = oneRound(d, epsilon, 'public');
  return {
    oneRound: of(nldp, noisy.covariance, noisy.moment),
    plain: errorOf(people, solveFloored(noisy.covariance, noisy.moment, Number.NEGATIVE_INFINITY).theta),
    withPublic: of(open, covariance, sums.means(random, open).moment),
  };
}

/**
 * Number of repetitions with fresh noise and fresh public people: noise is cheap to draw, and the main source of
 * variance.
 */
const REPEATS = 32;

/** Geometric means of the errors over repeated noise. */
export function errorsOf(people: Population, sums: ClippedSums, epsilon: number, random: Random): Errors {
  const all = Array.from({ length: REPEATS }, (_, k) => errorsOnce(people, sums, epsilon, random.split(k)));
  const mean = (of: (errors: Errors) => number) =>
    Math.exp(all.reduce((sum, errors) => sum + Math.log(of(errors)), 0) / REPEATS);
  return { oneRound: mean((e) => e.oneRound), plain: mean((e) => e.plain), withPublic: mean((e) => e.withPublic) };
}

/** Rounds of hard thresholding over all people, clipped at c·√ln n. */
export function roundsError(
  people: Population,
  n: number,
  { epsilon, delta, c, kept }: { epsilon: number; delta?: number; c: number; kept: number },
  random: Random,
): number {
  const tau = c * Math.sqrt(Math.log(n));
  const { theta } = simulateLdp(
    {
      ...{ d: people.d, epsilon, delta, mode: 'sequential', clip: { x: tau, y: tau } },
      ...{ sparsity: kept, rounds: Math.ceil(Math.log(n)) },
    },
    (_, x) => people.person(random, x),
    { people: n, seed: random.integer(2 ** 31) },
  );
  return errorOf(people, theta);
}

/** Rows for a non-private fit. */
export function rowsOf(people: Population, n: number, random: Random): { X: DenseMatrix; y: Float64Array } {
  const X = DenseMatrix.create(n, people.d);
  const x = new Float64Array(people.d);
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    y[i] = people.person(random, x);
    for (let j = 0; j < people.d; j++) X.data[j * n + i] = x[j];
  }
  return { X, y };
}

/** The slope of log y over log x by least squares. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  return u.reduce((s, a, i) => s + (a - mu) * (v[i] - mv), 0) / u.reduce((s, a) => s + (a - mu) ** 2, 0);
}

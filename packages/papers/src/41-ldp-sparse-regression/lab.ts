import { DenseMatrix, Random } from 'southwell';
import { ClippedSums, simulateLdp } from 'southwell/private-models';
import type { ExperimentContext } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { type Estimates, estimateOrZero, estimatesOnce, oneRoundDesign } from './estimates.ts';
import { clipOf, errorOf, type Population } from './population.ts';

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
function publicCovariance(people: Population, count: number, random: Random): Float64Array {
  const sums = new ClippedSums(people.d, clipOf(people.d));
  const x = new Float64Array(people.d);
  for (let i = 0; i < count; i++) sums.add(x, people.person(random, x));
  return sums.means(random).covariance;
}

export interface Setting {
  readonly epsilon: number;
  readonly delta: number;
  readonly publicPeople: number;
  readonly repeats: number;
}

/** Errors of the estimates. */
export type Errors = Readonly<Record<keyof Estimates, number>>;
const names = ['oneRound', 'plain', 'withPublic', 'halved'] as const satisfies ReadonlyArray<keyof Estimates>;

/**
 * Geometric means of the errors over repeated noise and public people: noise is cheap to draw, and the main source of
 * variance.
 */
export function errorsOf(people: Population, sums: ClippedSums, setting: Setting, random: Random): Errors {
  const total = { oneRound: 0, plain: 0, withPublic: 0, halved: 0 };
  for (let k = 0; k < setting.repeats; k++) {
    const own = random.split(k);
    const covariance = publicCovariance(people, setting.publicPeople, own);
    const found = estimatesOnce(people, sums, covariance, setting, own);
    for (const name of names) total[name] += Math.log(errorOf(people, found[name])) / setting.repeats;
  }
  const { exp } = Math;
  return {
    oneRound: exp(total.oneRound),
    plain: exp(total.plain),
    withPublic: exp(total.withPublic),
    halved: exp(total.halved),
  };
}

/** What is tried of the one-round estimator; `default` leaves it to the library. */
export interface OneRoundTrial {
  readonly eigenFloor: number | 'default';
  readonly lambda: number | 'default';
}

/** The geometric mean of the one-round error over repeated noise. */
export function oneRoundError(
  people: Population,
  sums: ClippedSums,
  { epsilon, delta, repeats }: Setting,
  { eigenFloor, lambda }: OneRoundTrial,
  random: Random,
): number {
  const design = oneRoundDesign(people.d, epsilon, delta, 'noninteractive', {
    ...(eigenFloor !== 'default' && { eigenFloor }),
    ...(lambda !== 'default' && { lambda }),
  });
  let total = 0;
  for (let k = 0; k < repeats; k++) {
    const { covariance, moment } = sums.means(random.split(k), design);
    total += Math.log(errorOf(people, estimateOrZero(design, covariance, moment, sums.people)));
  }
  return Math.exp(total / repeats);
}

/** What is tried of rounds: bounds of `bound`·√ln n, and the number of coefficients kept. */
export interface RoundsTrial {
  readonly bound: number;
  readonly kept: number;
  /** By default ln n. */
  readonly rounds?: number;
}

/** The error of rounds of hard thresholding over all people. */
export function roundsError(
  people: Population,
  n: number,
  {
    epsilon,
    delta,
    bound,
    kept,
    rounds = Math.ceil(Math.log(n)),
  }: RoundsTrial & { readonly epsilon: number; readonly delta?: number },
  random: Random,
): number {
  const tau = bound * Math.sqrt(Math.log(n));
  const { theta } = simulateLdp(
    {
      ...{ d: people.d, epsilon, delta, mode: 'sequential', clip: { x: tau, y: tau } },
      ...{ sparsity: kept, rounds },
    },
    (_, x) => people.person(random, x),
    { people: n, seed: random.integer(2 ** 31) },
  );
  return errorOf(people, theta);
}

/** The combinations of the values of a grid. */
export const combinations = <A extends string, X, B extends string, Y>(
  [a, first]: readonly [A, readonly X[]],
  [b, second]: readonly [B, readonly Y[]],
) => first.flatMap((x) => second.map((y) => ({ [a]: x, [b]: y }) as Record<A, X> & Record<B, Y>));

/** The trial with the least error. */
export const best = <T>(trials: readonly T[], error: (trial: T) => number): T => {
  const errors = trials.map(error);
  return trials[errors.indexOf(Math.min(...errors))];
};

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

import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  integerOption,
  type OptionsNeeding,
  otherOption,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { ballRadius, lieOf } from './mechanisms.ts';
import { type Design, designOf, deviationsOf, type LdpOptions } from './protocol.ts';
import { estimateFrom, finishedRounds, iterativeStep, type LdpFit, LdpServer } from './server.ts';

/** Fills x with the features of person i, counted from 0, and returns the target. */
export type DrawPerson = (i: number, x: Float64Array) => number;

const simulationRecords = {
  /** Number of people, at least the number of features. */
  people: integerOption({ min: 1 }),
  /** Default 0. */
  seed: seedOption(),
  /** Public covariates for mode `public`, m × d. */
  publicCovariates: otherOption<MatrixLike>('a matrix'),
};

export interface SimulationOptions extends OptionsNeeding<typeof simulationRecords, 'people'> {}

/**
 * Sums of products of clipped data, without noise, to which simulations add the total noise of all people at once. Not
 * private.
 */
export class ClippedSums {
  /** Row-major, d × d. */
  readonly matrix: Float64Array;
  readonly vector: Float64Array;
  people = 0;
  private readonly x: Float64Array;

  constructor(
    readonly d: number,
    readonly clip: LdpOptions['clip'],
  ) {
    this.matrix = new Float64Array(d * d);
    this.vector = new Float64Array(d);
    this.x = new Float64Array(d);
  }

  /** O(d²). */
  add(x: Float64Array, y: number): void {
    const { d, clip, matrix, vector, x: own } = this;
    let square = 0;
    for (let j = 0; j < d; j++) square += x[j] * x[j];
    const share = square > clip.x * clip.x ? clip.x / Math.sqrt(square) : 1;
    for (let j = 0; j < d; j++) own[j] = x[j] * share;
    const target = clamp(y, -clip.y, clip.y);
    for (let i = 0; i < d; i++) {
      const value = own[i];
      vector[i] += value * target;
      for (let j = i; j < d; j++) matrix[i * d + j] += value * own[j];
    }
    this.people++;
  }

  /**
   * Means, with the full matrix; with a design also with the noise of all people, as a sum of n normal variates is a
   * normal variate.
   */
  means(random: Random, design?: Design): { covariance: Float64Array; moment: Float64Array } {
    const { d, matrix, vector, people: n } = this;
    const one = design ? deviationsOf(design.moments!) : { matrix: 0, vector: 0 };
    const noise = (deviation: number) => (deviation === 0 ? 0 : (deviation / Math.sqrt(n)) * random.normal());
    const covariance = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++) {
        const mean = matrix[i * d + j] / n + noise(one.matrix);
        covariance[i * d + j] = mean;
        covariance[j * d + i] = mean;
      }
    }
    return { covariance, moment: vector.map((v) => v / n + noise(one.vector)) };
  }
}

/**
 * The estimate of a protocol for simulated people. This is for statistics and not secure: noise is seeded and in
 * floating point, and for one-round modes drawn as a single sum, as the server sees it. Laplace noise is not simulated,
 * since sums of it are not Laplace distributed. No results of it may be sent. O(n d²), for sequential protocols O(n d).
 * @throws INVALID_PARAMETER, NOT_SUPPORTED, and the errors of the server.
 */
export function simulateLdp(options: LdpOptions, draw: DrawPerson, simulation: SimulationOptions): LdpFit {
  const design = designOf(options);
  checkOptions('simulateLdp', simulationRecords, simulation);
  const { people, seed = 0, publicCovariates } = simulation;
  wholeNumber('people', people, options.d);
  const random = new Random(seed);
  if (options.mode === 'sequential') return simulateRounds(design, draw, people, random);
  if (!options.delta) {
    fail('NOT_SUPPORTED', 'Laplace noise cannot be simulated as a sum: give a delta above 0, or encode every person.');
  }
  const sums = new ClippedSums(options.d, options.clip);
  const x = new Float64Array(options.d);
  for (let i = 0; i < people; i++) sums.add(x, checked(draw(i, x), x, i));
  const { covariance, moment } = sums.means(random, design);
  if (options.mode === 'noninteractive') return estimateFrom(design, covariance, moment, people);
  const server = new LdpServer(design);
  if (publicCovariates) server.publicCovariates(publicCovariates);
  return estimateFrom(design, server.covariance(), moment, people);
}

/** @throws NON_FINITE. */
function checked(y: number, x: Float64Array, i: number): number {
  let sum = y;
  for (let j = 0; j < x.length; j++) sum += x[j];
  if (!Number.isFinite(sum)) fail('NON_FINITE', `Person ${i + 1} has a value that is not a finite number.`);
  return y;
}

/** Rounds of groups of people, in order. */
function simulateRounds(design: Design, draw: DrawPerson, people: number, random: Random): LdpFit {
  const { d, clip, rounds, sparsity, stepSize = 1, thetaBound = 1, epsilon } = design.options;
  const { bound, mechanism, deviation } = design.gradient!;
  const group = Math.floor(people / rounds!);
  if (group === 0) fail('INVALID_PARAMETER', `${people} people are too few for ${rounds} groups.`);
  const lie = mechanism === 'ball' ? lieOf(epsilon) / 2 ** 53 : 0;
  const radius = mechanism === 'ball' ? ballRadius(d, { epsilon, bound }) : 0;
  const [x, gradient, w] = [0, 1, 2].map(() => new Float64Array(d));
  let theta = new Float64Array(d);
  for (let t = 0; t < rounds!; t++) {
    const sum = new Float64Array(d);
    for (let i = 0; i < group; i++) {
      const y = checked(draw(t * group + i, x), x, t * group + i);
      let residual = -clamp(y, -clip.y, clip.y);
      for (let j = 0; j < d; j++) {
        x[j] = clamp(x[j], -clip.x, clip.x);
        residual += x[j] * theta[j];
      }
      let square = 0;
      for (let j = 0; j < d; j++) {
        gradient[j] = x[j] * residual;
        square += gradient[j] * gradient[j];
      }
      if (mechanism === 'gaussian') {
        for (let j = 0; j < d; j++) sum[j] += gradient[j];
        continue;
      }
      let [along, long] = [0, 0];
      for (let j = 0; j < d; j++) {
        w[j] = random.normal();
        long += w[j] * w[j];
        along += w[j] * gradient[j];
      }
      const forward = random.uniform() < 0.5 + Math.sqrt(square) / (2 * bound);
      const truth = random.uniform() >= lie;
      const scale = ((along > 0 === truth) === forward ? radius : -radius) / Math.sqrt(long);
      for (let j = 0; j < d; j++) sum[j] += scale * w[j];
    }
    if (mechanism === 'gaussian') for (let j = 0; j < d; j++) sum[j] += deviation * Math.sqrt(group) * random.normal();
    theta = Float64Array.from(iterativeStep(theta, sum, group, { stepSize, sparsity: sparsity!, thetaBound }));
  }
  return finishedRounds(design, theta, group * rounds!, group, d);
}

import { alone, type Communicator } from '@southwell/distributed';
import { type Iterate, Random } from '@southwell/numerics/core';
import {
  type Client,
  type CompressedSgdOptions,
  compressedSgdProgram,
  type FeedbackMethod,
} from 'southwell/distributed-methods';
import type { Pause } from '../pauses.ts';

export { median } from '../median.ts';

/** Names of methods in charts. */
export const NAMES = {
  sgd: 'SGD',
  econtrol: 'EControl',
  ec: 'EC',
  'ec-ideal': 'EC-Ideal',
  'd-ec': 'D-EC',
  ef21: 'EF21',
  'ef21-sgdm': 'EF21-SGDM',
  csgd: 'CSGD',
} as const satisfies Readonly<Record<FeedbackMethod, string>>;
export const METHODS = Object.keys(NAMES) as FeedbackMethod[];
export const SERIES = METHODS.map((id) => ({ id, name: NAMES[id] }));

/** The method under test: its options, given η. */
export type Method = (eta: number) => Pick<CompressedSgdOptions, 'method' | 'eta'>;
export const controlled: Method = (eta) => ({ method: 'econtrol', eta });

/** The options of one of the methods, of which the one under test may be replaced. */
export const optionsOf = (name: FeedbackMethod, method: Method, eta: number) =>
  name === 'econtrol' ? method(eta) : { method: name };

export interface Problem {
  readonly clients: readonly Client[];
  readonly optimum: Float64Array;
  /** The gap of the mean of all f_i at zero. */
  readonly gapAtZero: number;
}

/**
 * Clients that are ζ unlike, after Koloskova et al. 2020, scaled to a largest curvature of 1: f_i = ½‖(i / n) x − b_i‖² with b_i
 * = ζ (n / i) N(0, I), and normal noise of variance σ² in all of a gradient.
 */
export function unlike(n: number, d: number, zeta: number, sigma: number, random: Random): Problem {
  const optimum = new Float64Array(d);
  let weight = 0;
  const scales = Array.from({ length: n }, (_, i) => (i + 1) / n);
  const targets = scales.map((a) => Float64Array.from({ length: d }, () => (zeta / a) * random.normal()));
  for (const [i, a] of scales.entries()) {
    weight += a * a;
    for (let j = 0; j < d; j++) optimum[j] += a * targets[i][j];
  }
  for (let j = 0; j < d; j++) optimum[j] /= weight;
  const noise = sigma / Math.sqrt(d);
  const clients = scales.map(
    (a, i): Client => ({
      gradient(x, into, draws) {
        const b = targets[i];
        for (let j = 0; j < d; j++) into[j] = a * (a * x[j] - b[j]);
        if (noise > 0) for (let j = 0; j < d; j++) into[j] += noise * draws.normal();
        return undefined;
      },
      atOptimum: targets[i].map((b, j) => a * (a * optimum[j] - b)),
    }),
  );
  const gapAtZero = (weight / n / 2) * optimum.reduce((sum, v) => sum + v * v, 0);
  return { clients, optimum, gapAtZero };
}

/** ‖x − x*‖² / ‖x*‖², the gap of f relative to that at zero. */
export function gapOf(x: Float64Array, optimum: Float64Array): number {
  let [gap, scale] = [0, 0];
  for (let j = 0; j < x.length; j++) {
    gap += (x[j] - optimum[j]) ** 2;
    scale += optimum[j] ** 2;
  }
  return gap / scale;
}

/** Gaps after each round, and the bytes that clients sent until then. */
export interface Course {
  readonly gaps: readonly number[];
  readonly bytes: readonly number[];
}

/** Beyond this a run diverges; the rest of it is not computed. */
const FAR = 1e12;

/** A run of so many rounds from zero; gaps are infinite from where it diverges. */
export async function courseOf(
  { clients, optimum }: Problem,
  options: CompressedSgdOptions,
  rounds: number,
  pause: Pause,
): Promise<Course> {
  const [gaps, bytes]: [number[], number[]] = [[], []];
  const start = new Float64Array(optimum.length);
  const program = (comm: Communicator) => compressedSgdProgram(comm, clients, start, options);
  for (const iterate of alone<Iterate<Float64Array, number | undefined>, void>(program)) {
    const gap = iterate.done ? Number.POSITIVE_INFINITY : gapOf(iterate.snapshot(), optimum);
    if (!(gap < FAR)) break;
    gaps.push(gap);
    bytes.push(iterate.work.bytesSent!);
    if (iterate.iteration >= rounds) break;
    await pause();
  }
  while (gaps.length <= rounds) {
    gaps.push(Number.POSITIVE_INFINITY);
    bytes.push(bytes.at(-1) ?? 0);
  }
  return { gaps, bytes };
}

export const finalOf = ({ gaps }: Course): number => gaps[gaps.length - 1];

/** The first round with a gap of at most `limit`; infinite if there is none. */
export function roundsTo({ gaps }: Course, limit: number): number {
  const found = gaps.findIndex((gap) => gap <= limit);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
}

/** Rounds at which curves have points: all at first, then ever sparser ones. */
export function shownRounds(rounds: number): number[] {
  const found: number[] = [];
  for (let t = 0; t <= rounds; t = Math.max(t + 1, Math.round(1.03 * t))) found.push(t);
  return found;
}

export const drawOf = (seed: number, draw: number): Random => new Random(seed).split(draw);

import type { Random } from 'southwell';
import {
  type ChebyshevTucker,
  chebTucker,
  chebTuckerFromSeparable,
  type Gaussians,
  potentialTerms,
  separateRange,
  sincNewton,
} from 'southwell/functional-tensors';

type F = (x: number, y: number, z: number) => number;

/** From the paper: truncation tolerance, and points along each axis for potentials. */
export const TOL = 1e-7;
const POINTS = 129;

/** The method under test for functions, with m points along each axis. */
export type OfFunction = (f: F, m: number) => ChebyshevTucker;
export const libraryFunction: OfFunction = (f, m) => chebTucker(f, { degree: m - 1, tol: TOL });

/** The method under test for potentials: the Gaussians of a kernel up to a rate. */
export type OfPotential = (particles: Particles, kernel: Gaussians, rate: number) => ChebyshevTucker;
export const libraryPotential: OfPotential = ({ positions, charges }, kernel, rate) =>
  chebTuckerFromSeparable(potentialTerms(positions, charges, separateRange(kernel, rate).long), {
    degree: POINTS - 1,
    tol: TOL,
  });

export interface Tried {
  readonly name: string;
  readonly f: F;
  /** By points along each axis, the ranks and errors of a run of the published method. */
  readonly reference: ReadonlyArray<{ readonly m: number; readonly rank: number; readonly error: number }>;
}

export const functions: readonly Tried[] = [
  {
    name: '1/(1 + 25r²)',
    f: (x, y, z) => 1 / (1 + 25 * (x * x + y * y + z * z)),
    reference: [
      { m: 33, rank: 10, error: 1.5e-3 },
      { m: 65, rank: 11, error: 2.2e-6 },
      { m: 129, rank: 11, error: 1.1e-8 },
    ],
  },
  {
    name: 'exp(−3 distance)',
    f: (x, y, z) => Math.exp(-3 * Math.sqrt((x - 1.3) ** 2 + (y - 1.3) ** 2 + (z - 1.3) ** 2)),
    reference: [{ m: 33, rank: 9, error: 1.7e-9 }],
  },
  {
    name: 'tanh(5(x + y + z))',
    f: (x, y, z) => Math.tanh(5 * (x + y + z)),
    reference: [
      { m: 33, rank: 31, error: 1.6e-4 },
      { m: 65, rank: 39, error: 1.9e-7 },
    ],
  },
  {
    name: '(r² + 0.1)^(−1/2)',
    f: (x, y, z) => 1 / Math.sqrt(x * x + y * y + z * z + 0.1),
    reference: [
      { m: 33, rank: 8, error: 2.9e-5 },
      { m: 65, rank: 8, error: 5.9e-7 },
    ],
  },
];

export interface Particles {
  readonly positions: ReadonlyArray<readonly number[]>;
  readonly charges: readonly number[];
}

/** Uniform in the middle half of [−1, 1]³, charges uniform in [−1, 1]. */
export function particles(count: number, random: Random): Particles {
  const positions = Array.from({ length: count }, () => [0, 1, 2].map(() => random.uniform() - 0.5));
  return { positions, charges: Array.from({ length: count }, () => 2 * random.uniform() - 1) };
}

/** The kernel of the experiments, 1/z from 1/4096 on, and the rate up to which Gaussians are long-range. */
export const newtonKernel = (): Gaussians => sincNewton({ zMin: 1 / 4096, zMax: Math.sqrt(12), tol: 1e-6, step: 0.33 });
export const LONG = 12;

/** The direct sum over particles and Gaussians, on a grid of x and y in the plane z, with y varying fastest. */
export function exactSlice(
  { positions, charges }: Particles,
  { weights, rates }: Gaussians,
  rate: number,
  xs: readonly number[],
  z: number,
): Float64Array {
  const kept = Array.from(rates.keys()).filter((k) => rates[k] <= rate);
  const out = new Float64Array(xs.length ** 2);
  for (const [n, [px, py, pz]] of positions.entries()) {
    for (const k of kept) {
      const bells = [px, py].map((p) => xs.map((x) => Math.exp(-((rates[k] * (x - p)) ** 2))));
      const size = charges[n] * weights[k] * Math.exp(-((rates[k] * (z - pz)) ** 2));
      let at = 0;
      for (const a of bells[0]) for (const b of bells[1]) out[at++] += size * a * b;
    }
  }
  return out;
}

export const largest = (list: ArrayLike<number>): number =>
  Array.from(list).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** The midpoints of n equal cells from −side to side. */
export const middles = (n: number, side: number): number[] =>
  Array.from({ length: n }, (_, i) => side * ((2 * i + 1) / n - 1));

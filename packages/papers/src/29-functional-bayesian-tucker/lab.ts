import { Random } from 'southwell';
import {
  type FunctionalTuckerModel,
  type FunctionalTuckerOptions,
  functionalTucker,
} from 'southwell/functional-tensors';

/** The method under test. */
export type Fit = (
  indices: ReadonlyArray<readonly number[]>,
  values: ArrayLike<number>,
  options: FunctionalTuckerOptions,
) => Promise<FunctionalTuckerModel>;
export const libraryFit: Fit = async (indices, values, options) => {
  const model = await functionalTucker(options).fitAsync(indices, values);
  options.signal?.throwIfAborted();
  return model;
};

/** The paper's field over [0, 1]². */
export function plane([x, t]: readonly number[]): number {
  const s = Math.sin(2 * Math.PI * t);
  return Math.exp(-2 * x) * Math.sin(1.5 * Math.PI * x) * s * s * Math.cos(2 * Math.PI * t);
}

const CORE = [
  [
    [1, 0.5],
    [-0.3, 0.8],
  ],
  [
    [0.4, -0.9],
    [0.7, 0.2],
  ],
];

/** A field over [0, 1]³ of rank 2 along each axis. */
export function cube([x, y, z]: readonly number[]): number {
  const a = [Math.sin(2 * Math.PI * x), Math.cos(3 * Math.PI * x)];
  const b = [2 * Math.exp(-2 * y) * Math.sin(1.5 * Math.PI * y), Math.cos(2 * Math.PI * y)];
  const c = [Math.sin(4 * Math.PI * z), Math.sqrt(z + 0.1)];
  let sum = 0;
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 2; j++) for (let k = 0; k < 2; k++) sum += CORE[i][j][k] * a[i] * b[j] * c[k];
  return sum;
}

export interface Scattered {
  readonly indices: ReadonlyArray<readonly number[]>;
  readonly values: Float64Array;
  /** Standard deviation of the noise, and its ratio to that of the field at the entries. */
  readonly sd: number;
  readonly noise: number;
  /** Random test points, with the field there. */
  readonly tests: ReadonlyArray<readonly number[]>;
  readonly truth: Float64Array;
  /** New combinations of the coordinates of the entries, measured with noise. */
  readonly fresh: ReadonlyArray<readonly number[]>;
  readonly measured: Float64Array;
}

/** A field at random points, or at random combinations of `coordinates` random coordinates per axis. */
export function scattered(
  field: (at: readonly number[]) => number,
  axes: number,
  { points, noise, coordinates, tests }: { points: number; noise: number; coordinates?: number; tests: number },
  seed: number,
): Scattered {
  const random = new Random(seed);
  const lists = Array.from({ length: axes }, () => Array.from({ length: coordinates ?? 0 }, () => random.uniform()));
  const place = () => lists.map((list) => (coordinates ? list[random.integer(coordinates)] : random.uniform()));
  const anywhere = () => lists.map(() => random.uniform());
  const indices = Array.from({ length: points }, place);
  const exact = Float64Array.from(indices, field);
  const sd = noise * deviation(exact);
  const measure = (at: readonly number[]) => field(at) + sd * random.normal();
  const where = Array.from({ length: tests }, anywhere);
  const fresh = Array.from({ length: tests }, place);
  return {
    ...{ indices, sd, noise, tests: where, fresh },
    values: Float64Array.from(indices, measure),
    truth: Float64Array.from(where, field),
    measured: Float64Array.from(fresh, measure),
  };
}

export function deviation(list: ArrayLike<number>): number {
  const n = list.length;
  const mean = Array.from(list).reduce((sum, v) => sum + v / n, 0);
  return Math.sqrt(Array.from(list).reduce((sum, v) => sum + (v - mean) ** 2 / n, 0));
}

export const rmse = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, v, n) => sum + (v - b[n]) ** 2, 0) / a.length);

/** RMSE of predictions at the test points, relative to the standard deviation of the field there. */
export const relativeError = ({ truth }: Scattered, mean: ArrayLike<number>): number =>
  rmse(truth, mean) / deviation(truth);

/** The fraction of new measurements in intervals of this many standard deviations on either side. */
export function covered(
  model: FunctionalTuckerModel,
  at: Scattered['fresh'],
  values: ArrayLike<number>,
  width: number,
) {
  const { mean, variance } = model.predict(at);
  const inside = mean.filter((m, n) => Math.abs(values[n] - m) <= width * Math.sqrt(variance[n]));
  return inside.length / mean.length;
}

/** The estimated standard deviation of the noise, in units of the values. */
export const noiseOf = (model: FunctionalTuckerModel): number => 1 / Math.sqrt(model.noisePrecision);

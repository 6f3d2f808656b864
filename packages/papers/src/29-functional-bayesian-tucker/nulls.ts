import type { FunctionalTuckerModel, Matern, MaternOptions } from 'southwell/functional-tensors';
import { nulls } from '../verdicts/nulls.ts';
import { deviation, type Fit } from './lab.ts';
import { record } from './record.ts';
import { gaussianProcess, gridCp } from './rivals.ts';

type Kernel = (nu: 0.5 | 1.5 | 2.5, options?: MaternOptions) => Matern;
type Judge = (data: { readonly values: Float64Array }, rows: Int32Array, model: unknown) => unknown;
type Places = ReadonlyArray<readonly number[]>;

const replaced = { module: 'papers/29-functional-bayesian-tucker/lab', name: 'libraryFit' } as const;
/** Normal quantile for 90 % intervals. */
const NORMAL = 1.6448536269514722;

/** What experiments ask of a model, for means of another kind and a noise that is the same everywhere. */
const standIn = (mean: (at: Places) => Float64Array, noise: number): FunctionalTuckerModel =>
  ({
    predict: (at: Places) => ({ mean: mean(at), variance: new Float64Array(at.length).fill(noise * noise) }),
    latent: (_: number, at: ArrayLike<number>) => {
      const zeros = [new Float64Array(at.length)];
      return { mean: zeros, sd: zeros };
    },
    deviations: () => NORMAL,
    noisePrecision: 1 / (noise * noise),
    parts: { axes: [], mean: 1 },
  }) as unknown as FunctionalTuckerModel;

export default nulls(record, [
  {
    id: 'mean',
    says: 'with the mean of all values',
    kinds: ['nothing'],
    claims: ['three-dimensional', 'two-dimensional', 'coverage', 'stations'],
    ...replaced,
    by: (): Fit => async (_, values) => {
      const list = Array.from(values);
      const mean = list.reduce((sum, v) => sum + v / list.length, 0);
      return standIn((at) => new Float64Array(at.length).fill(mean), deviation(list));
    },
  },
  {
    id: 'process',
    says: 'with a Gaussian process of correlation length 0.3',
    kinds: ['baseline'],
    claims: ['three-dimensional', 'two-dimensional'],
    ...replaced,
    by: (): Fit => async (indices, values) => {
      const noise = 0.1 * deviation(values);
      const kernel = (d: number) => (1 + Math.sqrt(3) * d) * Math.exp(-Math.sqrt(3) * d);
      return standIn((at) => gaussianProcess(indices, values, at, noise, kernel, 0.3), noise);
    },
  },
  {
    id: 'grid',
    says: 'with CP on the grid of days, hours and stations',
    kinds: ['baseline'],
    claims: ['stations'],
    ...replaced,
    by:
      (): Fit =>
      async (indices, values, { rank, seed = 0 }) => {
        const cells = (at: Places) => at.map(([day, hour, latitude]) => [day, hour, latitude < 40 ? 0 : 1]);
        const days = 1 + indices.reduce((most, [day]) => Math.max(most, day), 0);
        const options = { rank: rank as number, ridge: 1, seed };
        return standIn((at) => gridCp(cells(indices), values, cells(at), [days, 24, 2], options), deviation(values));
      },
  },
  {
    id: 'posterior',
    says: 'with the intervals of the posterior',
    kinds: ['baseline'],
    claims: ['coverage'],
    ...replaced,
    by:
      (original: Fit): Fit =>
      (indices, values, options) =>
        original(indices, values, { ...options, calibrate: 0 }),
  },
  {
    id: 'rough',
    says: 'with functions that know nothing of their neighbours',
    kinds: ['ingredient'],
    claims: ['three-dimensional', 'two-dimensional', 'stations'],
    module: 'southwell/functional-tensors/matern',
    name: 'matern',
    by:
      (original: Kernel): Kernel =>
      (nu, options) =>
        original(nu, { ...options, lengthscale: 1e-3 }),
  },
  {
    id: 'fitted-entries',
    says: 'with intervals calibrated on the entries that were fitted',
    kinds: ['ingredient'],
    claims: ['coverage'],
    module: 'southwell/functional-tensors/judge',
    name: 'judge',
    by:
      (original: Judge): Judge =>
      (data, rows, model) => {
        const away = new Set(rows);
        const fitted = Int32Array.from(data.values.keys()).filter((n) => !away.has(n));
        return original(data, fitted, model);
      },
  },
]);

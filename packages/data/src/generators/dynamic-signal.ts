import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { patchAt } from './patch-at.ts';

export interface DynamicSignalParameters {
  /** k: number of patches per input. */
  readonly patches: number;
  /** d: number of values per patch. */
  readonly patchDim: number;
  /** Standard deviation of the noise on every value, at least 0. */
  readonly sigma: number;
  /**
   * The pattern w*, with d values; normalised to unit norm. Default: drawn from the seed, uniformly over directions.
   */
  readonly signal?: ArrayLike<number>;
  /** The patch that always contains the pattern, from 0. Default: drawn uniformly for each example. */
  readonly patch?: number;
  /** Default 0. */
  readonly seed?: number;
}
const signalKeys: OptionKeys<DynamicSignalParameters> = {
  patches: true,
  patchDim: true,
  sigma: true,
  signal: true,
  patch: true,
  seed: true,
};

/** Inputs of k × d values, patch after patch, and targets of −1 or 1, in the form that `southwell/training` takes. */
export interface PatchExamples {
  readonly count: number;
  readonly inputs: { readonly values: Float64Array; readonly shape: readonly [patches: number, patchDim: number] };
  readonly targets: { readonly values: Float64Array; readonly shape: readonly [] };
}

export interface DynamicSignal {
  readonly patches: number;
  readonly patchDim: number;
  readonly sigma: number;
  /** w*, with unit norm. */
  readonly signal: Float64Array;
  /**
   * Independent examples. A stream (default 0) always gives the same ones, and a smaller count gives a prefix of them.
   * O(count·k·d).
   * @throws INVALID_PARAMETER.
   */
  sample(count: number, stream?: number): PatchExamples;
  /**
   * log P(y = 1 | x) − log P(y = −1 | x) for consecutive inputs, with known w*: its sign is the Bayes-optimal
   * prediction. Infinite without noise.
   * @throws INVALID_SHAPE.
   */
  logOdds(inputs: ArrayLike<number>): Float64Array;
}

/**
 * A pattern with a random sign in one random patch, plus noise on all patches: y ∈ {−1, 1} and t ∈ {1..k} uniform, x_t
 * = y·w* + σξ, other patches σξ (the dynamic signal distribution of Lahoti et al., ICLR 2024; with `patch` given, the
 * static one). The sign is to be learned.
 *
 * @example const { inputs, targets } = dynamicSignal({ patches: 8, patchDim: 20, sigma: 0.25, seed: 1 }).sample(100);
 * @throws INVALID_PARAMETER, INVALID_SHAPE; NON_FINITE, with the position.
 */
export function dynamicSignal(parameters: DynamicSignalParameters): DynamicSignal {
  knownKeys('dynamicSignal', parameters, signalKeys);
  const { patches: k, patchDim: d, sigma, patch, seed = 0 } = parameters;
  wholeNumber('patches', k, 1);
  wholeNumber('patchDim', d, 1);
  wholeNumber('seed', seed, 0);
  if (!(sigma >= 0 && Number.isFinite(sigma))) {
    fail('INVALID_PARAMETER', `sigma must be a finite number of at least 0, not ${sigma}.`);
  }
  if (patch !== undefined) wholeNumber('patch', patch, 0, k - 1);
  const random = new Random(seed);
  const drawn = random.split(0);
  const given = parameters.signal ?? Float64Array.from({ length: d }, () => drawn.normal());
  if (given.length !== d) fail('INVALID_SHAPE', `The signal has ${given.length} numbers, but a patch has ${d}.`);
  const signal = unit(given);
  return {
    ...{ patches: k, patchDim: d, sigma, signal },
    sample(count, stream = 0) {
      wholeNumber('count', count, 0);
      wholeNumber('stream', stream, 0);
      const own = random.split(1 + stream);
      const [values, targets] = [new Float64Array(count * k * d), new Float64Array(count)];
      for (let n = 0; n < count; n++) {
        const y = own.integer(2) === 0 ? -1 : 1;
        targets[n] = y;
        const t = patchAt(k, patch, own);
        for (let j = 0; j < k * d; j++) values[n * k * d + j] = sigma * own.normal();
        for (let j = 0; j < d; j++) values[(n * k + t) * d + j] += y * signal[j];
      }
      return { count, inputs: { values, shape: [k, d] }, targets: { values: targets, shape: [] } };
    },
    logOdds(inputs) {
      if (inputs.length % (k * d) !== 0) {
        fail('INVALID_SHAPE', `The number of inputs, ${inputs.length}, is not a multiple of ${k} × ${d}.`);
      }
      return Float64Array.from({ length: inputs.length / (k * d) }, (_, n) => {
        const along = Float64Array.from({ length: k }, (__, i) => {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += signal[j] * inputs[(n * k + i) * d + j];
          return sum / (sigma * sigma || 1);
        });
        if (patch !== undefined) return sigma > 0 ? 2 * along[patch] : along[patch] * Number.POSITIVE_INFINITY;
        const [up, down] = [largest(along), largest(along.map((v) => -v))];
        if (sigma === 0) return up === down ? 0 : (up - down) * Number.POSITIVE_INFINITY;
        // Sums of exponentials relative to the largest term, which would overflow.
        const log = (most: number, sign: number) =>
          most + elementary.log(along.reduce((sum, v) => sum + elementary.exp(sign * v - most), 0));
        return log(up, 1) - log(down, -1);
      });
    },
  };
}

const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b));

function unit(given: ArrayLike<number>): Float64Array {
  const signal = Float64Array.from(given);
  const bad = signal.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `The signal has ${signal[bad]} at position ${bad + 1}.`);
  const most = signal.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  if (most === 0) fail('INVALID_PARAMETER', 'The signal is zero: it has no direction.');
  const scaled = signal.map((v) => v / most);
  const length = Math.sqrt(scaled.reduce((sum, v) => sum + v * v, 0));
  return scaled.map((v) => v / length);
}

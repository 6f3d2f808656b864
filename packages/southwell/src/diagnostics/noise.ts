import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { dot } from './product.ts';

export interface GradientNoiseOptions {
  /** Examples that each gradient is the mean of; all batches being apart. Default 1. */
  readonly batchSize?: number;
}
const noiseKeys: OptionKeys<GradientNoiseOptions> = { batchSize: true };

/** An estimate and its standard error. */
export interface Estimated {
  readonly value: number;
  readonly error: number;
}

export interface GradientNoise {
  /** The mean of the gradients. */
  readonly mean: Float64Array;
  /** tr Σ of the gradients of single examples. */
  readonly trace: Estimated;
  /** ‖E g‖², less what noise adds to the square of the mean; may be below 0 where noise is all there is. */
  readonly squaredNorm: Estimated;
  /**
   * tr Σ/‖E g‖²: the batch size at which noise is as large as the gradient; smaller batches waste little data, larger ones little
   * time (McCandlish et al. 2018). Infinite where the gradient cannot be told from 0.
   */
  readonly scale: Estimated;
}

/**
 * The noise of gradients from those of examples, or of batches of them: the trace of its covariance, the gradient without it, and
 * the noise scale; with standard errors by the jackknife, which for the scale are of use where they are small beside it.
 *
 * @param count gradients, at least 3.
 * @param gradient writes the gradient of example (or batch) i, from 0; is called twice for each. O(count · size) beside it.
 * @throws NON_FINITE, with the place; INVALID_PARAMETER.
 */
export function gradientNoise(
  count: number,
  size: number,
  gradient: (i: number, out: Float64Array) => void,
  options: GradientNoiseOptions = {},
): GradientNoise {
  knownKeys('gradientNoise', options, noiseKeys);
  const { batchSize = 1 } = options;
  wholeNumber('count', count, 3);
  wholeNumber('size', size, 1);
  wholeNumber('batchSize', batchSize, 1);
  const g = new Float64Array(size);
  const mean = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    gradient(i, g);
    for (let k = 0; k < size; k++) {
      if (!Number.isFinite(g[k])) fail('NON_FINITE', `Gradient ${i + 1} holds ${g[k]} at place ${k + 1}.`);
      mean[k] += g[k] / count;
    }
  }
  // Around the mean, so that little is lost where noise is small beside it: squares d², and ⟨d, mean⟩.
  const squares = new Float64Array(count);
  const along = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    gradient(i, g);
    for (let k = 0; k < size; k++) g[k] -= mean[k];
    squares[i] = dot(g, g);
    along[i] = dot(g, mean);
  }
  const total = squares.reduce((a, b) => a + b, 0);
  const length = dot(mean, mean);
  /** From n gradients around their mean: sum of squares of deviations, and the square of the mean. */
  const statistics = (n: number, deviations: number, square: number) => {
    const trace = deviations / (n - 1);
    const squaredNorm = square - trace / n;
    return { trace: trace * batchSize, squaredNorm, ratio: (trace * batchSize) / squaredNorm };
  };
  const whole = statistics(count, total, length);
  const n = count - 1;
  // Without gradient i the mean moves by −dᵢ/n, and Σ‖d‖² falls by ‖dᵢ‖²·count/n.
  const without = Array.from({ length: count }, (_, i) =>
    statistics(n, total - (squares[i] * count) / n, length - (2 * along[i]) / n + squares[i] / (n * n)),
  );
  const estimated = (name: 'trace' | 'squaredNorm' | 'ratio'): Estimated => {
    const centre = without.reduce((sum, s) => sum + s[name] / count, 0);
    const spread = without.reduce((sum, s) => sum + (s[name] - centre) ** 2, 0);
    return { value: whole[name], error: Math.sqrt((n / count) * spread) };
  };
  const infinite = { value: Number.POSITIVE_INFINITY, error: Number.POSITIVE_INFINITY };
  return {
    mean,
    trace: estimated('trace'),
    squaredNorm: estimated('squaredNorm'),
    scale: whole.squaredNorm > 0 ? estimated('ratio') : infinite,
  };
}

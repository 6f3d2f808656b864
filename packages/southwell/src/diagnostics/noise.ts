import { checkOptions, fail, integerOption, type OptionsOf, wholeNumber } from '@southwell/numerics/core';
import { dot } from './product.ts';

const noiseRecords = {
  /** Number of examples in each gradient's batch; batches must be disjoint. Default 1. */
  batchSize: integerOption({ min: 1 }),
};

export interface GradientNoiseOptions extends OptionsOf<typeof noiseRecords> {}

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
  /** ‖E g‖², corrected for the noise in the squared norm of the mean; may be negative if noise dominates. */
  readonly squaredNorm: Estimated;
  /**
   * tr Σ/‖E g‖²: the batch size at which noise is as large as the gradient; smaller batches waste little data, larger
   * ones little time (McCandlish et al. 2018). Infinite if the gradient cannot be distinguished from 0.
   */
  readonly scale: Estimated;
}

/**
 * The noise of gradients from those of examples, or of batches of them: the trace of its covariance, the gradient
 * without it, and the noise scale; with jackknife standard errors, which for the scale are meaningful if they are small
 * compared with it.
 *
 * @param count number of gradients, at least 3.
 * @param gradient writes the gradient of example (or batch) i, from 0; is called twice for each. O(count · size) in
 * addition.
 * @throws NON_FINITE, naming the position; INVALID_PARAMETER.
 */
export function gradientNoise(
  count: number,
  size: number,
  gradient: (i: number, out: Float64Array) => void,
  options: GradientNoiseOptions = {},
): GradientNoise {
  checkOptions('gradientNoise', noiseRecords, options);
  const { batchSize = 1 } = options;
  wholeNumber('count', count, 3);
  wholeNumber('size', size, 1);
  const g = new Float64Array(size);
  const mean = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    gradient(i, g);
    for (let k = 0; k < size; k++) {
      if (!Number.isFinite(g[k])) fail('NON_FINITE', `Gradient ${i + 1} has ${g[k]} at index ${k}.`);
      mean[k] += g[k] / count;
    }
  }
  // Relative to the mean, to limit cancellation if noise is small: squares d², and ⟨d, mean⟩.
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
  /** From n gradients relative to their mean: sum of squared deviations, and the squared norm of the mean. */
  const statistics = (n: number, deviations: number, square: number) => {
    const trace = deviations / (n - 1);
    const squaredNorm = square - trace / n;
    return { trace: trace * batchSize, squaredNorm, ratio: (trace * batchSize) / squaredNorm };
  };
  const whole = statistics(count, total, length);
  const n = count - 1;
  // Without gradient i the mean changes by −dᵢ/n, and Σ‖d‖² decreases by ‖dᵢ‖²·count/n.
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

import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

const { exp } = elementary;

export interface GibbsMean {
  readonly mean: Float64Array;
  /**
   * (Σw)²/Σw²: the effective number of points in the mean. Near 1, the mean is the best point rather than an average.
   */
  readonly effectiveSampleSize: number;
}

/**
 * Σ wᵢxᵢ/Σ wᵢ with wᵢ = exp(−α(fᵢ − min f)), 0 ≤ α ≤ ∞; for α = ∞ the best point, or the mean of the best in case of
 * ties. Values that are not finite have weight 0. O(N n).
 * @throws `NUMERICAL` if none is finite.
 */
export function gibbsMean(points: readonly Float64Array[], values: ArrayLike<number>, alpha: number): GibbsMean {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < points.length; i++) if (Number.isFinite(values[i]) && values[i] < least) least = values[i];
  if (least === Number.POSITIVE_INFINITY) fail('NUMERICAL', 'No point has a finite value: there is no consensus.');
  const mean = new Float64Array(points[0].length);
  let [total, squares] = [0, 0];
  for (let i = 0; i < points.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const excess = values[i] - least;
    const w = excess === 0 ? 1 : exp(-alpha * excess);
    if (w === 0) continue;
    total += w;
    squares += w * w;
    for (let j = 0; j < mean.length; j++) mean[j] += w * points[i][j];
  }
  for (let j = 0; j < mean.length; j++) mean[j] /= total;
  return { mean, effectiveSampleSize: (total * total) / squares };
}

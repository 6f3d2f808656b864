import { checkOptions, numberOption, type OptionsOf } from '@southwell/numerics/core';
import type { Search } from './search.ts';

/**
 * A step length α with φ(α) − φ(0) ≤ c·α·φ′(0) (Armijo). Starts at `first`; after a failure, tries the minimiser of the
 * parabola through φ(0), φ′(0), φ(α), then of the cubic through the last two trials (Nocedal & Wright, §3.5),
 * restricted to [0.1α, 0.5α]. Zero if no trial down to 10⁻²⁰ of the first is accepted.
 *
 * @param change φ(α) − φ(0); +∞ where undefined. @param slope φ′(0) < 0.
 */
export function armijoSearch(change: (alpha: number) => number, slope: number, sufficient = 1e-10, first = 1): number {
  let alpha = first;
  let previous = 0;
  let previousExcess = 0;
  for (let trial = 0; trial < 60 && alpha > 1e-20 * first; trial++) {
    const c = change(alpha);
    if (c <= sufficient * alpha * slope) return alpha;
    const excess = c - alpha * slope;
    let guess = Number.NaN;
    if (trial === 0) guess = (-slope * alpha * alpha) / (2 * excess);
    else {
      const scale = 1 / ((alpha - previous) * previous ** 2 * alpha ** 2);
      const a = scale * (previous ** 2 * excess - alpha ** 2 * previousExcess);
      const b = scale * (-(previous ** 3) * excess + alpha ** 3 * previousExcess);
      guess = (-b + Math.sqrt(b * b - 3 * a * slope)) / (3 * a);
    }
    previous = alpha;
    previousExcess = excess;
    alpha = Number.isFinite(guess) ? Math.min(0.5 * alpha, Math.max(0.1 * alpha, guess)) : 0.5 * alpha;
  }
  return 0;
}

export const decreaseRecords = {
  /** Sufficient-decrease constant c. Default 1e-4. */
  sufficient: numberOption({ min: 0, max: 1, open: true }),
};

/** Options of the sufficient-decrease condition. */
export interface DecreaseOptions extends OptionsOf<typeof decreaseRecords> {}

/**
 * {@link armijoSearch} for descent: a step that decreases the objective by at least `sufficient` (default 1e-4) of the
 * linear prediction.
 * @throws INVALID_PARAMETER.
 */
export function armijo(options: DecreaseOptions = {}): Search {
  checkOptions('armijo', decreaseRecords, options);
  const { sufficient = 1e-4 } = options;
  return {
    descends: true,
    smooth: true,
    step: (line, first) => armijoSearch((alpha) => line.evaluate(alpha) - line.value, line.slope, sufficient, first),
  };
}

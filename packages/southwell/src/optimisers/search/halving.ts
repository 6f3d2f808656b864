import { checkOptions } from '@southwell/numerics/core';
import { type DecreaseOptions, decreaseRecords } from './armijo.ts';
import type { Search } from './search.ts';

/** The first accepted length of first, first/2, first/4 …; 0 if none of that many trials is. */
export function halvingSearch(accepts: (alpha: number) => boolean, trials: number, first = 1): number {
  let alpha = first;
  for (let trial = 0; trial < trials; trial++, alpha /= 2) if (accepts(alpha)) return alpha;
  return 0;
}

/**
 * Halves the step until the objective decreases by `sufficient` (default 1e-4) of the change that the gradient predicts
 * at the trial point, also for paths that bend (Andrew & Gao, ICML 2007). Up to 40 trials.
 * @throws INVALID_PARAMETER.
 */
export function halving(options: DecreaseOptions = {}): Search {
  checkOptions('halving', decreaseRecords, options);
  const { sufficient = 1e-4 } = options;
  return {
    descends: true,
    smooth: false,
    step: (line, first) =>
      halvingSearch((alpha) => line.evaluate(alpha) <= line.value + sufficient * line.promised, 40, first),
  };
}

import { fail } from '@southwell/numerics/core';
import type { Search } from './search.ts';

/**
 * Constant step length, without a line search; for quadratics with curvatures up to L it must be below 2/L.
 * @throws INVALID_PARAMETER.
 */
export function constantStep(length: number): Search {
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `The step length must be above 0, not ${length}.`);
  }
  return {
    descends: false,
    smooth: false,
    step(line) {
      line.evaluate(length);
      return length;
    },
  };
}

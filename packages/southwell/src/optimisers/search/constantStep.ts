import { fail } from '@southwell/numerics/core';
import type { Search } from './search.ts';

/**
 * Always the same length, whatever becomes of the objective; for quadratics with curvatures up to L, below 2/L.
 * @throws INVALID_PARAMETER.
 */
export function constantStep(length: number): Search {
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `A step needs a length above 0, not ${length}.`);
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

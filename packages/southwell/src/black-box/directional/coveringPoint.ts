import type { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { randomDirection, scaledTo } from './randomDirection.ts';

/**
 * The displacement of a covering step: a random direction whose largest absolute value is (U·radius)^{1/n}, with U
 * uniform in [0, 1). Repeated steps are dense about a point, which is what the convergence theory of the covering direct
 * search needs where f has jumps. O(n).
 */
export const coveringPoint = (n: number, radius: number, random: Random): Float64Array =>
  scaledTo(randomDirection(n, random), elementary.power(random.uniform() * radius, 1 / n));

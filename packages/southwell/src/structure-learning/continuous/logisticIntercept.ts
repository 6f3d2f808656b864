import { clamp } from '@southwell/numerics/projections';

/** Tolerance on the derivative. */
const ACCURACY = 1e-9;

/**
 * Finds the b that minimises Σ sᵢ[log(1 + e^(mᵢ + b)) − xᵢ(mᵢ + b)], where x has both 0 and 1 and the weights s sum to
 * 1; adds it to m, and writes the derivatives by m + b, sᵢ[σ(mᵢ + b) − xᵢ], to `slopes`. Newton steps from `start`,
 * safeguarded by a bracket of the root; without `start` b is 0. O(n) a step; there are few.
 */
export function addIntercept(
  m: Float64Array,
  x: Float64Array,
  shares: Float64Array,
  start: number | undefined,
  slopes: Float64Array,
): number {
  const n = m.length;
  if (start === undefined) {
    for (let i = 0; i < n; i++) slopes[i] = shares[i] * (1 / (1 + Math.exp(-m[i])) - x[i]);
    return 0;
  }
  let [ones, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    ones += shares[i] * x[i];
    least = Math.min(least, m[i]);
    most = Math.max(most, m[i]);
  }
  // The value of b if all mᵢ were equal to the smallest or to the largest of them.
  const logit = Math.log(ones / (1 - ones));
  let [low, high] = [logit - most, logit - least];
  let b = clamp(start, low, high);
  for (let step = 0; step < 100; step++) {
    let [slope, curvature] = [0, 0];
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-m[i] - b));
      slopes[i] = shares[i] * (p - x[i]);
      slope += slopes[i];
      curvature += shares[i] * p * (1 - p);
    }
    if (Math.abs(slope) <= ACCURACY) break;
    if (slope > 0) high = b;
    else low = b;
    const next = b - slope / curvature;
    const inside = next > low && next < high ? next : (low + high) / 2;
    if (inside === b) break;
    b = inside;
  }
  for (let i = 0; i < n; i++) m[i] += b;
  return b;
}

import { clamp } from '@southwell/numerics/projections';

/** How far from 0 the derivative may be at the end. */
const ACCURACY = 1e-9;

/**
 * The b that minimises Σ sᵢ[log(1 + e^(mᵢ + b)) − xᵢ(mᵢ + b)] for x of 0 and 1, both of them, and shares s whose sum
 * is 1; adds it to m, and puts the derivatives by m + b, sᵢ[σ(mᵢ + b) − xᵢ], into `slopes`. Newton steps from `start` in a
 * bracket that holds the root; without a start b is 0. O(n) a step, of which there are few.
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
  // Were all mᵢ the least, or the most, b would be here.
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

/**
 * 4(η(kᵢ − x))⁻² with the x < min k for which they sum to 1. The sum is convex and increases with x, so that Newton's
 * method from above, where the largest alone is 1, converges monotonically.
 */
export function tsallisWeights(k: Float64Array, eta: number): Float64Array {
  const least = k.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  // Relative to min k, since differences of large numbers lose accuracy.
  const above = k.map((v) => v - least);
  let x = -2 / eta;
  const p = new Float64Array(k.length);
  for (let step = 0; step < 60; step++) {
    let [sum, slope] = [0, 0];
    for (let i = 0; i < k.length; i++) {
      const root = 2 / (eta * (above[i] - x));
      p[i] = root * root;
      sum += p[i];
      slope += eta * p[i] * root;
    }
    const next = x - (sum - 1) / slope;
    if (!(next < x)) break;
    x = next;
  }
  const sum = p.reduce((a, b) => a + b, 0);
  return p.map((v) => v / sum);
}

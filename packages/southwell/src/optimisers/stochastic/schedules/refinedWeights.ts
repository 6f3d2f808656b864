/**
 * Weights of steps by their norms, norm^−power, which are larger for small gradients. Norms are relative to their
 * median, and positive.
 */
export const refinedWeights = (norms: Float64Array, power: 1 | 2): Float64Array =>
  norms.map((g) => (power === 1 ? 1 / g : 1 / (g * g)));

/** What steps weigh by their norms, norm^−power: those of small gradients more. Norms are relative to their median, and above 0. */
export const refinedWeights = (norms: Float64Array, power: 1 | 2): Float64Array =>
  norms.map((g) => (power === 1 ? 1 / g : 1 / (g * g)));

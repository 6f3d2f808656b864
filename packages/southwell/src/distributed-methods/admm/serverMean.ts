import { meanOf } from './vectors.ts';

/**
 * The new global model of the forms without duals: u + (1/C) Σ (wₖ − u) over those that answered, which is their mean if there are C. With a
 * divisor that is the same in all rounds, Σ Hₖwₖ + ρC(wₙ − wₙ₋₁) stays constant when some do not answer, where a mean would change it.
 */
export function serverMean(answers: readonly Float64Array[], u: Float64Array, perRound: number): Float64Array {
  const mean = meanOf(answers, u.length);
  if (answers.length === perRound) return mean;
  const share = answers.length / perRound;
  return mean.map((v, i) => u[i] + share * (v - u[i]));
}

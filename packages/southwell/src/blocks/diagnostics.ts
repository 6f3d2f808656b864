import type { SeparablePenalty } from '../penalties/index.ts';
import { penaltyDifference } from './penaltyDifference.ts';
import type { BlockProblem } from './problem.ts';

/**
 * F(x) − F(x*) of a quadratic f without cancellation, which would leave an error of 10⁻¹⁶|F|: ½dᵀHd + Σ_i [∇_i f(x*)
 * d_i + g_i(x_i) − g_i(x*_i)], d = x − x*, where every term of the sum is ≥ 0 if x* is a minimiser. Terms within the
 * smooth piece of g_i that contains x*_i cancel exactly and are left out.
 *
 * @returns a function of x; O(product) a call.
 * @throws TypeError unless the problem is quadratic with `boundProduct`.
 */
export function quadraticGap(
  problem: BlockProblem,
  minimiser: Float64Array,
  penalty?: SeparablePenalty,
): (x: Float64Array) => number {
  if (!problem.quadratic || !problem.boundProduct) {
    throw new TypeError('The exact gap needs a quadratic problem with boundProduct.');
  }
  const gradient = problem.start(minimiser).gradient().slice();
  const d = new Float64Array(problem.dim);
  const hd = new Float64Array(problem.dim);
  return (x) => {
    for (let i = 0; i < d.length; i++) d[i] = x[i] - minimiser[i];
    problem.boundProduct!(d, hd);
    let sum = 0;
    for (let i = 0; i < d.length; i++) {
      if (d[i] === 0) continue;
      sum += 0.5 * d[i] * hd[i];
      if (!penalty) continue; // ∇f(x*) = 0
      const from = minimiser[i];
      // Inside a linear piece g′ = −∇_i f(x*), so that the two terms cancel.
      const linear =
        penalty.inSupport(i, from) &&
        penalty.inSupport(i, x[i]) &&
        penalty.derivative(i, x[i]) === penalty.derivative(i, from);
      if (!linear) sum += gradient[i] * d[i] + penaltyDifference(penalty, i, from, x[i]);
    }
    return sum;
  };
}

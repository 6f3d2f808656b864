import { fail } from '@southwell/numerics/core';
import { ofLength } from './checks.ts';

/**
 * Path norm Σ|aⱼ|·‖wⱼ‖ of a network with one hidden layer, Σ aⱼ·relu(wⱼᵀx), which is invariant to rescaling of units
 * (Wu & Su, ICML 2023). O(size).
 *
 * @param hidden weights unit by unit, as `nn.linear` has them: [units, inputs].
 * @param last a number for each unit.
 * @throws INVALID_SHAPE for no units or weights that do not divide among them; NON_FINITE.
 */
export function pathNorm(hidden: ArrayLike<number>, last: ArrayLike<number>): number {
  const units = last.length;
  const width = hidden.length / units;
  if (units === 0 || !(width >= 1 && Number.isInteger(width))) {
    fail('INVALID_SHAPE', `${hidden.length} weights cannot be divided evenly among ${units} units.`);
  }
  let sum = 0;
  for (let j = 0; j < units; j++) {
    let square = 0;
    for (let k = 0; k < width; k++) square += hidden[j * width + k] ** 2;
    sum += Math.abs(last[j]) * Math.sqrt(square);
  }
  return finite(sum);
}

/**
 * ‖a⊙b‖₁, the L1 norm of the coefficients of a diagonal linear network ⟨a⊙b, x⟩. O(size).
 * @throws INVALID_SHAPE for other lengths; NON_FINITE.
 */
export function effectiveNorm(a: ArrayLike<number>, b: ArrayLike<number>): number {
  ofLength('second factor', b, a.length);
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += Math.abs(a[k] * b[k]);
  return finite(sum);
}

function finite(sum: number): number {
  if (!Number.isFinite(sum))
    fail('NON_FINITE', `The norm is ${sum}: a weight is not finite, or the weights are too large.`);
  return sum;
}

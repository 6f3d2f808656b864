import { fail } from '@southwell/numerics/core';
import { checkNorms } from './refinement.ts';

/** The bound on the last of T iterates of x ← x − λ_t·g_t, from step lengths and gradient norms. */

/**
 * An upper bound on f(x_T) − f(u) for a convex f, ‖x_1 − u‖ ≤ `distance`, steps λ_1 … λ_T and norms G_1 … G_T:
 *
 * [D² + ΣG_t²λ_t²]/(2Λ_1) + ½·Σ_{k<T} λ_k/(Λ_{k+1}·Λ_k)·Σ_{t≥k} G_t²λ_t², Λ_k = Σ_{t≥k} λ_t,
 *
 * which equals ½·[D²/Λ_1 + Σ_{k<T} G_k²λ_k²/Λ_{k+1} + G_T²λ_T] and is computed in this form: convex in the steps,
 * without differences. The step λ_T comes after x_T and is not taken, but serves as the weight of x_T: it must be
 * positive. Infinite if no step follows a positive one. Source: arXiv 2310.07831, the bound that is minimised
 * numerically there. O(T).
 *
 * @param steps T lengths, at least 0.
 * @param norms T norms, of gradients at x_1 … x_T; one number if all are the same, or bounded by it.
 * @throws INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE, EMPTY.
 */
export function lastIterateBound(
  steps: ArrayLike<number>,
  norms: ArrayLike<number> | number,
  distance: number,
): number {
  const T = steps.length;
  if (T === 0) fail('EMPTY', 'A bound on the last iterate needs at least one step.');
  const G = normsOf(norms, T);
  checkDistance(distance);
  for (let t = 0; t < T; t++) {
    if (!(steps[t] >= 0 && Number.isFinite(steps[t])))
      fail('INVALID_PARAMETER', `Step ${t + 1} must be a number of at least 0, but is ${steps[t]}.`);
  }
  let after = 0;
  let sum = 0;
  for (let t = T - 1; t >= 0; t--) {
    const length = G[t] * steps[t];
    // For the last step G²λ²/λ.
    if (t === T - 1) sum += G[t] * length;
    else if (length > 0) sum += length * (length / after);
    after += steps[t];
  }
  const start = distance === 0 ? 0 : distance * (distance / after);
  return (start + sum) / 2;
}

/** Steps, and their bound. */
export interface OptimalSchedule {
  readonly steps: Float64Array;
  readonly bound: number;
}

/**
 * The steps that minimise {@link lastIterateBound} for these norms, exactly, not only up to a factor. The bound of a
 * tail is proportional to its sum, with minimum w_k·Λ_k where w_T = G_T² and w_k = 2w_{k+1}/(1 + √(1 + w_{k+1}/G_k²)),
 * with Λ_{k+1}/Λ_k = 1/√(1 + w_{k+1}/G_k²). Therefore no search is needed: two passes, O(T), accurate to rounding.
 * Equal norms give approximately a linear decay to zero, and a bound of about 2DG/√T, twice the known bound for linear
 * decay itself. Smooth the norms of single batches first: {@link smoothNorms}.
 *
 * @param norms T positive norms: where a gradient vanishes, steps are unbounded.
 * @param distance D, of the initial point from the reference point; steps are proportional to it.
 * @returns T steps, the last of which is not taken: it is the weight of the returned point.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER.
 */
export function optimalSchedule(norms: ArrayLike<number>, distance: number): OptimalSchedule {
  const T = norms.length;
  if (T === 0) fail('EMPTY', 'A schedule needs the norm of at least one step.');
  const G = normsOf(norms, T);
  checkDistance(distance);
  if (distance === 0) fail('INVALID_PARAMETER', 'The distance is 0: a run that starts at the solution needs no steps.');
  const zero = G.indexOf(0);
  if (zero >= 0) {
    fail(
      'INVALID_PARAMETER',
      `The norm of step ${zero + 1} is 0, so that its step is unbounded: smooth the norms first.`,
    );
  }
  const scale = G.reduce((a, b) => Math.max(a, b));
  /**
   * For the tail after each step: the factor between its bound and its sum, divided by the squared norm of the step.
   */
  const ratios = new Float64Array(T);
  let w = (G[T - 1] / scale) ** 2;
  for (let t = T - 2; t >= 0; t--) {
    ratios[t] = w / (G[t] / scale) ** 2;
    w = (2 * w) / (1 + Math.sqrt(1 + ratios[t]));
  }
  const root = Math.sqrt(w) * scale;
  const steps = new Float64Array(T);
  let left = distance / root;
  for (let t = 0; t < T - 1; t++) {
    const grown = Math.sqrt(1 + ratios[t]);
    const part = Number.isFinite(grown) ? ratios[t] / ((1 + grown) * grown) : 1;
    steps[t] = left * part;
    left /= grown;
  }
  steps[T - 1] = left;
  return { steps, bound: distance * root };
}

function normsOf(norms: ArrayLike<number> | number, T: number): Float64Array {
  const G = typeof norms === 'number' ? new Float64Array(T).fill(norms) : Float64Array.from(norms);
  if (G.length !== T) fail('INVALID_SHAPE', `There are ${T} steps, but ${G.length} norms.`);
  checkNorms(G);
  return G;
}

function checkDistance(distance: number): void {
  if (!(distance >= 0 && Number.isFinite(distance))) {
    fail('INVALID_PARAMETER', `The distance must be a number of at least 0, but is ${distance}.`);
  }
}

import { fail, inOnePlace } from '@southwell/numerics/core';
import { isAbove0, type Loss, overRows, rowOf, separableLoss } from './loss.ts';
import { checkReal, gamma, poisson } from './regression.ts';

/** Maximum number of Newton steps for a conjugate; ten are rarely needed. */
const STEPS = 60;

/**
 * Tweedie with log link: half the unit deviance, y e^((1−p)η)/(p−1) + e^((2−p)η)/(2−p) − y^(2−p)/((p−1)(2−p)), y ≥ 0
 * and 1 ≤ p ≤ 2 (Jørgensen 1987). Between p = 1 (Poisson) and p = 2 (gamma), for targets with exact zeros and a
 * positive continuous part, such as rainfall or insurance claims.
 * @throws INVALID_PARAMETER.
 */
export function tweedie(power = 1.5): Loss {
  if (!(power >= 1 && power <= 2)) {
    fail(
      'INVALID_PARAMETER',
      `The power of a Tweedie model must be between 1 (Poisson) and 2 (gamma), not ${power}: other powers are not convex in η.`,
    );
  }
  if (power === 1) return poisson();
  if (power === 2) return gamma();
  const [a, b] = [2 - power, power - 1];
  return {
    name: 'tweedie',
    mean: Math.exp,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a Tweedie regression', rows);
      let sum = 0;
      for (let i = 0; i < y.length; i++) {
        if (y[i] < 0) fail('INVALID_TARGET', `A Tweedie target must be at least 0; row ${rowOf(i, rows)} has ${y[i]}.`);
        sum += w[i] * y[i];
      }
      if (!isAbove0(sum, rows))
        fail('INVALID_TARGET', 'All Tweedie targets are 0: the fitted mean would be 0, at η = −∞.');
      const least = (yi: number) => (yi > 0 ? yi ** a / (a * b) : 0);
      const value = (yi: number, eta: number) =>
        (yi > 0 ? (yi * Math.exp(-b * eta)) / b : 0) + Math.exp(a * eta) / a - least(yi);
      const pull = (yi: number, eta: number) => (yi > 0 ? yi * Math.exp(-b * eta) : 0) - Math.exp(a * eta);
      const curvature = (yi: number, eta: number) => (yi > 0 ? b * yi * Math.exp(-b * eta) : 0) + a * Math.exp(a * eta);
      return overRows(y, w, rows, (y, w) =>
        separableLoss(y, w, {
          value,
          pull,
          curvature,
          conj: (yi, u) => {
            if (yi === 0) {
              if (u < -1e-12) return Number.POSITIVE_INFINITY;
              return u > 0 ? (u * (Math.log(u) - 1)) / a : 0;
            }
            const eta = slopeAt(yi, u, a, b, pull, curvature);
            return u * eta - value(yi, eta);
          },
        }),
      );
    },
  };
}

/** η where the derivative of ℓ is u: e^(aη) − y e^(−bη) = u, by safeguarded Newton's method. */
function slopeAt(
  y: number,
  u: number,
  a: number,
  b: number,
  pull: (y: number, eta: number) => number,
  curvature: (y: number, eta: number) => number,
): number {
  const root = Math.log(y);
  // At log y the derivative is 0. Above it y e^(−bη) ≤ y^a, below it e^(aη) ≤ y^a.
  let [low, high] =
    u >= 0
      ? [Math.max(root, u > 0 ? Math.log(u) / a : root), Math.log(u + y ** a) / a]
      : [Math.log(y / (y ** a - u)) / b, Math.min(root, Math.log(y / -u) / b)];
  let eta = low + (high - low) / 2;
  for (let step = 0; step < STEPS; step++) {
    const left = -pull(y, eta) - u;
    if (left > 0) high = eta;
    else low = eta;
    let next = eta - left / curvature(y, eta);
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (Math.abs(next - eta) <= 1e-15 * Math.max(1, Math.abs(eta))) return next;
    eta = next;
  }
  return eta;
}

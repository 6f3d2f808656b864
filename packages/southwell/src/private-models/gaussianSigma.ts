import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

const { exp, log } = elementary;
const ROOT_2PI = 2.5066282746310002;
/** Step of the double-exponential rule t = e^(π/2·sinh u), and the range of u. */
const STEP = 1 / 32;
const REACH = 4.5;

/** The nodes and weights on (0, ∞), for integrands that decay like a normal density. */
const rule = Array.from({ length: 2 * Math.round(REACH / STEP) + 1 }, (_, i) => {
  const u = -REACH + i * STEP;
  const [up, down] = [exp(u), exp(-u)];
  const t = exp((Math.PI / 4) * (up - down));
  return { t, weight: STEP * (Math.PI / 4) * (up + down) * t };
});

/** 1 − e^(−y) for y ≥ 0 without cancellation (Kahan). */
function lost(y: number): number {
  const u = exp(-y);
  if (u === 1) return y;
  return u === 0 ? 1 : ((1 - u) * y) / -log(u);
}

/**
 * The smallest δ for which the Gaussian mechanism with sensitivity Δ and standard deviation σ is (ε, δ)-private (Balle
 * & Wang 2018, theorem 8), Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ) with μ = Δ/σ. It is computed as the integral of φ(a + t)(1
 * − e^(−μt)) over t ≥ 0, a = ε/μ − μ/2, without cancellation or overflow, to a relative error of about 1e-13.
 * @param mu Δ/σ, at least 0.
 * @param epsilon at least 0.
 * @throws INVALID_PARAMETER.
 */
export function gaussianDelta(mu: number, epsilon: number): number {
  if (!(mu >= 0 && Number.isFinite(mu)))
    fail('INVALID_PARAMETER', `mu, the sensitivity over the standard deviation, must be at least 0, but is ${mu}.`);
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    fail('INVALID_PARAMETER', `epsilon must be a number of at least 0, but is ${epsilon}.`);
  }
  if (mu === 0) return 0;
  const a = epsilon / mu - mu / 2;
  // An upper bound within 1e-14; the quadrature rule is too coarse for a density centred so far out.
  if (a < -8) return 1;
  let sum = 0;
  for (const { t, weight } of rule) {
    const at = a + t;
    if (Math.abs(at) < 38.6) sum += weight * exp(-0.5 * at * at) * lost(mu * t);
  }
  return Math.min(1, sum / ROOT_2PI);
}

/** Result for the last ε and δ, since all people of a protocol have the same. */
let last = { epsilon: Number.NaN, delta: Number.NaN, ratio: Number.NaN };

/**
 * The largest Δ/σ that (ε, δ) permits, reduced by a factor of 1 − 1e-13 so that quadrature errors do not weaken the
 * guarantee.
 * @throws INVALID_PARAMETER.
 */
export function largestRatio(epsilon: number, delta: number): number {
  if (last.epsilon === epsilon && last.delta === delta) return last.ratio;
  checkEpsilon(epsilon);
  if (!(delta > 0 && delta < 1)) {
    fail(
      'INVALID_PARAMETER',
      `delta must be between 0 and 1 for Gaussian noise, but is ${delta}: use Laplace noise for pure privacy.`,
    );
  }
  let high = 1;
  while (gaussianDelta(high, epsilon) <= delta) high *= 2;
  let low = high / 2;
  while (gaussianDelta(low, epsilon) > delta) low /= 2;
  high = 2 * low;
  for (let k = 0; k < 60 && low < high; k++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (gaussianDelta(middle, epsilon) <= delta) low = middle;
    else high = middle;
  }
  last = { epsilon, delta, ratio: low * (1 - 1e-13) };
  return last.ratio;
}

/** @throws INVALID_PARAMETER unless ε is above 0 and finite. */
export function checkEpsilon(epsilon: number): void {
  if (epsilon > 0 && Number.isFinite(epsilon)) return;
  const why =
    epsilon === 0
      ? 'at 0 a report contains no information'
      : epsilon === Number.POSITIVE_INFINITY
        ? 'an infinite value gives no privacy'
        : 'it bounds a ratio of probabilities by e^epsilon';
  fail('INVALID_PARAMETER', `epsilon must be a finite number above 0, but is ${epsilon}: ${why}.`);
}

/**
 * The smallest standard deviation of Gaussian noise with which a quantity of this ℓ₂ sensitivity is (ε, δ)-private: the
 * analytic Gaussian mechanism (Balle & Wang 2018), for every ε > 0. The classical √(2 ln(1.25/δ))/ε is larger than
 * necessary for ε < 1 and invalid above some ε > 1. By bisection on {@link gaussianDelta}, from the private side; the
 * inequality is tight to 1e-10 of δ.
 * @param sensitivity the maximum distance between the values of two people, above 0.
 * @returns a standard deviation in the units of the sensitivity.
 * @throws INVALID_PARAMETER.
 * @example analyticGaussianSigma(1, 1e-5, 2); // 7.46…, twice that of sensitivity 1
 */
export function analyticGaussianSigma(epsilon: number, delta: number, sensitivity = 1): number {
  if (!(sensitivity > 0 && Number.isFinite(sensitivity))) {
    fail('INVALID_PARAMETER', `The sensitivity must be a finite number above 0, but is ${sensitivity}.`);
  }
  return sensitivity / largestRatio(epsilon, delta);
}

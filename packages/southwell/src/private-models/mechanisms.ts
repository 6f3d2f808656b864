import {
  checkOption,
  fail,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsNeeding,
  otherOption,
} from '@southwell/numerics/core';
import { elementary, logGamma } from '@southwell/numerics/special';
import { roundedNormal, uniformBelow, withNoise } from './exactNoise.ts';
import { checkEpsilon } from './gaussianSigma.ts';
import {
  checkPrivacy,
  checkValues,
  draw,
  gaussianUnits,
  type IntegerNoise,
  intoBall,
  laplaceScale,
  norm,
  privacyRecords,
  variance,
} from './grids.ts';
import { type NoiseSource, secureSource } from './noiseSource.ts';

const ballRecords = {
  epsilon: privacyRecords.epsilon,
  /** Bound on the ℓ₂ norm, chosen without looking at the values; longer vectors are scaled down to it. */
  bound: numberOption({ min: 1e-250, max: 1e250 }),
};

const sourceRecords = {
  /** Default: {@link secureSource}. */
  source: otherOption<NoiseSource>('a source of random bits'),
};

const reportRecords = { ...ballRecords, ...sourceRecords };

const laplaceRecords = {
  epsilon: privacyRecords.epsilon,
  /** Bound on the ℓ₁ norm, chosen without looking at the values; longer vectors are scaled down to it. */
  bound: ballRecords.bound,
  ...sourceRecords,
};

const gaussianRecords = { ...privacyRecords, ...reportRecords };

export interface GaussianOptions extends OptionsNeeding<typeof gaussianRecords, 'epsilon' | 'delta' | 'bound'> {}
export interface LaplaceOptions extends OptionsNeeding<typeof laplaceRecords, 'epsilon' | 'bound'> {}
export interface BallOptions extends OptionsNeeding<typeof reportRecords, 'epsilon' | 'bound'> {}

/**
 * A private report of one vector. All of it may be sent. It does not contain whether the values were beyond the bound,
 * as that is not private.
 */
export interface PrivateVector {
  /** The noisy values, in the units of the input. */
  readonly values: Float64Array;
  /** Standard deviation of the noise of each entry. */
  readonly deviation: number;
  readonly noise: NoiseSource['kind'];
}

/** Number of grid steps between 0 and the bound. */
const FINE = 2 ** 22;

const checkBound = (bound: number): void => checkOption('bound', ballRecords.bound, bound);

/**
 * An (ε, δ)-private report of a vector by Gaussian noise, for replace-one neighbours: the values of any two people.
 *
 * The values are mapped to a grid with step g as whole numbers k with Σk² ≤ R², verified in whole numbers. Those of two
 * people have a distance of at most 2R (triangle inequality). The noise has standard deviation S = 2^bits, with 2R/S at
 * most what the analytic Gaussian mechanism permits, and k + round(S·N) = round(k + S·N): the report is a rounded
 * Gaussian mechanism, sampled exactly.
 * @param values length d, finite.
 * @throws INVALID_PARAMETER, NON_FINITE.
 */
export function gaussianMechanism(values: ArrayLike<number>, options: GaussianOptions): PrivateVector {
  knownKeys('gaussianMechanism', options, keysOf(gaussianRecords));
  const { bound, source = secureSource() } = options;
  checkPrivacy(options);
  checkBound(bound);
  checkValues(values, 'Value');
  const { radius, step, noise } = gaussianGrid(options);
  const { units } = intoBall(values, step, radius);
  return released(units, noise, step, source);
}

/**
 * The grid of {@link gaussianMechanism}, which does not depend on the values.
 * @throws INVALID_PARAMETER, NOT_SUPPORTED.
 */
export function gaussianGrid({ epsilon, delta, bound }: GaussianOptions) {
  const { bits, apart } = gaussianUnits({ epsilon, delta }, 2 * FINE);
  const radius = Math.floor(apart / 2);
  if (radius < 256)
    fail('NOT_SUPPORTED', `epsilon ${epsilon} is too small: the noise would exceed the range of the reports.`);
  const noise: IntegerNoise = { kind: 'gaussian', bits };
  return { radius, step: bound / radius, noise };
}

/**
 * An ε-private report of a vector by Laplace noise, for replace-one neighbours. The values are mapped to a grid as
 * whole numbers k with Σ|k| ≤ R, verified in whole numbers, and discrete Laplace noise with a scale above 2R/ε is added
 * to each. By the triangle inequality no report is more than e^ε times as likely for one person as for another (Ghosh,
 * Roughgarden & Sundararajan 2009; sampled exactly after Canonne, Kamath & Steinke 2020). Attacks on floating-point
 * noise do not apply.
 * @param values length d, finite.
 * @throws INVALID_PARAMETER, NON_FINITE.
 */
export function laplaceMechanism(values: ArrayLike<number>, options: LaplaceOptions): PrivateVector {
  knownKeys('laplaceMechanism', options, keysOf(laplaceRecords));
  const { epsilon, bound, source = secureSource() } = options;
  checkEpsilon(epsilon);
  checkBound(bound);
  checkValues(values, 'Value');
  const step = bound / FINE;
  // Scaled by the largest absolute value to avoid overflow.
  const most = values.length === 0 ? 0 : Math.max(...Array.from(values, Math.abs));
  const share = most === 0 ? 1 : Array.from(values).reduce((sum, v) => sum + Math.abs(v / most), 0);
  const beyond = most * share > bound;
  const units = Float64Array.from(values, (v) => Math.round((beyond ? v / most / share : v / bound) * FINE) + 0);
  let over = units.reduce((sum, k) => sum + Math.abs(k), -FINE);
  for (; over > 0; over--) {
    const largest = units.reduce((best, k, j) => (Math.abs(k) > Math.abs(units[best]) ? j : best), 0);
    units[largest] -= Math.sign(units[largest]);
  }
  return released(units, { kind: 'laplace', scale: laplaceScale(2 * FINE, epsilon) }, step, source);
}

function released(units: Float64Array, noise: IntegerNoise, step: number, source: NoiseSource): PrivateVector {
  const values = units.map((k) => step * withNoise(k, draw(noise, source)));
  return { values, deviation: step * Math.sqrt(variance(noise)), noise: source.kind };
}

/**
 * Number of cases out of 2⁵³ in which the opposite is reported: rounded up, so that the odds of the truth are at most
 * e^ε.
 */
export function lieOf(epsilon: number): number {
  checkEpsilon(epsilon);
  const chance = 1 / (1 + elementary.exp(epsilon));
  return Math.min(2 ** 52, Math.ceil(chance * 2 ** 53 * (1 + 1e-12)) + 1);
}

/**
 * The norm of every report of {@link l2BallMechanism}, which makes it unbiased: r/(1 −
 * 2·lie)·√π/2·d·Γ((d+1)/2)/Γ(d/2+1).
 * @throws INVALID_PARAMETER, NOT_SUPPORTED if ε is so small that the truth and its opposite are equally likely.
 */
export function ballRadius(d: number, options: OptionsNeeding<typeof ballRecords, 'epsilon' | 'bound'>): number {
  knownKeys('ballRadius', options, keysOf(ballRecords));
  const { epsilon, bound } = options;
  const truth = 1 - 2 * (lieOf(epsilon) / 2 ** 53);
  if (truth <= 0) fail('NOT_SUPPORTED', `epsilon ${epsilon} is too small: reports would contain no information.`);
  const gammas = elementary.exp(logGamma((d + 1) / 2) - logGamma(d / 2 + 1));
  return (bound / truth) * (Math.sqrt(Math.PI) / 2) * d * gammas;
}

/**
 * An unbiased ε-private report of a vector as a point of a sphere, whose norm reveals nothing (Duchi, Jordan &
 * Wainwright 2018). The vector is randomly rounded to a point ±u of the sphere, with a probability given by its norm.
 * Then a direction w is drawn independently, and ±w is reported, on the side of u with odds of at most e^ε.
 *
 * Rounding errors cannot break the privacy: the direction consists of whole numbers and is as likely as its opposite,
 * and rounded sums are odd functions of it, so that for any u exactly one of ±w is on its side (or neither: then a fair
 * coin decides). The probability of a report w is therefore 2P(w) times that of the truth, of a lie, or of a coin, for
 * any u; the odds of lies are rounded up.
 * @param values length d ≥ 1, finite.
 * @throws INVALID_PARAMETER, NON_FINITE, EMPTY.
 */
export function l2BallMechanism(values: ArrayLike<number>, options: BallOptions): PrivateVector {
  knownKeys('l2BallMechanism', options, keysOf(reportRecords));
  const { epsilon, bound, source = secureSource() } = options;
  checkEpsilon(epsilon);
  checkBound(bound);
  checkValues(values, 'Value');
  const d = values.length;
  if (d === 0) fail('EMPTY', 'values is empty: there is nothing to report.');
  const length = norm(values);
  // This draw only makes the report unbiased: privacy holds for either sign.
  const forward = uniformBelow(source, 2 ** 53) < 2 ** 52 * (1 + Math.min(1, length / bound));
  let direction: Float64Array;
  do direction = Float64Array.from({ length: d }, () => roundedNormal(source, 40));
  while (direction.every((v) => v === 0));
  let along = 0;
  // For values that are all 0, any fixed direction; the draw above makes the mean 0.
  for (let j = 0; j < d; j++) along += direction[j] * (length > 0 ? values[j] / length : j === 0 ? 1 : 0);
  const lies = uniformBelow(source, 2 ** 53) < lieOf(epsilon);
  const fair = (source.bits() & 1) === 1;
  const flips = along === 0 ? fair : along > 0 === lies;
  const side = flips === forward ? -1 : 1;
  const radius = ballRadius(d, { epsilon, bound });
  const scale = (side * radius) / norm(direction);
  return {
    // No −0, which would reveal which of the two was drawn.
    values: direction.map((v) => v * scale + 0),
    deviation: radius / Math.sqrt(d),
    noise: source.kind,
  };
}

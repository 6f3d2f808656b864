import { fail, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { discreteLaplace, MOST_BITS, roundedNormal } from './exactNoise.ts';
import { checkEpsilon, largestRatio } from './gaussianSigma.ts';
import type { NoiseSource } from './noiseSource.ts';

/** Noise for whole numbers: Gaussian with standard deviation 2^bits, or discrete Laplace with this scale. */
export type IntegerNoise =
  | { readonly kind: 'gaussian'; readonly bits: number }
  | { readonly kind: 'laplace'; readonly scale: number };

/** The privacy parameters of a report. Use {@link checkPrivacy} for both, whose messages give reasons. */
export const privacyRecords = {
  epsilon: numberOption(
    { min: 0, open: true, finite: true },
    {
      title: 'Epsilon',
      about:
        'privacy parameter of each report: any report is at most e^epsilon times as likely for one person as for another, up to delta',
    },
  ),
  /** 0 is pure privacy. */
  delta: numberOption({ min: 0, below: 1 }),
};

export interface Privacy extends OptionsNeeding<typeof privacyRecords, 'epsilon' | 'delta'> {}

/** @throws INVALID_PARAMETER unless ε is above 0 and finite, and δ at least 0 and below 1. */
export function checkPrivacy({ epsilon, delta }: Privacy): void {
  checkEpsilon(epsilon);
  if (!(delta >= 0 && delta < 1)) {
    fail(
      'INVALID_PARAMETER',
      `delta must be at least 0 and below 1, but is ${delta}: it bounds the chance that epsilon fails.`,
    );
  }
}

export const draw = (noise: IntegerNoise, source: NoiseSource): number =>
  noise.kind === 'gaussian' ? roundedNormal(source, noise.bits) : discreteLaplace(source, noise.scale);

/**
 * The variance of the noise to a relative error of about 1e-12; the 1/12 that rounding adds to that of a normal variate
 * is neglected.
 */
export const variance = (noise: IntegerNoise): number =>
  noise.kind === 'gaussian' ? 4 ** noise.bits : 2 * noise.scale ** 2;

/**
 * Gaussian noise with standard deviation 2^bits for whole numbers: the maximum ℓ₂ distance in units between the values
 * of two people, at least `least` and less than twice as large, unless the number of bits is limited.
 */
export function gaussianUnits({ epsilon, delta }: Privacy, least: number): { bits: number; apart: number } {
  const ratio = largestRatio(epsilon, delta);
  let bits = 1;
  while (bits < MOST_BITS && 2 ** bits * ratio < least) bits++;
  // `least` is a sufficient resolution; more noise than necessary does not weaken the guarantee.
  return { bits, apart: Math.min(2 ** bits * ratio, 2 * least) };
}

/**
 * A scale of discrete Laplace noise for whole-number values with an ℓ₁ distance of at most `apart`: above apart/ε
 * despite rounding errors.
 * @throws NOT_SUPPORTED.
 */
export function laplaceScale(apart: number, epsilon: number): number {
  const scale = Math.floor(apart / epsilon) + 1;
  if (scale > 2 ** 45)
    fail('NOT_SUPPORTED', `epsilon ${epsilon} is too small: the noise would exceed the range of the reports.`);
  return scale;
}

/** Whether Σk² ≤ radius², exactly, in whole numbers below 2⁵³. */
function inside(values: Float64Array, radius: number): boolean {
  let sum = 0;
  for (const k of values) sum += k * k;
  return sum <= radius * radius;
}

/** The ℓ₂ norm without overflow. */
export function norm(values: ArrayLike<number>): number {
  let most = 0;
  for (let j = 0; j < values.length; j++) most = Math.max(most, Math.abs(values[j]));
  if (most === 0) return 0;
  let sum = 0;
  for (let j = 0; j < values.length; j++) sum += (values[j] / most) ** 2;
  return most * Math.sqrt(sum);
}

/**
 * Whole numbers k with step·k close to the values and Σk² ≤ radius² in exact arithmetic, whatever the rounding errors:
 * values outside of the ball of radius step·radius are projected onto it. Radius at most 2²⁶, so that sums of squares
 * are exact.
 */
export function intoBall(
  values: ArrayLike<number>,
  step: number,
  radius: number,
): { units: Float64Array; clipped: boolean } {
  const length = norm(values);
  if (length === Number.POSITIVE_INFINITY)
    return intoBall(
      Float64Array.from(values, (v) => v / 2 ** 64),
      step / 2 ** 64,
      radius,
    );
  const bound = step * radius;
  const clipped = length > bound;
  // Divide first: with a very large norm, the factor could underflow to 0 and its product with a huge value would be
  // NaN.
  const units = Float64Array.from(
    values,
    (v) => (clipped ? Math.round((v / length) * radius) : Math.round(v / step)) + 0,
  );
  while (!inside(units, radius)) {
    let largest = 0;
    for (let j = 1; j < units.length; j++) if (Math.abs(units[j]) > Math.abs(units[largest])) largest = j;
    units[largest] -= Math.sign(units[largest]);
  }
  return { units, clipped };
}

/** The whole number nearest to value/step, clipped to ±most. */
export function intoInterval(value: number, step: number, most: number): { unit: number; clipped: boolean } {
  const clipped = Math.abs(value) > step * most;
  return { unit: clamp(Math.round(value / step), -most, most) + 0, clipped };
}

/** @throws NON_FINITE for values that are not finite numbers: a substitute that is sent instead would reveal them. */
export function checkValues(values: ArrayLike<number>, what: string): void {
  for (let j = 0; j < values.length; j++) {
    if (!Number.isFinite(values[j])) {
      fail(
        'NON_FINITE',
        `${what} ${j + 1} is ${values[j]}: nothing was sent. Give a finite number, or send no report for this person.`,
      );
    }
  }
}

import { fail } from '@southwell/numerics/core';
import type { NoiseSource } from './noiseSource.ts';

/**
 * Exact noise for whole numbers. Every probability is realised by comparisons of uniform integers and bits, without
 * evaluating floating-point functions, so that the outputs have no gaps or uneven steps which would reveal the input
 * (Mironov 2012). The time of a draw depends on its value, so that this does not protect against timing attacks.
 */

/** Reports are clipped to ±LIMIT, which is post-processing; below it all sums are exact in doubles. */
export const LIMIT = 2 ** 52;
/** Maximum of the bits of {@link roundedNormal}'s standard deviation: 32 standard deviations reach LIMIT. */
export const MOST_BITS = 47;
const WORD = 2 ** 32;
const WHOLE = 2 ** 53;

/**
 * A uniform whole number in [0, n), for whole 1 ≤ n ≤ 2⁵³, unbiased by rejection sampling.
 * @throws INVALID_PARAMETER.
 */
export function uniformBelow(source: NoiseSource, n: number): number {
  if (!(Number.isInteger(n) && n >= 1 && n <= WHOLE)) {
    fail('INVALID_PARAMETER', `The bound of uniform whole numbers must be a whole number from 1 to 2^53, not ${n}.`);
  }
  const wide = n > WORD;
  const range = wide ? WHOLE : WORD;
  // The remainder operation is exact for doubles.
  const even = range - (range % n);
  for (;;) {
    const x = wide ? (source.bits() >>> 11) * WORD + source.bits() : source.bits();
    if (x < even) return x % n;
  }
}

/**
 * True with probability e^(−γ), where `event` is true with probability γ ≤ 1: whether the run of events with
 * probabilities γ/1, γ/2, … has even length.
 */
function chanceOfExp(source: NoiseSource, event: () => boolean): boolean {
  let even = true;
  for (let i = 1; event() && uniformBelow(source, i) === 0; i++) even = !even;
  return even;
}

/** True with probability e^(−a/b), for whole 0 ≤ a ≤ b ≤ 2⁵³ (Canonne, Kamath & Steinke 2020, algorithm 1). */
export const bernoulliExp = (source: NoiseSource, a: number, b: number): boolean =>
  chanceOfExp(source, () => uniformBelow(source, b) < a);

/**
 * A whole number y with probability proportional to e^(−|y|/t), for whole 1 ≤ t ≤ 2⁴⁵ (Canonne, Kamath & Steinke 2020,
 * algorithm 2): the discrete Laplace distribution.
 * @throws INVALID_PARAMETER.
 */
export function discreteLaplace(source: NoiseSource, t: number): number {
  if (!(Number.isInteger(t) && t >= 1 && t <= 2 ** 45)) {
    fail('INVALID_PARAMETER', `The scale of discrete Laplace noise must be a whole number from 1 to 2^45, not ${t}.`);
  }
  for (;;) {
    const u = uniformBelow(source, t);
    if (!bernoulliExp(source, u, t)) continue;
    let v = 0;
    while (bernoulliExp(source, 1, 1)) v++;
    const size = u + t * v;
    const negative = (source.bits() & 1) === 1;
    if (negative && size === 0) continue;
    return negative ? -size : size;
  }
}

/** A uniform number in (0, 1), whose bits are drawn only as comparisons need them. */
class LazyUniform {
  private readonly words: number[] = [];

  constructor(private readonly source: NoiseSource) {}

  word(i: number): number {
    while (this.words.length <= i) this.words.push(this.source.bits());
    return this.words[i];
  }

  /** Whether a new uniform number is below this one. */
  above(): boolean {
    for (let i = 0; ; i++) {
      const [fresh, own] = [this.source.bits(), this.word(i)];
      if (fresh !== own) return fresh < own;
    }
  }
}

/**
 * A normal variate with standard deviation 2^bits, rounded to the nearest whole number. The distribution is exactly
 * that of a rounded real normal variate (Karney 2016, algorithm N). For whole numbers k, k + round(G) = round(k + G),
 * so that adding it is the Gaussian mechanism followed by rounding, which is post-processing and keeps the privacy
 * guarantee.
 * @param bits whole, from 0 to 47.
 * @throws INVALID_PARAMETER.
 */
export function roundedNormal(source: NoiseSource, bits: number): number {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= MOST_BITS)) {
    fail(
      'INVALID_PARAMETER',
      `bits must be a whole number from 0 to ${MOST_BITS} (for a standard deviation of 2^bits), not ${bits}.`,
    );
  }
  for (;;) {
    // The integer part: e^(−k/2) by Bernoulli draws, and e^(−k(k−1)/2) by rejection.
    let k = 0;
    while (bernoulliExp(source, 1, 2)) k++;
    let kept = true;
    for (let i = k * (k - 1); kept && i > 0; i--) kept = bernoulliExp(source, 1, 2);
    // The fractional part: e^(−kx) and e^(−x²/2).
    const x = new LazyUniform(source);
    for (let i = k; kept && i > 0; i--) kept = chanceOfExp(source, () => x.above());
    if (!kept || !chanceOfExp(source, () => x.above() && x.above() && (source.bits() & 1) === 1)) continue;
    // One additional bit for rounding to nearest; ties have probability zero.
    const finer = bits + 1;
    const first = x.word(0) * 2 ** 21 + (x.word(1) >>> 11);
    const doubled = k * 2 ** finer + Math.floor(first / 2 ** (53 - finer));
    const size = Math.floor((doubled + 1) / 2);
    return (source.bits() & 1) === 1 && size > 0 ? -size : size;
  }
}

/** A whole number plus noise, clipped to ±{@link LIMIT}. Below the limit sums are exact. */
export const withNoise = (k: number, noise: number): number => Math.max(-LIMIT, Math.min(LIMIT, k + noise));

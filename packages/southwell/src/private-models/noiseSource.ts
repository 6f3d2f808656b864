import { fail, Random } from '@southwell/numerics/core';

/** Source of the randomness of private reports. */
export interface NoiseSource {
  /** `secure`: unpredictable and not reproducible. `seeded`: anyone who knows the seed can subtract the noise. */
  readonly kind: 'secure' | 'seeded';
  /** 32 uniform bits, a whole number in [0, 2³²). */
  bits(): number;
}

const BLOCK = 1024;

/**
 * The cryptographic generator of the platform, `crypto.getRandomValues`, in blocks of 4 kB whose words are erased once
 * they are used. The default of every mechanism.
 * @throws NOT_SUPPORTED if the platform has none; there is no weaker fallback.
 */
export function secureSource(): NoiseSource {
  const { crypto } = globalThis;
  if (typeof crypto?.getRandomValues !== 'function') {
    fail(
      'NOT_SUPPORTED',
      'There is no cryptographic source of randomness here (crypto.getRandomValues), and other sources are not safe.',
    );
  }
  const block = new Uint32Array(BLOCK);
  let next = BLOCK;
  return {
    kind: 'secure',
    bits() {
      if (next === BLOCK) {
        crypto.getRandomValues(block);
        next = 0;
      }
      const word = block[next];
      block[next++] = 0;
      return word;
    },
  };
}

/**
 * Reproducible noise from a seed: for tests and simulations only. Reports are marked as seeded.
 * @param seed any integer in [0, 2⁵³).
 */
export function seededSource(seed: number): NoiseSource {
  const random = new Random(seed);
  return { kind: 'seeded', bits: () => random.bits() >>> 0 };
}

import { fail, Random } from '@southwell/numerics/core';

/** Where the chance of a private report comes from. */
export interface NoiseSource {
  /** `secure`: nobody can foretell or repeat it. `seeded`: who knows the seed can take the noise off again. */
  readonly kind: 'secure' | 'seeded';
  /** 32 uniform bits, a whole number in [0, 2³²). */
  bits(): number;
}

const BLOCK = 1024;

/**
 * The cryptographic generator of the platform, `crypto.getRandomValues`, in blocks of 4 kB whose words are wiped as they are
 * handed out. The default of every mechanism.
 * @throws NOT_SUPPORTED where there is none: nothing weaker takes its place.
 */
export function secureSource(): NoiseSource {
  const { crypto } = globalThis;
  if (typeof crypto?.getRandomValues !== 'function') {
    fail(
      'NOT_SUPPORTED',
      'There is no cryptographic source of noise here (crypto.getRandomValues), and none else is safe.',
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
 * Noise that a seed repeats: for tests and simulations alone. Reports say that they have it.
 * @param seed any integer in [0, 2⁵³).
 */
export function seededSource(seed: number): NoiseSource {
  const random = new Random(seed);
  return { kind: 'seeded', bits: () => random.bits() >>> 0 };
}

import { failFormat } from './bits.ts';
import type { Compressor } from './compressor.ts';
import { checkBytes, joined, largestMagnitude, nothing, readTag, tagOf } from './message.ts';

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/** ⌊log₂ x⌋ of a finite x > 0. */
export function exponentOf(x: number): number {
  word[0] = x;
  const exponent = (halves[1] >>> 20) & 0x7ff;
  if (exponent > 0) return exponent - 1023;
  // Below 2⁻¹⁰²² the exponent is not stored.
  return exponentOf(x * 2 ** 60) - 60;
}

/** x · 2ⁿ for |n| up to 2200, where 2ⁿ itself may be no double. */
export function timesPower(x: number, n: number): number {
  const half = n >> 1;
  return x * 2 ** half * 2 ** (n - half);
}

/** Added to and taken from a number below 2⁵¹, it rounds it to a whole one, ties to even. */
const ROUND = 2 ** 52;

/** The bits of 0 ≤ x < 2¹⁵ as a half, to nearest, ties to even. */
function halfBits(x: number): number {
  if (x < 2 ** -14) return x * 2 ** 24 + ROUND - ROUND;
  const exponent = exponentOf(x);
  return (exponent + 14) * 1024 + (x * 2 ** (10 - exponent) + ROUND - ROUND);
}

const halfOf = (bits: number): number => {
  const exponent = (bits >> 10) & 31;
  const size = exponent === 0 ? (bits & 1023) * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
};

/** Values of all halves, after the first message is restored. */
let table: Float64Array | undefined;

/**
 * All entries as halves (IEEE binary16, 11 bits of precision) times a common power of two, such that the largest lies
 * between 2¹⁴ and 2¹⁵; rounding to nearest, ties to even. δ = 1 − 2⁻²² − 2⁻⁷⁸ · length: an entry has a relative error of at
 * most 2⁻¹¹, or one of 2⁻³⁹ of the largest. Biased. The message: a byte that says so, two for the power, two for each entry. O(length).
 */
export function f16(): Compressor {
  return {
    name: 'f16',
    delta: (length) => 1 - 2 ** -22 - length * 2 ** -78,
    secondMoment: () => undefined,
    memory: () => 0,
    compress(v) {
      const largest = largestMagnitude(v);
      if (largest === 0) return nothing();
      const power = 14 - exponentOf(largest);
      const small = Math.abs(power) < 1000;
      const factor = small ? 2 ** power : 0;
      const bits = new Uint16Array(v.length);
      for (let i = 0; i < v.length; i++) {
        const x = small ? v[i] * factor : timesPower(v[i], power);
        bits[i] = x < 0 ? 0x8000 | halfBits(-x) : halfBits(x);
      }
      const header = new Uint8Array(Int16Array.of(power).buffer);
      return joined([tagOf('f16', 0)], header, new Uint8Array(bits.buffer));
    },
    restore(message, into) {
      into.fill(0);
      if (message.length === 0) return;
      readTag('f16', message);
      checkBytes(message, 3 + 2 * into.length);
      table ??= Float64Array.from({ length: 65536 }, (_, bits) => halfOf(bits));
      const [power] = new Int16Array(message.slice(1, 3).buffer);
      if (power < -1010 || power > 1088) failFormat('its power of two is out of range');
      const bits = new Uint16Array(message.slice(3).buffer);
      for (let i = 0; i < into.length; i++) {
        if ((bits[i] & 0x7c00) === 0x7c00) failFormat('it holds a value that is not finite');
        const x = timesPower(table[bits[i]], -power);
        // Only the rounding of the largest doubles leads beyond them.
        into[i] = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, x));
      }
    },
  };
}

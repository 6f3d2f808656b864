import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Compressor } from './compressor.ts';
import {
  bytesOf,
  checkBytes,
  joined,
  largestMagnitude,
  nothing,
  type Precision,
  precisionFor,
  readTag,
  readValues,
  roundedShare,
  tagOf,
  valueBytes,
} from './message.ts';
import { checkPrecision, suffixes } from './settings.ts';

export interface ScaledSignOptions {
  /** Precision of the scale in messages. Default `f32`; a scale that leaves the range of 32 bits has `f64`. */
  readonly values?: Precision;
}
const signKeys: OptionKeys<ScaledSignOptions> = { values: true };

/**
 * Scaled sign: C(v) = (‖v‖₁ / length) · sign(v), with sign(0) = 1. E‖C(v) − v‖² = (1 − ‖v‖₁² / (length ‖v‖²))‖v‖², so that δ
 * = 1 / length for all vectors, times 1 − 2⁻⁴⁸ for a scale of 32 bits, and near 2 / π for those of normal entries (Karimireddy
 * et al. 2019, lemma 8). Biased.
 *
 * The message: a byte that names the precision, the scale, and a bit for each entry. O(length).
 * @throws INVALID_PARAMETER for other options.
 */
export function scaledSign(options: ScaledSignOptions = {}): Compressor {
  knownKeys('scaledSign', options, signKeys);
  const { values: wanted = 'f32' } = options;
  checkPrecision('sign', wanted);
  return {
    name: `sign${suffixes(wanted)}`,
    delta: (length) => (length === 0 ? 1 : roundedShare(wanted) / length),
    secondMoment: () => undefined,
    memory: () => 0,
    compress(v) {
      const largest = largestMagnitude(v);
      if (largest === 0) return nothing();
      const bytes = new Uint8Array(Math.ceil(v.length / 8));
      let sum = 0;
      for (let at = 0, i = 0; at < bytes.length; at++) {
        const end = Math.min(i + 8, v.length);
        let byte = 0;
        for (let bit = 1; i < end; i++, bit *= 2) {
          // Shares of the largest, since the sum of the magnitudes may be no double.
          sum += Math.abs(v[i]) / largest;
          if (v[i] < 0) byte += bit;
        }
        bytes[at] = byte;
      }
      const scale = Float64Array.of(largest * Math.min(1, sum / v.length));
      const precision = precisionFor(scale, wanted);
      return joined([tagOf('sign', 0, precision)], valueBytes(scale, precision), bytes);
    },
    restore(message, into) {
      into.fill(0);
      if (message.length === 0) return;
      const { precision } = readTag('sign', message);
      const from = 1 + bytesOf(precision);
      checkBytes(message, from + Math.ceil(into.length / 8));
      const [scale] = readValues(message.subarray(0, from), 1, 1, precision);
      for (let i = 0; i < into.length; i++) into[i] = (message[from + (i >>> 3)] >> (i & 7)) & 1 ? -scale : scale;
    },
  };
}

import { fail, wholeNumber } from '@southwell/numerics/core';
import { BitReader, BitWriter, failFormat, gammaBits, readVarint, varint, widthOf } from './bits.ts';
import type { Compressor } from './compressor.ts';
import { exponentOf, timesPower } from './half.ts';
import {
  bytesOf,
  checkBytes,
  fitsFloat,
  joined,
  largestMagnitude,
  nothing,
  type Precision,
  readTag,
  readValues,
  tagOf,
  valueBytes,
} from './message.ts';

/** How levels are coded. */
const FIXED = 0;
const DENSE = 1;
const SPARSE = 2;

/** ‖v‖ without overflow of the squares, and not below the largest magnitude. */
function norm(v: Float64Array, largest: number): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] / largest) ** 2;
  return largest * Math.sqrt(Math.max(1, sum));
}

/** The least float of at least x, or x itself where floats do not reach. */
function roundedUp(x: number): [value: number, precision: Precision] {
  const near = Math.fround(x);
  const up = near >= x ? near : Math.fround(near * (1 + 2 ** -23));
  return fitsFloat(x) && fitsFloat(up) ? [up, 'f32'] : [x, 'f64'];
}

/** Bits of the levels by each code, from FIXED to SPARSE. */
function lengthsOf(levels: Int32Array, most: number): number[] {
  let [dense, sparse, last] = [0, 0, -1];
  for (let i = 0; i < levels.length; i++) {
    const level = Math.abs(levels[i]);
    dense += gammaBits(level + 1);
    if (level === 0) continue;
    dense++;
    sparse += gammaBits(i - last) + gammaBits(level) + 1;
    last = i;
  }
  return [levels.length * widthOf(2 * most + 1), dense, sparse];
}

function writeLevels(levels: Int32Array, coding: number, most: number, bytes: Uint8Array): void {
  const writer = new BitWriter(bytes, 0);
  const width = widthOf(2 * most + 1);
  let last = -1;
  for (let i = 0; i < levels.length; i++) {
    const [level, negative] = [Math.abs(levels[i]), levels[i] < 0 ? 1 : 0];
    if (coding === FIXED) {
      writer.putLong(levels[i] + most, width);
      continue;
    }
    if (coding === DENSE) writer.gamma(level + 1);
    if (level === 0) continue;
    if (coding === SPARSE) {
      writer.gamma(i - last);
      writer.gamma(level);
      last = i;
    }
    writer.put(negative, 1);
  }
  writer.end();
}

/**
 * Random dithering with `levels` s (QSGD, Alistarh et al. 2017, section 3.1): an entry becomes ±‖v‖ · l / s with one of the
 * two whole l next to s|v(i)| / ‖v‖, by chance such that C is unbiased. q = 1 + min(length / (4s²), √length / s): the bound of
 * lemma 3.1 with the variance p(1 − p) ≤ 1/4 of each rounding. The norm is rounded up to a float before the levels are drawn,
 * so that C stays unbiased; q counts it.
 *
 * The message: a byte that names the codings, the norm in 32 bits (64 where floats do not reach), and the levels in the
 * shortest of three codes: ⌈log₂(2s + 1)⌉ bits each; the Elias gamma code of l + 1 and a sign; the number of those that are
 * not zero (7 bits a byte), and of each the gamma code of the difference of indices, that of l and a sign. Without levels
 * but zero, it is empty. O(length).
 * @param levels a whole number from 1 to 2²³.
 * @throws INVALID_PARAMETER for other levels.
 */
export function qsgd(levels: number): Compressor {
  wholeNumber('The levels of qsgd', levels, 1, 2 ** 23);
  const momentOf = (length: number) =>
    1 + Math.min(length / (4 * levels * levels), Math.sqrt(length) / levels) * (1 + 2 ** -22);
  return {
    name: `qsgd=${levels}`,
    delta: (length) => (momentOf(length) < 2 ? 2 - momentOf(length) : undefined),
    secondMoment: momentOf,
    memory: () => 0,
    compress(v, random) {
      const largest = largestMagnitude(v);
      if (largest === 0) return nothing();
      const [scale, precision] = roundedUp(norm(v, largest));
      if (scale === Number.POSITIVE_INFINITY)
        fail('NON_FINITE', 'The norm of the vector to compress is beyond the largest double; qsgd needs it.');
      const drawn = new Int32Array(v.length);
      let count = 0;
      for (let i = 0; i < v.length; i++) {
        const size = Math.min(levels, levels * (Math.abs(v[i]) / scale));
        if (size === 0) continue;
        const low = Math.floor(size);
        const level = random.uniform() < size - low ? low + 1 : low;
        if (level > 0) count++;
        drawn[i] = v[i] < 0 ? -level : level;
      }
      if (count === 0) return nothing();
      const header = varint(count);
      const sizes = lengthsOf(drawn, levels).map((bits) => Math.ceil(bits / 8));
      sizes[SPARSE] += header.length;
      const coding = sizes.indexOf(Math.min(...sizes));
      const counted = coding === SPARSE ? header : [];
      const bytes = new Uint8Array(sizes[coding] - counted.length);
      writeLevels(drawn, coding, levels, bytes);
      return joined([tagOf('qsgd', coding, precision)], valueBytes(Float64Array.of(scale), precision), counted, bytes);
    },
    restore(message, into) {
      into.fill(0);
      if (message.length === 0) return;
      const { coding, precision } = readTag('qsgd', message);
      const from = 1 + bytesOf(precision);
      const [scale] = readValues(message.subarray(0, from), 1, 1, precision);
      const unit = scale / levels;
      const checked = (level: number) => (level <= levels ? level : failFormat(`it holds level ${level} of ${levels}`));
      if (coding === SPARSE) {
        const [count, at] = readVarint(message, from);
        const reader = new BitReader(message, at);
        let last = -1;
        for (let n = 0; n < count; n++) {
          last += reader.gamma();
          const size = unit * checked(reader.gamma());
          if (last >= into.length) failFormat(`it names entry ${last} of ${into.length}`);
          into[last] = reader.get(1) ? -size : size;
        }
        checkBytes(message, reader.end());
        return;
      }
      if (coding > SPARSE) failFormat('its levels have an unknown code');
      const reader = new BitReader(message, from);
      const width = widthOf(2 * levels + 1);
      for (let i = 0; i < into.length; i++) {
        if (coding === FIXED) into[i] = unit * checked(reader.getLong(width) - levels);
        else {
          // Whether there is a sign depends on the level: a tiny unit times it may be 0.
          const level = checked(reader.gamma() - 1);
          into[i] = level > 0 && reader.get(1) ? -unit * level : unit * level;
        }
      }
      checkBytes(message, reader.end());
    },
  };
}

/**
 * Natural compression (Horváth et al. 2022): each entry becomes one of the two powers of two next to it, by chance such that
 * C is unbiased. q = 9/8 and δ = 7/8 (theorem 3). Powers down to 2⁻¹⁰⁷⁴ are exact.
 *
 * The message: a byte that says so, two for the least exponent, one for the number of bits of an entry, and these: the sign,
 * and the exponent above the least or zero. O(length).
 */
export function natural(): Compressor {
  return {
    name: 'natural',
    delta: () => 7 / 8,
    secondMoment: () => 9 / 8,
    memory: () => 0,
    compress(v, random) {
      if (largestMagnitude(v) === 0) return nothing();
      const exponents = new Int16Array(v.length);
      let [least, most] = [2000, -2000];
      for (let i = 0; i < v.length; i++) {
        if (v[i] === 0) continue;
        const size = Math.abs(v[i]);
        const low = exponentOf(size);
        const exponent = random.uniform() < timesPower(size, -low) - 1 ? low + 1 : low;
        if (exponent > 1023) {
          fail(
            'NON_FINITE',
            `Entry ${i} of the ${v.length} to compress is ${v[i]}, and 2¹⁰²⁴, one of the two powers next to it, is no double.`,
          );
        }
        exponents[i] = exponent;
        if (exponent < least) least = exponent;
        if (exponent > most) most = exponent;
      }
      const width = widthOf(most - least + 2);
      const bytes = new Uint8Array(Math.ceil((v.length * (width + 1)) / 8));
      const writer = new BitWriter(bytes, 0);
      for (let i = 0; i < v.length; i++) {
        const code = v[i] === 0 ? 0 : exponents[i] - least + 1;
        writer.put(2 * code + (v[i] < 0 ? 1 : 0), width + 1);
      }
      writer.end();
      return joined([tagOf('natural', 0)], new Uint8Array(Int16Array.of(least).buffer), [width], bytes);
    },
    restore(message, into) {
      into.fill(0);
      if (message.length === 0) return;
      readTag('natural', message);
      if (message.length < 4) checkBytes(message, 4);
      const [least] = new Int16Array(message.slice(1, 3).buffer);
      const width = message[3];
      if (width > 12 || least < -1074) failFormat('its exponents are out of range');
      checkBytes(message, 4 + Math.ceil((into.length * (width + 1)) / 8));
      const reader = new BitReader(message, 4);
      for (let i = 0; i < into.length; i++) {
        const negative = reader.get(1);
        const code = reader.get(width);
        if (code === 0) continue;
        if (least + code - 1 > 1023) failFormat('its exponents are out of range');
        const size = 2 ** (least + code - 1);
        into[i] = negative ? -size : size;
      }
    },
  };
}

import { fail, knownKeys, type OptionKeys, Random } from '@southwell/numerics/core';
import { readVarint, varint } from './bits.ts';
import type { Compressor, Entries } from './compressor.ts';
import { codeIndices, readIndices } from './indices.ts';
import {
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
import { greatestMagnitudes } from './select.ts';
import { checkPrecision, suffixes } from './settings.ts';

export interface TopKOptions {
  /** Precision of the values in messages. Default `f32`; a message whose values leave the range of 32 bits has `f64`. */
  readonly values?: Precision;
}
const topKKeys: OptionKeys<TopKOptions> = { values: true };

export interface RandKOptions extends TopKOptions {
  /**
   * Whether values are multiplied by length / k, which makes C unbiased; otherwise it is a contraction. Default true.
   */
  readonly scaled?: boolean;
}
const randKKeys: OptionKeys<RandKOptions> = { values: true, scaled: true };

/** @throws INVALID_PARAMETER unless k is a whole number of at least 1, or a share above 0 and below 1. */
function checkCount(name: string, k: number): void {
  if (Number.isSafeInteger(k) ? k >= 1 : k > 0 && k < 1) return;
  fail(
    'INVALID_PARAMETER',
    `${name} keeps k entries, a whole number of at least 1 or a share of all above 0 and below 1, not ${String(k)}.`,
  );
}

/** How many of `length` entries are kept: at least 1 if there are any, at most all; shares are rounded to nearest. */
function countOf(k: number, length: number): number {
  return Math.min(length, k < 1 ? Math.max(1, Math.round(k * length)) : k);
}

/** What the empty message of a vector of zeros holds. */
const NONE: Entries = { indices: new Int32Array(0), values: new Float64Array(0) };

/** `restore` by `entries`. */
const restoredBy =
  (entries: (message: Uint8Array, length: number) => Entries): Compressor['restore'] =>
  (message, into) => {
    into.fill(0);
    const { indices, values } = entries(message, into.length);
    for (let i = 0; i < indices.length; i++) into[indices[i]] = values[i];
  };

/** The entries in a message of top-k. */
function topEntries(message: Uint8Array, length: number): Entries {
  if (message.length === 0) return NONE;
  const { coding, precision } = readTag('top-k', message);
  const [count, from] = readVarint(message, 1);
  const [indices, end] = readIndices(message, from, { coding, count, length });
  return { indices, values: readValues(message, end, count, precision) };
}

/**
 * Top-k: keeps the k entries of greatest magnitude, of equal ones those of lower index; k ≥ length keeps all. A contraction
 * with δ = k / length (Stich, Cordonnier & Jaggi 2018, lemma A.1), times 1 − 2⁻⁴⁸ for values of 32 bits; biased.
 *
 * The message: a byte that names its codings, the number of entries that are not zero among those kept (7 bits a byte),
 * their indices (⌈log₂ length⌉ bits each, a map of all, or differences in a Golomb–Rice code, whichever is shortest), and
 * their values. O(length), whatever the data.
 * @param k a whole number of at least 1, or a share of the length above 0 and below 1.
 * @throws INVALID_PARAMETER for other k or options.
 */
export function topK(k: number, options: TopKOptions = {}): Compressor {
  knownKeys('topK', options, topKKeys);
  checkCount('top-k', k);
  const { values: wanted = 'f32' } = options;
  checkPrecision('top-k', wanted);
  return {
    name: `top-k=${k}${suffixes(wanted)}`,
    delta: (length) => (length === 0 ? 1 : (roundedShare(wanted) * countOf(k, length)) / length),
    secondMoment: () => undefined,
    memory: () => 0,
    compress(v) {
      const indices = greatestMagnitudes(v, countOf(k, v.length));
      if (indices.length === 0) return nothing();
      const kept = new Float64Array(indices.length);
      for (let i = 0; i < kept.length; i++) kept[i] = v[indices[i]];
      const precision = precisionFor(kept, wanted);
      const { coding, bytes } = codeIndices(indices, v.length);
      return joined([tagOf('top-k', coding, precision)], varint(kept.length), bytes, valueBytes(kept, precision));
    },
    restore: restoredBy(topEntries),
    entries: topEntries,
  };
}

/** The indices that a seed of 32 bits stands for. */
const drawn = (seed: number, length: number, count: number): Int32Array =>
  count === length ? Int32Array.from({ length }, (_, i) => i) : new Random(seed).sample(length, count).sort();

/**
 * Rand-k: keeps k entries drawn without replacement. Scaled by length / k it is unbiased with q = length / k, and otherwise a
 * contraction with δ = k / length (Stich, Cordonnier & Jaggi 2018, lemma A.1; Beznosikov et al. 2023), in both cases up to
 * the rounding of values, by 2⁻²⁴ of each with 32 bits.
 *
 * The message: a byte that names the precision, the seed of 32 bits from which sender and receiver draw the same indices,
 * and the k values. O(length).
 * @param k a whole number of at least 1, or a share of the length above 0 and below 1.
 * @throws INVALID_PARAMETER for other k or options.
 */
export function randK(k: number, options: RandKOptions = {}): Compressor {
  knownKeys('randK', options, randKKeys);
  checkCount('rand-k', k);
  const { values: wanted = 'f32', scaled = true } = options;
  checkPrecision('rand-k', wanted);
  if (typeof scaled !== 'boolean') fail('INVALID_PARAMETER', `scaled must be true or false, but is ${String(scaled)}.`);
  const momentOf = (length: number) => (length === 0 ? 1 : length / countOf(k, length));
  const entries = (message: Uint8Array, length: number): Entries => {
    if (message.length === 0) return NONE;
    const { precision } = readTag('rand-k', message);
    const count = countOf(k, length);
    if (message.length < 5) checkBytes(message, 5);
    const values = readValues(message, 5, count, precision);
    return { indices: drawn(new Uint32Array(message.slice(1, 5).buffer)[0], length, count), values };
  };
  return {
    name: `rand-k=${k}${scaled ? '' : ':unscaled'}${suffixes(wanted)}`,
    delta(length) {
      if (length === 0) return 1;
      if (!scaled) return (roundedShare(wanted) * countOf(k, length)) / length;
      // E‖C(v) − v‖² = E‖C(v)‖² − ‖v‖² where C is unbiased.
      return momentOf(length) < 2 ? 2 - momentOf(length) : undefined;
    },
    secondMoment: (length) => (scaled ? momentOf(length) : undefined),
    memory: () => 0,
    compress(v, random) {
      if (largestMagnitude(v) === 0) return nothing();
      const count = countOf(k, v.length);
      const seed = random.bits() >>> 0;
      const factor = scaled ? v.length / count : 1;
      const kept = Float64Array.from(drawn(seed, v.length, count), (i) => factor * v[i]);
      largestMagnitude(kept);
      const precision = precisionFor(kept, wanted);
      const bytes = new Uint8Array(Uint32Array.of(seed).buffer);
      return joined([tagOf('rand-k', 0, precision)], bytes, valueBytes(kept, precision));
    },
    restore: restoredBy(entries),
    entries,
  };
}

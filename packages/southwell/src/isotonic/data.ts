import { type Certificate, fail } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';

/** Which way a fit goes: given, or by the sign of Spearman's correlation of the column with y. */
export type Direction = 'increasing' | 'decreasing' | 'auto';

/** Spearman's rank correlation with its interval of 95 %; where the interval spans 0, the direction is a guess. */
export interface Spearman {
  readonly rho: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Doubles that are all finite: the array itself, or a copy. O(n).
 * @throws INVALID_SHAPE, NON_FINITE (rows from 1).
 */
export function finite(name: string, values: ArrayLike<number>, length?: number): Float64Array {
  if (length !== undefined && values.length !== length) {
    fail('INVALID_SHAPE', `${name} has ${values.length} values where there are ${length} rows.`);
  }
  const out = values instanceof Float64Array ? values : Float64Array.from(values);
  // A sum of v·0 is 0 exactly when all are finite: one pass without a branch per value.
  let probe = 0;
  for (let i = 0; i < out.length; i++) probe += out[i] * 0;
  if (probe !== 0) {
    const row = out.findIndex((v) => !Number.isFinite(v));
    fail('NON_FINITE', `${name} holds ${out[row]} in row ${row + 1}. Remove or impute such rows before fitting.`);
  }
  return out;
}

/**
 * Weights of n rows, ones where none are given, times a power of two, `unit`, that brings the largest to about 1. O(n).
 * @throws as {@link finite}, and INVALID_PARAMETER for negative weights, or zeros alone.
 */
export function checkedWeights(weights: ArrayLike<number> | undefined, n: number): { w: Float64Array; unit: number } {
  if (weights === undefined) return { w: new Float64Array(n).fill(1), unit: 1 };
  const given = finite('weights', weights, n);
  let most = 0;
  for (let i = 0; i < n; i++) {
    if (given[i] < 0)
      fail('INVALID_PARAMETER', `The weight of row ${i + 1} is ${given[i]}; weights must be 0 or more.`);
    if (given[i] > most) most = given[i];
  }
  if (most === 0) fail('INVALID_PARAMETER', 'All weights are zero: give some row a positive weight.');
  const unit = scaleOf(most);
  return { w: given.map((v) => v * unit), unit };
}

/**
 * Bounds of fitted values, infinite where there are none.
 * @throws INVALID_PARAMETER.
 */
export function checkedBounds({ yMin, yMax }: { readonly yMin?: number; readonly yMax?: number }): [number, number] {
  const low = yMin ?? Number.NEGATIVE_INFINITY;
  const high = yMax ?? Number.POSITIVE_INFINITY;
  if (!(low <= high) || low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY) {
    fail('INVALID_PARAMETER', `yMin must be at most yMax, but they are ${low} and ${high}.`);
  }
  return [low, high];
}

/** A power of two that brings the value to about 1: to scale by it costs no bits, and squares cannot overflow then. */
export function scaleOf(value: number): number {
  return value > 0 ? 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(value)))) : 1;
}

/** @throws INVALID_PARAMETER for what is none. */
export function checkedDirection(direction: Direction): Direction {
  if (direction === 'increasing' || direction === 'decreasing' || direction === 'auto') return direction;
  return fail('INVALID_PARAMETER', `direction must be 'increasing', 'decreasing' or 'auto', not '${direction}'.`);
}

/** How far values lie apart. */
export interface Spread {
  /** Weighted; of equal values it is that value. */
  readonly mean: number;
  /** A power of two that brings the largest distance from the mean to about 1; the next two are in these units. */
  readonly scale: number;
  /** Weighted sum of squares about the mean. */
  readonly total: number;
  /** What the rounding of the values alone may add to a gap. */
  readonly rounding: number;
  readonly weight: number;
}

/** O(n). */
export function spreadOf(y: Float64Array, w: Float64Array): Spread {
  const first = y[0];
  let [sum, weight, least, most] = [0, 0, first, first];
  for (let i = 0; i < y.length; i++) {
    weight += w[i];
    sum += w[i] * (y[i] - first);
    if (y[i] < least) least = y[i];
    if (y[i] > most) most = y[i];
  }
  const mean = first + sum / weight;
  const scale = scaleOf(Math.max(most - mean, mean - least));
  let total = 0;
  for (let i = 0; i < y.length; i++) total += w[i] * ((y[i] - mean) * scale) ** 2;
  const size = Math.max(most, -least) * scale;
  return { mean, scale, total, weight, rounding: weight * (Number.EPSILON * size) ** 2 };
}

/** The duality gap, relative to the sum of squares about the mean; what the rounding of y alone makes counts as none. */
export function gapCertificate(gap: number, { total, rounding, scale }: Spread, unit: number): Certificate {
  const value = gap / scale / scale / unit;
  return { kind: 'dualityGap', value, relative: gap <= rounding ? 0 : gap / total };
}

/** Rows from the smallest value to the largest, and the values in that order. */
export interface Sorted {
  readonly order: Int32Array;
  readonly values: Float64Array;
}

/** Below as many rows the histograms of a radix sort cost more than comparisons. */
const FEW = 512;

/**
 * Sorts values, equal ones in the order of `start` (default 0 … n−1): O(n). A radix sort of the upper 33 bits of doubles
 * by eleven at a time, digits that all values share left out, and insertions for what these bits leave open; where that
 * is much, the lower bits too. Values in order already are seen in one pass.
 */
export function argsort(x: Float64Array, start?: Int32Array): Sorted {
  const n = x.length;
  const order = new Int32Array(n);
  const values = new Float64Array(n);
  let sorted = true;
  for (let i = 0; i < n; i++) {
    order[i] = start ? start[i] : i;
    // + 0 makes one zero of two.
    values[i] = x[order[i]] + 0;
    if (i > 0 && values[i] < values[i - 1]) sorted = false;
  }
  if (sorted) return { order, values };
  if (n < FEW) {
    order.sort((a, b) => x[a] - x[b]);
    return { order, values: values.map((_, i) => x[order[i]] + 0) };
  }
  const upper = radix({ order, values }, 3);
  return inserted(upper, 2 * n) ? upper : radix(upper, 0);
}

/** Sorts by the digits from `first` on; may use what it is given as its memory. */
function radix({ order, values }: Sorted, first: number): Sorted {
  const n = values.length;
  let [keys, other]: Float64Array[] = [values, new Float64Array(n)];
  let [rows, otherRows]: Int32Array[] = [order, new Int32Array(n)];
  const counts = digitCounts(keys);
  for (let pass = first; pass < 6; pass++) {
    const count = counts.subarray(pass << 11, (pass + 1) << 11);
    if (count.includes(n)) continue;
    for (let d = 0, sum = 0; d < 2048; d++) {
      const c = count[d];
      count[d] = sum;
      sum += c;
    }
    const words = new Int32Array(keys.buffer);
    const shift = DIGITS[pass % 3];
    const low = pass < 3;
    for (let i = 0; i < n; i++) {
      const high = words[2 * i + 1];
      // Bits in the order of the values: all turned where the sign is set, else the sign alone.
      const word = low ? words[2 * i] ^ (high >> 31) : high ^ ((high >> 31) | 0x80000000);
      const to = count[(word >>> shift) & 2047]++;
      other[to] = keys[i];
      otherRows[to] = rows[i];
    }
    [keys, other] = [other, keys];
    [rows, otherRows] = [otherRows, rows];
  }
  return { order: rows, values: keys };
}

/** Sorts by insertion; false, with some of it done, where that takes more than `moves`. */
function inserted({ order, values }: Sorted, moves: number): boolean {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (values[i - 1] <= value) continue;
    const row = order[i];
    let j = i;
    for (; j > 0 && values[j - 1] > value; j--) {
      values[j] = values[j - 1];
      order[j] = order[j - 1];
    }
    values[j] = value;
    order[j] = row;
    moves -= i - j;
    if (moves < 0) return false;
  }
  return true;
}

/** Where the digits of a word begin. */
const DIGITS = [0, 11, 22];

/** How often each value of each of the six digits occurs. */
function digitCounts(keys: Float64Array): Int32Array {
  const counts = new Int32Array(6 << 11);
  const words = new Int32Array(keys.buffer);
  for (let i = 0; i < words.length; i += 2) {
    const sign = words[i + 1] >> 31;
    const low = words[i] ^ sign;
    const high = words[i + 1] ^ (sign | 0x80000000);
    counts[low & 2047]++;
    counts[2048 + ((low >>> 11) & 2047)]++;
    counts[4096 + (low >>> 22)]++;
    counts[6144 + (high & 2047)]++;
    counts[8192 + ((high >>> 11) & 2047)]++;
    counts[10240 + (high >>> 22)]++;
  }
  return counts;
}

/** Ranks from 0, equal values with the mean of theirs, less the mean of all. */
function centredRanks(x: Float64Array): Float64Array {
  const n = x.length;
  const { order, values } = argsort(x);
  const out = new Float64Array(n);
  for (let i = 0, j = 0; i < n; i = j) {
    while (j < n && values[j] === values[i]) j++;
    for (let k = i; k < j; k++) out[order[k]] = (i + j - n) / 2;
  }
  return out;
}

/**
 * Spearman's correlation of x and y (ties share their mean rank), with the interval of 95 % of Fisher's transform, as
 * scikit-learn's `check_increasing`; weights do not count. 0 where x or y is constant; [−1, 1] for up to three rows.
 * O(n).
 * @throws INVALID_SHAPE and NON_FINITE.
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): Spearman {
  const n = x.length;
  const [a, b] = [centredRanks(finite('x', x)), centredRanks(finite('y', y, n))];
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  const rho = aa > 0 && bb > 0 ? clamp(ab / Math.sqrt(aa * bb), -1, 1) : 0;
  if (n <= 3) return { rho, low: -1, high: 1 };
  if (Math.abs(rho) === 1) return { rho, low: rho, high: rho };
  const half = 1.96 / Math.sqrt(n - 3);
  return { rho, low: Math.tanh(Math.atanh(rho) - half), high: Math.tanh(Math.atanh(rho) + half) };
}

/** @throws INVALID_FORMAT. */
export const badModel = (why: string): never => fail('INVALID_FORMAT', `This is not a southwell model: ${why}.`);

/** Of saved models. */
export const VERSION = 1;

/** The fields of a model of the given format and version, or an error that says what else it is. */
export function fieldsOf(plain: unknown, format: string): Record<string, unknown> {
  if (plain === null || typeof plain !== 'object') return badModel('it is no object');
  const data = plain as Record<string, unknown>;
  if (data.format !== format) return badModel(`its format field is not "${format}" but "${String(data.format)}"`);
  if (data.version !== VERSION) {
    return badModel(
      `it has version ${String(data.version)} where this southwell reads version ${VERSION}; update southwell`,
    );
  }
  return data;
}

export function numbersOf(name: string, value: unknown, length?: number): Float64Array {
  if (!Array.isArray(value) || !value.every((v) => typeof v === 'number' && Number.isFinite(v))) {
    return badModel(`${name} must be a list of numbers`);
  }
  if (length !== undefined && value.length !== length) return badModel(`${name} must have ${length} numbers`);
  return Float64Array.from(value);
}

import {
  type Certificate,
  checkOption,
  choiceOption,
  fail,
  numberOption,
  type OptionsOf,
  otherOption,
} from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';

export const directionOption = choiceOption(
  { increasing: 'rises', decreasing: 'falls', auto: 'as the data do' },
  {
    title: 'Direction',
    about: 'direction in every column; auto: by the sign of Spearman’s correlation',
    default: 'increasing',
  },
);

/** Direction of a fit; 'auto' by the sign of Spearman's correlation. */
export type Direction = NonNullable<OptionsOf<{ direction: typeof directionOption }>['direction']>;

export const boundsRecords = {
  /** Sample weights, at least 0. Default all 1. */
  weights: otherOption<ArrayLike<number>>('numbers of at least 0'),
  /** Lower bound of the fitted values. Default none. */
  yMin: numberOption(
    {},
    { title: 'Minimum', about: 'lower bound of fitted values', argument: 'value', form: { hint: 'none' } },
  ),
  /** Upper bound of the fitted values. Default none. */
  yMax: numberOption(
    {},
    { title: 'Maximum', about: 'upper bound of fitted values', argument: 'value', form: { hint: 'none' } },
  ),
};

/** Spearman's rank correlation with its 95 % interval; if the interval contains 0, the direction is a guess. */
export interface Spearman {
  readonly rho: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Checks that all values are finite; returns the array itself, or a copy as doubles. O(n).
 * @throws INVALID_SHAPE, NON_FINITE (rows from 1).
 */
export function finite(name: string, values: ArrayLike<number>, length?: number): Float64Array {
  if (length !== undefined && values.length !== length) {
    fail('INVALID_SHAPE', `${name} has ${values.length} values, but there are ${length} rows.`);
  }
  const out = values instanceof Float64Array ? values : Float64Array.from(values);
  // The sum of v·0 is 0 if and only if all values are finite: one pass without a branch for each value.
  let probe = 0;
  for (let i = 0; i < out.length; i++) probe += out[i] * 0;
  if (probe !== 0) {
    const row = out.findIndex((v) => !Number.isFinite(v));
    fail('NON_FINITE', `${name} has ${out[row]} in row ${row + 1}. Remove or impute such rows before fitting.`);
  }
  return out;
}

/**
 * Weights of n rows, by default ones, times a power of two, `unit`, that brings the largest to about 1. O(n).
 * @throws as {@link finite}, and INVALID_PARAMETER for negative weights, or if all are zero.
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
  if (most === 0) fail('INVALID_PARAMETER', 'All weights are zero: some row needs a positive weight.');
  const unit = scaleOf(most);
  return { w: given.map((v) => v * unit), unit };
}

/**
 * Bounds of fitted values, by default infinite.
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

/** A power of two that brings the value to about 1: scaling by it is exact, and squares cannot overflow then. */
export function scaleOf(value: number): number {
  return value > 0 ? 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(value)))) : 1;
}

/** @throws INVALID_PARAMETER for other values. */
export function checkedDirection(direction: Direction): Direction {
  checkOption('direction', directionOption, direction);
  return direction;
}

/** The spread of values. */
export interface Spread {
  /** Weighted mean; exact if all values are equal. */
  readonly mean: number;
  /**
   * A power of two that brings the largest deviation from the mean to about 1; the next two fields are in these units.
   */
  readonly scale: number;
  /** Weighted sum of squares about the mean. */
  readonly total: number;
  /** Contribution of the rounding of the values to a gap. */
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

/** The duality gap relative to the sum of squares about the mean; a gap within the rounding of y counts as 0. */
export function gapCertificate(gap: number, { total, rounding, scale }: Spread, unit: number): Certificate {
  const value = gap / scale / scale / unit;
  return { kind: 'dualityGap', value, relative: gap <= rounding ? 0 : gap / total };
}

/** Row indices in ascending order of values, and the values in that order. */
export interface Sorted {
  readonly order: Int32Array;
  readonly values: Float64Array;
}

/** Number of rows below which a radix sort is slower than comparisons. */
const FEW = 512;

/**
 * Stable sort of values, starting from the order `start` (default 0 … n−1): O(n). A radix sort of the upper 33 bits of
 * doubles, eleven at a time, skipping digits that all values share, followed by insertion sort for the remaining bits;
 * if that takes long, a radix sort of the lower bits too. Sorted values are detected in one pass.
 */
export function argsort(x: Float64Array, start?: Int32Array): Sorted {
  const n = x.length;
  const order = new Int32Array(n);
  const values = new Float64Array(n);
  let sorted = true;
  for (let i = 0; i < n; i++) {
    order[i] = start ? start[i] : i;
    // Adding 0 merges the two zeros.
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

/** Sorts by the digits from `first` on; may use its arguments as workspace. */
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
      // Bits in the order of the values: all inverted if the sign is set, otherwise only the sign.
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

/** Insertion sort; returns false, with part of it done, if that takes more than `moves`. */
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

/** Bit positions of the digits of a word. */
const DIGITS = [0, 11, 22];

/** Histograms of the six digits. */
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

/** Ranks from 0, with mean ranks for ties, minus the mean rank. */
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
 * Spearman's correlation of x and y (with mean ranks for ties), with the 95 % interval of Fisher's transform, as
 * scikit-learn's `check_increasing`; unweighted. 0 if x or y is constant; the interval is [−1, 1] for up to three rows.
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

/** Version of saved models. */
export const VERSION = 1;

/** The fields of a model of the given format and version; otherwise an error that says what the text is instead. */
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

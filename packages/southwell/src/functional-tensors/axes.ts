import { fail } from '@southwell/numerics/core';

/** The coordinates along one axis, scaled to [0, 1]. */
export interface Axis {
  /** Coordinates, in units of the data, that are scaled to 0 and 1. Equal if all entries have the same coordinate. */
  readonly low: number;
  readonly high: number;
  /** Distinct scaled coordinates of the entries, ascending. */
  readonly places: Float64Array;
  /** For each entry, the index of its coordinate in `places`. */
  readonly of: Int32Array;
}

/** Entries prepared for a fit. */
export interface Entries {
  readonly axes: readonly Axis[];
  /** Values minus `mean`, divided by `scale`. */
  readonly values: Float64Array;
  /** 0 where values are not centred. */
  readonly mean: number;
  /** Root mean square of the centred values; 0 if all are equal. */
  readonly scale: number;
  /** Precision of each entry relative to the common noise precision; absent if all are equal. */
  readonly weights?: Float64Array;
  /** Root mean square of the known noise, in units of the data. */
  readonly noise?: number;
}

/** Rows of K coordinates. */
export type IndicesLike = ReadonlyArray<ArrayLike<number>>;

/** Coordinates closer than this fraction of the range are identified. */
const SAME = 1e-9;

/**
 * Checked coordinates, a list for each axis.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function columnsOf(indices: IndicesLike, axes?: number): Float64Array[] {
  const K = axes ?? indices[0]?.length ?? 0;
  const columns = Array.from({ length: K }, () => new Float64Array(indices.length));
  for (let n = 0; n < indices.length; n++) {
    const row = indices[n];
    if (row?.length !== K || K === 0) {
      fail(
        'INVALID_SHAPE',
        `Row ${n + 1} of the indices has ${row?.length ?? 0} numbers, where ${K || 'at least 1'} ${K === 1 || K === 0 ? 'is' : 'are'} expected.`,
      );
    }
    for (let k = 0; k < K; k++) {
      if (!Number.isFinite(row[k])) fail('NON_FINITE', `Index ${k + 1} of row ${n + 1} is ${row[k]}.`);
      columns[k][n] = row[k];
    }
  }
  return columns;
}

/**
 * The range of an axis: as declared, or that of the data.
 * @throws INVALID_PARAMETER.
 */
export function rangeOf(column: Float64Array, declared: readonly [number, number] | undefined, name: string) {
  if (declared !== undefined) {
    const [low, high] = declared;
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
      fail('INVALID_PARAMETER', `The range of ${name} must be two numbers, the first the smaller, but is ${declared}.`);
    }
    for (let n = 0; n < column.length; n++) {
      if (!(column[n] >= low && column[n] <= high)) {
        fail(
          'INVALID_PARAMETER',
          `${name} is ${column[n]} in row ${n + 1}, outside of its range ${low} to ${high}: widen the range or leave the row out.`,
        );
      }
    }
    return { low, high };
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of column) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!Number.isFinite(high - low)) fail('INVALID_PARAMETER', `The range of ${name}, ${low} to ${high}, overflows.`);
  return { low, high };
}

/** The scaled coordinate of a value. */
export const placeOf = (value: number, { low, high }: Pick<Axis, 'low' | 'high'>): number =>
  high > low ? (value - low) / (high - low) : value - low;

/** The distinct coordinates, and the index of that of each entry. O(n log n). */
export function axisOf(column: Float64Array, scale: { readonly low: number; readonly high: number }): Axis {
  const scaled = column.map((value) => placeOf(value, scale));
  const order = new Uint32Array(scaled.length);
  for (let n = 0; n < order.length; n++) order[n] = n;
  order.sort((a, b) => scaled[a] - scaled[b] || a - b);
  const of = new Int32Array(scaled.length);
  const places: number[] = [];
  for (const n of order) {
    if (places.length === 0 || scaled[n] - places[places.length - 1] > SAME) places.push(scaled[n]);
    of[n] = places.length - 1;
  }
  return { ...scale, places: Float64Array.from(places), of };
}

/** The entries of some rows, with centring and scaling of their own. */
export function entriesOf(
  columns: readonly Float64Array[],
  scales: ReadonlyArray<{ readonly low: number; readonly high: number }>,
  values: Float64Array,
  noise: number | Float64Array | undefined,
  centre: boolean,
  rows?: Int32Array,
): Entries {
  const pick = (from: Float64Array) => (rows ? Float64Array.from(rows, (n) => from[n]) : from);
  const own = pick(values);
  const n = own.length;
  let largest = 0;
  for (const value of own) largest = Math.max(largest, Math.abs(value));
  const unit = largest || 1;
  let mean = 0;
  if (centre) for (const value of own) mean += value / unit / n;
  let squares = 0;
  for (const value of own) squares += (value / unit - mean) ** 2;
  const deviation = Math.sqrt(squares / n);
  // Deviations at rounding level count as zero.
  const scale = deviation > 4 * Number.EPSILON * Math.abs(mean) ? deviation : 0;
  const list = typeof noise === 'object' ? pick(noise) : undefined;
  const meanSquare = list ? list.reduce((sum, s) => sum + s * s, 0) / n : undefined;
  return {
    axes: columns.map((column, k) => axisOf(pick(column), scales[k])),
    values: own.map((value) => (scale > 0 ? (value / unit - mean) / scale : 0)),
    mean: mean * unit,
    scale: scale * unit,
    ...(list && { weights: list.map((s) => meanSquare! / (s * s)) }),
    ...(typeof noise === 'number' && { noise }),
    ...(list && { noise: Math.sqrt(meanSquare!) }),
  };
}

/** A number, or with constraints an array: f followed by the values of the constraints. */
export type Value = number | ArrayLike<number>;

/**
 * The value of an objective.
 * @throws TypeError for anything but a number, which untyped JavaScript may return.
 */
export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`it gave ${value === null ? 'null' : typeof value} instead of a number.`);
}

/**
 * A value of `width` numbers: a number for width 1, otherwise an array.
 * @throws TypeError.
 */
export function asValue(value: unknown, width: number): Value {
  if (width === 1) return asNumber(value);
  const list =
    typeof value === 'object' && value !== null && 'length' in value ? Array.from(value as ArrayLike<unknown>) : [];
  if (list.length === width) return list.map(asNumber);
  const what = list.length > 0 ? `${list.length} numbers` : value === null ? 'null' : typeof value;
  throw new TypeError(`it gave ${what} instead of ${width} numbers, of f and of the constraints.`);
}

/** The value of an objective in a worker, which does not know the expected number of values. */
export const asSent = (value: unknown): Value =>
  typeof value === 'object' && value !== null && 'length' in value
    ? Array.from(value as ArrayLike<unknown>, asNumber)
    : asNumber(value);

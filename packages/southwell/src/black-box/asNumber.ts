/** A number, or where there are constraints it and theirs. */
export type Value = number | ArrayLike<number>;

/**
 * A value of an objective.
 * @throws TypeError where JavaScript that no compiler has seen gave something else.
 */
export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`it gave ${value === null ? 'null' : typeof value} instead of a number.`);
}

/**
 * A value of `width` numbers, an array of them where that is more than 1.
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

/** Whatever a worker's objective gave, when only the search knows how many numbers it is to be. */
export const asSent = (value: unknown): Value =>
  typeof value === 'object' && value !== null && 'length' in value
    ? Array.from(value as ArrayLike<unknown>, asNumber)
    : asNumber(value);

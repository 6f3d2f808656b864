/** A value of an objective. Throws TypeError where JavaScript that no compiler has seen gave something else. */
export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`it gave ${value === null ? 'null' : typeof value} instead of a number.`);
}

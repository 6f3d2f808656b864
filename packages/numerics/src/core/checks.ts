import { fail } from './errors.ts';

/** Throws INVALID_PARAMETER unless `value` is a whole number from `least` to `most`. */
export function wholeNumber(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  fail('INVALID_PARAMETER', `${name} must be a whole number ${range}, but is ${value}.`);
}

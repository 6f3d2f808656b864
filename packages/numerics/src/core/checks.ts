import { fail, nearestName } from './errors.ts';

/** @throws INVALID_PARAMETER unless `value` is an integer from `least` to `most`. */
export function wholeNumber(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  fail('INVALID_PARAMETER', `${name} must be a whole number ${range}, but is ${value}.`);
}

type KeyOf<T> = T extends unknown ? keyof T : never;

/**
 * The names of all options of `T`. The compiler checks the list against the interface: a missing or an extra name is a
 * type error.
 */
export type OptionKeys<T> = { readonly [K in KeyOf<T>]-?: true };

/**
 * Rejects unknown option names. `where` names the function in the error message. `options` may be undefined, and
 * class instances are not checked.
 * @throws INVALID_PARAMETER if `options` has a key that is not in `keys`; the message suggests the closest name.
 */
export function knownKeys(where: string, options: unknown, keys: Readonly<Record<string, true>>): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const what = options === null ? 'null' : Array.isArray(options) ? 'a list' : `a ${typeof options}`;
    fail('INVALID_PARAMETER', `${where} takes its options as an object, such as { name: value }, not ${what}.`);
  }
  const kind = Object.getPrototypeOf(options);
  if (kind !== Object.prototype && kind !== null) return;
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(keys, key)) continue;
    const names = Object.keys(keys);
    const near = nearestName(key, names);
    const rest = near ? `did you mean '${near}'?` : names.length > 0 ? `it has ${names.join(', ')}.` : 'it has none.';
    fail('INVALID_PARAMETER', `${where} has no option '${key}'; ${rest}`);
  }
}

/** The subset of `options` named in `keys`, to be passed on to a function that rejects unknown options. */
export function only<T extends object>(options: T, keys: OptionKeys<T>): T {
  const entries = Object.keys(keys).filter((key) => key in options);
  return Object.fromEntries(entries.map((key) => [key, options[key as keyof T]])) as T;
}

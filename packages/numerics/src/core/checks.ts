import { fail, nearestName } from './errors.ts';

/** @throws INVALID_PARAMETER unless `value` is a whole number from `least` to `most`. */
export function wholeNumber(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  fail('INVALID_PARAMETER', `${name} must be a whole number ${range}, but is ${value}.`);
}

type KeyOf<T> = T extends unknown ? keyof T : never;

/**
 * The name of every option of `T`. The compiler holds it to the interface: a name too few or too many is an error there.
 */
export type OptionKeys<T> = { readonly [K in KeyOf<T>]-?: true };

/**
 * `where` is whose options they are, as the caller writes it. Left out, options are fine; objects of a class may have
 * fields of their own.
 * @throws INVALID_PARAMETER if `options` has a key that `keys` does not name, with the name that was probably meant.
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

/** Of `options`, those that `keys` names: for whoever takes these and refuses others. */
export function only<T extends object>(options: T, keys: OptionKeys<T>): T {
  const entries = Object.keys(keys).filter((key) => key in options);
  return Object.fromEntries(entries.map((key) => [key, options[key as keyof T]])) as T;
}

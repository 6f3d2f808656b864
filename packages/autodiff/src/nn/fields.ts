import { fail, nearestName } from '@southwell/numerics/core';
import type { Triple } from '../index.ts';
import { isLayer, type Layer } from './layer.ts';

// Fields that describe the options of a layer. One declaration validates both constructor calls and architectures read from files.

/** An option: its validation and its default. */
export interface Field<T> {
  /** Returns the validated value; throws an error whose message begins with `where`. */
  readonly check: (value: unknown, where: string) => T;
  /** The default. Absent: the option is required. */
  readonly fallback?: T;
}

/** The options of a layer type, one field each. */
export type Fields<O> = { readonly [K in keyof O]-?: Field<Exclude<O[K], undefined>> };

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
const refuse = (where: string, what: string, value: unknown): never =>
  fail('INVALID_PARAMETER', `${where} must be ${what}, not ${shown(value)}.`);

const field = <T>(what: string, ok: (value: unknown) => boolean, fallback?: T): Field<T> => ({
  check: (value, where) => (ok(value) ? (value as T) : refuse(where, what, value)),
  ...(fallback === undefined ? {} : { fallback }),
});

const whole = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

/** A whole number of at least 1. */
export const count = (fallback?: number): Field<number> =>
  field('a whole number of at least 1', (v) => whole(v, 1), fallback);

/** A whole number of at least 0. */
export const natural = (fallback?: number): Field<number> =>
  field('a whole number of at least 0', (v) => whole(v, 0), fallback);

/** A finite number in [least, below); unbounded above without `below`. */
export const real = (fallback: number, least: number, below = Number.POSITIVE_INFINITY): Field<number> =>
  field(
    below === Number.POSITIVE_INFINITY ? `a number of at least ${least}` : `at least ${least} and below ${below}`,
    (v) => typeof v === 'number' && v >= least && v < below,
    fallback,
  );

/** A boolean. */
export const flag = (fallback: boolean): Field<boolean> =>
  field('true or false', (v) => typeof v === 'boolean', fallback);

/** A non-empty string. */
export const text = (fallback?: string): Field<string> =>
  field('a text', (v) => typeof v === 'string' && v.length > 0, fallback);

/** One of several strings. */
export const choice = <T extends string>(options: readonly T[], fallback?: T): Field<T> => ({
  check: (value, where) => {
    if (options.includes(value as T)) return value as T;
    const near = typeof value === 'string' ? nearestName(value, options) : undefined;
    return fail(
      'INVALID_PARAMETER',
      `${where} must be one of ${options.join(', ')}, not ${shown(value)}${near ? `; did you mean '${near}'?` : '.'}`,
    );
  },
  ...(fallback === undefined ? {} : { fallback }),
});

/** Height and width; a single number is used for both. */
export type Pair = number | readonly [rows: number, columns: number];

/** A pair of integers of at least `least`, or a single one for both. */
export const pair = (least: number, fallback?: Pair): Field<Pair> =>
  field(
    `a whole number of at least ${least}, or two for rows and columns`,
    (v) => whole(v, least) || (Array.isArray(v) && v.length === 2 && v.every((n) => whole(n, least))),
    fallback,
  );

/** Three integers of at least `least`, or a single one for all. */
export const triple = (least: number, fallback?: Triple): Field<Triple> =>
  field(
    `a whole number of at least ${least}, or three for depth, rows and columns`,
    (v) => whole(v, least) || (Array.isArray(v) && v.length === 3 && v.every((n) => whole(n, least))),
    fallback,
  );

/** The two values of a {@link Pair}. */
export const both = (p: Pair): readonly [number, number] => (typeof p === 'number' ? [p, p] : p);

/** A layer. */
export const layer: Field<Layer> = {
  check: (value, where) => (isLayer(value) ? value : refuse(where, 'a layer, such as nn.linear returns', value)),
};

/** A list of layers, or an object of named layers. */
export const layers: Field<readonly Layer[] | Readonly<Record<string, Layer>>> = {
  check: (value, where) => {
    if (typeof value !== 'object' || value === null)
      return refuse(where, 'a list of layers, or an object of them', value);
    for (const [name, part] of Object.entries(value)) {
      if (!isLayer(part)) refuse(`${where}: '${name}'`, 'a layer, such as nn.linear returns', part);
      if (!Array.isArray(value) && !/^[A-Za-z_]\w*$/.test(name)) {
        fail(
          'INVALID_PARAMETER',
          `${where}: '${name}' is not a valid layer name: names begin with a letter and contain only letters, digits and _, so that ` +
            'parameter names are unambiguous.',
        );
      }
    }
    return value as readonly Layer[] | Readonly<Record<string, Layer>>;
  },
};

/**
 * Validates options and fills in defaults; keys are in the order of the declaration.
 * @throws INVALID_PARAMETER for missing, unknown or out-of-range options; the message names the option.
 */
export function checked<O>(where: string, options: Readonly<Record<string, unknown>>, fields: Fields<O>): Required<O> {
  const names = Object.keys(fields);
  if (typeof options !== 'object' || options === null)
    fail(
      'INVALID_PARAMETER',
      `${where} takes its options as an object, such as { name: value }, not ${shown(options)}.`,
    );
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    const rest = near ? `did you mean '${near}'?` : names.length > 0 ? `it has ${names.join(', ')}.` : 'it has none.';
    fail('INVALID_PARAMETER', `${where} has no option '${name}'; ${rest}`);
  }
  const entries = Object.entries<Field<unknown>>(fields as Record<string, Field<unknown>>).map(([name, f]) => {
    const value = options[name];
    if (value !== undefined) return [name, f.check(value, `${where}: ${name}`)] as const;
    if (f.fallback === undefined) fail('INVALID_PARAMETER', `${where} needs the option '${name}'.`);
    return [name, f.fallback] as const;
  });
  return Object.fromEntries(entries) as Required<O>;
}

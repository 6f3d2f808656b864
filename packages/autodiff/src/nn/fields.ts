import { fail, nearestName } from '@southwell/numerics/core';
import { isLayer, type Layer } from './layer.ts';

// What an option of a layer may be. One declaration serves constructors and architectures that come from files.

/** An option: how it is checked, and what it is where it is left out. */
export interface Field<T> {
  /** The value, or an error by a sentence that begins with `where`. */
  readonly check: (value: unknown, where: string) => T;
  /** Absent: it must be given. */
  readonly fallback?: T;
}

/** The options of a kind of layer: a field for each. */
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

/** A finite number that is at least `least`, and below `below` where that is given. */
export const real = (fallback: number, least: number, below = Number.POSITIVE_INFINITY): Field<number> =>
  field(
    below === Number.POSITIVE_INFINITY ? `a number of at least ${least}` : `at least ${least} and below ${below}`,
    (v) => typeof v === 'number' && v >= least && v < below,
    fallback,
  );

/** Yes or no. */
export const flag = (fallback: boolean): Field<boolean> =>
  field('true or false', (v) => typeof v === 'boolean', fallback);

/** A text that is not empty. */
export const text = (fallback?: string): Field<string> =>
  field('a text', (v) => typeof v === 'string' && v.length > 0, fallback);

/** One of several words. */
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

/** Rows and columns: a number stands for both. */
export type Pair = number | readonly [rows: number, columns: number];

/** A pair of whole numbers of at least `least`, or one for both. */
export const pair = (least: number, fallback?: Pair): Field<Pair> =>
  field(
    `a whole number of at least ${least}, or two for rows and columns`,
    (v) => whole(v, least) || (Array.isArray(v) && v.length === 2 && v.every((n) => whole(n, least))),
    fallback,
  );

/** What {@link Pair} stands for. */
export const both = (p: Pair): readonly [number, number] => (typeof p === 'number' ? [p, p] : p);

/** A layer. */
export const layer: Field<Layer> = {
  check: (value, where) =>
    isLayer(value) ? value : refuse(where, 'a layer, as nn.linear and its like make it', value),
};

/** Layers in their order, or by names. */
export const layers: Field<readonly Layer[] | Readonly<Record<string, Layer>>> = {
  check: (value, where) => {
    if (typeof value !== 'object' || value === null)
      return refuse(where, 'a list of layers, or an object of them', value);
    for (const [name, part] of Object.entries(value)) {
      if (!isLayer(part)) refuse(`${where}: '${name}'`, 'a layer, as nn.linear and its like make it', part);
      if (!Array.isArray(value) && !/^[A-Za-z_]\w*$/.test(name)) {
        fail(
          'INVALID_PARAMETER',
          `${where}: '${name}' is no name for a layer: it begins with a letter and has letters, digits and _ only, so that names of ` +
            'parameters can be told apart.',
        );
      }
    }
    return value as readonly Layer[] | Readonly<Record<string, Layer>>;
  },
};

/**
 * Options with defaults filled in, in the order of their declaration.
 * @throws INVALID_PARAMETER for what is missing, unknown or out of its range, by the option's name.
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

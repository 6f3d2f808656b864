import { knownKeys } from './checks.ts';
import { fail } from './errors.ts';

/**
 * One record an option: from it follow its type ({@link OptionsOf}), the names that a function knows ({@link keysOf}), its check, and,
 * where people are asked for it, the flag, the field of a form and the line of the docs. The comment of its field is that of the option.
 */
export interface OptionRecord<T = unknown> {
  readonly kind: 'number' | 'numbers' | 'whole' | 'flag' | 'choice' | 'other';
  /** The values it may take, in words that follow its name: `above 0`. */
  readonly range: string;
  allows(value: unknown): boolean;
  readonly min?: number;
  readonly max?: number;
  /** The ends are left out. */
  readonly open?: boolean;
  /** Each value with its title. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly ask?: Asking;
  /** The type of its values: for the compiler alone. */
  readonly type?: T;
}

/** What people are told who are asked for it. */
export interface Asking {
  readonly title: string;
  /** A sentence without its capital and its stop. `{name}` stands for another option. */
  readonly about: string;
  /** What takes the place of the value in help: `count`. */
  readonly argument?: string;
  /** The value that tasks pass where none is given: the default of the function, where that is a plain value. */
  readonly default?: string | number | boolean;
  /** What is done without it, where that is not a plain value. */
  readonly otherwise?: string;
  /** The value where it is named without one. */
  readonly preset?: string | number;
  /** Goes only with these values of other options, or with any. */
  readonly only?: Readonly<Record<string, readonly string[] | true>>;
  /** How forms differ, which may leave it out. */
  readonly form?: false | { readonly hint?: string; readonly initial?: boolean; readonly advanced?: boolean };
}

export type OptionRecords = Readonly<Record<string, OptionRecord>>;
export type AnyOptions<R extends OptionRecords> = { readonly [K in keyof R]?: unknown };

/** The options that records are of, each of which may be left out. */
export type OptionsOf<R extends OptionRecords> = {
  readonly [K in keyof R]?: R[K] extends OptionRecord<infer T> ? T : never;
};

interface Range {
  readonly min?: number;
  readonly max?: number;
  readonly open?: boolean;
  readonly finite?: boolean;
}

function words({ min, max, open, finite }: Range): string {
  const first = finite ? 'finite and ' : '';
  if (min !== undefined && max !== undefined) return open ? `above ${min} and below ${max}` : `from ${min} to ${max}`;
  if (min === undefined) return 'a number';
  return `${first}${open ? 'above' : 'at least'} ${min}`;
}

const within = (
  value: unknown,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, open, finite }: Range,
) =>
  typeof value === 'number' &&
  (open ? value > min && (value < max || max === Number.POSITIVE_INFINITY) : value >= min && value <= max) &&
  !(finite && !Number.isFinite(value));

type MayAsk = Asking | undefined;
/** A record that asks, or does not. */
type Asked<T, A extends MayAsk> = OptionRecord<T> & { readonly ask: A };

const asked = <T, A extends MayAsk>(record: OptionRecord<T>, ask: A): Asked<T, A> => ({ ...record, ask });

/** A number in a range. */
export const numberOption = <A extends MayAsk = undefined>(range: Range = {}, ask?: A): Asked<number, A> =>
  asked(
    {
      ...{ kind: 'number', range: words(range), min: range.min, max: range.max, open: range.open },
      allows: (value) => within(value, range),
    },
    ask as A,
  );

/** A whole number; as a limit, any number of at least that. */
export const wholeOption = <A extends MayAsk = undefined>(min: number, ask?: A): Asked<number, A> =>
  asked({ ...{ kind: 'whole', range: `at least ${min}`, min }, allows: (value) => within(value, { min }) }, ask as A);

/** A whole number from `min` to `max`, without a fraction. */
export const integerOption = <A extends MayAsk = undefined>(
  { min, max = Number.MAX_SAFE_INTEGER }: { readonly min: number; readonly max?: number },
  ask?: A,
): Asked<number, A> => {
  const limit = max === Number.MAX_SAFE_INTEGER ? undefined : max;
  const range = `a whole number ${limit === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`;
  const allows = (value: unknown) => Number.isInteger(value) && within(value, { min, max });
  return asked({ kind: 'whole', range, min, max: limit, allows }, ask as A);
};

export const flagOption = <A extends MayAsk = undefined>(ask?: A): Asked<boolean, A> =>
  asked({ kind: 'flag', range: 'true or false', allows: (value) => typeof value === 'boolean' }, ask as A);

/** One of some names, each with its title. */
export const choiceOption = <const K extends string, A extends MayAsk = undefined>(
  choices: Readonly<Record<K, string>>,
  ask?: A,
): Asked<K, A> =>
  asked(
    {
      ...{ kind: 'choice', range: `one of ${Object.keys(choices).join(', ')}`, choices },
      allows: (value) => typeof value === 'string' && Object.hasOwn(choices, value),
    },
    ask as A,
  );

/** A list of numbers in a range. */
export const numbersOption = <A extends MayAsk = undefined>(range: Range, ask?: A): Asked<ArrayLike<number>, A> =>
  asked(
    {
      ...{ kind: 'numbers', range: `numbers ${words(range)}`, min: range.min, max: range.max },
      allows: (value) =>
        typeof value === 'object' && Array.from(value as ArrayLike<number>).every((v) => within(v, range)),
    },
    ask as A,
  );

/** Anything else: who takes it checks it. */
export const otherOption = <T>(range: string): OptionRecord<T> => ({ kind: 'other', range, allows: () => true });

/** The names of the records that ask. */
export type AskedNames<R extends OptionRecords> = {
  [K in keyof R]: R[K] extends { readonly ask: Asking } ? K : never;
}[keyof R] &
  string;

export const askedNames = <R extends OptionRecords>(records: R): Array<AskedNames<R>> =>
  Object.keys(records).filter((name) => records[name].ask) as Array<AskedNames<R>>;

/** The names that records have, for {@link knownKeys}. */
export const keysOf = <R extends OptionRecords>(records: R): { readonly [K in keyof R]: true } =>
  Object.fromEntries(Object.keys(records).map((name) => [name, true])) as { [K in keyof R]: true };

/** @throws INVALID_PARAMETER in a sentence where a record does not allow a value. */
export function checkOption(name: string, record: OptionRecord, value: unknown): void {
  if (!record.allows(value)) fail('INVALID_PARAMETER', `${name} must be ${record.range}, but is ${String(value)}.`);
}

/**
 * Holds options to their records: names, and the values of those that are given.
 * @throws INVALID_PARAMETER.
 */
export function checkOptions<R extends OptionRecords>(where: string, records: R, options: AnyOptions<R>): void {
  knownKeys(where, options, keysOf(records));
  checkValues(records, options);
}

/**
 * Checks the values of the options that are given, for callers that check names themselves.
 * @throws INVALID_PARAMETER.
 */
export function checkValues<R extends OptionRecords>(records: R, options: AnyOptions<R>): void {
  for (const [name, record] of Object.entries(records)) {
    if (options[name] !== undefined) checkOption(name, record, options[name]);
  }
}

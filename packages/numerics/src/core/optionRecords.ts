import { knownKeys } from './checks.ts';
import { fail } from './errors.ts';

/**
 * Describes one option. Its type ({@link OptionsOf}), the list of known names ({@link keysOf}), its check and, for
 * options exposed to users, the command-line flag, the form field and the line in the docs are all derived from this
 * record. The doc comment of the field documents the option.
 */
export interface OptionRecord<T = unknown> {
  readonly kind: 'number' | 'numbers' | 'whole' | 'flag' | 'choice' | 'other';
  /** The allowed values, in words that follow the name of the option: `above 0`. */
  readonly range: string;
  allows(value: unknown): boolean;
  readonly min?: number;
  readonly max?: number;
  /** Whether the bounds themselves are excluded. */
  readonly open?: boolean;
  /** The allowed values with their titles. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly ask?: Asking;
  /** The type of the values; used by the compiler only. */
  readonly type?: T;
}

/** What users see when they are asked for the option. */
export interface Asking {
  readonly title: string;
  /** A sentence without the initial capital and the full stop. `{name}` refers to another option. */
  readonly about: string;
  /** Placeholder for the value in help texts: `count`. */
  readonly argument?: string;
  /** The value that tasks pass if none is given: the default of the function, if that is a plain value. */
  readonly default?: string | number | boolean;
  /** What happens if the option is not given, where `default` is no plain value. */
  readonly otherwise?: string;
  /** The value if the option is named without one. */
  readonly preset?: string | number;
  /** Applies only if these other options have one of these values, or any value. */
  readonly only?: Readonly<Record<string, readonly string[] | true>>;
  /** Settings of the form field; false omits the option from forms. */
  readonly form?: false | { readonly hint?: string; readonly initial?: boolean; readonly advanced?: boolean };
}

export type OptionRecords = Readonly<Record<string, OptionRecord>>;
export type AnyOptions<R extends OptionRecords> = { readonly [K in keyof R]?: unknown };

/** The type of an options object described by records; every option is optional. */
export type OptionsOf<R extends OptionRecords> = {
  readonly [K in keyof R]?: R[K] extends OptionRecord<infer T> ? T : never;
};

/** As {@link OptionsOf}, with those named in `K` that may not be left out. */
export type OptionsNeeding<R extends OptionRecords, K extends keyof R> = {
  readonly [P in keyof R as P extends K ? never : P]?: R[P] extends OptionRecord<infer T> ? T : never;
} & {
  readonly [P in K]-?: R[P] extends OptionRecord<infer T> ? T : never;
};

interface Range {
  readonly min?: number;
  readonly max?: number;
  readonly open?: boolean;
  readonly finite?: boolean;
  /** An upper end that is left out, where the lower one is not. */
  readonly below?: number;
}

function words({ min, max, open, finite, below }: Range): string {
  const first = finite ? 'finite and ' : '';
  if (below !== undefined) return `at least ${min} and below ${below}`;
  if (min !== undefined && max !== undefined) return open ? `above ${min} and below ${max}` : `from ${min} to ${max}`;
  if (min === undefined) return finite ? 'a finite number' : 'a number';
  return `${first}${open ? 'above' : 'at least'} ${min}`;
}

const within = (
  value: unknown,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, open, finite, below }: Range,
) =>
  typeof value === 'number' &&
  (open ? value > min && (value < max || max === Number.POSITIVE_INFINITY) : value >= min && value <= max) &&
  !(finite && !Number.isFinite(value)) &&
  !(below !== undefined && value >= below);

type MayAsk = Asking | undefined;
/** A record with or without texts for users. */
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

/** A limit on a count: any number of at least `min`, also an infinite one. */
export const limitOption = <A extends MayAsk = undefined>(min: number, ask?: A): Asked<number, A> =>
  asked({ ...{ kind: 'whole', range: `at least ${min}`, min }, allows: (value) => within(value, { min }) }, ask as A);

/** A whole number that is finite and has no fraction, from `min` to `max`. */
export const integerOption = <A extends MayAsk = undefined>(
  { min, max }: { readonly min: number; readonly max?: number },
  ask?: A,
): Asked<number, A> =>
  asked(
    {
      ...{ kind: 'whole', min, max },
      range: `a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`,
      allows: (value) => Number.isSafeInteger(value) && within(value, { min, max }),
    },
    ask as A,
  );

/** The seed of random numbers, a whole number of at least 0. With `about`, users are asked for it; the default is then 0. */
export function seedOption(): Asked<number, undefined>;
export function seedOption(about: string): Asked<number, Asking & { readonly default: number }>;
export function seedOption(about?: string): Asked<number, MayAsk> {
  const ask = about === undefined ? undefined : { title: 'Seed', about, argument: 'number', default: 0 };
  return integerOption({ min: 0 }, ask && { ...ask, form: { advanced: true } });
}

export const flagOption = <A extends MayAsk = undefined>(ask?: A): Asked<boolean, A> =>
  asked({ kind: 'flag', range: 'true or false', allows: (value) => typeof value === 'boolean' }, ask as A);

/** One of several names, each with a title. */
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

/** Any other value. Without `allows` the function that takes it checks it. */
export const otherOption = <T>(range: string, allows: (value: unknown) => boolean = () => true): OptionRecord<T> => ({
  ...{ kind: 'other', range, allows },
});

/** The names of the records with texts for users. */
export type AskedNames<R extends OptionRecords> = {
  [K in keyof R]: R[K] extends { readonly ask: Asking } ? K : never;
}[keyof R] &
  string;

export const askedNames = <R extends OptionRecords>(records: R): Array<AskedNames<R>> =>
  Object.keys(records).filter((name) => records[name].ask) as Array<AskedNames<R>>;

/** The names of the records, for {@link knownKeys}. */
export const keysOf = <R extends OptionRecords>(records: R): { readonly [K in keyof R]: true } =>
  Object.fromEntries(Object.keys(records).map((name) => [name, true])) as { [K in keyof R]: true };

/** @throws INVALID_PARAMETER if the record does not allow the value. */
export function checkOption(name: string, record: OptionRecord, value: unknown): void {
  if (!record.allows(value)) fail('INVALID_PARAMETER', `${name} must be ${record.range}, but is ${String(value)}.`);
}

/**
 * Checks the names of options and the values of those that are given, or `needed`, against their records.
 * @throws INVALID_PARAMETER.
 */
export function checkOptions<R extends OptionRecords>(
  where: string,
  records: R,
  options: AnyOptions<R>,
  needed: ReadonlyArray<keyof R & string> = [],
): void {
  knownKeys(where, options, keysOf(records));
  for (const name of needed) checkOption(name, records[name], options[name]);
  checkGiven(records, options);
}

/**
 * Checks the values of the options that are given, for callers that check names themselves.
 * @throws INVALID_PARAMETER.
 */
export function checkGiven<R extends OptionRecords>(records: R, options: AnyOptions<R>): void {
  for (const [name, record] of Object.entries(records)) {
    if (options[name] !== undefined) checkOption(name, record, options[name]);
  }
}

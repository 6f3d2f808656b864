import * as v from 'valibot';
import { grouped } from '../format.ts';

/**
 * The vocabulary in which a task declares its options: a type that says what values are allowed, and descriptions.
 * Flags, checks, forms, printed commands and the tables of the docs are derived from these declarations alone.
 */

export type Kind =
  | 'whole'
  | 'number'
  | 'numbers'
  | 'choice'
  | 'text'
  | 'texts'
  | 'column'
  | 'columns'
  | 'groups'
  | 'flag'
  | 'file';

interface OfType {
  readonly kind: Kind;
  /** The permitted values, as part of a sentence: "a whole number of at least 1". */
  readonly expected: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: ReadonlyArray<readonly [value: string, title: string]>;
  /** A word that is accepted instead of numbers. */
  readonly word?: string;
  /** Only numeric columns are permitted. */
  readonly numbers?: boolean;
}

/** Permitted values of other options by name; '' stands for none, and `true` for any value. */
export type Condition = Readonly<Record<string, readonly string[] | true>>;

/** Files whose names match a pattern, and what they are in a sentence: `a saved network`. */
export interface FilesNamed {
  readonly file: RegExp;
  readonly are: string;
}
/** Values of other options that exclude an option, as a {@link Condition}; of options that are files, also some files only. */
export type Exclusion = Readonly<Record<string, Condition[string] | FilesNamed>>;

/** What a form knows about the current table. */
export interface FormTable {
  /** Its name on the command line. */
  readonly data?: string;
  /** The file format. */
  readonly format?: string;
  /** Set if rows are images. */
  readonly images?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly columns: ReadonlyArray<{
    readonly name: string;
    readonly type: 'number' | 'category' | 'text';
    readonly missing: number;
    /** A few values. */
    readonly sample?: readonly string[];
    /** Why it is hardly what one predicts. */
    readonly unlikely?: 'constant' | 'date' | 'id';
  }>;
  /** Of a sparse matrix, which has no columns to name. */
  readonly sparse?: { readonly cols: number };
}
export type FormValue = string | number | boolean | readonly string[] | Blob | readonly Blob[];

export interface About {
  /** Label in forms. */
  readonly title: string;
  /** A sentence without initial capital and full stop, for help and docs. `{name}` stands for another option. */
  readonly about: string;
  /** Placeholder of the value in help: `<count>`. */
  readonly argument?: string;
  /** The value if the flag is given without one. */
  readonly preset?: number | string;
  /** The flag is this single letter; the name remains as a long form. */
  readonly letter?: string;
  /** Heading in help. */
  readonly group?: string;
  readonly unit?: string;
  /** For options without a default: the behaviour without it, as in `default: …`. */
  readonly otherwise?: string;
  /** Whether the option must be given. */
  readonly required?: true;
  /**
   * For choices: values that users may look for here but that are tasks of their own, each with a sentence that names
   * the task.
   */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Requires all of these values of other options. */
  readonly only?: Condition;
  /**
   * Incompatible with any of these values of other options. If two options exclude each other, one of them declares it:
   * in a form, that one is hidden.
   */
  readonly without?: Exclusion;
  /**
   * For names of columns: `false` if they may be those of other options too, as a list of columns to leave out may.
   * Otherwise a column has only one of these roles.
   */
  readonly role?: false;
  /** Whether short help lists it. Default: whether forms show it without being asked for more. */
  readonly first?: boolean;
  /** Settings for forms; `false` excludes it from them. */
  readonly form?:
    | false
    | {
        /** Initial value in the form, if it is not the default … */
        readonly initial?: FormValue | ((table: FormTable) => FormValue);
        /** … unless one of these options is given. */
        readonly unless?: readonly string[];
        /** Shown only for these values, instead of those in `only` above. */
        readonly only?: Condition;
        /** Placeholder of an empty field. */
        readonly hint?: string;
        readonly required?: boolean;
        /** Shown among the further options. */
        readonly advanced?: boolean | ((table: FormTable) => boolean);
      };
}

/** The full declaration of an option. */
export interface Declared extends OfType, About {
  readonly default?: unknown;
}

/** An option whose value in a request has type T. */
export type Option<T = unknown> = v.GenericSchema<unknown, T>;
export type Options = Readonly<Record<string, Option>>;

/** The values that a job receives: those with a default are always present. */
export type ValuesOf<O extends Options> = {
  readonly [K in keyof O as undefined extends v.InferOutput<O[K]> ? never : K]: v.InferOutput<O[K]>;
} & {
  readonly [K in keyof O as undefined extends v.InferOutput<O[K]> ? K : never]?: v.InferOutput<O[K]>;
};

const typed = <T>(schema: v.GenericSchema<T>, about: OfType): v.GenericSchema<T> =>
  v.pipe(schema, v.metadata(about as unknown as Record<string, unknown>)) as v.GenericSchema<T>;

/** A whole number from `min` to `max`. */
export function whole(min = 0, max?: number): v.GenericSchema<number> {
  const expected =
    max === undefined
      ? `a whole number of at least ${min}`
      : max === min
        ? `${min}`
        : `a whole number from ${min} to ${grouped(max)}`;
  const schema = v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max ?? Number.MAX_SAFE_INTEGER));
  return typed(schema, { kind: 'whole', expected, min, max });
}

/** A number from `min` to `max`; without them any number. */
export function real(min?: number, max?: number): v.GenericSchema<number> {
  const expected =
    min === undefined
      ? 'a number'
      : max === undefined
        ? `a number of at least ${min}`
        : `a number from ${min} to ${grouped(max)}`;
  const schema = v.pipe(
    v.number(),
    v.finite(),
    v.minValue(min ?? -Number.MAX_VALUE),
    v.maxValue(max ?? Number.MAX_VALUE),
  );
  return typed(schema, { kind: 'number', expected, min, max });
}

/** A positive number. */
export function positive(): v.GenericSchema<number> {
  const schema = v.pipe(v.number(), v.finite(), v.gtValue(0));
  return typed(schema, { kind: 'number', expected: 'a number above 0', min: 0 });
}

/** A number strictly between 0 and 1. */
export function share(): v.GenericSchema<number> {
  const schema = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
  return typed(schema, { kind: 'number', expected: 'a number above 0 and below 1', min: 0, max: 1 });
}

/** A finite number in a range that the library describes, such as `at least 0` or `above 0 and below 1`, and checks. */
export function numberThat(
  range: string,
  allows: (value: number) => boolean,
  min?: number,
  max?: number,
): v.GenericSchema<number> {
  const words = range.replace('finite and ', '');
  const expected = words.startsWith('at least')
    ? `a number of ${words}`
    : min === undefined
      ? 'a number'
      : `a number ${words}`;
  return typed(v.pipe(v.number(), v.finite(), v.check(allows)), { kind: 'number', expected, min, max });
}

/** Numbers, one or more, which may be infinite unless there is a `min`. */
export const numbers = (min?: number, max?: number): v.GenericSchema<readonly number[]> =>
  typed(v.pipe(v.array(min === undefined ? v.number() : real(min, max)), v.nonEmpty()), {
    kind: 'numbers',
    expected:
      min === undefined
        ? 'a list of numbers'
        : max === undefined
          ? `a list of numbers of at least ${min}`
          : `a list of numbers from ${min} to ${max}`,
    min,
    max,
  }) as v.GenericSchema<readonly number[]>;

/** One or more positions in a list, counted from 1. */
export const places = (): v.GenericSchema<readonly number[]> =>
  typed(v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), v.nonEmpty()), {
    kind: 'numbers',
    expected: 'a list of whole numbers counted from 1',
    min: 1,
  }) as v.GenericSchema<readonly number[]>;

/** A number or numbers, or a word instead. */
export function orWord<T, const W extends string>(type: v.GenericSchema<T>, word: W): v.GenericSchema<T | W> {
  const about = v.getMetadata(type) as unknown as OfType;
  return typed<T | W>(v.union([v.literal(word), type]) as v.GenericSchema<T | W>, {
    ...about,
    expected: `${about.expected}, or ${word}`,
    word,
  });
}

/** A number or numbers, or the word `all`. */
export const orAll = <T>(type: v.GenericSchema<T>): v.GenericSchema<T | 'all'> => orWord(type, 'all');

/** One of several names, each with its title in forms. `also`: other words that are accepted as synonyms. */
export function choice<const K extends string>(
  titles: Readonly<Record<K, string>>,
  also: Readonly<Record<string, NoInfer<K>>> = {},
): v.GenericSchema<K> {
  const choices = Object.entries<string>(titles);
  const names = choices.map(([name]) => name as K);
  const known = v.pipe(
    v.string(),
    v.transform((word) => (Object.hasOwn(also, word) ? also[word] : word)),
    v.picklist(names),
  ) as v.GenericSchema<string, K> as unknown as v.GenericSchema<K>;
  return typed(known, { kind: 'choice', expected: `one of ${names.join(', ')}`, choices });
}

export const text = (): v.GenericSchema<string> => typed(v.string(), { kind: 'text', expected: 'a text' });
/** Several texts; an empty list counts as not given. */
export const texts = (): v.GenericSchema<readonly string[]> =>
  typed(v.array(v.string()), { kind: 'texts', expected: 'a list of texts' }) as v.GenericSchema<readonly string[]>;
export const flag = (): v.GenericSchema<boolean> => typed(v.boolean(), { kind: 'flag', expected: 'true or false' });
/** The name of a column of the table. */
export const column = (of?: { readonly numbers: boolean }): v.GenericSchema<string> =>
  typed(v.string(), { kind: 'column', expected: 'the name of a column', ...of });
/** One or more numbers and words; values of flags are all texts. */
export const values = (): v.GenericSchema<ReadonlyArray<number | string>> =>
  typed(v.pipe(v.array(v.union([v.number(), v.string()])), v.nonEmpty()), {
    kind: 'texts',
    expected: 'a list of numbers and words',
  }) as v.GenericSchema<ReadonlyArray<number | string>>;
/** Names of columns of the table; an empty list counts as not given. */
export const columns = (): v.GenericSchema<readonly string[]> =>
  typed(v.array(v.string()), { kind: 'columns', expected: 'a list of names of columns' }) as v.GenericSchema<
    readonly string[]
  >;
/** Lists of names; each use of the flag gives one list. */
export const lists = (): v.GenericSchema<ReadonlyArray<readonly string[]>> =>
  typed(v.pipe(v.array(v.pipe(v.array(v.string()), v.nonEmpty())), v.nonEmpty()), {
    kind: 'groups',
    expected: 'a list of lists of names',
  }) as v.GenericSchema<ReadonlyArray<readonly string[]>>;
/** Lists of column names; each use of the flag gives one list. */
export const groups = (): v.GenericSchema<ReadonlyArray<readonly string[]>> =>
  typed(v.array(v.array(v.string())), {
    kind: 'groups',
    expected: 'a list of lists of names of columns',
  }) as v.GenericSchema<ReadonlyArray<readonly string[]>>;
/** A file of the user, as races take it. */
export const file = (): v.GenericSchema<Blob> =>
  typed(v.blob(), { kind: 'file', expected: 'a file' }) as v.GenericSchema<Blob>;

/** A file with a table, which the job reads by the name of the option: a path, or the file chosen in a form. */
export const tableFile = (): v.GenericSchema<string | Blob> =>
  typed(v.union([v.pipe(v.string(), v.nonEmpty()), v.blob()]), {
    kind: 'file',
    expected: 'the name of a file',
  }) as v.GenericSchema<string | Blob>;

/** A text file, which the job reads as a whole by the name of the option (`contents`). */
export const textFile = tableFile;

/** An option of that type, with its default value, or `undefined` without one. */
export function option<T>(type: v.GenericSchema<T>, about: About & { readonly default: NoInfer<T> }): Option<T>;
export function option<T>(type: v.GenericSchema<T>, about: About & { readonly required: true }): Option<T>;
export function option<T>(type: v.GenericSchema<T>, about: About): Option<T | undefined>;
export function option(type: v.GenericSchema<unknown>, about: About & { readonly default?: unknown }): Option {
  const { title, about: sentence, ...rest } = about;
  const described = v.pipe(type, v.title(title), v.description(sentence), v.metadata(rest as Record<string, unknown>));
  return v.optional(described, about.default) as Option;
}

/** The declaration of an option. */
export function declared(of: Option): Declared {
  const { wrapped } = of as unknown as { readonly wrapped: v.GenericSchema };
  return {
    ...v.getMetadata(wrapped),
    title: v.getTitle(wrapped),
    about: v.getDescription(wrapped),
  } as unknown as Declared;
}

/** Whether an option is among those that short help lists. */
export function comesFirst(of: Option): boolean {
  const { first, form } = declared(of);
  return first ?? (form !== false && !form?.advanced);
}

/** Whether a value counts as given: undefined, empty and false values do not. */
export const given = (value: unknown): boolean =>
  value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);

/**
 * Whether a value differs from the default; for a flag that is on by default, such as an intercept, whether it is off.
 */
export const says = (value: unknown, { default: usual }: Pick<Declared, 'default'>): boolean =>
  usual === true ? value === false : given(value);

/** The flag: `--neighbour-search`, a single letter, or `--no-intercept` for options that are on by default. */
export function flagOf(name: string, about?: Pick<Declared, 'letter' | 'default'>): string {
  const words = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  return about?.letter ? `-${about.letter}` : `--${about?.default === true ? 'no-' : ''}${words}`;
}

/** A sentence with each `{name}` replaced by the spelling of that option; other braces are kept. */
export const spelled = (sentence: string, options: Options, spell: (name: string) => string): string =>
  sentence.replace(/\{(\w+)\}/g, (braces, name: string) => (Object.hasOwn(options, name) ? spell(name) : braces));

/** The name of a file, as given to the command or known to the page. */
export const nameOf = (value: unknown): string =>
  value instanceof Blob ? ((value as Partial<File>).name ?? 'file') : String(value);

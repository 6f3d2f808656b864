import * as v from 'valibot';
import { grouped } from '../format.ts';

/**
 * The words in which a task declares its options: a type that says what values are allowed, and what people are told of
 * it. Flags, checks, forms, printed commands and tables of the docs are derived from these alone.
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
  /** What a value must be, for a sentence: "a whole number of at least 1". */
  readonly expected: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: ReadonlyArray<readonly [value: string, title: string]>;
  /** A word that may stand in place of numbers. */
  readonly word?: string;
  /** Only columns of numbers will do. */
  readonly numbers?: boolean;
}

/** Values of other options by their names, '' for none, or `true` for any value. */
export type Condition = Readonly<Record<string, readonly string[] | true>>;

/** What a form knows of the table at hand. */
export interface FormTable {
  /** What the command calls it. */
  readonly data?: string;
  /** Of the file. */
  readonly format?: string;
  /** Where rows are images. */
  readonly images?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly columns: ReadonlyArray<{
    readonly name: string;
    readonly type: 'number' | 'category' | 'text';
    readonly missing: number;
    /** A few values. */
    readonly sample?: readonly string[];
  }>;
  /** Of a sparse matrix, which has no columns to name. */
  readonly sparse?: { readonly cols: number };
}
export type FormValue = string | number | boolean | readonly string[] | Blob | readonly Blob[];

export interface About {
  /** Label of the form. */
  readonly title: string;
  /** A sentence without its capital and its stop, for help and docs. `{name}` stands for another option. */
  readonly about: string;
  /** What takes the place of the value in help: `<count>`. */
  readonly argument?: string;
  /** The value where a flag is given without one. */
  readonly preset?: number | string;
  /** The flag is this one letter; the name stays another way to give it. */
  readonly letter?: string;
  /** Heading in help. */
  readonly group?: string;
  readonly unit?: string;
  /** Where there is no default: what is done without it, in the form `default: …`. */
  readonly otherwise?: string;
  /** Nothing is done without it. */
  readonly required?: true;
  /** Of a choice: values that may be looked for here and are tasks of their own, each with the sentence that says which. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Goes only with these values of other options, all of them. */
  readonly only?: Condition;
  /**
   * Does not go with any of these values of other options. Of two options that exclude each other one says so: in a form,
   * it gives way to the other.
   */
  readonly without?: Condition;
  /** In forms; `false` keeps it out of them. */
  readonly form?:
    | false
    | {
        /** What the form begins with where it is not the default … */
        readonly initial?: FormValue | ((table: FormTable) => FormValue);
        /** … unless one of these options is given. */
        readonly unless?: readonly string[];
        /** Shown only with these values, in place of those that it goes with. */
        readonly only?: Condition;
        /** Shown in an empty field. */
        readonly hint?: string;
        readonly required?: boolean;
        /** Among the further options. */
        readonly advanced?: boolean | ((table: FormTable) => boolean);
      };
}

/** All that is declared of an option. */
export interface Declared extends OfType, About {
  readonly default?: unknown;
}

/** An option whose value is of type T in a request. */
export type Option<T = unknown> = v.GenericSchema<unknown, T>;
export type Options = Readonly<Record<string, Option>>;

/** The values that a job is given: those with a default are always there. */
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

/** A number from `min` to `max`; without them any. */
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

/** A number above 0. */
export function positive(): v.GenericSchema<number> {
  const schema = v.pipe(v.number(), v.finite(), v.gtValue(0));
  return typed(schema, { kind: 'number', expected: 'a number above 0', min: 0 });
}

/** A number between 0 and 1, neither of them. */
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

/** Places in a list, one or more, counted from 1. */
export const places = (): v.GenericSchema<readonly number[]> =>
  typed(v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), v.nonEmpty()), {
    kind: 'numbers',
    expected: 'a list of whole numbers counted from 1',
    min: 1,
  }) as v.GenericSchema<readonly number[]>;

/** A number or numbers, or a word in their place. */
export function orWord<T, const W extends string>(type: v.GenericSchema<T>, word: W): v.GenericSchema<T | W> {
  const about = v.getMetadata(type) as unknown as OfType;
  return typed<T | W>(v.union([v.literal(word), type]) as v.GenericSchema<T | W>, {
    ...about,
    expected: `${about.expected}, or ${word}`,
    word,
  });
}

/** A number or numbers, or the word that stands for all there are. */
export const orAll = <T>(type: v.GenericSchema<T>): v.GenericSchema<T | 'all'> => orWord(type, 'all');

/** One of several names, each with its title in forms. `also`: other words that are taken for one of them. */
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
/** Several texts; none is as if not given. */
export const texts = (): v.GenericSchema<readonly string[]> =>
  typed(v.array(v.string()), { kind: 'texts', expected: 'a list of texts' }) as v.GenericSchema<readonly string[]>;
export const flag = (): v.GenericSchema<boolean> => typed(v.boolean(), { kind: 'flag', expected: 'true or false' });
/** The name of a column of the table. */
export const column = (of?: { readonly numbers: boolean }): v.GenericSchema<string> =>
  typed(v.string(), { kind: 'column', expected: 'the name of a column', ...of });
/** Numbers and words, one or more; from a flag all are texts. */
export const values = (): v.GenericSchema<ReadonlyArray<number | string>> =>
  typed(v.pipe(v.array(v.union([v.number(), v.string()])), v.nonEmpty()), {
    kind: 'texts',
    expected: 'a list of numbers and words',
  }) as v.GenericSchema<ReadonlyArray<number | string>>;
/** Names of columns of the table; none is as if not given. */
export const columns = (): v.GenericSchema<readonly string[]> =>
  typed(v.array(v.string()), { kind: 'columns', expected: 'a list of names of columns' }) as v.GenericSchema<
    readonly string[]
  >;
/** Lists of names; a flag gives one list each time. */
export const lists = (): v.GenericSchema<ReadonlyArray<readonly string[]>> =>
  typed(v.pipe(v.array(v.pipe(v.array(v.string()), v.nonEmpty())), v.nonEmpty()), {
    kind: 'groups',
    expected: 'a list of lists of names',
  }) as v.GenericSchema<ReadonlyArray<readonly string[]>>;
/** Lists of names of columns; a flag gives one list each time. */
export const groups = (): v.GenericSchema<ReadonlyArray<readonly string[]>> =>
  typed(v.array(v.array(v.string())), {
    kind: 'groups',
    expected: 'a list of lists of names of columns',
  }) as v.GenericSchema<ReadonlyArray<readonly string[]>>;
/** A file of one's own, as a race takes it. */
export const file = (): v.GenericSchema<Blob> =>
  typed(v.blob(), { kind: 'file', expected: 'a file' }) as v.GenericSchema<Blob>;

/** A file with a table, which the job reads by the name of the option: its path, or what was chosen in a form. */
export const tableFile = (): v.GenericSchema<string | Blob> =>
  typed(v.union([v.pipe(v.string(), v.nonEmpty()), v.blob()]), {
    kind: 'file',
    expected: 'the name of a file',
  }) as v.GenericSchema<string | Blob>;

/** A file with text, which the job reads whole by the name of the option (`contents`). */
export const textFile = tableFile;

/** An option of that type: with its default where it is not given, or `undefined` where it has none. */
export function option<T>(type: v.GenericSchema<T>, about: About & { readonly default: NoInfer<T> }): Option<T>;
export function option<T>(type: v.GenericSchema<T>, about: About & { readonly required: true }): Option<T>;
export function option<T>(type: v.GenericSchema<T>, about: About): Option<T | undefined>;
export function option(type: v.GenericSchema<unknown>, about: About & { readonly default?: unknown }): Option {
  const { title, about: sentence, ...rest } = about;
  const described = v.pipe(type, v.title(title), v.description(sentence), v.metadata(rest as Record<string, unknown>));
  return v.optional(described, about.default) as Option;
}

/** What was declared of an option. */
export function declared(of: Option): Declared {
  const { wrapped } = of as unknown as { readonly wrapped: v.GenericSchema };
  return {
    ...v.getMetadata(wrapped),
    title: v.getTitle(wrapped),
    about: v.getDescription(wrapped),
  } as unknown as Declared;
}

/** Whether a value says anything: what is not given, empty or false does not. */
export const given = (value: unknown): boolean =>
  value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Whether a value says anything other than silence would: of what usually holds, such as an intercept, that it does not. */
export const says = (value: unknown, { default: usual }: Pick<Declared, 'default'>): boolean =>
  usual === true ? value === false : given(value);

/** `--neighbour-search`, the one letter that an option has, or `--no-intercept` of what usually holds. */
export function flagOf(name: string, about?: Pick<Declared, 'letter' | 'default'>): string {
  const words = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  return about?.letter ? `-${about.letter}` : `--${about?.default === true ? 'no-' : ''}${words}`;
}

/** A sentence with `{name}` replaced by how the option is spelled; braces around anything else stay. */
export const spelled = (sentence: string, options: Options, spell: (name: string) => string): string =>
  sentence.replace(/\{(\w+)\}/g, (braces, name: string) => (Object.hasOwn(options, name) ? spell(name) : braces));

import { meets, named } from './check.ts';
import type { Columns } from './columns.ts';
import { type Condition, declared, type Options } from './option.ts';

interface AnyOutput {
  /** Name on the page. */
  readonly file: string;
  /** For help. */
  readonly about: string;
  /** What the command reports as written. Default: only the name of the file. */
  readonly noun?: string;
  /** Names of result entries that `--json` omits in favour of the file. */
  readonly holds: readonly string[];
  /** Requires all of these values of options. */
  readonly only?: Condition;
  /** Without a file, the command prints it to standard output, and everything else to standard error. */
  readonly screen?: true;
  /** Made from data for pictures, which the job gathers only on request. */
  readonly pictures?: boolean;
}

/** A file of columns that the command writes on request and the page offers. */
export interface ColumnsOutput<T> extends AnyOutput {
  columns(result: T): Columns;
  /** The job produces its rows block by block (`tools.rows`). */
  readonly blocks?: true;
  /**
   * Without a file, `--json` has the columns under this name; with `false` it does not. By default it has the entries
   * from which they are made.
   */
  readonly json?: string | false;
}

/** A file of text. */
export interface TextOutput<T> extends AnyOutput {
  /** Its media type, for browsers: `text/html`. */
  readonly type: string;
  /** `script` returns the script that brings the charts of a page to life. */
  text(result: T, script: () => string): string;
  /** The entry of `--json` for the name of a written file. */
  readonly json: string;
}

/**
 * A text file in one of several formats: the command writes the one that the file extension indicates, the page offers
 * all.
 */
export interface FormatsOutput<T> extends Omit<AnyOutput, 'file'> {
  /** By file extension; the first is used in printed commands. */
  readonly formats: Readonly<
    Record<string, { readonly file: string; readonly type: string; text(result: T): string | Uint8Array }>
  >;
  /** The entry of `--json` for the name of a written file. */
  readonly json: string;
}

export type Output<T> = ColumnsOutput<T> | TextOutput<T> | FormatsOutput<T>;

/** The name of an output's file in printed commands. */
export const fileOf = (output: Output<never>): string =>
  'formats' in output ? Object.values(output.formats)[0].file : output.file;

/** Whether a request has such an output; omitted options have their defaults. */
export const offered = (
  { only = {} }: Pick<AnyOutput, 'only'>,
  options: Options,
  request: Readonly<Record<string, unknown>>,
): boolean =>
  Object.entries(only).every(([name, wanted]) => meets(wanted, request[name] ?? declared(options[name]).default));

/** The description of an output in help and docs: its sentence and its conditions. */
export const outputText = ({ about, only = {} }: Pick<AnyOutput, 'about' | 'only'>): string => {
  const company = Object.values(only).flatMap((wanted) => (wanted === true ? [] : [named(wanted).join(', ')]));
  return company.length > 0 ? `${company.join('; ')}: ${about}` : about;
};

/** The file of a model, `modelText` of the result. */
export const saveOutput = <T extends { readonly modelText: string }>(about: string): TextOutput<T> => ({
  file: 'model.json',
  about,
  noun: 'Model',
  type: 'application/json',
  text: ({ modelText }) => modelText,
  holds: ['modelText'],
  json: 'saved',
});

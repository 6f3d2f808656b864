import type { PlotAssets } from '../report/page.ts';
import { meets, named } from './check.ts';
import type { Columns } from './columns.ts';
import { type Condition, declared, type Options } from './option.ts';

interface AnyOutput {
  /** Name on the page. */
  readonly file: string;
  /** For help. */
  readonly about: string;
  /** What the command says was written. Default: nothing but the name of the file. */
  readonly noun?: string;
  /** Names of the result that `--json` leaves to the file. */
  readonly holds: readonly string[];
  /** Goes only with these values of options, all of them. */
  readonly only?: Condition;
  /** Where no file is asked for, the command prints it, and all else that there is to say to standard error. */
  readonly screen?: true;
  /** Made from what pictures are drawn from, which the job gathers only when asked. */
  readonly pictures?: boolean;
}

/** A file of columns that the command writes when asked and the page offers. */
export interface ColumnsOutput<T> extends AnyOutput {
  columns(result: T): Columns;
  /** The job gives its rows as it makes them, block after block (`tools.rows`). */
  readonly blocks?: true;
  /**
   * Where no file is asked for, `--json` has the columns under this name; `false`: not at all. By default what they are
   * made of stays in its place.
   */
  readonly json?: string | false;
}

/** A file of text. */
export interface TextOutput<T> extends AnyOutput {
  /** Of its contents, for browsers: `text/html`. */
  readonly type: string;
  /** `plots` gives what a page needs to draw its plots itself. */
  text(result: T, plots: () => PlotAssets): string;
  /** Where a file was written, `--json` has its name under this. */
  readonly json: string;
}

/** A file of text in one of several formats: the command writes that which the ending of the name says, the page offers all. */
export interface FormatsOutput<T> extends Omit<AnyOutput, 'file'> {
  /** By ending, the first for the printed command. */
  readonly formats: Readonly<
    Record<string, { readonly file: string; readonly type: string; text(result: T): string | Uint8Array }>
  >;
  /** Where a file was written, `--json` has its name under this. */
  readonly json: string;
}

export type Output<T> = ColumnsOutput<T> | TextOutput<T> | FormatsOutput<T>;

/** The name of an output's file in printed commands. */
export const fileOf = (output: Output<never>): string =>
  'formats' in output ? Object.values(output.formats)[0].file : output.file;

/** Whether a request has such an output; options that it lacks are at their defaults. */
export const offered = (
  { only = {} }: Pick<AnyOutput, 'only'>,
  options: Options,
  request: Readonly<Record<string, unknown>>,
): boolean =>
  Object.entries(only).every(([name, wanted]) => meets(wanted, request[name] ?? declared(options[name]).default));

/** What help and docs say of an output: its sentence and what it goes with. */
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

import { TABLE } from './data-options.ts';

/**
 * What an input is:
 * - `table`: rows and columns, of a file, a folder of pictures or a bundled set;
 * - `matrix`: a table whose columns are all numbers, or a sparse matrix;
 * - `file`: bytes, of which ranges can be read;
 * - `folder`: files by their paths within it;
 * - `model`: a file that a task saved;
 * - `text`: words of the command line, no file.
 */
export type InputKind = 'table' | 'matrix' | 'file' | 'folder' | 'model' | 'text';

/** What a task takes beside its options. */
export interface Input {
  readonly kind: InputKind;
  /** What it is, for help. */
  readonly about: string;
  /** It need not be given. */
  readonly optional?: true;
  /** The last of a task's inputs may be a list of names. */
  readonly several?: true;
  /** Label of forms, of all inputs but the table that the page holds. */
  readonly title?: string;
  /** Of models: only those that write texts. */
  readonly writing?: true;
  /** What forms begin with. */
  readonly initial?: string;
}
export type Inputs = Readonly<Record<string, Input>>;

type More = Partial<Pick<Input, 'optional' | 'several' | 'title' | 'initial' | 'writing'>>;

export const input = <const K extends InputKind, const M extends More = Record<never, never>>(
  kind: K,
  about: string,
  more?: M,
): { readonly kind: K; readonly about: string } & M =>
  ({ kind, about, ...more }) as { readonly kind: K; readonly about: string } & M;

/** A table; by default of any kind. */
export const table = <const M extends More = Record<never, never>>(about: string = TABLE, more?: M) =>
  input('table', about, more);

/** The input that the table of a page is: the first table or matrix that a task cannot do without. */
export const mainTable = (inputs: Inputs): string | undefined =>
  Object.keys(inputs).find((name) => {
    const { kind, optional } = inputs[name];
    return (kind === 'table' || kind === 'matrix') && !optional;
  });

/** Whether files are read. */
export const reads = ({ inputs }: { readonly inputs: Inputs }): boolean =>
  Object.values(inputs).some(({ kind, optional }) => kind !== 'text' && !optional);

/** Why a page cannot hold what a task takes, a sentence; undefined where it can. */
export const whyNotHeld = (inputs: Inputs): string | undefined => {
  const main = mainTable(inputs);
  const other = Object.entries(inputs).find(([name, { kind }]) => kind === 'folder' && name !== main);
  return other && `It reads a folder (${other[0]}), and a page holds none but one of pictures: use the command.`;
};

/** Whether an input is the name of a file or a folder. */
export const isFile = ({ kind }: Input): boolean => kind !== 'text';

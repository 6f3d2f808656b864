import { TABLE } from './data-options.ts';

/**
 * Kinds of inputs:
 * - `table`: rows and columns, of a file, a folder of pictures or a bundled data set;
 * - `matrix`: a table with only numeric columns, or a sparse matrix;
 * - `file`: bytes with random access;
 * - `folder`: files by their relative paths;
 * - `model`: a file that a task saved;
 * - `text`: words of the command line, not a file.
 */
export type InputKind = 'table' | 'matrix' | 'file' | 'folder' | 'model' | 'text';

/** An input of a task, in addition to its options. */
export interface Input {
  readonly kind: InputKind;
  /** A description, for help. */
  readonly about: string;
  /** Whether it may be omitted. */
  readonly optional?: true;
  /** The last of a task's inputs may be a list of names. */
  readonly several?: true;
  /** Label in forms, for all inputs except the page's own table. */
  readonly title?: string;
  /** For models: only those that generate text. */
  readonly writing?: true;
  /** Initial value in forms. */
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

/** A table, by default of any kind. */
export const table = <const M extends More = Record<never, never>>(about: string = TABLE, more?: M) =>
  input('table', about, more);

/** The input that receives the table of a page: the first required table or matrix. */
export const mainTable = (inputs: Inputs): string | undefined =>
  Object.keys(inputs).find((name) => {
    const { kind, optional } = inputs[name];
    return (kind === 'table' || kind === 'matrix') && !optional;
  });

/** Whether a task reads files. */
export const reads = ({ inputs }: { readonly inputs: Inputs }): boolean =>
  Object.values(inputs).some(({ kind, optional }) => kind !== 'text' && !optional);

/** A sentence on why a page cannot provide the inputs of a task; undefined if it can. */
export const whyNotHeld = (inputs: Inputs): string | undefined => {
  const main = mainTable(inputs);
  const other = Object.entries(inputs).find(([name, { kind }]) => kind === 'folder' && name !== main);
  if (other) return `It reads a folder (${other[0]}), and a page holds none but one of pictures: use the command.`;
  const file = Object.entries(inputs).find(([, { kind }]) => kind === 'file');
  return file && `It reads a file that is no table (${file[0]}): use the command.`;
};

/** Whether an input is the name of a file or a folder. */
export const isFile = ({ kind }: Input): boolean => kind !== 'text';

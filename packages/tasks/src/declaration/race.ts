import type { ReadOptions, Table } from '@southwell/data';
import { RequestError } from '../errors.ts';
import type { AnyRequest, Checked } from './check.ts';
import { type Condition, file, type Options, option, type ValuesOf, whole } from './option.ts';

/** An intermediate point of a method, and its cost so far; snapshots are taken only on request. */
export interface Stride<T> {
  readonly work: number;
  snapshot(): T;
}

/** One problem, the methods that race on it, and their common measure. */
export interface Contest<T = unknown> {
  /** A description of the problem, for users. */
  readonly about: string;
  /** The value of the measure at which a method has finished. */
  readonly target: number;
  measure(snapshot: T): { readonly value: number; readonly extra: number };
  /** By method id. */
  readonly racers: Readonly<Record<string, () => Iterable<Stride<T>>>>;
}

/** Reads the file of an option. */
export type ReadFile = (file: Blob, options?: ReadOptions) => Promise<Table>;

/** A problem on which the methods of a family compete: its options for users, and the contest that they define. */
export interface Race<Q = AnyRequest, T = unknown> extends Checked<Q> {
  readonly id: string;
  readonly title: string;
  /** How all methods are measured. */
  readonly about: string;
  readonly racers: ReadonlyArray<readonly [id: string, title: string]>;
  /** What is measured, and what else the final table shows. */
  readonly measure: string;
  readonly extra: string;
  /** The unit of a method's work. */
  readonly work: string;
  readonly logY: boolean;
  contest(values: Q, read: ReadFile): Promise<Contest<T>>;
}

export const defineRace = <O extends Options, T>(race: Race<ValuesOf<O>, T> & { readonly options: O }) => race;

/** A file of the user, which the race requires. */
export const fileOption = (title: string, about: string, only?: Condition) =>
  option(file(), { title, about, only, form: { required: true } });

/** The choice of an option `data` that requires a file of the user, and that file. */
export const OWN_FILE = { file: 'a file of yours' } as const;
const OWN = ['File, read here and never sent', 'a file of one’s own'] as const;
export const ownFile = fileOption(...OWN, { data: ['file'] });
/** The same for races that only run on a user's file. */
export const onlyFile = fileOption(...OWN);

/** The seed of the random numbers of a race. */
export const raceSeed = (about: string) => option(whole(0, 2 ** 31), { title: 'Seed', about, default: 1 });

/** The file that a form requires. Throws a sentence if it is missing. */
export function chosen(blob: Blob | undefined, what = 'a file'): Blob {
  if (!blob) throw new RequestError(`Choose ${what} first.`);
  return blob;
}

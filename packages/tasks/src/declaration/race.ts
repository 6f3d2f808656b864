import type { ReadOptions, Table } from '@southwell/data';
import { RequestError } from '../errors.ts';
import type { AnyRequest, Checked } from './check.ts';
import { type Condition, file, type Options, option, type ValuesOf, whole } from './option.ts';

/** A point on the way of a racer, and what it took; snapshots are taken only when asked for. */
export interface Stride<T> {
  readonly work: number;
  snapshot(): T;
}

/** One problem, its racers, and the one measure for all of them. */
export interface Contest<T = unknown> {
  /** What the problem is, for people. */
  readonly about: string;
  /** The measure at which a racer is done. */
  readonly target: number;
  measure(snapshot: T): { readonly value: number; readonly extra: number };
  /** By their ids. */
  readonly racers: Readonly<Record<string, () => Iterable<Stride<T>>>>;
}

/** Reads the file of an option. */
export type ReadFile = (file: Blob, options?: ReadOptions) => Promise<Table>;

/** A problem on which methods of a family race each other: what people choose of it, and the contest that it makes. */
export interface Race<Q = AnyRequest, T = unknown> extends Checked<Q> {
  readonly id: string;
  readonly title: string;
  /** How all are measured. */
  readonly about: string;
  readonly racers: ReadonlyArray<readonly [id: string, title: string]>;
  /** What is measured, and what else the table of the finish shows. */
  readonly measure: string;
  readonly extra: string;
  /** What a racer's work is counted in. */
  readonly work: string;
  readonly logY: boolean;
  contest(values: Q, read: ReadFile): Promise<Contest<T>>;
}

export const defineRace = <O extends Options, T>(race: Race<ValuesOf<O>, T> & { readonly options: O }) => race;

/** A file of one's own, which a race needs. */
export const fileOption = (title: string, about: string, only?: Condition) =>
  option(file(), { title, about, only, form: { required: true } });

/** The choice of an option `data` that asks for a file of one's own, and that file. */
export const OWN_FILE = { file: 'a file of yours' } as const;
const OWN = ['File, read here and never sent', 'a file of one’s own'] as const;
export const ownFile = fileOption(...OWN, { data: ['file'] });
/** The same where nothing else is raced on. */
export const onlyFile = fileOption(...OWN);

/** The seed of what a race draws. */
export const raceSeed = (about: string) => option(whole(0, 2 ** 31), { title: 'Seed', about, default: 1 });

/** The file that a form must have. Throws a sentence where there is none. */
export function chosen(blob: Blob | undefined, what = 'a file'): Blob {
  if (!blob) throw new RequestError(`Choose ${what} first.`);
  return blob;
}

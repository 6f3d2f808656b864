import type { Table } from '@southwell/data';
import type { AnyRequest, Checked } from './check.ts';
import { file, type Options, option, type ValuesOf } from './option.ts';

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
  /** `read` reads the file of an option. */
  contest(values: Q, read: (file: Blob) => Promise<Table>): Promise<Contest<T>>;
}

export const defineRace = <O extends Options, T>(race: Race<ValuesOf<O>, T> & { readonly options: O }) => race;

/** The choice of an option `data` that asks for a file of one's own, and that file. */
export const OWN_FILE = { file: 'a file of yours' } as const;
export const ownFile = option(file(), {
  title: 'File, read here and never sent',
  about: 'a file of one’s own',
  only: { data: ['file'] },
  form: { required: true },
});

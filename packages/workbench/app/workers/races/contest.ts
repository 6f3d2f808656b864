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
  /** By the names of the family's description in lib/races.ts. */
  readonly racers: Readonly<Record<string, () => Iterable<Stride<T>>>>;
}

export interface TraceEntry<O extends number | undefined = number> {
  readonly iteration: number;
  /** Undefined for methods without an objective. */
  readonly objective: O;
  /** The relative certificate. */
  readonly certificate?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly active?: number;
  /** Seconds since the start of the run. */
  readonly seconds: number;
  readonly simulatedSeconds?: number;
}

/** Maximum number of entries of a trace. */
const MOST = 10_000;

/**
 * The history of a run in bounded memory: all entries up to `most`, then every second, fourth, eighth … of them, and
 * always the last. O(1) per entry, amortised.
 */
export class Trace<O extends number | undefined = number> {
  private readonly kept: Array<TraceEntry<O>> = [];
  private stride = 1;
  private seen = 0;
  private last: TraceEntry<O> | undefined;

  constructor(private readonly most = MOST) {}

  add(entry: TraceEntry<O>): void {
    this.last = entry;
    if (this.seen++ % this.stride !== 0) return;
    this.kept.push(entry);
    if (this.kept.length < this.most) return;
    const half = this.kept.filter((_, k) => k % 2 === 0);
    this.kept.splice(0, this.kept.length, ...half);
    this.stride *= 2;
  }

  entries(): ReadonlyArray<TraceEntry<O>> {
    const { kept, last } = this;
    return last === undefined || kept.at(-1) === last ? [...kept] : [...kept, last];
  }
}

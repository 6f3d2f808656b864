// The form that every benchmark has as JSON: tasks, their ratios, the geometric mean and the worst of these.

/** One task as a benchmark measured it. Further fields are passed on. */
export interface Measurement {
  readonly name: string;
  /** CPU seconds, or what `unit` says; null or infinite where southwell did not solve the task. */
  readonly ours: number | null | undefined;
  /** The fastest peer's, likewise; null, infinite or absent where no peer solved the task, or none is installed. */
  readonly peer?: number | null;
  readonly peerName?: string | null;
  /** ours / peer. Default: of these two; given where it is measured otherwise, such as the median of paired runs. */
  readonly ratio?: number | null;
  /** Our peak memory over the peer's. Default null: not measured. */
  readonly memoryRatio?: number | null;
  /** Of `ours` and `peer`. Default 'CPU seconds'. */
  readonly unit?: string;
  readonly [more: string]: unknown;
}

export interface TaskRow {
  readonly name: string;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly ratio: number | null;
  readonly memoryRatio: number | null;
  readonly unit: string;
  readonly [more: string]: unknown;
}

export interface BenchmarkDocument {
  readonly tasks: readonly TaskRow[];
  /** Of the ratios there are; null where there is none. */
  readonly geometricMean: number | null;
  /** The largest ratio; null where there is none. */
  readonly worst: number | null;
  /** Tasks that southwell lost: ratios above 1, and the unsolved. */
  readonly losses: number;
  /** Tasks that southwell did not solve: their ratio would be infinite, which JSON cannot say, and is null. */
  readonly unsolved: number;
  /** Tasks without a time of a peer. */
  readonly withoutPeer: number;
  readonly [more: string]: unknown;
}

/** The document of a benchmark; `more` adds fields beside the tasks. */
export function documentOf(measurements: readonly Measurement[], more: object = {}): BenchmarkDocument {
  const tasks = measurements.map((measurement): TaskRow => {
    const [ours, peer] = [finite(measurement.ours), finite(measurement.peer)];
    const ratio = ours === null || peer === null ? null : finite(measurement.ratio ?? ours / peer);
    return {
      ...measurement,
      ours,
      peer,
      peerName: peer === null ? null : (measurement.peerName ?? null),
      ratio,
      memoryRatio: finite(measurement.memoryRatio),
      unit: measurement.unit ?? 'CPU seconds',
    };
  });
  const ratios = tasks.map(({ ratio }) => ratio).filter((ratio) => ratio !== null);
  const unsolved = tasks.filter(({ ours }) => ours === null).length;
  return {
    ...more,
    tasks,
    geometricMean: geometricMean(ratios),
    worst: ratios.length === 0 ? null : Math.max(...ratios),
    losses: unsolved + ratios.filter((ratio) => ratio > 1).length,
    unsolved,
    withoutPeer: tasks.filter(({ peer }) => peer === null).length,
  };
}

/** The geometric mean of those that are not null; null where there is none. */
export function geometricMean(ratios: readonly (number | null)[]): number | null {
  const known = ratios.filter((ratio) => ratio !== null);
  if (known.length === 0) return null;
  return Math.exp(known.reduce((sum, ratio) => sum + Math.log(ratio), 0) / known.length);
}

/** The least of some contenders and its name; infinite and nameless where there is none. */
export function fastest<T>(
  contenders: Iterable<readonly [name: string, found: T]>,
  cost: (found: T) => number,
): { readonly name: string | null; readonly cost: number; readonly found?: T } {
  let best: { name: string | null; cost: number; found?: T } = { name: null, cost: Number.POSITIVE_INFINITY };
  for (const [name, found] of contenders) if (cost(found) < best.cost) best = { name, cost: cost(found), found };
  return best;
}

const finite = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

// The JSON format of every benchmark: tasks, their ratios, and the geometric mean and maximum of these.

/** The measurement of one task. Further fields are passed on. */
export interface Measurement {
  readonly name: string;
  /** CPU seconds, or in `unit`; null or infinite if southwell did not solve the task. */
  readonly ours: number | null | undefined;
  /** The same for the fastest peer; null, infinite or absent if no peer solved the task, or none is installed. */
  readonly peer?: number | null;
  readonly peerName?: string | null;
  /** ours / peer. Default: of these two; given if it is measured in another way, such as the median of paired runs. */
  readonly ratio?: number | null;
  /** Our peak memory over the peer's. Default null: not measured. */
  readonly memoryRatio?: number | null;
  /** The unit of `ours` and `peer`. Default 'CPU seconds'. */
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
  /** Geometric mean of the available ratios; null if there are none. */
  readonly geometricMean: number | null;
  /** The largest ratio; null if there is none. */
  readonly worst: number | null;
  /** Number of tasks that southwell lost: ratios above 1, and unsolved tasks. */
  readonly losses: number;
  /** Number of tasks that southwell did not solve: their infinite ratio is null in JSON. */
  readonly unsolved: number;
  /** Number of tasks without a peer's time. */
  readonly withoutPeer: number;
  readonly [more: string]: unknown;
}

/** The document of a benchmark; `more` adds fields besides the tasks. */
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

/** The geometric mean of the non-null values; null if there are none. */
export function geometricMean(ratios: readonly (number | null)[]): number | null {
  const known = ratios.filter((ratio) => ratio !== null);
  if (known.length === 0) return null;
  return Math.exp(known.reduce((sum, ratio) => sum + Math.log(ratio), 0) / known.length);
}

/** The fastest of some contenders and its name; infinite and without name if there is none. */
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

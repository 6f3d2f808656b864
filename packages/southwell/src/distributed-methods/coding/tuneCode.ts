import { checkOptions, type Iterate, integerOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';
import { checkDelays, simulateStragglers, simulationRecords } from './simulateStragglers.ts';

const tuningRecords = {
  n: integerOption({ min: 1 }),
  /** Seconds for each unit of load. */
  slope: numberOption(
    { min: 0, finite: true },
    {
      title: 'Seconds of the data',
      about: 'seconds that a worker would take for the whole data set; a code costs a share of it',
      argument: 'seconds',
    },
  ),
  mu: simulationRecords.mu,
  waitFor: simulationRecords.waitFor,
  /** Largest delay of a code, in rounds. Default: 3, and at most one round less than there are. */
  maxDelay: integerOption(
    { min: 0 },
    {
      title: 'Largest delay',
      about: 'rounds that a job may be late; a delay of T needs T + 1 models that are trained in turn',
      argument: 'rounds',
      default: 3,
    },
  ),
  /** Largest s and λ. Default: min(32, n − 1). */
  maxTolerance: integerOption(
    { min: 0 },
    {
      title: 'Most stragglers',
      about: 'most stragglers of the codes that are tried',
      argument: 'count',
      otherwise: '32, or all workers but one',
      form: { advanced: true },
    },
  ),
};

export interface TuneCodeOptions extends OptionsOf<typeof tuningRecords> {
  readonly n: number;
  readonly slope: number;
}

/** The options of {@link tuneCode} that users are asked for. */
const { n: _, ...tuneCodeRecords } = tuningRecords;

export { tuneCodeRecords };

export interface TunedCode {
  readonly options: SequentialCodeOptions;
  readonly load: number;
  readonly delay: number;
  readonly runtime: number;
  readonly waitOuts: number;
}

function candidates(n: number, maxDelay: number, most: number): SequentialCodeOptions[] {
  const all: SequentialCodeOptions[] = [{ kind: 'none', n }];
  for (let s = 1; s <= most; s++) all.push({ kind: 'gc', n, s });
  for (let B = 1; B <= maxDelay; B++) {
    for (let lambda = 1; lambda <= most; lambda++) {
      for (const W of [B + 1, 2 * B + 1]) all.push({ kind: 'sr-sgc', n, B, W, lambda });
      for (let W = B + 1; W - 2 + B <= maxDelay; W++) all.push({ kind: 'm-sgc', n, B, W, lambda });
    }
  }
  return all;
}

/** Ranks by run time, equal ones by load and delay. */
function ranked(table: readonly TunedCode[]): TunedCode[] {
  const order = (a: number, b: number) => (a === b ? 0 : a - b);
  return table.toSorted((a, b) => order(a.runtime, b.runtime) || order(a.load, b.load) || a.delay - b.delay);
}

/**
 * As {@link tuneCode}, one iterate for each code; the first is that no code is used. The objective is the least run time so far, the point the ranked codes so far;
 * `metrics.codes` is the number of all codes. Ends `completed`.
 * @throws INVALID_SHAPE, INVALID_PARAMETER as {@link simulateStragglers}.
 */
export function* tuneCodeIterates(delays: Float64Array, options: TuneCodeOptions): Generator<Iterate<TunedCode[]>> {
  checkOptions('tuneCodeIterates', tuningRecords, options, ['n', 'slope']);
  const { n, slope, mu = 1, waitFor = 'enough' } = options;
  const rounds = checkDelays(delays, n);
  const maxDelay = Math.min(options.maxDelay ?? 3, rounds - 1);
  const all = candidates(n, maxDelay, Math.min(options.maxTolerance ?? 32, n - 1));
  const table: TunedCode[] = [];
  let objective = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const code = sequentialCode(one);
    const settings = { jobs: rounds - maxDelay, mu, waitFor, loadSlope: slope };
    const { runtime, waitOuts } = simulateStragglers(code, delays, settings);
    table.push({ options: one, load: code.load, delay: code.delay, runtime, waitOuts });
    objective = Math.min(objective, runtime);
    yield {
      ...{ iteration: table.length, objective, metrics: { codes: all.length }, work: {} },
      ...(table.length === all.length && { done: 'completed' as const }),
      snapshot: () => ranked(table),
    };
  }
}

/**
 * Simulates codes on delays (n × R by rows, measured at load 0) and ranks them by run time, those that stall last; equal run times by load and delay, so that no code
 * comes first where none helps. Tried are no code, `gc` with s ≤ maxTolerance, `sr-sgc` with B ≤ maxDelay and W of B + 1 and 2B + 1, and `m-sgc` with
 * W − 2 + B ≤ maxDelay, both with λ ≤ maxTolerance. All run R − maxDelay jobs. The run time of the best is optimistic on these delays: report that on others. O(codes · n · R).
 * @throws INVALID_SHAPE, INVALID_PARAMETER as {@link simulateStragglers}.
 */
export function tuneCode(delays: Float64Array, options: TuneCodeOptions): TunedCode[] {
  checkOptions('tuneCode', tuningRecords, options, ['n', 'slope']);
  let table: TunedCode[] = [];
  for (const { done, snapshot } of tuneCodeIterates(delays, options)) if (done) table = snapshot();
  return table;
}

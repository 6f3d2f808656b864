import {
  checkOptions,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
  Random,
  seedOption,
} from '@southwell/numerics/core';
import { type SequentialCode, type SequentialCodeOptions, sequentialCode } from './sequentialCode.ts';

const jobsOption = integerOption({ min: 1 });
const simulationRecords = {
  jobs: jobsOption,
  /** A worker is a straggler if its delay is more than (1 + mu) times the shortest of its round. Default: 1. */
  mu: numberOption({ min: 0, finite: true }),
  /** Seconds for each unit of load, added to the delays. Default: 0. */
  loadSlope: numberOption({ min: 0, finite: true }),
};

export interface StragglerSimulationOptions extends OptionsOf<typeof simulationRecords> {
  readonly jobs: number;
}

export interface StragglerSimulation {
  /** `stalled`: in the last of the rounds, a worker that is dead was needed; later rounds did not take place. */
  readonly status: 'finished' | 'stalled';
  /** Seconds; infinite if the run stalled. */
  readonly runtime: number;
  /** Seconds of each round. */
  readonly roundTimes: Float64Array;
  /** Rounds that waited for all workers since the code would not have tolerated the stragglers. */
  readonly waitOuts: number;
  /** By job: time at which it could be decoded; NaN if it could not. */
  readonly jobFinish: Float64Array;
}

/** Checks delays of n workers and returns the number of rounds. */
function checkDelays(delays: Float64Array, n: number): number {
  if (delays.length === 0 || delays.length % n !== 0) {
    fail(
      'INVALID_SHAPE',
      `The delays must be ${n} rows of equal length, one for each worker, but are ${delays.length} numbers.`,
    );
  }
  const rounds = delays.length / n;
  const bad = delays.findIndex((v) => !(v >= 0));
  if (bad >= 0) {
    const where = `worker ${Math.floor(bad / rounds) + 1} in round ${(bad % rounds) + 1}`;
    fail(
      'INVALID_PARAMETER',
      `The delay of ${where} is ${delays[bad]}; delays must be seconds of at least 0, or infinite for a dead worker.`,
    );
  }
  return rounds;
}

/**
 * Run time of coded jobs when worker i (from 0) takes delays[i·R + r] + loadSlope·load seconds in round r. A round ends without the
 * stragglers, at min((1 + mu)·shortest, longest), if the code admits them, and waits for all workers otherwise. All workers have the whole load in all
 * rounds; rounds after the last job end with the first in which nothing is missing. O(n(W + B)) a round.
 * @throws INVALID_SHAPE unless there are n delays for each of the jobs + delay rounds, INVALID_PARAMETER for negative delays and NaN, naming worker and
 * round, and for other options; NUMERICAL if a code misses a deadline, which its model rules out.
 */
export function simulateStragglers(
  code: SequentialCode,
  delays: Float64Array,
  options: StragglerSimulationOptions,
): StragglerSimulation {
  checkOptions('simulateStragglers', simulationRecords, options, ['jobs']);
  const { jobs, mu = 1, loadSlope = 0 } = options;
  const { n, load, delay } = code;
  const available = checkDelays(delays, n);
  if (available < jobs + delay) {
    fail(
      'INVALID_SHAPE',
      `${jobs} jobs with a delay of ${delay} need ${jobs + delay} rounds, but there are delays of ${available}.`,
    );
  }
  const rounds = code.rounds(jobs);
  const times: number[] = [];
  const jobFinish = new Float64Array(jobs).fill(Number.NaN);
  let [runtime, waitOuts] = [0, 0];
  for (let r = 0; rounds.decoded < jobs; r++) {
    const now = Float64Array.from({ length: n }, (_, i) => delays[i * available + r] + loadSlope * load);
    const [shortest, longest] = [now.reduce((a, b) => Math.min(a, b)), now.reduce((a, b) => Math.max(a, b))];
    const cut = (1 + mu) * shortest;
    let stragglers: Uint8Array = Uint8Array.from(now, (v) => (v > cut ? 1 : 0));
    const any = stragglers.some((v) => v);
    const waits = shortest === Number.POSITIVE_INFINITY || (any && !rounds.admits(stragglers));
    if (waits) {
      waitOuts++;
      stragglers = new Uint8Array(n);
    }
    const seconds = waits ? longest : Math.min(cut, longest);
    times.push(seconds);
    runtime += seconds;
    if (seconds === Number.POSITIVE_INFINITY) {
      return { status: 'stalled', runtime, roundTimes: Float64Array.from(times), waitOuts, jobFinish };
    }
    for (const job of rounds.end(stragglers)) jobFinish[job - 1] = runtime;
    if (r === jobs + delay - 1 && rounds.decoded < jobs) fail('NUMERICAL', 'A job missed the deadline of its code.');
  }
  return { status: 'finished', runtime, roundTimes: Float64Array.from(times), waitOuts, jobFinish };
}

const kinds = ['none', 'gc', 'sr-sgc', 'm-sgc'] as const;
const tuningRecords = {
  n: integerOption({ min: 1 }),
  /** Seconds for each unit of load. */
  slope: numberOption({ min: 0, finite: true }),
  mu: simulationRecords.mu,
  /** Largest delay of a code, in rounds. Default: 3, and at most one round less than there are. */
  maxDelay: integerOption({ min: 0 }),
  /** Largest s and λ. Default: min(32, n − 1). */
  maxTolerance: integerOption({ min: 0 }),
};

export interface TuneCodeOptions extends OptionsOf<typeof tuningRecords> {
  readonly n: number;
  readonly slope: number;
}

export interface TunedCode {
  readonly options: SequentialCodeOptions;
  readonly load: number;
  readonly delay: number;
  readonly runtime: number;
  readonly waitOuts: number;
}

function* candidates(n: number, maxDelay: number, most: number): Generator<SequentialCodeOptions> {
  yield { kind: kinds[0], n };
  for (let s = 1; s <= most; s++) yield { kind: kinds[1], n, s };
  for (let B = 1; B <= maxDelay; B++) {
    for (let lambda = 1; lambda <= most; lambda++) {
      for (const W of [B + 1, 2 * B + 1]) yield { kind: kinds[2], n, B, W, lambda };
      for (let W = B + 1; W - 2 + B <= maxDelay; W++) yield { kind: kinds[3], n, B, W, lambda };
    }
  }
}

/**
 * Simulates codes on delays (n × R by rows, measured at load 0) and ranks them by run time, those that stall last; equal run times by load, so that no code
 * comes first where none helps. All run R − maxDelay jobs. The run time of the best is optimistic on these delays: report that on others.
 * @throws INVALID_SHAPE, INVALID_PARAMETER as {@link simulateStragglers}.
 */
export function tuneCode(delays: Float64Array, options: TuneCodeOptions): TunedCode[] {
  checkOptions('tuneCode', tuningRecords, options, ['n', 'slope']);
  const { n, slope, mu = 1 } = options;
  const rounds = checkDelays(delays, n);
  const maxDelay = Math.min(options.maxDelay ?? 3, rounds - 1);
  const most = Math.min(options.maxTolerance ?? 32, n - 1);
  const table = Array.from(candidates(n, maxDelay, most), (one) => {
    const code = sequentialCode(one);
    const { runtime, waitOuts } = simulateStragglers(code, delays, { jobs: rounds - maxDelay, mu, loadSlope: slope });
    return { options: one, load: code.load, delay: code.delay, runtime, waitOuts };
  });
  const order = (a: number, b: number) => (a === b ? 0 : a - b);
  return table.sort((a, b) => order(a.runtime, b.runtime) || order(a.load, b.load));
}

const chance = () => numberOption({ min: 0, max: 1 });
const generatorRecords = {
  n: integerOption({ min: 1 }),
  rounds: integerOption({ min: 1 }),
  /** Seconds of a normal round. Default: 1. */
  base: numberOption({ min: 0, finite: true }),
  /** Standard deviation of the logarithm. Default: 0.05. */
  jitter: numberOption({ min: 0, finite: true }),
  /** Probability of a normal worker to be slow in the next round. Default: 0.02. */
  pSlow: chance(),
  /** Probability of a slow worker to be normal in the next round. Default: 0.9. */
  pRecover: chance(),
  /** Slowest and fastest factor of slow rounds, drawn uniformly between. Default: 2.5 and 5. */
  slowFrom: numberOption({ min: 0, finite: true }),
  slowTo: numberOption({ min: 0, finite: true }),
  seed: seedOption(),
};

export interface GilbertElliottOptions extends OptionsOf<typeof generatorRecords> {
  readonly n: number;
  readonly rounds: number;
}

/**
 * Delays, n × rounds by rows, of workers that are normal or slow by a Markov chain of two states (Gilbert 1960, Elliott 1963) which starts in its stationary law.
 * @throws INVALID_PARAMETER.
 */
export function gilbertElliott(options: GilbertElliottOptions): Float64Array {
  checkOptions('gilbertElliott', generatorRecords, options, ['n', 'rounds']);
  const { n, rounds, base = 1, jitter = 0.05, pSlow = 0.02, pRecover = 0.9, slowFrom = 2.5, slowTo = 5 } = options;
  const random = new Random(options.seed ?? 0);
  const out = new Float64Array(n * rounds);
  for (let i = 0; i < n; i++) {
    let slow = random.uniform() < (pSlow === 0 ? 0 : pSlow / (pSlow + pRecover));
    for (let r = 0; r < rounds; r++) {
      const factor = slow ? slowFrom + (slowTo - slowFrom) * random.uniform() : 1;
      out[i * rounds + r] = base * Math.exp(jitter * random.normal()) * factor;
      slow = slow ? random.uniform() >= pRecover : random.uniform() < pSlow;
    }
  }
  return out;
}

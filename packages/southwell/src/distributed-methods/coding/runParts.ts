import type { Communicator, Exchange } from '@southwell/distributed';
import type { CodedRounds, CodedTask } from './rounds.ts';
import type { SequentialCode } from './sequentialCode.ts';

/** Jobs whose gradients are sums over rows. Rank 0 asks for points and hands over sums; the other ranks add up rows. */
export interface CodedJobs {
  /** Jobs are numbered from 1. */
  readonly jobs: number;
  readonly rows: number;
  /** Numbers of a point, and of a gradient. */
  readonly length: number;
  /** Writes the point of a job, at the beginning of its round: then the jobs up to job − T − 1 are decoded, T the delay of the code. */
  point(job: number, into: Float64Array): void;
  /** Adds the gradients of rows `from` … `to` − 1 at x. */
  add(job: number, x: Float64Array, from: number, to: number, into: Float64Array): void;
  /** Receives the sum over all rows. */
  finish(job: number, gradient: Float64Array): void;
}

export interface CodedRun {
  /** `stalled`: a worker that was needed did not answer within the patience; `missing` has these workers. */
  readonly status: 'completed' | 'stalled';
  /** Seconds of each round on the clock of rank 0. */
  readonly roundTimes: Float64Array;
  /** Rounds that waited for more workers since the code would not have tolerated the stragglers. */
  readonly waitOuts: number;
  /** Answers of workers that were not waited for. */
  readonly dropped: number;
  /** By job: seconds until it was decoded; NaN if it was not. */
  readonly jobFinish: Float64Array;
  /** Workers, from 0, that a stalled run waited for. */
  readonly missing: readonly number[];
}

export interface Settings {
  readonly mu: number;
  /** Whether a round that waits does so for all. */
  readonly all: boolean;
  readonly sliceRows: number;
  readonly secondsPerRow: number;
  readonly patience: number;
  readonly slowness?: (round: number, worker: number) => number;
}

/** First row of each chunk, and the end of the last. */
function rowsOf({ chunks }: SequentialCode, rows: number): Int32Array {
  const starts = new Int32Array(chunks.length + 1);
  let share = 0;
  chunks.forEach((size, k) => {
    share += size;
    starts[k + 1] = Math.min(rows, Math.round(share * rows));
  });
  starts[chunks.length] = rows;
  return starts;
}

/** Computes results of tasks slice by slice; `cancelled` is asked after each. */
export class Tasks {
  private readonly starts: Int32Array;
  private readonly part: Float64Array;

  constructor(
    private readonly comm: Communicator,
    code: SequentialCode,
    private readonly work: CodedJobs,
    private readonly settings: Settings,
  ) {
    this.starts = rowsOf(code, work.rows);
    this.part = new Float64Array(work.length);
  }

  /** Writes the result into zeros; false if it was cancelled. */
  *compute(
    { job, chunks, weights }: CodedTask,
    x: Float64Array,
    into: Float64Array,
    cancelled: () => Exchange<boolean>,
  ): Exchange<boolean> {
    const { work, settings, part, comm } = this;
    for (const [k, chunk] of chunks.entries()) {
      part.fill(0);
      const end = this.starts[chunk + 1];
      for (let from = this.starts[chunk]; from < end; from += settings.sliceRows) {
        const to = Math.min(end, from + settings.sliceRows);
        work.add(job, x, from, to, part);
        if (settings.secondsPerRow > 0) yield* comm.work((to - from) * settings.secondsPerRow);
        if (yield* cancelled()) return false;
      }
      for (let j = 0; j < part.length; j++) into[j] += weights[k] * part[j];
    }
    return true;
  }
}

/** The results that are there, and the sums that follow from them. */
export class Results {
  private readonly byJob = new Map<number, Map<string, Float64Array>>();

  constructor(private readonly work: CodedJobs) {}

  keep(job: number, round: number, worker: number, result: Float64Array): void {
    const own = this.byJob.get(job) ?? new Map<string, Float64Array>();
    this.byJob.set(job, own.set(`${round} ${worker}`, result));
  }

  /** Ends a round: hands over the jobs that it completed, and returns them. */
  end(rounds: CodedRounds, stragglers: Uint8Array): number[] {
    const done = rounds.end(stragglers);
    for (const job of done) {
      const sum = new Float64Array(this.work.length);
      for (const { worker, round, weight } of rounds.combination(job)) {
        const result = this.byJob.get(job)!.get(`${round} ${worker}`)!;
        for (let j = 0; j < sum.length; j++) sum[j] += weight * result[j];
      }
      this.byJob.delete(job);
      this.work.finish(job, sum);
    }
    return done;
  }
}

/** What rank 0 notes about a run, as numbers that can be sent. */
export class Notes {
  readonly numbers: Float64Array;

  constructor(
    private readonly n: number,
    private readonly most: number,
    jobs: number,
  ) {
    this.numbers = new Float64Array(4 + n + most + jobs).fill(Number.NaN, 4 + n + most);
  }

  round(seconds: number, dropped: number, waited: boolean): void {
    const { numbers, n } = this;
    numbers[4 + n + numbers[1]++] = seconds;
    numbers[2] += waited ? 1 : 0;
    numbers[3] += dropped;
  }

  finished(job: number, seconds: number): void {
    this.numbers[4 + this.n + this.most + job - 1] = seconds;
  }

  stalled(arrived: Uint8Array): void {
    this.numbers[0] = 1;
    for (let i = 0; i < this.n; i++) this.numbers[4 + i] = arrived[i] ? 0 : 1;
  }

  read(): CodedRun {
    const { numbers, n, most } = this;
    return {
      status: numbers[0] ? 'stalled' : 'completed',
      roundTimes: numbers.slice(4 + n, 4 + n + numbers[1]),
      waitOuts: numbers[2],
      dropped: numbers[3],
      jobFinish: numbers.slice(4 + n + most),
      missing: Array.from({ length: n }, (_, i) => i).filter((i) => numbers[4 + i]),
    };
  }
}

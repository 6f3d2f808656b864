import { Worker } from 'node:worker_threads';
import { type Mpi, mpi } from '@southwell/distributed';
import type { ExperimentEvent } from '@southwell/papers';
import { jobRanks, RankMail } from '@southwell/tasks';
import { EXIT } from '../../errors.ts';
import type { FromJobs, JobList, ToJobs } from '../../paper-worker.ts';
import { joinMinded, patienceWith } from '../../ranks/joining.ts';
import { RankLog } from '../../ranks/rank-log.ts';
import type { Place } from '../../ranks/ranks.ts';
import { endInTime } from '../../terminal/leaving.ts';

/** How long experiments may take to stop by themselves before their workers are terminated; mpirun leaves less time. */
const GRACE_MS = 500;
const GRACE_UNDER_MPI_MS = 100;

export interface Handlers {
  begin(job: number): void;
  events(job: number, events: readonly ExperimentEvent[]): void;
  end(job: number, seconds: number): void;
  /** Called at the first Ctrl-C. */
  stopping(): void;
}

/** An executor of jobs, one at a time: a worker of this process, or another rank. */
interface Hand {
  run(job: number): void;
  stop(): void;
}

/** Messages between ranks: the first sends orders, the others forward the messages of their workers. */
type Order = { readonly run: number } | 'stop' | 'end';

/** A single worker is reused, which caches the data of its jobs. */
class WorkerHand implements Hand {
  private readonly flag = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;

  constructor(list: JobList, hear: (message: FromJobs) => void, failed: (error: Error) => void) {
    this.worker = new Worker(new URL('../../paper-worker.js', import.meta.url), {
      workerData: { list, flag: this.flag },
      // Without the parent's flags, which may be specific to another module.
      execArgv: [],
    });
    this.worker.on('message', hear);
    this.worker.on('error', failed);
    this.worker.on('exit', (code) => failed(new Error(`The worker ended early (code ${code}).`)));
  }

  run(job: number): void {
    this.worker.postMessage({ job } satisfies ToJobs);
  }

  stop(): void {
    Atomics.store(this.flag, 0, 1);
    this.worker.postMessage('abort' satisfies ToJobs);
  }

  async end(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
  }
}

/** The executors of a paper's jobs: one worker, as many as there are ranks for threads, or one on each rank of MPI. */
export class Crew {
  private readonly workers: WorkerHand[] = [];
  private mail: RankMail | undefined;
  private joined: Mpi | undefined;
  private readonly others: readonly number[];
  private hear: (message: FromJobs, hand: number) => void = () => {};
  private failed: (error: unknown) => void = () => {};
  private readonly logs: ReadonlyArray<RankLog | undefined>;

  /** Connects to the other ranks, if any. */
  constructor(
    private readonly list: JobList,
    private readonly place: Place | undefined,
  ) {
    const remote = place?.kind === 'mpi';
    const here = place?.kind === 'threads' ? place.size : 1;
    // Only the first rank communicates with all others.
    this.others = remote && place.rank === 0 ? Array.from({ length: place.size - 1 }, (_, k) => k + 1) : [];
    this.logs = Array.from({ length: here }, (_, r) => place && RankLog.of(place, place.rank + r));
    if (remote) {
      this.joined = joinMinded(place, () => mpi({ timeout: place.timeout }));
      const ranks = jobRanks(this.joined.ranks, new AbortController().signal, place.timeout);
      this.mail = new RankMail(ranks, place.rank === 0 ? this.others : [0], {
        hear: (letter, from) => (place.rank === 0 ? this.hear(letter as FromJobs, from) : this.obey(letter as Order)),
        lost: (error) => this.failed(error),
      });
    }
    for (let k = 0; k < here; k++) {
      this.workers.push(
        new WorkerHand(
          list,
          (message) => this.heard(message, k),
          (error) => this.failed(error),
        ),
      );
    }
  }

  /** Number of jobs that run concurrently. */
  get size(): number {
    return this.workers.length + this.others.length;
  }

  /**
   * Assigns the jobs in the given order to free executors. Returns `stopped` after Ctrl-C, or if a rank was stopped.
   */
  run(order: readonly number[], handlers: Handlers): Promise<'complete' | 'stopped'> {
    const queue = [...order];
    const { mail } = this;
    const hands: Hand[] = [...this.workers];
    if (mail) {
      for (const rank of this.others) {
        hands.push({
          run: (job) => mail.send(rank, { run: job } satisfies Order),
          stop: () => mail.send(rank, 'stop' satisfies Order),
        });
      }
    }
    let left = queue.length;
    const busy = new Set<number>();
    return this.untilStopped(
      hands,
      () => {
        queue.length = 0;
        handlers.stopping();
      },
      (stop, resolve) => {
        const next = (hand: number) => {
          const job = queue.shift();
          if (job === undefined) return;
          busy.add(hand);
          hands[hand].run(job);
        };
        this.hear = (message, hand) => {
          if (message.type === 'begin') handlers.begin(message.job);
          else if (message.type === 'events') handlers.events(message.job, message.events);
          else if (message.type === 'end') {
            handlers.end(message.job, message.seconds);
            busy.delete(hand);
            if (--left === 0) resolve('complete');
            else next(hand);
          } else if (message.type === 'failed') {
            this.failed(Object.assign(new Error(message.message), { stack: message.stack }));
          } else {
            stop();
            busy.delete(hand);
            if (busy.size === 0) resolve('stopped');
          }
        };
        if (left === 0) resolve('complete');
        for (let hand = 0; hand < hands.length; hand++) next(hand);
      },
    );
  }

  /** The loop of the other MPI ranks: runs the jobs that the first rank requests. */
  async serve(): Promise<void> {
    const { mail } = this;
    const [worker] = this.workers;
    await this.untilStopped(
      [worker],
      () => {},
      (_, resolve) => {
        this.hear = (message) => mail!.send(0, message);
        this.ended = () => resolve('complete');
      },
      Number.POSITIVE_INFINITY,
    );
    await this.end();
  }

  private ended = () => {};

  private obey(order: Order): void {
    if (order === 'stop') this.workers[0].stop();
    else if (order === 'end') this.ended();
    else this.workers[0].run(order.run);
  }

  private heard(message: FromJobs, hand: number): void {
    const log = this.logs[hand];
    const name = (job: number) => `${this.list.jobs[job].experiment} (seed ${this.list.jobs[job].seed})`;
    if (message.type === 'begin') log?.line(`${name(message.job)} begins`);
    else if (message.type === 'end') log?.line(`${name(message.job)} ends after ${message.seconds.toFixed(1)} s`);
    else if (message.type === 'failed') log?.line(`failed: ${message.message}`);
    else if (message.type === 'stopped') log?.line('stopped');
    else for (const e of message.events) if (e.kind === 'progress') log?.progress(`${name(message.job)}: ${e.label}`);
    this.hear(message, hand);
  }

  /** An interrupt stops all executors, which get some time to finish; a second one ends the process. */
  private untilStopped<T>(
    hands: readonly Hand[],
    stopping: () => void,
    work: (stop: () => void, resolve: (end: T | 'stopped') => void) => void,
    patience = this.joined ? GRACE_UNDER_MPI_MS : GRACE_MS,
  ): Promise<T | 'stopped'> {
    let grace: NodeJS.Timeout | undefined;
    let stopped = false;
    let giveUp = () => {};
    const stop = () => {
      if (stopped) return;
      stopped = true;
      stopping();
      for (const hand of hands) hand.stop();
      if (Number.isFinite(patience)) grace = setTimeout(() => giveUp(), patience);
    };
    const onInterrupt = () => {
      if (stopped) process.exit(EXIT.interrupted);
      stop();
    };
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onInterrupt);
    return new Promise<T | 'stopped'>((resolve, reject) => {
      this.failed = reject;
      giveUp = () => resolve('stopped');
      work(stop, resolve);
    }).finally(() => {
      clearTimeout(grace);
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
    });
  }

  /** Ends the workers, and takes leave of the other ranks. */
  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
    for (const log of this.logs) log?.line('ends');
    if (!this.mail) return;
    if (this.place?.rank === 0) for (const rank of this.others) this.mail.send(rank, 'end' satisfies Order);
    await this.mail.close();
    this.joined?.close(endInTime(patienceWith(this.place!)));
  }

  /** After a failure: ends the workers; the other ranks end with this one. */
  async abandon(code: number): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
    this.mail?.abandon();
    this.joined?.abort(code);
  }
}

import { Worker } from 'node:worker_threads';
import { NoAnswerError, type SimulatedThreadsOptions, simulateThreads, threads } from '@southwell/distributed';
import { grouped } from '@southwell/tasks';
import { EXIT, Exit, Failure, UsageError } from '../errors.ts';
import { joinWithin } from '../ranks/joining.ts';
import { byRank, type Place } from '../ranks/ranks.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { LEAVE } from '../terminal/leaving.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { endGroup } from '../terminal/shell.ts';
import { type Aside, aside } from './aside.ts';
import type { FromJob } from './serve-job.ts';

export interface WorkerRun<T> {
  readonly outcome: T;
  /** Ctrl-C came before the end. */
  readonly interrupted: boolean;
  /** mpirun is ending all ranks, and forwards nothing of theirs any more. */
  readonly unheard: boolean;
  /** Ends the worker, then lets interrupts do again what they do by default. */
  end(): Promise<void>;
}

/** Within this time after it was woken a rank that is told to end is ended by mpirun. */
const WAKE_MS = 1000;

/** Does a job in this thread and gives its end. */
export type JobHere = (
  request: object,
  aside: Aside,
  post: (message: FromJob<unknown, unknown>) => void,
) => Promise<FromJob<unknown, unknown>>;

/** Who does a job: a worker, whose file answers by `serveJob`, or a module whose function several threads run, a rank each. */
export interface Workers {
  readonly worker: URL;
  /** The same in this thread, for a command that is beside the main thread itself. */
  readonly here?: () => Promise<JobHere>;
  readonly rank?: URL;
  readonly place?: Place;
}

interface About<P> {
  readonly quiet: boolean;
  readonly progressText: (progress: P) => string;
  /** Said at the first interrupt. */
  readonly stopping: string;
  /** Said where the interrupt came before there was anything to give. */
  readonly stoppedEarly: string;
}

/** What an error of a job is here; it was told why it ended. */
function failure<T, P>(m: FromJob<T, P> & { readonly type: 'error' }): Error {
  const error =
    m.exitCode !== undefined
      ? new Failure(m.message, m.exitCode)
      : m.known
        ? new UsageError(m.message)
        : new Error(m.message);
  error.stack = m.stack;
  return error;
}

/** The main thread started this one, minds Ctrl-C and shows the progress: the job needs no third. */
async function runHere<T, P>(
  beside: Aside,
  here: () => Promise<JobHere>,
  request: object,
  { quiet, progressText, stopping, stoppedEarly }: About<P>,
): Promise<WorkerRun<T>> {
  beside.post({ type: 'job', quiet, stopping });
  const hear = (m: FromJob<unknown, unknown>) => {
    if (m.type === 'progress' && !quiet) beside.post({ type: 'progress', text: progressText(m.progress as P) });
    else if (m.type === 'groups') beside.post(m);
  };
  const m = (await (await here())(request, beside, hear)) as FromJob<T, P> & { readonly type: 'done' | 'error' };
  beside.post({ type: 'done' });
  if (m.type === 'done') {
    const interrupted = Atomics.load(beside.flag, 0) !== 0;
    return { end: async () => {}, outcome: m.outcome, interrupted, unheard: false };
  }
  if (!m.aborted) throw failure(m);
  process.stderr.write(`${stoppedEarly}\n`);
  throw new Exit(EXIT.stopped);
}

/**
 * Runs a job beside the main thread, which stays free for Ctrl-C: the first asks the job to stop, a second one ends the
 * process.
 */
export function runInWorker<T, P>(
  { worker: file, rank: module, place, here }: Workers,
  request: object,
  about: About<P>,
): Promise<WorkerRun<T>> {
  const beside = aside();
  if (beside && here && !place) return runHere<T, P>(beside, here, request, about);
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const line = new ProgressLine(about.quiet);
  /** Of each rank. */
  const groups = new Map<number, readonly number[]>();
  // A second Ctrl-C gives programs that do not mind a polite end no time to be ended by the worker.
  const kill = () => {
    for (const group of [...groups.values()].flat()) endGroup(group, 'SIGKILL');
  };
  process.on('exit', kill);
  let done = false;
  const stop = () => {
    line.clear();
    Atomics.store(flag, 0, 1);
    // Where mpirun ends all, one tells it.
    if (!place || place.rank === 0) process.stderr.write(`${about.stopping}\n`);
    onAbort();
  };
  const release = onInterrupt(stop, () => done);
  // What mpirun ends it wakes first, a quarter of a second before.
  let woken = Number.NEGATIVE_INFINITY;
  const wake = () => {
    woken = performance.now();
  };
  if (place?.kind === 'mpi') process.on('SIGCONT', wake);
  const end = async () => {
    await close();
    process.off('exit', kill);
    process.off('SIGCONT', wake);
    release();
  };
  let onAbort = () => {};
  let joining: NodeJS.Timeout | undefined;
  let close = async () => {};
  return new Promise<WorkerRun<T>>((resolve, reject) => {
    const hear = (m: FromJob<T, P>, from = 0) => {
      if (m.type === 'progress') {
        if (Atomics.load(flag, 0) === 0) line.update(about.progressText(m.progress));
      } else if (m.type === 'groups') {
        groups.set(from, m.groups);
      } else if (m.type === 'joined') {
        clearTimeout(joining);
      } else if (m.type === 'done') {
        done = true;
        line.clear();
        const interrupted = Atomics.load(flag, 0) !== 0;
        const unheard = interrupted && performance.now() - woken < WAKE_MS;
        resolve({ end, outcome: m.outcome, interrupted, unheard });
      } else if (m.aborted) {
        if (!place || place.rank === 0) process.stderr.write(`${about.stoppedEarly}\n`);
        reject(new Exit(EXIT.stopped));
      } else {
        reject(failure(m));
      }
    };
    if (place?.kind === 'threads') {
      // They look at the flag themselves, and what one runs outlives it where another fails.
      close = async () => kill();
      rankThreads(module!, place, { request, flag }, hear).catch(reject);
      return;
    }
    const worker = new Worker(file, {
      workerData: { request, flag },
      // Without the parent's flags, which may be meant for another module.
      execArgv: [],
    });
    onAbort = () => worker.postMessage('abort');
    if (place?.kind === 'mpi') joining = joinWithin(place);
    const gone = new Promise((resolve) => worker.on('exit', resolve));
    // A rank of several processes takes its leave of the others once it has written all that it has to write.
    close = async () => {
      if (done && place) worker.postMessage(LEAVE);
      await (done && place ? gone : worker.terminate());
    };
    worker.on('message', hear);
    worker.on('error', reject);
    worker.on('exit', () => clearTimeout(joining));
    worker.on('exit', (code) => reject(new Error(`The worker ended early (code ${code}).`)));
  }).catch(async (error) => {
    line.clear();
    await end();
    throw error;
  });
}

/** What all messages took, and how many they were, is told beside the result. */
async function overNetwork(module: URL, options: SimulatedThreadsOptions<object>): Promise<void> {
  const { seconds, traffic } = await simulateThreads(module, { ...options, trace: false });
  const sent = { messages: 0, bytes: 0 };
  for (const { messages, bytes } of traffic.flatMap((phases) => Object.values(phases))) {
    sent.messages += messages;
    sent.bytes += bytes;
  }
  process.stderr.write(
    `Simulated: ${grouped(sent.messages)} messages, ${(sent.bytes / 1e6).toPrecision(3)} MB, ${seconds.toPrecision(3)} s on the network.\n`,
  );
}

/** Runs the ranks, of which the first speaks for all; a mistake that another alone makes is told with its name. */
async function rankThreads<T, P>(
  module: URL,
  { size, timeout, network }: Place,
  input: object,
  hear: (message: FromJob<T, P>, from?: number) => void,
): Promise<void> {
  let outcome: FromJob<T, P> | undefined;
  const errors = new Map<number, FromJob<T, P>>();
  const receive = (message: unknown, rank: number) => {
    const m = message as FromJob<T, P>;
    if (m.type === 'error') errors.set(rank, m);
    else if (m.type === 'done') outcome = rank === 0 ? m : outcome;
    else if (rank === 0 || m.type === 'groups') hear(m, rank);
  };
  try {
    if (network) await overNetwork(module, { ranks: size, input, timeout, receive, ...network });
    else await threads(module, { ranks: size, input, timeout, receive });
  } catch (error) {
    if (errors.size === 0) throw error instanceof NoAnswerError ? new Failure(error.message, EXIT.noAnswer) : error;
    const rank = Math.min(...errors.keys());
    const told = errors.get(rank)!;
    if (told.type === 'error') hear(told.shared ? told : { ...told, message: byRank(rank, told.message) });
    return;
  }
  hear(outcome!);
}

/** The worker's side of `runInWorker`: one job, its progress, its outcome as plain data or its failure; also as one of several ranks. */
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadOptions } from '@southwell/data';
import { failFile, isShared, readBlocks, readTable } from '@southwell/data/node';
import { complete, type Mpi, mpi, NoAnswerError, type Ranks } from '@southwell/distributed';
import { SouthwellError } from '@southwell/numerics/core';
import {
  flagOf,
  givenFor,
  grouped,
  type JobProgress,
  type JobRanks,
  type JobTools,
  jobRanks,
  type Reading,
  readingOf,
  sameVersion,
  sentSoFar,
  sharedSignal,
  without,
} from '@southwell/tasks';
import { EXIT, UsageError } from '../errors.ts';
import { patienceWith } from '../ranks/joining.ts';
import { RankLog } from '../ranks/rank-log.ts';
import { inTurn, type Place, turnOf } from '../ranks/ranks.ts';
import { endInTime, LEAVE } from '../terminal/leaving.ts';
import { Shell } from '../terminal/shell.ts';
import { VERSION } from '../version.ts';
import { type CheckpointRequest, fileStore } from './checkpoint-file.ts';

export type FromJob<T, P> =
  /** This rank has met the others. */
  | { readonly type: 'joined' }
  | { readonly type: 'progress'; readonly progress: P }
  /** The groups of processes that the job has running. */
  | { readonly type: 'groups'; readonly groups: readonly number[] }
  | { readonly type: 'done'; readonly outcome: T }
  | {
      readonly type: 'error';
      /** A mistake in the input or the call, which its message explains. */
      readonly known: boolean;
      readonly aborted: boolean;
      /** The code to end with, where it is another than that of a mistake. */
      readonly exitCode?: number;
      readonly message: string;
      /** All ranks say so. */
      readonly shared?: boolean;
      readonly stack?: string;
    };

const PROGRESS_MS = 60;

interface Working<P> {
  readonly signal: AbortSignal;
  readonly progress: (p: P) => void;
}
type Post<T, P> = (message: FromJob<T, P>) => void;
type Listen = (abort: () => void) => void;
type End<T, P> = FromJob<T, P> & { readonly type: 'done' | 'error' };

/** Does a job, posts its progress and gives its end. */
async function attempt<T, P>(
  flag: Int32Array,
  listen: Listen,
  post: Post<T, P>,
  job: (working: Working<P>) => Promise<T>,
): Promise<End<T, P>> {
  let last = 0;
  const progress = (p: P): void => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    post({ type: 'progress', progress: p });
  };
  try {
    return { type: 'done', outcome: await job({ signal: sharedSignal(flag, listen), progress }) };
  } catch (error) {
    const { message, stack } = error as Error;
    const known = error instanceof SouthwellError || error instanceof UsageError;
    const noAnswer = error instanceof NoAnswerError;
    return {
      type: 'error',
      known,
      // Who waits in vain says so, also to those who have pressed Ctrl-C.
      aborted: Atomics.load(flag, 0) !== 0 && !noAnswer,
      message: message ?? String(error),
      stack,
      ...(isShared(error) && { shared: true }),
      ...(noAnswer && { exitCode: EXIT.noAnswer }),
    };
  }
}

/** This worker's port, what it was told, and how it hears of a stop. */
function connection<R, T, P>() {
  const { request, flag } = workerData as { request: R; flag: Int32Array };
  const port = parentPort!;
  const post: Post<T, P> = (message) => port.postMessage(message);
  const listen: Listen = (abort) => port.on('message', (word) => word === 'abort' && abort());
  return { request, flag, port, post, listen };
}

export async function serveJob<R, T, P>(job: (request: R, working: Working<P>) => Promise<T>): Promise<void> {
  const { request, flag, port, post, listen } = connection<R, T, P>();
  post(await attempt(flag, listen, post, (working) => job(request, working)));
  port.close();
}

interface TableRequest extends CheckpointRequest {
  readonly asked: Readonly<Record<string, unknown>>;
  /** Where the job runs on several ranks. */
  readonly place?: Place;
}
type TableJob<R, T> = (request: R, tools: JobTools) => Promise<T>;

/**
 * A job that is asked for by name, with the tables that its request names, a shell and a file for its checkpoint. Under MPI
 * this process is a rank: what goes wrong on one ends all.
 */
export async function serveTableJob<R extends TableRequest, T>(job: TableJob<R, T>): Promise<void> {
  const { request, flag, port, post, listen } = connection<R, T, JobProgress>();
  const { place } = request;
  if (place?.kind === 'mpi') await mpiTableJob(place, job);
  else post(await tableJobHere(request, { flag, listen }, post, job));
  port.close();
}

/** The same in this thread: gives its end. */
export function tableJobHere<R extends TableRequest, T>(
  request: R,
  { flag, listen }: { readonly flag: Int32Array; readonly listen: Listen },
  post: Post<T, JobProgress>,
  job: TableJob<R, T>,
): Promise<End<T, JobProgress>> {
  const shell = shellOf(post);
  return attempt(flag, listen, post, (working) =>
    // The end of this thread would leave behind what does not mind a signal.
    job(request, toolsOf(request, working, shell)).finally(() => shell.close()),
  );
}

async function mpiTableJob<R extends TableRequest, T>(place: Place, job: TableJob<R, T>): Promise<void> {
  const { request, flag, port, post, listen } = connection<R, T, JobProgress>();
  const shell = shellOf(post);
  const written = new Promise<void>((resolve) => port.on('message', (word) => word === LEAVE && resolve()));
  let log: RankLog | undefined;
  let joined: Mpi | undefined;
  const end = await attempt(
    flag,
    listen,
    logged(post, () => log),
    async (working) => {
      log = RankLog.of(place, place.rank);
      joined = mpi({ timeout: place.timeout });
      post({ type: 'joined' });
      if (joined.size !== place.size) {
        throw new UsageError(
          `This process is one of ${place.size} that were started together, but MPI sees ${joined.size}: start them by mpirun, or by srun --mpi=pmix.`,
        );
      }
      return job(request, toolsOf(request, working, shell, jobRanks(joined.ranks, working.signal, place.timeout)));
    },
  );
  logEnd(log, end, joined?.ranks);
  // Without MPI the command says so.
  if (!joined) return post(end);
  if (end.type === 'error') {
    // Others may wait for this rank for ever: they end with it.
    if (!end.aborted) writeSync(2, `southwell: ${await inTurn(end.message)}\n`);
    else if (place.rank === 0) post(end);
    await sleep(SAID);
    joined.abort(end.exitCode ?? (end.aborted ? EXIT.stopped : EXIT.usage));
  }
  // Before the others are waited for: whom mpirun stops has a fifth of a second.
  post(end);
  try {
    await attending(joined, Promise.all([written, shell.close()]));
    joined.close(endInTime(patienceWith(place)));
  } catch (error) {
    // What is computed is not lost with another rank.
    await written;
    writeSync(2, `southwell: ${await inTurn((error as Error).message)}\n`);
    joined.abort(EXIT.noAnswer);
  }
}

/** Milliseconds between two looks at who asks. */
const ATTEND = 10;

/** Waits, and lets the other ranks know that this one is there. */
async function attending(joined: Mpi, what: Promise<unknown>): Promise<void> {
  let over = false;
  const waiting = what.finally(() => {
    over = true;
  });
  while (!over) {
    joined.attend();
    await Promise.race([waiting, sleep(ATTEND)]);
  }
}

/** Milliseconds in which what was posted has been said. */
const SAID = 50;

/** Milliseconds after which a thread of several has seen that it is to stop. */
const GLANCE = 20;

/** The same as one of several threads, a rank each. */
export async function rankTableJob<R extends TableRequest, T>(
  ranks: Ranks,
  { request, flag }: { readonly request: R; readonly flag: Int32Array },
  post: (message: unknown) => void,
  job: TableJob<R, T>,
): Promise<void> {
  const shell = shellOf<T>(post);
  const { timeout } = request.place!;
  const rank = complete(
    ranks(function* (comm) {
      yield* comm.clock();
      return comm.rank;
    }),
  );
  let log: RankLog | undefined;
  let glances: NodeJS.Timeout | undefined;
  const listen: Listen = (abort) => {
    glances = setInterval(() => Atomics.load(flag, 0) !== 0 && abort(), GLANCE);
  };
  const end = await attempt<T, JobProgress>(
    flag,
    listen,
    logged<T>(post, () => log),
    async (working) => {
      log = RankLog.of(request.place!, rank);
      const own = jobRanks(ranks, working.signal, timeout);
      return job(request, toolsOf(request, working, shell, own)).finally(() => shell.close());
    },
  );
  clearInterval(glances);
  logEnd(log, end, ranks);
  if (end.type === 'error') await turnOf(rank);
  post(end);
  // The other ranks end, too.
  if (end.type === 'error') throw new Error(end.message);
}

/** Posts, and keeps what is told on the way. */
const logged =
  <T>(post: Post<T, JobProgress>, log: () => RankLog | undefined): Post<T, JobProgress> =>
  (message) => {
    if (message.type === 'progress') log()?.progress(message.progress.text);
    post(message);
  };

function logEnd(log: RankLog | undefined, end: End<unknown, JobProgress>, ranks?: Ranks): void {
  if (log && ranks && end.type === 'done') log.sent(sentSoFar(complete(ranks((comm) => comm.traffic()))));
  if (end.type === 'error') log?.line(`ends: ${end.aborted ? 'stopped' : end.message}`);
  else log?.line(`ends: ${(end.outcome as { readonly status?: string }).status ?? 'done'}`);
}

const shellOf = <T>(post: Post<T, JobProgress>): Shell => new Shell((groups) => post({ type: 'groups', groups }));

function toolsOf<R extends TableRequest>(
  request: R,
  { signal, progress }: Working<JobProgress>,
  shell: Shell,
  ranks?: JobRanks,
): JobTools {
  const { asked } = request;
  ranks?.together((comm) => sameVersion(comm, VERSION));
  const { drop, ...reading } = readingOf(asked as Reading, flagOf);
  const given = (options: ReadOptions = {}): ReadOptions => ({
    ...reading,
    ...options,
    signal,
    onProgress: (_bytes: number, rows: number) => progress({ text: `reading: ${grouped(rows)} rows` }),
  });
  const whole = async (input = 'data', options?: ReadOptions) => {
    const path = givenFor(asked, input) as string;
    if (!ranks) return without(await readTable(path, given(options)), drop);
    const { readTogether } = await import('../ranks/read-on-ranks.ts');
    return without(await readTogether(path, given(options), ranks), drop);
  };
  const own = async (input = 'data', options?: ReadOptions) => {
    const { readOnRanks } = await import('../ranks/read-on-ranks.ts');
    return without(await readOnRanks(givenFor(asked, input) as string, given(options), ranks!), drop);
  };
  // Without the signal: a job that is stopped may still read its first block.
  const blocks: JobTools['blocks'] = (columns, rows, options) =>
    readBlocks(asked.data as string, {
      ...reading,
      ...{ rows, columns, ...options },
    });
  const contents: JobTools['contents'] = async (option) => {
    const path = asked[option] as string;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      failFile(error, path, 'read');
    }
  };
  const store = fileStore(request);
  return {
    read: ranks ? own : whole,
    contents,
    whole,
    blocks,
    signal,
    progress,
    cores: availableParallelism(),
    // Of several ranks all go on from it, and the first alone writes.
    checkpoint: store && ranks && ranks.rank > 0 ? { ...store, write: undefined } : store,
    host: { shell: (line, stop) => shell.run(line, stop), moduleUrl },
    ...(ranks && { ranks }),
  };
}

function moduleUrl(path: string): string {
  if (!existsSync(path)) throw new UsageError(`${path} cannot be read: there is no such file.`);
  return pathToFileURL(path).href;
}

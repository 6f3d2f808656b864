/** The worker's side of `runInWorker`: one job, its progress, its outcome as plain data or its failure; also as one of several ranks. */
import { existsSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadOptions } from '@southwell/data';
import { isShared, readBlocks, readTable } from '@southwell/data/node';
import { mpi, NoAnswerError, type Ranks } from '@southwell/distributed';
import { SouthwellError } from '@southwell/numerics/core';
import {
  flagOf,
  grouped,
  type JobProgress,
  type JobTools,
  jobRanks,
  type Reading,
  readingOf,
  sameVersion,
  sharedSignal,
  without,
} from '@southwell/tasks';
import { type CheckpointRequest, fileStore } from './checkpoint-file.ts';
import { EXIT, UsageError } from './errors.ts';
import { type Place, turnToSpeak } from './ranks.ts';
import { readOnRanks } from './read-on-ranks.ts';
import { Shell } from './shell.ts';
import { VERSION } from './version.ts';

export type FromJob<T, P> =
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

/** Does a job and posts its progress and its end; gives whether it ended well. */
async function attempt<T, P>(
  flag: Int32Array,
  listen: (abort: () => void) => void,
  post: Post<T, P>,
  job: (working: Working<P>) => Promise<T>,
): Promise<FromJob<T, P> & { readonly type: 'done' | 'error' }> {
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
    return {
      type: 'error',
      known,
      aborted: Atomics.load(flag, 0) !== 0,
      message: message ?? String(error),
      stack,
      ...(isShared(error) && { shared: true }),
      ...(error instanceof NoAnswerError && { exitCode: EXIT.noAnswer }),
    };
  }
}

export async function serveJob<R, T, P>(job: (request: R, working: Working<P>) => Promise<T>): Promise<void> {
  const { request, flag } = workerData as { request: R; flag: Int32Array };
  const port = parentPort!;
  const post: Post<T, P> = (message) => port.postMessage(message);
  post(
    await attempt(
      flag,
      (abort) => port.on('message', abort),
      post,
      (working) => job(request, working),
    ),
  );
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
  const { request, flag } = workerData as { request: R; flag: Int32Array };
  const port = parentPort!;
  const post: Post<T, JobProgress> = (message) => port.postMessage(message);
  const { place } = request;
  const end = await attempt(
    flag,
    (abort) => port.on('message', abort),
    post,
    async (working) => {
      if (place?.kind !== 'mpi') return withTools(request, working, post, undefined, job);
      const joined = mpi({ timeout: place.timeout });
      if (joined.size !== place.size) {
        throw new UsageError(
          `This process is one of ${place.size} that were started together, but MPI sees ${joined.size}: start them by mpirun, or by srun --mpi=pmix.`,
        );
      }
      const outcome = await withTools(request, working, post, joined.ranks, job);
      joined.close();
      return outcome;
    },
  );
  if (place?.kind === 'mpi' && end.type === 'error') {
    // Others may wait for this rank for ever: they end with it.
    const name = await turnToSpeak();
    const code = end.exitCode ?? (end.aborted ? EXIT.stopped : EXIT.usage);
    if (!end.aborted || place.rank === 0) writeSync(2, `southwell: ${name}${end.message}\n`);
    mpi().abort(code);
  }
  post(end);
  port.close();
}

/** The same as one of several threads, a rank each. */
export async function rankTableJob<R extends TableRequest, T>(
  ranks: Ranks,
  { request, flag }: { readonly request: R; readonly flag: Int32Array },
  post: (message: unknown) => void,
  job: TableJob<R, T>,
): Promise<void> {
  const end = await attempt<T, JobProgress>(
    flag,
    () => {},
    post,
    (working) => withTools(request, working, post, ranks, job),
  );
  post(end);
  // The other ranks end, too.
  if (end.type === 'error') throw new Error(end.message);
}

async function withTools<R extends TableRequest, T>(
  request: R,
  { signal, progress }: Working<JobProgress>,
  post: Post<T, JobProgress>,
  ranks: Ranks | undefined,
  job: TableJob<R, T>,
): Promise<T> {
  const { asked } = request;
  const shared = ranks && jobRanks(ranks, signal);
  shared?.together((comm) => sameVersion(comm, VERSION));
  const { drop, ...reading } = readingOf(asked as Reading, flagOf);
  const read = async (input = 'data', options?: ReadOptions) => {
    const given = {
      ...reading,
      ...options,
      signal,
      onProgress: (_bytes: number, rows: number) => progress({ text: `reading: ${grouped(rows)} rows` }),
    };
    const path = asked[input] as string;
    return without(await (shared ? readOnRanks(path, given, shared) : readTable(path, given)), drop);
  };
  // Without the signal: a job that is stopped may still read its first block.
  const blocks: JobTools['blocks'] = (columns, rows, options) =>
    readBlocks(asked.data as string, {
      ...reading,
      ...{ rows, columns, ...options },
    });
  const shell = new Shell((groups) => post({ type: 'groups', groups }));
  try {
    return await job(request, {
      read,
      blocks,
      signal,
      progress,
      cores: availableParallelism(),
      checkpoint: fileStore(request),
      host: { shell: (line, stop) => shell.run(line, stop), moduleUrl },
      ...(shared && { ranks: shared }),
    });
  } finally {
    // The end of this thread would leave behind what does not mind a signal.
    await shell.close();
  }
}

function moduleUrl(path: string): string {
  if (!existsSync(path)) throw new UsageError(`${path} cannot be read: there is no such file.`);
  return pathToFileURL(path).href;
}

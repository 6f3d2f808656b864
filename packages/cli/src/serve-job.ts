/** The worker's side of `runInWorker`: one job, its progress, its outcome as plain data or its failure. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadOptions } from '@southwell/data';
import { readBlocks, readTable } from '@southwell/data/node';
import { SouthwellError } from '@southwell/numerics/core';
import {
  flagOf,
  grouped,
  type JobProgress,
  type JobTools,
  type Reading,
  readingOf,
  sharedSignal,
  without,
} from '@southwell/tasks';
import { type CheckpointRequest, fileStore } from './checkpoint-file.ts';
import { UsageError } from './errors.ts';
import { Shell } from './shell.ts';

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
      readonly message: string;
      readonly stack?: string;
    };

const PROGRESS_MS = 60;

export async function serveJob<R, T, P>(
  job: (request: R, tools: { readonly signal: AbortSignal; readonly progress: (p: P) => void }) => Promise<T>,
): Promise<void> {
  const { request, flag } = workerData as { request: R; flag: Int32Array };
  const port = parentPort!;
  const post = (message: FromJob<T, P>) => port.postMessage(message);
  let last = 0;
  const progress = (p: P): void => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    post({ type: 'progress', progress: p });
  };
  try {
    post({
      type: 'done',
      outcome: await job(request, { signal: sharedSignal(flag, (abort) => port.on('message', abort)), progress }),
    });
  } catch (error) {
    const { message, stack } = error as Error;
    const known = error instanceof SouthwellError || error instanceof UsageError;
    post({ type: 'error', known, aborted: Atomics.load(flag, 0) !== 0, message: message ?? String(error), stack });
  }
  port.close();
}

/** A job that is asked for by name, with the tables that its request names, a shell and a file for its checkpoint. */
export function serveTableJob<R extends CheckpointRequest & { readonly asked: Readonly<Record<string, unknown>> }, T>(
  job: (request: R, tools: JobTools) => Promise<T>,
): Promise<void> {
  return serveJob<R, T, JobProgress>(async (request, { signal, progress }) => {
    const { asked } = request;
    const { drop, ...reading } = readingOf(asked as Reading, flagOf);
    const read = async (input = 'data', options?: ReadOptions) => {
      const table = await readTable(asked[input] as string, {
        ...reading,
        ...options,
        signal,
        onProgress: (_bytes, rows) => progress({ text: `reading: ${grouped(rows)} rows` }),
      });
      return without(table, drop);
    };
    // Without the signal: a job that is stopped may still read its first block.
    const blocks: JobTools['blocks'] = (columns, rows, options) =>
      readBlocks(asked.data as string, {
        ...reading,
        ...{ rows, columns, ...options },
      });
    const shell = new Shell((groups) =>
      parentPort!.postMessage({ type: 'groups', groups } satisfies FromJob<T, JobProgress>),
    );
    try {
      return await job(request, {
        read,
        blocks,
        signal,
        progress,
        cores: availableParallelism(),
        checkpoint: fileStore(request),
        host: { shell: (line, stop) => shell.run(line, stop), moduleUrl },
      });
    } finally {
      // The end of this thread would leave behind what does not mind a signal.
      await shell.close();
    }
  });
}

function moduleUrl(path: string): string {
  if (!existsSync(path)) throw new UsageError(`${path} cannot be read: there is no such file.`);
  return pathToFileURL(path).href;
}

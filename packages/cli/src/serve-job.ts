/** The worker's side of `runInWorker`: one job, its progress, its outcome as plain data or its failure. */
import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadOptions } from '@southwell/data';
import { readBlocks, readTable } from '@southwell/data/node';
import { SouthwellError } from '@southwell/numerics/core';
import { type JobProgress, type JobTools, sharedSignal } from '@southwell/tasks';
import { type CheckpointRequest, fileStore } from './checkpoint-file.ts';
import { UsageError } from './errors.ts';

export type FromJob<T, P> =
  | { readonly type: 'progress'; readonly progress: P }
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

/** A job on the tables that its request names. */
export function serveTableJob<R extends { readonly format?: string } & CheckpointRequest, T>(
  job: (request: R, tools: JobTools) => Promise<T>,
): Promise<void> {
  return serveJob<R, T, JobProgress>((request, { signal, progress }) => {
    const read = (input = 'data', options?: ReadOptions) =>
      readTable((request as Readonly<Record<string, unknown>>)[input] as string, {
        format: request.format as never,
        ...options,
        signal,
        onProgress: (_bytes, rows) => progress({ text: `reading: ${rows.toLocaleString('en')} rows` }),
      });
    // Without the signal: a job that is stopped may still read its first block.
    const blocks: JobTools['blocks'] = (columns, rows, options) =>
      readBlocks((request as { readonly data?: string }).data!, {
        ...{ rows, columns, ...options },
        format: request.format as never,
      });
    return job(request, {
      read,
      blocks,
      signal,
      progress,
      cores: availableParallelism(),
      checkpoint: fileStore(request),
    });
  });
}

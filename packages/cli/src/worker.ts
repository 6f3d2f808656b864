/** Runs a fit beside the main thread, which stays free for Ctrl-C: fits block the thread that they run on. */
import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { readTable } from '@southwell/data/node';
import type { Progress } from '@southwell/modelling';
import { type FitRequest, fitJob } from '@southwell/modelling';
import { SouthwellError } from 'southwell/core';
import { UsageError } from './errors.ts';

const { request, flag } = workerData as { request: FitRequest; flag: Int32Array };
const port = parentPort!;

// `aborted` is read from shared memory, since no message arrives while a fit blocks the thread.
const controller = new AbortController();
Object.defineProperty(controller.signal, 'aborted', { get: () => Atomics.load(flag, 0) !== 0 });
port.on('message', () => controller.abort());

let last = 0;
const progress = (p: Progress): void => {
  const now = performance.now();
  if (now - last < 60) return;
  last = now;
  port.postMessage({ type: 'progress', progress: p });
};

try {
  const read = () =>
    readTable(request.data, {
      format: request.format as never,
      signal: controller.signal,
      onProgress: (_bytes, rows) => progress({ phase: 'reading', rows }),
    });
  const outcome = await fitJob(request, { read, cores: availableParallelism(), signal: controller.signal, progress });
  port.postMessage({ type: 'done', outcome });
} catch (error) {
  const e = error as Error;
  port.postMessage({
    type: 'error',
    kind: error instanceof SouthwellError ? 'input' : error instanceof UsageError ? 'usage' : 'other',
    aborted: Atomics.load(flag, 0) !== 0,
    message: e?.message ?? String(error),
    stack: e?.stack,
  });
}
port.close();

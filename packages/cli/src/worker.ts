/** Runs a fit beside the main thread, which stays free for Ctrl-C: fits block the thread that they run on. */
import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { readTable } from '@southwell/data/node';
import type { Progress } from '@southwell/modelling';
import { type FitRequest, fitJob } from '@southwell/modelling';
import { SouthwellError } from 'southwell/core';
import { UsageError } from './errors.ts';
import { sharedSignal } from './shared-signal.ts';

const { request, flag } = workerData as { request: FitRequest; flag: Int32Array };
const port = parentPort!;

const signal = sharedSignal(flag, port);

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
      signal: signal,
      onProgress: (_bytes, rows) => progress({ phase: 'reading', rows }),
    });
  const outcome = await fitJob(request, { read, cores: availableParallelism(), signal: signal, progress });
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

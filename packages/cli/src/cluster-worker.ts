/** Runs a clustering beside the main thread, which stays free for Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads';
import { SouthwellError } from 'southwell/core';
import { type ClusterRequest, type ClusterResult, clusterTable } from './commands/cluster/job.ts';
import { UsageError } from './errors.ts';
import { sharedSignal } from './shared-signal.ts';

export type FromClustering =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'done'; readonly result: ClusterResult }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly known: boolean; readonly message: string; readonly stack?: string };

const { request, flag } = workerData as { request: ClusterRequest; flag: Int32Array };
const port = parentPort!;
const signal = sharedSignal(flag, port);
const post = (message: FromClustering) => port.postMessage(message);

let last = 0;
try {
  const result = await clusterTable(request, signal, (text) => {
    if (performance.now() - last < 60) return;
    last = performance.now();
    post({ type: 'progress', text });
  });
  post({ type: 'done', result });
} catch (error) {
  const known = error instanceof SouthwellError || error instanceof UsageError;
  const { message, stack } = error as Error;
  post(signal.aborted ? { type: 'stopped' } : { type: 'failed', known, message, stack });
}
port.close();

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Listen, Post } from './attempt.ts';
import type { JobRequest } from './carrier.ts';

/** A worker's port, its data, and the stop signal. */
export interface Connection {
  readonly request: JobRequest;
  readonly flag: Int32Array;
  readonly port: MessagePort;
  readonly post: Post<unknown>;
  readonly listen: Listen;
}

export function connection(): Connection {
  const { request, flag } = workerData as Pick<Connection, 'request' | 'flag'>;
  const port = parentPort!;
  return {
    ...{ request, flag, port },
    post: (message) => port.postMessage(message),
    listen: (abort) => port.on('message', (word) => word === 'abort' && abort()),
  };
}

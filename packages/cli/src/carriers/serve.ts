import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { jobOf } from '../jobs/jobs.ts';
import { attempt, type Listen, type Post } from './attempt.ts';
import type { JobRequest } from './carrier.ts';
import { shellOf, toolsOf } from './tools.ts';

/** A worker's port, what it was told, and how it hears of a stop. */
export interface Connection {
  readonly request: JobRequest;
  readonly flag: Int32Array;
  readonly port: MessagePort;
  readonly post: Post<unknown>;
  readonly listen: Listen;
}

function connection(): Connection {
  const { request, flag } = workerData as Pick<Connection, 'request' | 'flag'>;
  const port = parentPort!;
  return {
    ...{ request, flag, port },
    post: (message) => port.postMessage(message),
    listen: (abort) => port.on('message', (word) => word === 'abort' && abort()),
  };
}

/** The worker's side: one job, its progress, its outcome as plain data or its failure. */
export async function serve(): Promise<void> {
  const connected = connection();
  const { request, flag, port, post, listen } = connected;
  if (request.place?.kind === 'mpi') await (await import('./mpi.ts')).asRank(request.place, connected);
  else {
    const job = await jobOf(request);
    const shell = shellOf(post);
    post(
      await attempt(flag, listen, post, (working) =>
        job(request, toolsOf(request, working, shell)).finally(() => shell.close()),
      ),
    );
  }
  port.close();
}

import type { Kind } from '../workers/worker.ts';

/** A worker for one kind of work, which takes messages of that kind. */
export function workerOf(kind: Kind): Worker {
  const worker = new Worker(new URL('../workers/worker.ts', import.meta.url), { type: 'module' });
  worker.postMessage(kind);
  return worker;
}

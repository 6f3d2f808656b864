import { openWorker, type WorkerPort } from '@southwell/numerics/core';
import type { Value } from './asNumber.ts';
import type { MixedPoint } from './categories.ts';

/** Messages to a worker: first the module, then points with the number of the call. */
export type ObjectiveMessage =
  | { readonly module: string }
  | { readonly call: number; readonly x: Float64Array | MixedPoint };

export type ObjectiveReply =
  | { readonly call: number; readonly value: Value }
  /** Without a call: the module could not be loaded. */
  | { readonly call?: number; readonly error: string };

/** An objective whose evaluations run in workers. */
export interface WorkerObjective {
  (x: Float64Array | MixedPoint, signal?: AbortSignal): Promise<Value>;
  /** Terminates the workers; calls under way are rejected. Without it a Node process does not exit. */
  close(): void;
}

interface Slot {
  port?: WorkerPort;
  call?: { readonly number: number; resolve(value: Value): void; reject(error: Error): void };
}

/**
 * The default export of a module as an objective for `minimizeAsync`: `(x: Float64Array) => number`, or a promise of
 * one; with categories the point is a list with their values. It runs in worker threads (Node) or web workers, one for
 * each concurrent evaluation, so that `jobs: 4` uses four cores. `module` is an absolute URL such as `new URL('./f.js',
 * import.meta.url)`. A call rejects with what the function threw, or if its worker terminated; an abort terminates its
 * worker immediately.
 *
 * @example const f = workerObjective(new URL('./simulate.js', import.meta.url)); const { point } = await
 * minimizeAsync(f, { dim: 3, lower: 0, upper: 1, jobs: 4 }); f.close();
 */
export function workerObjective(module: URL | string): WorkerObjective {
  const free: Slot[] = [];
  const all = new Set<Slot>();
  let calls = 0;

  const drop = (slot: Slot, error: Error) => {
    all.delete(slot);
    const at = free.indexOf(slot);
    if (at >= 0) free.splice(at, 1);
    slot.port?.close();
    slot.call?.reject(error);
    slot.call = undefined;
  };
  const received = (slot: Slot, reply: ObjectiveReply) => {
    const { call } = slot;
    const error = 'error' in reply ? new Error(reply.error) : undefined;
    if (error && reply.call === undefined) return drop(slot, error);
    if (!call || call.number !== reply.call) return;
    slot.call = undefined;
    free.push(slot);
    if ('value' in reply) call.resolve(reply.value);
    else call.reject(error!);
  };
  const start = async (slot: Slot): Promise<void> => {
    const port = await openWorker<ObjectiveReply>(
      import.meta.url,
      './objectiveWorker.js',
      () => new Worker(new URL('./objectiveWorker.js', import.meta.url), { type: 'module' }),
      (reply) => received(slot, reply),
      (error) => drop(slot, error),
    );
    if (!all.has(slot)) return port.close();
    slot.port = port;
    port.post({ module: String(module) } satisfies ObjectiveMessage);
  };

  const objective = (x: Float64Array | MixedPoint, signal?: AbortSignal): Promise<Value> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new Error('Stopped on request.'));
      const slot: Slot = free.pop() ?? {};
      const number = calls++;
      const aborted = () => drop(slot, new Error('Stopped on request.'));
      signal?.addEventListener('abort', aborted, { once: true });
      const settled = () => signal?.removeEventListener('abort', aborted);
      slot.call = {
        number,
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      const post = () => slot.port?.post({ call: number, x } satisfies ObjectiveMessage);
      if (slot.port) return post();
      all.add(slot);
      start(slot).then(post, (error) => drop(slot, error));
    });
  return Object.assign(objective, {
    close: () => {
      for (const slot of [...all]) drop(slot, new Error('The workers of the objective were closed.'));
    },
  });
}

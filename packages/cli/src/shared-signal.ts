import type { MessagePort } from 'node:worker_threads';

/**
 * The signal of a worker's job. `aborted` is read from shared memory, since no message arrives while a job blocks the
 * thread; a message makes it fire where the job does wait.
 */
export function sharedSignal(flag: Int32Array, port: MessagePort): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = () => Atomics.load(flag, 0) !== 0;
  Object.defineProperty(signal, 'aborted', { get: aborted });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw signal.reason ?? new DOMException('Stopped.', 'AbortError');
    },
  });
  port.on('message', () => controller.abort());
  return signal;
}

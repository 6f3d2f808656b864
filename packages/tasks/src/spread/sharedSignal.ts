/**
 * The signal of a worker's job. `aborted` is read from shared memory, since no message arrives while a job blocks the
 * thread. If the job does wait, for threads of its own, the callback of `listen` fires the event.
 */
export function sharedSignal(flag: Int32Array, listen: (abort: () => void) => void): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = () => Atomics.load(flag, 0) !== 0;
  Object.defineProperty(signal, 'aborted', { get: aborted });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw signal.reason ?? new DOMException('Stopped.', 'AbortError');
    },
  });
  listen(() => controller.abort());
  return signal;
}

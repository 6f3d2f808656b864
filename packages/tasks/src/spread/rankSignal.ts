/** Milliseconds between checks. */
const LOOK = 2;

/**
 * A signal that is aborted when `own` is, or once `stopped` returns true, which is polled when `aborted` is read; its
 * reason is then that of `why`. For work that blocks but must react to other ranks.
 */
export function watched(own: AbortSignal, stopped: () => boolean, why: () => unknown = () => undefined): AbortSignal {
  const { signal } = new AbortController();
  let looked = Number.NEGATIVE_INFINITY;
  let over = false;
  const aborted = () => {
    const now = performance.now();
    if (!over && now - looked >= LOOK) {
      looked = now;
      over = stopped();
    }
    return over || own.aborted;
  };
  Object.defineProperty(signal, 'aborted', { get: aborted });
  const reason = () => (own.aborted ? own.reason : why()) ?? new DOMException('Stopped.', 'AbortError');
  Object.defineProperty(signal, 'reason', { get: () => (over || own.aborted ? reason() : undefined) });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw reason();
    },
  });
  return signal;
}

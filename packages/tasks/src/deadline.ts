/** A signal with a time limit in seconds. */
export interface LimitedSignal extends AbortSignal {
  readonly timeLimit: number;
}

/** The reason of signals that a time limit has aborted; core's `stoppedBy` recognises it by its name. */
export const lateReason = (seconds: number): DOMException =>
  new DOMException(
    `The time limit of ${seconds} s was reached before there was a first result: allow more time.`,
    'TimeoutError',
  );

/**
 * A signal that is aborted when `own` is, or `seconds` from now. `aborted` is read from the clock, since a job that
 * blocks its thread receives no events.
 */
export function withDeadline(own: AbortSignal, seconds: number): LimitedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const end = performance.now() + 1000 * seconds;
  // Timers may fire a little early.
  let fired = false;
  const late = () => fired || performance.now() >= end;
  const reason = () => (own.aborted ? (own.reason ?? new DOMException('Stopped.', 'AbortError')) : lateReason(seconds));
  const aborted = () => own.aborted || late();
  Object.defineProperty(signal, 'aborted', { get: aborted });
  Object.defineProperty(signal, 'reason', { get: () => (aborted() ? reason() : undefined) });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw reason();
    },
  });
  own.addEventListener('abort', () => controller.abort(reason()), { once: true });
  // Timers have 31 bits of milliseconds.
  if (seconds < 2e6) {
    const timer: { unref?(): void } | number = setTimeout(() => {
      fired = true;
      controller.abort(reason());
    }, 1000 * seconds);
    // In Node it does not keep the thread from ending.
    if (typeof timer === 'object') timer.unref?.();
  }
  return Object.assign(signal, { timeLimit: seconds });
}

import type { ExperimentEvent } from './experiment.ts';

/** Takes an event of a run; throws once nobody takes events any more. */
export type Emit = (event: ExperimentEvent) => void;

/**
 * Yields the events that a piece of work emits as they come, so that curves grow while it runs, and returns its result.
 * The work has to yield to the event loop, as with `pauses`. If the consumer ends early, the work ends with its next
 * event; it has ended in any case when the generator does. Rethrows errors of the work.
 */
export async function* streamed<R>(work: (emit: Emit) => Promise<R>): AsyncGenerator<ExperimentEvent, R, undefined> {
  let waiting: ExperimentEvent[] = [];
  let wake = (): void => {};
  let [ended, left] = [false, false];
  const emit: Emit = (event) => {
    if (left) throw new Error('The consumer of the events has left.');
    waiting.push(event);
    wake();
  };
  const end = () => {
    ended = true;
    wake();
  };
  const result = work(emit);
  result.then(end, end);
  try {
    while (!ended || waiting.length > 0) {
      const events = waiting;
      waiting = [];
      for (const event of events) yield event;
      if (!ended && waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    return await result;
  } finally {
    left = true;
    await result.catch(() => {});
  }
}

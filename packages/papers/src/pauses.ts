import type { Iterate } from '@southwell/numerics/core';
import type { ExperimentContext } from './experiment.ts';

/** Yields to the event loop if that has not run for a while. */
export type Pause = () => Promise<void>;

/** Yields to the event loop if 30 ms have passed since the last time; throws if the run has been aborted. */
export function pauses(context: ExperimentContext): Pause {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 30) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    context.signal?.throwIfAborted();
    last = performance.now();
  };
}

/** The final point of a method that ends by itself, with pauses. */
export async function pointOf<P>(
  method: Iterable<Iterate<P, number | undefined>>,
  pause: Pause,
): Promise<NonNullable<P>> {
  for (const iterate of method) {
    if (iterate.done) return iterate.snapshot()!;
    await pause();
  }
  throw new Error('A method must say how it ended.');
}

/** Runs a generator of steps to its end, with pauses. */
export async function finish<R>(steps: Generator<unknown, R>, pause: Pause): Promise<R> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pause();
  }
}

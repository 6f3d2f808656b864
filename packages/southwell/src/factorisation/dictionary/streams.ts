import type { MatrixLike } from '@southwell/numerics/arrays';
import type { Iterate, OptionKeys } from '@southwell/numerics/core';

/** Where a learner stands in its stream, as plain data. */
export interface StreamState<S> {
  /** Batches taken in. */
  readonly batches: number;
  readonly learner: S;
}

export const streamKeys: OptionKeys<{ readonly resume?: unknown }> = {
  resume: true,
};

interface Learner<S> {
  update(batch: MatrixLike): void;
  state(): S;
  restore(state: S): void;
}

/**
 * A learner and its batches as a method for core's `run`: an iterate a batch, whose iteration counts them, and one before
 * the first where `atStart`; `completed` with the last. To go on from a state it takes the same stream from its
 * beginning, and lets the batches go by that it has seen. A stream is asked for a batch ahead.
 */
export function* streamIterates<P, S>(
  learner: Learner<S>,
  stream: Iterable<MatrixLike>,
  { resume, atStart = false }: { readonly resume?: StreamState<S>; readonly atStart?: boolean },
  view: () => Omit<Iterate<P>, 'iteration' | 'done' | 'checkpoint' | 'mayFail'>,
): Generator<Iterate<P>, void, undefined> {
  if (resume) learner.restore(resume.learner);
  const batches = stream[Symbol.iterator]();
  try {
    let next = batches.next();
    let taken = 0;
    for (; resume && taken < resume.batches && !next.done; taken++) next = batches.next();
    for (let begin = atStart || resume !== undefined; ; begin = false) {
      if (!begin) {
        if (next.done) return;
        learner.update(next.value);
        taken++;
        next = batches.next();
      }
      yield {
        ...view(),
        iteration: taken,
        mayFail: true,
        done: next.done ? 'completed' : undefined,
        checkpoint: (): StreamState<S> => ({ batches: taken, learner: learner.state() }),
      };
      if (next.done) return;
    }
  } finally {
    batches.return?.();
  }
}

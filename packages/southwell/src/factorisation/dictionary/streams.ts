import type { MatrixLike } from '@southwell/numerics/arrays';
import type { Iterate, OptionKeys } from '@southwell/numerics/core';

/** Position of a learner in its stream, as plain data. */
export interface StreamState<S> {
  /** Number of batches processed. */
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
 * A learner and its batches as a method for core's `run`: an iterate for each batch, whose iteration is its number, and
 * one before the first with `atStart`; `completed` with the last. A resumed run takes the same stream from its start,
 * and skips the batches that have been processed. One batch is requested ahead.
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

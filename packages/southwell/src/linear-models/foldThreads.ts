import type { Matrix, SharedMatrix } from '@southwell/numerics/arrays';
import { openWorker, SouthwellError, type WorkerPort } from '@southwell/numerics/core';
import type { Family } from './family.ts';
import type { FitOptions } from './fit.ts';
import type { FittedModel } from './model.ts';
import type { Recipe } from './prepared.ts';
import type { SharedProducts } from './products.ts';
import type { Scoring } from './scoring.ts';

/** All that the fit of one fold needs. */
export interface FoldJob<Y, M extends FittedModel, P> {
  readonly estimator: Family<Y, M, P>;
  readonly matrix: Matrix;
  readonly y: Y;
  readonly options: FitOptions<P>;
  /** Adding up to 1. */
  readonly weights: Float64Array;
  readonly foldOf: Int32Array;
  readonly alphas: Float64Array;
  readonly scoring: Scoring;
}

/** What a fold worker is told first; then it is sent fold numbers, and 'end'. */
export interface FoldTask {
  readonly recipe: Recipe;
  readonly shared: SharedMatrix;
  readonly y: unknown;
  readonly options: FitOptions<never>;
  readonly weights: Float64Array;
  readonly foldOf: Int32Array;
  readonly alphas: Float64Array;
  readonly scoring: Scoring;
  readonly products: SharedProducts | undefined;
}

/** What a fold worker answers. */
export type FoldReply =
  | { readonly type: 'step' }
  | { readonly type: 'fold'; readonly fold: number; readonly scores: Float64Array }
  | { readonly type: 'regions'; readonly regions: ReadonlyArray<{ start: number; size: number }> }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

/** The scores of one fold along the alphas. */
export interface FoldScores {
  readonly fold: number;
  readonly scores: Float64Array;
}

/**
 * The scores of the listed folds as they come, from `threads` workers that all see the one matrix; each takes the next fold
 * when it is free. The last scores are handed out when all workers have given their memory back, so that whoever stops at
 * them leaves none behind. Ends early where the signal aborts; whenever it ends, the workers end.
 */
export async function* foldsInThreads<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  shared: SharedMatrix,
  folds: readonly number[],
  threads: number,
  step: () => void,
): AsyncGenerator<FoldScores, void, undefined> {
  const { signal } = job.options;
  if (signal?.aborted) return;
  const task = foldTask(job, shared);
  const scored: FoldScores[] = [];
  const ports: WorkerPort[] = [];
  let next = 0;
  let running = threads;
  let failure: Error | undefined;
  let over = false;
  let wake = () => {};
  const failed = (error: Error) => {
    failure ??= error;
    wake();
  };
  const stopped = () => wake();
  const openOne = async (): Promise<void> => {
    const give = () => port.post(next < folds.length ? folds[next++] : 'end');
    const answer = (reply: FoldReply) => {
      if (reply.type === 'step') return step();
      if (reply.type === 'error')
        return failed(new SouthwellError(reply.code as SouthwellError['code'], reply.message));
      if (reply.type === 'fold') {
        scored.push({ fold: reply.fold, scores: reply.scores });
        give();
      } else {
        job.matrix.arena.adopt(reply.regions);
        running--;
      }
      wake();
    };
    const receive = (reply: FoldReply) => {
      // What was under way when it was left; of a signal without an event this is how the end is heard of.
      if (over || signal?.aborted) return wake();
      try {
        answer(reply);
      } catch (error) {
        failed(error as Error);
      }
    };
    const open = () => new Worker(new URL('./foldWorker.js', import.meta.url), { type: 'module' });
    const port = await openWorker(import.meta.url, './foldWorker.js', open, receive, failed);
    // Whoever left meanwhile does not know of it.
    if (over) return port.close();
    ports.push(port);
    port.post(task);
    give();
  };
  signal?.addEventListener('abort', stopped);
  try {
    for (let t = 0; t < threads; t++) openOne().catch(failed);
    for (let given = 0; given < folds.length; ) {
      if (failure) throw failure;
      if (signal?.aborted) return;
      if (given < scored.length && (given < folds.length - 1 || running === 0)) yield scored[given++];
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    over = true;
    signal?.removeEventListener('abort', stopped);
    for (const port of ports) port.close();
  }
}

/** What the workers are told: nothing that only this thread can use. */
function foldTask<Y, M extends FittedModel, P>(job: FoldJob<Y, M, P>, shared: SharedMatrix): FoldTask {
  const { estimator, y, weights, foldOf, alphas, scoring } = job;
  const { offset, featureNames, timeLimit, products } = job.options;
  const task = { recipe: estimator.recipe, shared, y, weights, foldOf, alphas, scoring };
  return { ...task, options: { offset, featureNames, timeLimit }, products: products?.share() };
}

import type { Matrix, SharedMatrix } from '@southwell/numerics/arrays';
import { openWorker, SouthwellError, type WorkerPort } from '@southwell/numerics/core';
import type { Family } from './family.ts';
import type { FitOptions } from './fit.ts';
import type { FittedModel } from './model.ts';
import type { Recipe } from './prepared.ts';
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
}

/** What a fold worker answers. */
export type FoldReply =
  | { readonly type: 'step' }
  | { readonly type: 'fold'; readonly fold: number; readonly scores: Float64Array }
  | { readonly type: 'regions'; readonly regions: ReadonlyArray<{ start: number; size: number }> }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

/**
 * Runs the listed folds on `threads` workers that all see the one matrix; each takes the next fold when it is free, and
 * `take` is told the scores. An abort ends the workers at once.
 */
export async function foldsInThreads<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  shared: SharedMatrix,
  folds: readonly number[],
  threads: number,
  step: () => void,
  take: (fold: number, scores: Float64Array) => void,
): Promise<void> {
  const {
    signal,
    onIterate: _,
    onProgress: __,
    onPoint: ___,
    pool: ____,
    from: _____,
    ...plain
  } = job.options as FitOptions<P> & {
    onProgress?: unknown;
    onPoint?: unknown;
  };
  const { weights, foldOf, alphas, scoring } = job;
  const task: FoldTask = {
    recipe: job.estimator.recipe,
    shared,
    y: job.y,
    options: plain,
    weights,
    foldOf,
    alphas,
    scoring,
  };
  let next = 0;
  const ports: WorkerPort[] = [];
  const stop = () => {
    for (const port of ports) port.close();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
      let running = threads;
      for (let t = 0; t < threads; t++) {
        let port: WorkerPort | undefined;
        const give = () => port?.post(next < folds.length ? folds[next++] : 'end');
        const open = () => new Worker(new URL('./foldWorker.js', import.meta.url), { type: 'module' });
        const receive = (reply: FoldReply) => {
          if (reply.type === 'step') step();
          else if (reply.type === 'fold') {
            take(reply.fold, reply.scores);
            give();
          } else if (reply.type === 'regions') {
            job.matrix.arena.adopt(reply.regions);
            if (--running === 0) resolve();
          } else reject(new SouthwellError(reply.code as SouthwellError['code'], reply.message));
        };
        openWorker(import.meta.url, './foldWorker.js', open, receive, reject).then((opened) => {
          port = opened;
          ports.push(opened);
          opened.post(task);
          give();
        }, reject);
      }
    });
  } finally {
    stop();
  }
}

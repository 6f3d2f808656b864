import type { SharedMatrix } from '@southwell/numerics/arrays';
import { openWorker, SouthwellError, type WorkerPort } from '@southwell/numerics/core';
import type { SharedProducts } from '../design/products.ts';
import type { FitOptions } from '../fit.ts';
import type { FittedModel } from '../model.ts';
import type { Recipe } from '../prepared.ts';
import { type FoldJob, type FoldScores, foldScores } from './foldScores.ts';
import type { Scoring } from './scoring.ts';

/** Message to a fold worker. */
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
  readonly folds: readonly number[];
  /** Number of folds that have been taken, in shared memory. */
  readonly taken: Int32Array;
}

/** Messages from a fold worker; 'regions' is the last. */
export type FoldReply =
  | { readonly type: 'step' }
  | { readonly type: 'fold'; readonly fold: number; readonly scores: Float64Array }
  | { readonly type: 'regions'; readonly regions: ReadonlyArray<{ start: number; size: number }> }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

/** The next fold that no thread has taken. */
export const nextFold = (folds: readonly number[], taken: Int32Array): number | undefined =>
  folds[Atomics.add(taken, 0, 1)];

/**
 * The scores of the listed folds, computed by `workers` threads and this one, which share the matrix; each takes the
 * next fold when it is free. The workers begin at `open`, so that this thread can fit all rows in the meantime.
 */
export class FoldThreads<Y, M extends FittedModel, P> {
  private readonly taken = new Int32Array(new SharedArrayBuffer(4));
  private readonly scored: FoldScores[] = [];
  private readonly ports: WorkerPort[] = [];
  private running: number;
  private failure: Error | undefined;
  private over = false;
  private wake = () => {};

  constructor(
    private readonly job: FoldJob<Y, M, P>,
    private readonly shared: SharedMatrix,
    private readonly folds: readonly number[],
    workers: number,
    private readonly step: () => void,
  ) {
    this.running = workers;
  }

  /** Starts the workers. */
  async open(): Promise<void> {
    const task = this.task();
    await Promise.all(
      Array.from({ length: this.running }, async () => {
        const open = () => new Worker(new URL('./foldWorker.js', import.meta.url), { type: 'module' });
        const port = await openWorker<FoldReply>(import.meta.url, './foldWorker.js', open, this.receive, this.failed);
        this.ports.push(port);
        port.post(task);
      }),
    );
  }

  /**
   * Yields scores as they become available. The last ones are yielded only after all workers have freed their memory,
   * so that a consumer that stops there leaves nothing behind. Ends early on abort; the workers are always terminated
   * at the end.
   * @throws what a worker threw.
   */
  async *scores(): AsyncGenerator<FoldScores, void, undefined> {
    const { folds, scored } = this;
    const { signal } = this.job.options;
    const stopped = () => this.wake();
    signal?.addEventListener('abort', stopped);
    const own = this.ownFolds().catch(this.failed);
    try {
      for (let given = 0; given < folds.length; ) {
        if (this.failure) throw this.failure;
        if (signal?.aborted) return;
        if (given < scored.length && (given < folds.length - 1 || this.running === 0)) yield scored[given++];
        else {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        }
      }
    } finally {
      signal?.removeEventListener('abort', stopped);
      this.close();
      // The memory of the current fold of this thread must be freed first.
      await own;
    }
  }

  /** Terminates the workers, even if they are busy. */
  close(): void {
    this.over = true;
    for (const port of this.ports) port.close();
  }

  /** Fits the folds that this thread takes. */
  private async ownFolds(): Promise<void> {
    const { job, folds, taken } = this;
    const { signal } = job.options;
    const left = () => this.over || (signal?.aborted ?? false);
    // Also stops if a worker has failed.
    const options = {
      ...job.options,
      signal: Object.defineProperty(new AbortController().signal, 'aborted', { get: left }),
    };
    for (;;) {
      const fold = left() ? undefined : nextFold(folds, taken);
      if (fold === undefined) break;
      const scores = await foldScores({ ...job, options }, fold, this.step);
      if (scores) this.scored.push({ fold, scores });
      this.wake();
    }
    this.wake();
  }

  private readonly failed = (error: Error): void => {
    this.failure ??= error;
    this.wake();
  };

  private readonly receive = (reply: FoldReply): void => {
    // Replies after the end are ignored; a signal without events is only noticed here.
    if (!this.over && !this.job.options.signal?.aborted) {
      try {
        this.answer(reply);
      } catch (error) {
        this.failed(error as Error);
      }
    }
    this.wake();
  };

  private answer(reply: FoldReply): void {
    if (reply.type === 'step') this.step();
    else if (reply.type === 'error')
      this.failed(new SouthwellError(reply.code as SouthwellError['code'], reply.message));
    else if (reply.type === 'fold') this.scored.push({ fold: reply.fold, scores: reply.scores });
    else {
      this.job.matrix.arena.adopt(reply.regions);
      this.running--;
    }
  }

  /** Without values that cannot be sent to another thread. */
  private task(): FoldTask {
    const { job, shared, folds, taken } = this;
    const { estimator, y, weights, foldOf, alphas, scoring } = job;
    const { offset, featureNames, timeLimit, products } = job.options;
    return {
      ...{ recipe: estimator.recipe, shared, y, weights, foldOf, alphas, scoring, folds, taken },
      options: { offset, featureNames, timeLimit },
      products: products?.share(),
    };
  }
}

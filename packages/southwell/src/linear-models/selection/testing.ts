// Shared by the tests of folds, quick and long. Not exported from the package.
import { existsSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { afterAll, describe, expect, test } from 'vitest';
import { lasso } from '../index.ts';
import type { CrossValidationState } from './crossValidation.ts';

const [n, p] = [60, 20];
const random = new Random(8);
export const X = DenseMatrix.fromColumnMajor(
  Float64Array.from({ length: n * p }, () => random.normal()),
  n,
  p,
);
export const y = Float64Array.from({ length: n }, (_, i) => X.get(i, 0) - 2 * X.get(i, 3) + random.normal());
export const [points, folds] = [12, 5];
export const given = { nAlphas: points, folds, seed: 3 };

/** Tracks the threads of a test file; returns a function that waits until none is left. */
export function watchedThreads(): () => Promise<unknown> {
  const live = new Set<Worker>();
  const count = (worker: Worker): void => {
    live.add(worker);
    worker.on('exit', () => live.delete(worker));
  };
  process.on('worker', count);
  afterAll(() => void process.off('worker', count));
  // Threads take a while to terminate on a busy machine.
  return async () => await expect.poll(() => live.size, { timeout: 20_000 }).toBe(0);
}

export const built = existsSync(new URL('../../../dist/linear-models/selection/foldWorker.js', import.meta.url));

/** Checks that cross-validations with that many threads resume from the chosen ones of their states. */
export function resumes(threadsTried: readonly number[]): void {
  const noneLeft = watchedThreads();
  describe.each(threadsTried)('%i threads', (threads) => {
    const options = { ...given, threads };

    test('what is resumed keeps no state anew that it was given', async () => {
      const states: CrossValidationState[] = [];
      const checkpoint = { save: (state: unknown) => void states.push(state as CrossValidationState) };
      const whole = await lasso().crossValidate(X, y, { ...options, checkpoint });
      // One from the path, one per fold.
      expect(states).toHaveLength(1 + folds);
      for (const resume of states.slice()) {
        const known = (resume.folds ?? []).filter((scores) => scores !== null).length;
        states.length = 0;
        const rest = await lasso().crossValidate(X, y, { ...options, checkpoint, resume });
        expect(states.map((s) => s.folds!.filter((scores) => scores !== null).length)).toEqual(
          Array.from({ length: folds - known }, (_, k) => known + 1 + k),
        );
        expect(rest.folds).toEqual(whole.folds);
        expect(rest.status).toBe(whole.status);
      }
      await noneLeft();
    });
  });
}

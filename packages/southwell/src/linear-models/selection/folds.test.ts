import { describe, expect, test, vi } from 'vitest';
import { lasso } from '../index.ts';
import type { CrossValidationState } from './crossValidation.ts';
import { built, folds, given, points, resumes, watchedThreads, X, y } from './testing.ts';

const noneLeft = watchedThreads();

/** The folds of a cross-validation as a method that the runner runs. */

// In threads: folds.long.test.ts.
resumes([1]);

describe.each(built ? [1, 3] : [1])('%i threads', (threads) => {
  const options = { ...given, threads };

  test.each(['event', 'flag'] as const)(
    'an abort by %s ends with the folds that are done, and keeps them',
    async (by) => {
      const controller = new AbortController();
      const { signal } = controller;
      let flag = false;
      // As in the command's threads: read at every iterate, and without an event while a thread is at work.
      if (by === 'flag') Object.defineProperty(signal, 'aborted', { get: () => flag });
      const states: CrossValidationState[] = [];
      let after = 0;
      const cut = await lasso().crossValidate(X, y, {
        ...options,
        signal,
        onProgress: (done) => {
          if (flag) after++;
          // In the path and two folds, and in the middle of the third.
          if (done !== 3 * points + 5) return;
          flag = true;
          if (by === 'event') controller.abort();
        },
        checkpoint: { save: (state) => void states.push(state as CrossValidationState) },
      });
      expect(cut.status).toBe('aborted');
      expect(cut.folds.length).toBeLessThan(folds);
      if (threads === 1) expect(cut.folds).toHaveLength(2);
      // Some workers were within other folds.
      expect(after).toBe(0);
      expect((states.at(-1)?.folds ?? []).filter((scores) => scores !== null)).toEqual([...cut.folds]);
      await noneLeft();
    },
  );

  test('an abort between the path and the folds ends at once', async () => {
    const controller = new AbortController();
    const cut = await lasso().crossValidate(X, y, {
      ...options,
      signal: controller.signal,
      onProgress: (done) => done === points && setTimeout(() => controller.abort(), 0),
    });
    expect(cut).toMatchObject({ status: 'aborted', folds: [] });
    expect(cut.path.models).toHaveLength(points);
    await noneLeft();
  });

  test('where a state cannot be kept, that is said, and nothing runs on', async () => {
    let steps = 0;
    const checkpoint = {
      save: (state: unknown) => {
        if ((state as CrossValidationState).folds) throw new Error('The disk is full.');
      },
    };
    const going = lasso().crossValidate(X, y, { ...options, checkpoint, onProgress: () => void steps++ });
    await expect(going).rejects.toThrow('The disk is full.');
    const then = steps;
    await noneLeft();
    expect(steps).toBe(then);
  });

  test('what an observer throws is thrown, and nothing runs on', async () => {
    const onProgress = (done: number) => {
      if (done === 2 * points + 3) throw new Error('Enough.');
    };
    await expect(lasso().crossValidate(X, y, { ...options, onProgress })).rejects.toThrow('Enough.');
    await noneLeft();
  });

  test('all folds done, workers have given their memory back', async () => {
    const adopt = vi.spyOn(X.arena, 'adopt');
    await lasso().crossValidate(X, y, options);
    expect(adopt).toHaveBeenCalledTimes(threads - 1);
    adopt.mockRestore();
    await noneLeft();
  });
});

import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import clustering from './experiments/clustering.ts';
import fewShot from './experiments/few-shot.ts';
import { libraryMethod, type Method } from './lab.ts';

// What the graph and held labels do, the ablations show.
test('classes at random do not pass', async () => {
  const method: Method = {
    classify(support, labels, query, options) {
      const found = libraryMethod.classify(support, labels, query, options);
      const random = new Random(options?.lambda === 0 ? 1 : 2);
      return { ...found, classes: found.classes.map(() => random.integer(5)) };
    },
    *iterates(points, k, W, options) {
      for (const it of libraryMethod.iterates(points, k, W, options)) {
        const random = new Random(1);
        const snapshot = () => {
          const found = it.snapshot();
          return { ...found, assignments: found.assignments.map(() => random.integer(k)) };
        };
        yield { ...it, snapshot };
      }
    },
  };
  // What else they do not pass is among the ablations.
  expect(await outcomesOf([clustering.withMethod(method)], 11)).toMatchObject({ clustering: 'does not hold' });
});

test('an abort ends a run within a twentieth of a second or so of work', async () => {
  const controller = new AbortController();
  const run = fewShot.run({ size: 'quick', seed: 1, signal: controller.signal });
  await run.next();
  controller.abort(new Error('enough'));
  await expect(
    (async () => {
      for await (const _ of run);
    })(),
  ).rejects.toThrow('enough');
});

import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import clustering from './experiments/clustering.ts';
import { libraryMethod, type Method } from './lab.ts';

// The effect of the graph and of held labels is tested by the nulls.
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
  expect(await outcomesOf([clustering.withMethod(method)], 11)).toMatchObject({ clustering: 'does not hold' });
});

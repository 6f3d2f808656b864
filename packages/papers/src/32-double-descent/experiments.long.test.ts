import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import optimisersAtOnce, { optimisers } from './experiments/optimisers.ts';

test('without momentum there is no peak after 2000 steps', async () => {
  const control = optimisersAtOnce.withMethod({ ...optimisers, 'momentum 0.99': optimisers.GD });
  expect((await outcomesOf([control], 11)).optimisers).toBe('does not hold');
});

import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import backpropagation from './experiments/backprop.ts';

test('a few steps by values are those by gradients; by random directions they are not', async () => {
  expect(await outcomesOf([backpropagation], 11, { parameters: { steps: 24 } })).toEqual({
    'equals-backprop': 'holds',
  });
  const random = backpropagation.withMethod({ estimator: 'rge', directions: 12 });
  expect(await outcomesOf([random], 11, { parameters: { steps: 60 } })).not.toEqual({ 'equals-backprop': 'holds' });
});

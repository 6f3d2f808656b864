import { lowRankAdamW } from 'southwell/optimisers';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import training from './experiments/training.ts';

test('an optimiser that does not move is not close to AdamW', async () => {
  const still = training.withMethod((options) => lowRankAdamW({ ...options, rate: () => 0 }));
  const outcomes = await outcomesOf([still], 11, { parameters: { steps: 50 } });
  expect(['does not hold', 'partly']).toContain(outcomes.quality);
});

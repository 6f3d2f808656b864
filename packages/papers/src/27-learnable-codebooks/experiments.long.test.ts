import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import network from './experiments/network.ts';

test('a run of the network gives events of every kind', async () => {
  const found = await outcomesOf([network], 5, { whole: true });
  expect(found['two-bits']).toBe('holds');
});

import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import network from './experiments/network.ts';
import rules from './experiments/rules.ts';
import { learn } from './lab.ts';

test('a run of the network gives events of every kind', async () => {
  const found = await outcomesOf([network], 5, { whole: true });
  expect(found['two-bits']).toBe('holds');
});

test('without anything learned no claim on the rules holds', async () => {
  const control = rules.withMethod((model, batches, options) =>
    learn(model, batches, { ...options, mapping: 'none', values: false }),
  );
  expect(await outcomesOf([control], 5)).toEqual({ 'gradient-rule': 'does not hold', 'fair-start': 'does not hold' });
});

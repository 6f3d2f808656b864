import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import rules from './experiments/rules.ts';
import { learn } from './lab.ts';

test('without anything learned no claim on the rules holds', async () => {
  const control = rules.withMethod((model, batches, options) =>
    learn(model, batches, { ...options, mapping: 'none', values: false }),
  );
  expect(await outcomesOf([control], 5)).toEqual({ 'gradient-rule': 'does not hold', 'fair-start': 'does not hold' });
});

test('an abort ends a run by its reason', () => expectAbort(rules));

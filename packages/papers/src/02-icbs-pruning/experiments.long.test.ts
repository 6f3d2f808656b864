import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import digits from './experiments/digits.ts';
import parts from './experiments/parts.ts';
import { pruned } from './lab.ts';

test('a run to its end', async () => {
  const outcomes = await outcomesOf([digits], 11, { whole: true });
  expect(outcomes).toMatchObject({ 'beats-wanda': 'holds', 'time-for-quality': 'holds' });
});

test('random choices in place of the method are no gain, and have no parts that contribute', async () => {
  const chance: typeof pruned = (subject, sizes, options, look, pause) =>
    pruned(subject, sizes, { ...options, init: 'random', steps: 0 }, look, pause);
  const outcomes = await outcomesOf([digits.withMethod(chance), parts.withMethod(chance)], 11);
  expect(outcomes).toEqual({
    'beats-wanda': 'does not hold',
    'time-for-quality': 'does not hold',
    'beside-reconstruction': 'does not hold',
    'interactions-matter': 'does not hold',
    'two-ends': 'does not hold',
    tabu: 'does not hold',
    signs: 'does not hold',
  });
});

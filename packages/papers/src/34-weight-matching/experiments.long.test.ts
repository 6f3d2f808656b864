import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import pairs from './experiments/pairs.ts';
import width from './experiments/width.ts';
import { matchedBy } from './matched.ts';

test('pairs of networks of digits; runs can be stopped', async () => {
  expect(await outcomesOf([pairs], 12, { whole: true })).toMatchObject({
    barrier: 'holds',
    'strong-directions': 'holds',
  });
  await expectAbort(pairs);
});

test('a random order is no match', async () => {
  const control: typeof matchedBy = (_, ...rest) => matchedBy('random', ...rest);
  expect(await outcomesOf([pairs.withMethod(control), width.withMethod(control)], 12)).toMatchObject({
    barrier: 'does not hold',
    alignment: 'does not hold',
    'strong-directions': 'does not hold',
    width: 'does not hold',
  });
});

import { expect, test } from 'vitest';
import { expectAbort, lacking, outcomesOf } from '../testing.ts';
import digits from './experiments/digits.ts';
import gaussian from './experiments/gaussian.ts';
import stories from './experiments/stories.ts';
import { compressed } from './lab.ts';

test('Gaussian weights', async () => {
  expect(await outcomesOf([gaussian], 1001, { whole: true })).toEqual({
    'proxy-loss': 'holds',
    monotone: 'holds',
    'discrete-step': 'holds',
    'group-selection': 'holds',
  });
}, 120_000);

test('digits: the method, and NoWag-P in its place', async () => {
  expect(await outcomesOf([digits], 1001)).toMatchObject({ 'network-gap': 'holds' });
  const nowag = digits.withMethod((subject, _, reconstruct, pause) =>
    compressed(subject, { method: 'nowag', pattern: '2:4' }, reconstruct, pause),
  );
  expect(await outcomesOf([nowag], 1001)).toMatchObject({ 'network-gap': 'does not hold' });
}, 300_000);

test.skipIf(lacking(stories))(
  'a language model has a verdict (skipped where npm run parts has not found stories260k)',
  async () => {
    expect(Object.keys(await outcomesOf([stories], 1001))).toEqual(['stories']);
  },
  300_000,
);

test('stops when told', () => expectAbort(digits));

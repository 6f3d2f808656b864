import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import bioDiesel from './experiments/bio-diesel.ts';
import mixture from './experiments/mixture.ts';
import randomNetworks from './experiments/random-networks.ts';
import { directSearch } from './rivals.ts';

test('the reactor and mixtures of digits', async () => {
  expect(await outcomesOf([bioDiesel, mixture], 12, { whole: true })).toMatchObject({ 'true-optimum': 'holds' });
});

test('direct search does not need fewer passes than itself', async () => {
  expect(await outcomesOf([randomNetworks.withMethod(directSearch)], 12)).toEqual({
    'fewer-evaluations': 'does not hold',
    'no-stall': 'does not hold',
  });
});

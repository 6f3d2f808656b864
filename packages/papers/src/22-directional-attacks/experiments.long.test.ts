import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import bioDiesel from './experiments/bio-diesel.ts';
import counterfactual from './experiments/counterfactual.ts';
import mixture from './experiments/mixture.ts';
import randomNetworks from './experiments/random-networks.ts';
import { directSearch } from './rivals.ts';

test('the reactor, mixtures of digits and grids', async () => {
  expect(await outcomesOf([bioDiesel, mixture, counterfactual], 12, { whole: true })).toEqual({
    'bio-diesel': 'partly',
    'true-optimum': 'holds',
    mixture: 'holds',
    counterfactual: 'holds',
  });
});

test('direct search is not ahead of itself', async () => {
  const controls = [randomNetworks, mixture, counterfactual].map((one) => one.withMethod(directSearch));
  expect(await outcomesOf(controls, 12)).toEqual({
    'fewer-evaluations': 'does not hold',
    'no-stall': 'does not hold',
    mixture: 'does not hold',
    counterfactual: 'does not hold',
  });
});

import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import counterfactual from './experiments/counterfactual.ts';
import kinks from './experiments/kinks.ts';
import { attacksAlone, directSearch } from './rivals.ts';

test('the hybrid reaches the bottom of kinked valleys, and attacks alone do not', async () => {
  expect(await outcomesOf([kinks], 11)).toEqual({ kinks: 'holds' });
  expect(await outcomesOf([kinks.withMethod(attacksAlone)], 11)).toEqual({ kinks: 'does not hold' });
});

test('the hybrid is ahead of direct search on grids, and direct search is not ahead of itself', async () => {
  expect(await outcomesOf([counterfactual], 11)).toEqual({ counterfactual: 'holds' });
  expect(await outcomesOf([counterfactual.withMethod(directSearch)], 11)).toEqual({ counterfactual: 'does not hold' });
  await expectAbort(counterfactual);
});

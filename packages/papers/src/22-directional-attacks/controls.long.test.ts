import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import counterfactual from './experiments/counterfactual.ts';
import kinks from './experiments/kinks.ts';
import { attacksAlone } from './rivals.ts';

test('the hybrid reaches the bottom of kinked valleys, and attacks alone do not; runs can be stopped', async () => {
  expect(await outcomesOf([kinks], 11)).toEqual({ kinks: 'holds' });
  expect(await outcomesOf([kinks.withMethod(attacksAlone)], 11)).toEqual({ kinks: 'does not hold' });
  await expectAbort(counterfactual);
});

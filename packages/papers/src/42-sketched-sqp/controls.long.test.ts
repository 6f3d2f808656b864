import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import heatControl from './experiments/heat-control.ts';
import logistic from './experiments/logistic.ts';
import type { Method } from './lab.ts';
import { gmresSqp } from './rivals.ts';

const rival: Method = (problem, { tol }) => gmresSqp(problem, { tol: tol! });

test('a handful of outer steps, and few projections on blocks; more with GMRES ℓ₁-SQP', async () => {
  expect(await outcomesOf([heatControl], 11)).toEqual({ 'few-outer-steps': 'holds', 'row-blocks': 'holds' });
  expect(await outcomesOf([heatControl.withMethod(rival)], 11)).toMatchObject({ 'few-outer-steps': 'does not hold' });
});

test('GMRES ℓ₁-SQP does not take half of its own steps; runs can be stopped', async () => {
  expect(await outcomesOf([logistic.withMethod(rival)], 11)).not.toEqual({ logistic: 'holds' });
  await expectAbort(heatControl);
});

import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import collapse from './experiments/collapse.ts';
import orthogonal from './experiments/orthogonal.ts';
import stablemax from './experiments/stablemax.ts';
import { crossEntropyAt } from './lab.ts';

test('without the scaling direction addition is learned, and with it the gradient is that', async () => {
  const parameters = { epochs: 150 };
  expect(await outcomesOf([orthogonal], 11, { parameters })).toEqual({
    'orthogonal-gradient': 'holds',
    'scaling-direction': 'holds',
  });
});

test('an optimiser that is not wrapped learns by heart', async () => {
  const parameters = { epochs: 150 };
  const outcomes = await outcomesOf([orthogonal.withMethod((optimiser) => optimiser)], 11, { parameters });
  expect(outcomes).toMatchObject({ 'orthogonal-gradient': 'does not hold' });
});

// That single precision collapses later than half is in the verdicts that are released.
test('half precision beside itself collapses no earlier, and its softmax is no StableMax', async () => {
  const parameters = { epochs: 600 };
  expect(await outcomesOf([collapse.withMethod(() => 'f16')], 11, { parameters })).toEqual({
    'collapse-order': 'does not hold',
  });
  const softmax = stablemax.withMethod({ loss: crossEntropyAt('f16'), precision: 'f16' });
  expect(await outcomesOf([softmax], 11, { parameters })).toEqual({ stablemax: 'does not hold' });
  expect(await outcomesOf([stablemax], 11, { parameters: { epochs: 150 } })).toEqual({ stablemax: 'holds' });
});

test('an abort ends a run by its reason, soon', () => expectAbort(collapse));

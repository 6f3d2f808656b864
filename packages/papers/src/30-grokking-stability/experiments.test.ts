import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import collapse from './experiments/collapse.ts';
import orthogonal from './experiments/orthogonal.ts';
import stablemax from './experiments/stablemax.ts';
import { adam, addition, crossEntropyAt, looks, training } from './lab.ts';

const none = async () => {};

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
test('where nothing collapses there is no order, and a softmax is no StableMax', async () => {
  const parameters = { epochs: 100 };
  expect(await outcomesOf([collapse], 11, { parameters })).toEqual({ 'collapse-order': 'does not hold' });
  const softmax = stablemax.withMethod({ loss: crossEntropyAt('f16'), precision: 'f16' });
  expect(await outcomesOf([softmax], 11, { parameters: { epochs: 450 } })).toEqual({ stablemax: 'does not hold' });
  expect(await outcomesOf([stablemax], 11, { parameters })).toEqual({ stablemax: 'holds' });
});

test('a small network collapses in half precision before it does in single precision', async () => {
  const first = async (precision: 'f16' | 'f32') => {
    const course = { loss: crossEntropyAt(precision), precision, epochs: 400, looksAt: looks(10) };
    for await (const look of training(
      addition(5, 0.8, 24, 1),
      { ...course, optimiser: adam(0.02, 0.99, 1e-30) },
      none,
    )) {
      if (look.collapsed >= 0.25) return look.epoch;
    }
    return Number.POSITIVE_INFINITY;
  };
  const half = await first('f16');
  expect(half).toBeLessThan(400);
  expect(await first('f32')).toBeGreaterThan(1.5 * half);
});

test('an abort ends a run by its reason, soon', () => expectAbort(collapse));

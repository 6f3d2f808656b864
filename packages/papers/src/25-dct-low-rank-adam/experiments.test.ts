import { DenseMatrix } from 'southwell';
import { lowRankAdamW } from 'southwell/optimisers';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import bytes from './experiments/bytes.ts';
import rotation from './experiments/rotation.ts';
import { type Left, libraryChoice } from './gradients.ts';

const parameters = { steps: 60 };

test('moments that never follow, and moments of all vectors, are no low-rank optimiser', async () => {
  const staying = rotation.withMethod((options) => lowRankAdamW({ ...options, rotate: false }));
  expect(await outcomesOf([staying], 11, { parameters })).toEqual({ rotation: 'does not hold' });
  const whole = bytes.withMethod((options) => lowRankAdamW({ ...options, rank: 1000 }));
  expect(await outcomesOf([whole], 11, { parameters })).toEqual({ 'memory-and-time': 'does not hold' });
});

test('the vectors that are aligned worst leave all of a gradient that one vector holds', () => {
  // Of all vectors of the basis but r, the best: what is left by the rest is what they saw.
  const worst: Left = (G, r) => 1 - libraryChoice(G, G.cols - r);
  expect(worst(DenseMatrix.fromRows([[1, 1, 1, 1]]), 3)).toBe(1);
});

test('an abort ends a run by its reason, soon', () => expectAbort(rotation));

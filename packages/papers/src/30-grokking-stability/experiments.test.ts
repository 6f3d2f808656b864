import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import collapse from './experiments/collapse.ts';
import { adam, addition, looks, softmaxAt, training } from './lab.ts';

const none = async () => {};

// Claims without their ingredients are among the nulls.
test('a small network collapses in half precision before it does in single precision', async () => {
  const first = async (precision: 'f16' | 'f32') => {
    const course = { tried: softmaxAt(precision), epochs: 400, looksAt: looks(10) };
    for await (const look of training(
      addition({ modulus: 5, trained: 0.8, hidden: 24 }, 1),
      { ...course, optimiser: adam({ rate: 0.02, beta2: 0.99, epsilon: 1e-30 }) },
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

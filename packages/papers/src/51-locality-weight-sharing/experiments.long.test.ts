import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import controls from './experiments/controls.ts';
import locality from './experiments/locality.ts';
import { itself, shuffled } from './lab.ts';

test('a net against itself saves nothing', async () => {
  const wide = locality.withMethod({ ...itself, fcn: 'lcn' });
  expect(await outcomesOf([wide], 11)).toEqual({ locality: 'does not hold' });
});

test('rows are shuffled alike', () => {
  expect([...shuffled(Int32Array.of(2, 0, 1))(Float64Array.of(1, 2, 3, 4, 5, 6))]).toEqual([3, 1, 2, 6, 4, 5]);
});

test('an abort ends a run by its reason', () => expectAbort(controls));

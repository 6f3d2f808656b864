import { expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { expectAbort, outcomesOf } from '../testing.ts';
import scale from './experiments/scale.ts';

const outcomes = (e: Experiment) => outcomesOf([e], 11, { whole: true });

test('the claims on equal noise hold, on a seed of the tests alone', async () => {
  expect(await outcomes(scale)).toEqual({ 'one-weight': 'holds', 'scale-estimate': 'holds' });
});

test('an abort ends a run by its reason, soon', () => expectAbort(scale));

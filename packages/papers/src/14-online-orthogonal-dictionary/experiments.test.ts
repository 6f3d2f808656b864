import { expect, test } from 'vitest';
import type { Experiment } from '../experiment.ts';
import { expectAbort, outcomesOf } from '../testing.ts';
import drift from './experiments/drift.ts';
import recovery from './experiments/recovery.ts';
import sensors from './experiments/sensors.ts';
import stored from './experiments/stored.ts';

const outcomes = (experiment: Experiment) => outcomesOf([experiment], 11, { whole: true });

test('every claim holds, on a seed of the tests alone', async () => {
  expect(await outcomes(recovery)).toEqual({ recovery: 'holds', 'gap-rate': 'holds', 'within-the-ball': 'holds' });
  expect(await outcomes(stored)).toEqual({ 'beats-stored': 'holds' });
  expect(await outcomes(drift)).toEqual({ drift: 'holds' });
});

test('signals are kept by every basis in a table', async () => {
  for await (const event of sensors.run({ size: 'quick', seed: 11 })) {
    if (event.kind !== 'table') continue;
    expect(event.rows).toHaveLength(2);
    for (const [, own, batch] of event.rows) expect(own).toBeGreaterThan(Number(batch) - 2);
  }
});

test('an abort ends a run by its reason, soon', () => expectAbort(recovery));

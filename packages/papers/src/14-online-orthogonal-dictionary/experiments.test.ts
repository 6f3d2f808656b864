import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import recovery from './experiments/recovery.ts';
import sensors from './experiments/sensors.ts';

test('signals are kept by every basis in a table', async () => {
  for await (const event of sensors.run({ size: 'quick', seed: 11 })) {
    if (event.kind !== 'table') continue;
    expect(event.rows).toHaveLength(2);
    for (const [, own, batch] of event.rows) expect(own).toBeGreaterThan(Number(batch) - 2);
  }
});

test('an abort ends a run by its reason, soon', () => expectAbort(recovery));

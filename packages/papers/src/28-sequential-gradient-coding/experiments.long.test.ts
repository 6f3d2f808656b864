import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { lacking, outcomesOf } from '../testing.ts';
import measured from './experiments/measured.ts';
import runTime from './experiments/run-time.ts';
import seconds from './experiments/seconds.ts';
import slope from './experiments/slope.ts';
import training from './experiments/training.ts';

test('run times, on paths that chose the code and on fresh ones', async () => {
  expect(await outcomesOf([runTime, slope], 11)).toEqual({
    ...{ 'run-time': 'holds', 'fresh-rounds': 'holds', slope: 'holds' },
  });
  const there = runTime.withMethod((_, later) => later);
  expect(await outcomesOf([there], 11)).toMatchObject({ 'fresh-rounds': 'does not hold' });
}, 120_000);

test('the same parameters with and without a code', async () => {
  expect(await outcomesOf([training], 11)).toEqual({ 'exact-training': 'holds' });
}, 120_000);

test.skipIf(lacking(measured))(
  'measured delays have a verdict (skipped where npm run parts has not found cloud_delays)',
  async () => {
    expect(await outcomesOf([measured], 11)).toEqual({ measured: 'partly' });
  },
  120_000,
);

const built = existsSync(fileURLToPath(new URL('../../dist/28-sequential-gradient-coding/slots.js', import.meta.url)));
test.skipIf(lacking(seconds) || !built)(
  'threads save seconds, and waiting for all saves none (skipped where npm run parts has not found mnist_t10k, or without a build)',
  async () => {
    expect(Object.keys(await outcomesOf([seconds], 11))).toEqual(['seconds']);
    const waiting = seconds.withMethod(({ n }) => ({ kind: 'none', n }));
    expect(await outcomesOf([waiting], 11)).toEqual({ seconds: 'does not hold' });
  },
  180_000,
);

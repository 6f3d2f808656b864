import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import damping from './experiments/damping.ts';
import digits from './experiments/digits.ts';
import noiseless from './experiments/noiseless.ts';
import noisy from './experiments/noisy.ts';
import type { Method } from './lab.ts';

const SEED = 41;

test('on least squares the claims hold', async () => {
  const holds = { rounds: 'holds', 'noise-floor': 'holds', damping: 'holds' };
  expect(await outcomesOf([noiseless, noisy, damping], SEED)).toEqual(holds);
});

test.each<[string, Method]>([
  ['plain error feedback', () => ({ method: 'ec' })],
  ['compressed gradients', () => ({ method: 'csgd' })],
])('no claim holds for %s', async (_, method) => {
  const found = await outcomesOf(
    [noiseless, noisy, damping].map((one) => one.withMethod(method)),
    SEED,
  );
  for (const outcome of Object.values(found)) expect(outcome).not.toBe('holds');
});

test('for digits compressed gradients do not do', async () => {
  const found = await outcomesOf([digits.withMethod(() => ({ method: 'csgd' }))], SEED);
  expect(found.digits).not.toBe('holds');
});

import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import attacks from './experiments/attacks.ts';
import augmentation from './experiments/augmentation.ts';

const SEED = 41;
/** Each experiment takes half a minute of one core, which others may use as well. */
const TIMEOUT = 400_000;
const mean = () => ({ rule: 'mean' }) as const;

test(
  'without attack little is lost',
  async () => {
    expect((await outcomesOf([attacks], SEED))['no-attack']).toBe('holds');
  },
  TIMEOUT,
);

test(
  'the mean is not robust to attacks',
  async () => {
    const found = await outcomesOf([attacks.withMethod(mean)], SEED);
    expect(found).toMatchObject({ 'worst-case': 'does not hold', subspace: 'does not hold' });
  },
  TIMEOUT,
);

test(
  'nor to random gradients beside noise',
  async () => {
    const found = await outcomesOf([augmentation.withMethod(mean)], SEED);
    expect(found).toEqual({ augmentation: 'does not hold', 'fewer-iterations': 'does not hold' });
  },
  TIMEOUT,
);

import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import attacks from './experiments/attacks.ts';
import augmentation from './experiments/augmentation.ts';

const SEED = 41;

test('without attack little is lost, and every claim has a verdict', async () => {
  const found = await outcomesOf([attacks, augmentation], SEED);
  expect(Object.keys(found).sort()).toEqual(
    ['augmentation', 'fewer-iterations', 'lie', 'no-attack', 'subspace', 'worst-case'].sort(),
  );
  expect(found['no-attack']).toBe('holds');
});

test('what needs robustness does not hold for the mean', async () => {
  const mean = () => ({ rule: 'mean' }) as const;
  const found = await outcomesOf([attacks.withMethod(mean), augmentation.withMethod(mean)], SEED);
  for (const claim of ['worst-case', 'subspace', 'augmentation', 'fewer-iterations'])
    expect([claim, found[claim]]).toEqual([claim, 'does not hold']);
});

test('the mean of unit gradients is not more robust than itself', async () => {
  const found = await outcomesOf([attacks.withMethod(() => ({ rule: 'normalized-mean' }))], SEED);
  expect(found.subspace).toBe('does not hold');
});

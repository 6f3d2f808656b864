import { Random } from 'southwell';
import { chebTuckerFromSeparable, potentialTerms, separateRange } from 'southwell/functional-tensors';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import functions from './experiments/functions.ts';
import particles from './experiments/particles.ts';
import wholeKernel from './experiments/whole-kernel.ts';
import { particles as drawn, exactSlice, newtonKernel } from './lab.ts';

test('at too low a degree potentials are wrong', async () => {
  const low = particles.withMethod(({ positions, charges }, kernel, rate) =>
    chebTuckerFromSeparable(potentialTerms(positions, charges, separateRange(kernel, rate).long), { degree: 24 }),
  );
  expect(await outcomesOf([low], 11)).toEqual({ particles: 'does not hold' });
});

test('a slice is the sum at each place', () => {
  const list = drawn(3, new Random(1));
  const kernel = newtonKernel();
  const [x, y, z] = [0.3, -0.2, 0.1];
  const direct = list.positions.reduce((sum, p, n) => {
    const d = Math.hypot(x - p[0], y - p[1], z - p[2]);
    return (
      sum + list.charges[n] * kernel.rates.reduce((s, t, k) => s + kernel.weights[k] * Math.exp(-((t * d) ** 2)), 0)
    );
  }, 0);
  expect(exactSlice(list, kernel, Number.POSITIVE_INFINITY, [x, y], z)[1]).toBeCloseTo(direct, 10);
});

test('an abort ends a run by its reason, soon', async () => {
  await expectAbort(functions);
  await expectAbort(wholeKernel);
});

import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import functions from './experiments/functions.ts';
import particles from './experiments/particles.ts';
import wholeKernel from './experiments/whole-kernel.ts';
import { particles as drawn, exactSlice, LONG, libraryPotential, newtonKernel } from './lab.ts';

test('on a seed of the tests alone potentials have few ranks', async () => {
  expect(await outcomesOf([particles], 11)).toEqual({ particles: 'holds' });
});

test('the whole kernel fails; one without a short range does not', async () => {
  expect(await outcomesOf([wholeKernel], 11)).toEqual({ 'split-needed': 'holds' });
  const smooth = wholeKernel.withMethod((list, kernel) => libraryPotential(list, kernel, LONG));
  expect(await outcomesOf([smooth], 11)).toEqual({ 'split-needed': 'does not hold' });
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
});

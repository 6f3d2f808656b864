import { analyseDegeneracy } from 'southwell/geometry';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import corridor from './experiments/corridor.ts';
import cylinder from './experiments/cylinder.ts';
import tunnel, { type Name } from './experiments/tunnel.ts';
import { exactStep } from './lab.ts';

test('position, turn and axis do not come out by other remedies', async () => {
  expect(await outcomesOf([cylinder.withMethod('me-sr')], 11)).toEqual({
    cylinder: 'does not hold',
    conditioning: 'does not hold',
  });
  const whole: Name = (H) => {
    const { rotation, translation } = analyseDegeneracy(H);
    const largest = Math.max(...rotation.values, ...translation.values);
    const [x, y, z] = Array.from(translation.values, (v) => 10 * v < largest);
    return { rotation, translation: { ...translation, mask: [x, y, z] } };
  };
  expect(await outcomesOf([tunnel.withMethod(whole)], 11)).toEqual({ 'names-the-axis': 'does not hold' });
});

test('the exact step solves the system', () => {
  const H = Float64Array.from({ length: 36 }, (_, k) => 1 / (Math.floor(k / 6) + (k % 6) + 1) + (k % 7 === 0 ? 1 : 0));
  const x = exactStep(H, Float64Array.of(1, 2, 3, 4, 5, 6))!;
  for (let i = 0; i < 6; i++) expect(x.reduce((sum, v, j) => sum + H[6 * i + j] * v, 0)).toBeCloseTo(i + 1, 12);
  expect(exactStep(new Float64Array(36), new Float64Array(6))).toBeUndefined();
});

test('an abort ends a run by its reason, soon', () => expectAbort(corridor));

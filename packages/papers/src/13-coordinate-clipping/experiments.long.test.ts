import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import along from './experiments/along.ts';
import sharpness from './experiments/sharpness.ts';
import toy from './experiments/toy.ts';
import type { Clip } from './lab.ts';

/** As many coordinates are cut, but any: not the largest. */
const anyCoordinates: Clip = (direction, fraction) => {
  const random = new Random(1);
  return direction.map((v) => (random.uniform() < fraction ? 0 : v));
};
const parameters = { steps: 40 };

test('without clipping, and with that of coordinates which are not the largest, the claims on directions do not hold', async () => {
  const none: Clip = (direction) => direction.slice();
  const outcomes = await outcomesOf([toy.withMethod(none), sharpness.withMethod(none)], 11, { parameters });
  expect(outcomes).toMatchObject({ 'steep-coordinate': 'does not hold', 'clipped-sharpness': 'does not hold' });
  const any = await outcomesOf([along.withMethod(anyCoordinates)], 11, { parameters });
  expect(['does not hold', 'undecided']).toContain(any['local-decrease']);
});

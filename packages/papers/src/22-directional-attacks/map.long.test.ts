import { expect, test } from 'vitest';
import { pauses } from '../pauses.ts';
import { bioDiesel, SCALE } from './bioDiesel.ts';
import { mapOf, planeOf } from './map.ts';

test('the plane of the reactor: its optimum on the limit of energy, and contours below it', async () => {
  const plane = await planeOf(await bioDiesel(), 500, pauses({ size: 'quick', seed: 1 }));
  expect(plane.best.value).toBeCloseTo(1.878, 2.5);
  expect(plane.best.t).toBeCloseTo(SCALE[0], 9);
  expect(plane.best.t * plane.best.q).toBeCloseTo(500, 6);
  const path = [Float64Array.of(1 / 3, 0.3)];
  const picture = mapOf(plane, [{ name: 'a method', path }]);
  if (picture.type !== 'scatter') throw new Error('The map is points in a plane.');
  expect(picture.points).toEqual([
    { x: 40, y: expect.closeTo(6, 12), group: 0 },
    { x: plane.best.t, y: plane.best.q, group: 1, marked: true },
  ]);
  for (const { x, y } of picture.lines!)
    for (const [k, t] of x.entries()) expect(t * y[k]).toBeLessThanOrEqual(500 + 1e-9);
});

import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  alignPairs,
  coarsePose,
  expRotation,
  type Pose,
  poseDistance,
  prepareCloud,
  transformPoints,
} from './index.ts';
import { broughtTogether, landscape } from './testing.ts';

test('pairs are laid on each other, of three points or many', () => {
  const random = new Random(1);
  const pose: Pose = { rotation: expRotation([2, -1, 0.5]), translation: Float64Array.of(5, 6, 7) };
  for (const n of [3, 50]) {
    const points = Float64Array.from({ length: 3 * n }, () => random.normal());
    const pairs = Array.from({ length: 2 * n }, (_, k) => k >> 1);
    const found = alignPairs(points, transformPoints(pose, points), pairs);
    expect(poseDistance(found, pose)).toEqual({ rotation: expect.closeTo(0, 10), translation: expect.closeTo(0, 10) });
  }
});

test('clouds that lie anywhere are brought together, half of them shared, and then refined', () =>
  broughtTogether(2, [0.3, 2.5, -1]));

test('where there is nothing to match there is no pose, or one that says how little it knows', () => {
  const point = prepareCloud([[1, 2, 3]]);
  expect(coarsePose(point, prepareCloud(landscape(500, 1))).pose).toBeUndefined();
  const line = prepareCloud(Float64Array.from({ length: 600 }, (_, k) => (k % 3 === 0 ? k : 0)));
  const guess = coarsePose(line, line);
  expect(guess.pose?.translation.every(Number.isFinite) ?? true).toBe(true);
  expect(() => coarsePose(point, point, { mostPoints: 1 })).toThrow(/mostPoints/);
});

// Shared by the tests of geometry. Not exported from the package.
import { Random } from '@southwell/numerics/core';
import { expect } from 'vitest';
import {
  coarsePose,
  expRotation,
  invertPose,
  type Pose,
  poseDistance,
  prepareCloud,
  registerClouds,
  transformPoints,
} from './index.ts';

/**
 * A landscape of hills in a range of x, sampled by points drawn anew each time, without repetition.
 * @param half The hills lie in −half … half along x.
 */
export function hills(
  n: number,
  seed: number,
  from: number,
  to: number,
  { half, count }: { half: number; count: number },
): Float64Array {
  const random = new Random(seed);
  const shape = new Random(5);
  const tops = Array.from({ length: count }, () => [
    2 * half * shape.uniform() - half,
    20 * shape.uniform() - 10,
    1 + 2 * shape.uniform(),
    0.6 + shape.uniform(),
  ]);
  const out = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [x, y] = [from + (to - from) * random.uniform(), 20 * random.uniform() - 10];
    const z = tops.reduce((sum, [a, b, h, w]) => sum + h * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * w * w)), 0);
    out.set([x, y, z], 3 * i);
  }
  return out;
}

/** A landscape of twenty-five hills. */
export const landscape = (n: number, seed: number, from = -10, to = 10) =>
  hills(n, seed, from, to, { half: 10, count: 25 });

/** Asserts that a cloud that shares half of another is registered to it from any initial pose. */
export function broughtTogether(seed: number, phi: readonly number[]): void {
  const target = prepareCloud(landscape(6000, 1, -10, 6));
  const pose: Pose = { rotation: expRotation(phi), translation: Float64Array.of(100, -50, 20) };
  const source = prepareCloud(transformPoints(invertPose(pose), landscape(6000, seed, -6, 10)));
  const guess = coarsePose(source, target);
  expect(guess.inliers).toBeGreaterThan(4 * guess.byChance);
  expect(guess.overlap).toBeGreaterThan(0.6);
  const { pose: found } = registerClouds(source, target, { initialPose: guess.pose, maxDistance: 0.3 });
  const off = poseDistance(found, pose);
  expect(off.rotation).toBeLessThan(0.01);
  expect(coarsePose(source, target)).toEqual(guess);
}

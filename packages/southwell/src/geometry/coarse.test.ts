import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  alignPairs,
  coarsePose,
  expRotation,
  invertPose,
  type Pose,
  poseDistance,
  prepareCloud,
  registerClouds,
  transformPoints,
} from './index.ts';
import { hills } from './testing.ts';

const landscape = (n: number, seed: number, from = -10, to = 10) => hills(n, seed, from, to, { half: 10, count: 25 });

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

test('clouds that lie anywhere are brought together, half of them shared, and then refined', () => {
  const target = prepareCloud(landscape(6000, 1, -10, 6));
  for (const [seed, phi] of [
    [2, [0.3, 2.5, -1]],
    [3, [3, 0, 0.2]],
  ] as const) {
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
});

test('where there is nothing to match there is no pose, or one that says how little it knows', () => {
  const point = prepareCloud([[1, 2, 3]]);
  expect(coarsePose(point, prepareCloud(landscape(500, 1))).pose).toBeUndefined();
  const line = prepareCloud(Float64Array.from({ length: 600 }, (_, k) => (k % 3 === 0 ? k : 0)));
  const guess = coarsePose(line, line);
  expect(guess.pose?.translation.every(Number.isFinite) ?? true).toBe(true);
  expect(() => coarsePose(point, point, { mostPoints: 1 })).toThrow(/mostPoints/);
});

const scans = fileURLToPath(new URL('../../../../../shared/data/bunny_scans', import.meta.url));
test.skipIf(!existsSync(scans))(
  'two scans of a rabbit, one of them turned by any angle (needs ../shared/data/bunny_scans)',
  () => {
    const read = (name: string) => {
      const rows = readFileSync(`${scans}/${name}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number));
      return Float64Array.from(rows.filter((row) => row.length === 3).flat());
    };
    const [front, side] = [read('bun000.ply'), read('bun045.ply')];
    // The poses that came with the scans: 34.27° apart.
    const [x, y, z, w] = [0.00548449, -0.294635, -0.0038555, 0.955586];
    const s = Math.sqrt(x * x + y * y + z * z);
    const told: Pose = {
      rotation: expRotation([x, y, z].map((v) => (-2 * Math.atan2(s, w) * v) / s)),
      translation: Float64Array.of(-0.0520211, -0.000383981, -0.0109223),
    };
    const target = prepareCloud(front, { voxel: 0.002 });
    for (const phi of [
      [0, 0, 0],
      [1, 2, -1],
    ]) {
      const extra: Pose = { rotation: expRotation(phi), translation: Float64Array.of(1, 2, 3) };
      const source = prepareCloud(transformPoints(extra, side), { voxel: 0.002 });
      const guess = coarsePose(source, target);
      const { pose } = registerClouds(source, target, {
        initialPose: guess.pose,
        maxDistance: 0.004,
        tolerances: { rotation: 1e-6, translation: 1e-7 },
        maxIterations: 100,
      });
      const back = transformPoints(pose, transformPoints(extra, side.slice(0, 300)));
      const should = transformPoints(told, side.slice(0, 300));
      const off = Math.max(...back.map((v, k) => Math.abs(v - should[k])));
      expect(off).toBeLessThan(0.001);
    }
  },
);

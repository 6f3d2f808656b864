import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  composePoses,
  expRotation,
  invertPose,
  type Pose,
  poseDistance,
  poseOf,
  prepareCloud,
  registerPair,
  transformPoints,
} from '../index.ts';
import { clutter, sample, surfaces } from './scenes.ts';

test.each([false, true])(
  'a part of which half is hidden is found in clutter, or the clutter about it: %s',
  (reverse) => {
    const placed: Pose = { rotation: expRotation([0.4, -0.7, 2]), translation: Float64Array.of(1.5, -2, 1) };
    const scene = prepareCloud(clutter(1, (p) => [...transformPoints(placed, Float64Array.from(p))]));
    const part = prepareCloud(sample(surfaces.potato, 2500, 2));
    const { pose, agreement } = reverse ? registerPair(scene, part) : registerPair(part, scene);
    const off = poseDistance(reverse ? invertPose(pose) : pose, placed);
    expect(off.rotation).toBeLessThan(0.05);
    expect(off.translation).toBeLessThan(0.05);
    expect(agreement.verdict).toBe('agrees');
  },
);

const pair = fileURLToPath(new URL('../../../../../../shared/data/lidar_pair', import.meta.url));

/** Points of a binary PLY with four float32 a point. */
function pointsIn(file: string): Float64Array {
  const bytes = readFileSync(`${pair}/${file}`);
  const start = bytes.indexOf('end_header\n') + 'end_header\n'.length;
  const n = (bytes.length - start) / 16;
  return Float64Array.from({ length: 3 * n }, (_, k) =>
    bytes.readFloatLE(start + 16 * Math.floor(k / 3) + 4 * (k % 3)),
  );
}

test.skipIf(!existsSync(pair))(
  'two lidar scans, one of them rotated by ten random yaws (needs ../shared/data/lidar_pair)',
  () => {
    const truth = poseOf(readFileSync(`${pair}/T_target_source.txt`, 'utf8').trim().split(/\s+/).map(Number));
    const [source, target] = ['source.ply', 'target.ply'].map(pointsIn);
    const to = prepareCloud(target, { voxel: 0.25 });
    const random = new Random(11);
    const found = Array.from({ length: 10 }, () => {
      const yaw: Pose = {
        rotation: expRotation([0, 0, Math.PI * (2 * random.uniform() - 1)]),
        translation: new Float64Array(3),
      };
      const { pose, agreement } = registerPair(prepareCloud(transformPoints(yaw, source), { voxel: 0.25 }), to);
      const off = poseDistance(pose, composePoses(truth, invertPose(yaw)));
      return { right: off.rotation < 0.03 && off.translation < 0.1, verdict: agreement.verdict };
    });
    expect(found.filter(({ right }) => right).length).toBeGreaterThanOrEqual(9);
    expect(found.filter(({ verdict }) => verdict === 'agrees').length).toBeGreaterThanOrEqual(9);
    expect(found.filter(({ right, verdict }) => verdict === 'agrees' && !right)).toEqual([]);
  },
);

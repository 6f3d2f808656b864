import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  boundsOf,
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  type Pose,
  prepareCloud,
  registerMany,
  transformPoints,
} from '../index.ts';
import { off, piecesOfLandscape, poseBy } from './testing.ts';

describe('pieces of a landscape', () => {
  const { random, truth, clouds } = piecesOfLandscape();

  test('that lie anywhere, in any order, are put together in the frame of one of them; a foreign cloud is left out', () => {
    const order = [2, 0, 1];
    const foreign = prepareCloud(Float64Array.from({ length: 450 }, () => 8 * random.normal()));
    const looked: number[][] = [];
    const many = registerMany([...order.map((k) => clouds[k]), foreign], {
      reference: 1,
      onPair: (a, b) => looked.push([a, b]),
    });
    expect(many.status).toBe('converged');
    for (const k of [0, 1, 2])
      expect(
        off(
          many,
          order.map((j) => truth[j]),
          k,
          1,
        ),
      ).toBeLessThan(0.01);
    expect(many.poses[1]).toEqual(identityPose());
    expect([many.poses[3], many.certainty[3], many.certainty[1]]).toEqual([undefined, undefined, undefined]);
    // None but those that overlap.
    const pairs = many.pairs.map(({ source, target }) => Math.abs(order[source] - order[target]));
    expect(pairs).toEqual([1, 1]);
    expect(looked.slice(0, 3)).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
  });
});

const scans = fileURLToPath(new URL('../../../../../../shared/data/bunny_scans', import.meta.url));
test.skipIf(!existsSync(scans))(
  'two scans of a rabbit and pieces of one, turned by any angle (needs ../shared/data/bunny_scans)',
  () => {
    const read = (name: string) => {
      const rows = readFileSync(`${scans}/${name}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number));
      return Float64Array.from(rows.filter((row) => row.length === 3).flat());
    };
    const [front, side] = [read('bun000.ply'), read('bun045.ply')];
    const { low, high } = boundsOf(front);
    const piece = (axis: number, from: number, to: number) => {
      const inside = (k: number) => {
        const u = (front[k + axis] - low[axis]) / (high[axis] - low[axis]);
        return u >= from && u <= to;
      };
      return front.filter((_, k) => inside(k - (k % 3)));
    };
    // The poses that came with the scans: 34.27° apart.
    const [x, y, z, w] = [0.00548449, -0.294635, -0.0038555, 0.955586];
    const s = Math.sqrt(x * x + y * y + z * z);
    const told: Pose = {
      rotation: expRotation([x, y, z].map((v) => (-2 * Math.atan2(s, w) * v) / s)),
      translation: Float64Array.of(-0.0520211, -0.000383981, -0.0109223),
    };
    const random = new Random(7);
    const extra = Array.from({ length: 4 }, () => poseBy(random, 2, 1));
    const points = [piece(0, 0, 0.6), piece(0, 0.4, 1), side, piece(1, 0, 0.6)];
    const truth = extra.map((pose, k) => (k === 2 ? composePoses(told, pose) : pose));
    const clouds = points.map((p, k) => prepareCloud(transformPoints(invertPose(extra[k]), p), { voxel: 0.002 }));
    const many = registerMany(clouds);
    expect(many.status).toBe('converged');
    expect(many.pairs.length).toBeGreaterThan(4);
    for (const k of [1, 2, 3]) {
      const should = composePoses(invertPose(truth[0]), truth[k]);
      const some = clouds[k].points.slice(0, 600);
      const [a, b] = [transformPoints(many.poses[k]!, some), transformPoints(should, some)];
      expect(Math.max(...a.map((v, i) => Math.abs(v - b[i])))).toBeLessThan(0.0012);
    }
  },
);

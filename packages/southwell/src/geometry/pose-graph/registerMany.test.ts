import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  analyseDegeneracy,
  boundsOf,
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  type ManyRegistration,
  type Pose,
  poseDistance,
  prepareCloud,
  registerMany,
  transformPoints,
  weakMotions,
} from '../index.ts';
import { hills } from '../testing.ts';

const landscape = (n: number, seed: number, from: number, to: number) =>
  hills(n, seed, from, to, { half: 20, count: 60 });
function poseBy(random: Random, turn: number, shift: number): Pose {
  const three = (size: number) => [0, 1, 2].map(() => size * random.normal());
  return { rotation: expRotation(three(turn)), translation: Float64Array.from(three(shift)) };
}
const moved = (pose: Pose, points: Float64Array) => prepareCloud(transformPoints(invertPose(pose), points));
/** How far a cloud is off in the reference's frame: radians. */
const off = ({ poses }: ManyRegistration, truth: readonly Pose[], k: number, reference = 0) =>
  poseDistance(poses[k]!, composePoses(invertPose(truth[reference]), truth[k])).rotation;

describe('pieces of a landscape', () => {
  const random = new Random(1);
  const pieces = [
    [-20, -6],
    [-13, 1],
    [-6, 8],
  ] as const;
  const truth = pieces.map(() => poseBy(random, 2, 50));
  const clouds = pieces.map(([a, b], k) => moved(truth[k], landscape(1400, k + 1, a, b)));

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

  test('that lie nearly right are put together from there, with first poses or without', () => {
    const near = pieces.map(() => poseBy(random, 0.01, 0.2));
    const lying = pieces.map(([a, b], k) => moved(near[k], landscape(1400, k + 1, a, b)));
    const many = registerMany(lying, { coarse: 'never' });
    for (const k of [1, 2]) expect(off(many, near, k)).toBeLessThan(0.01);
    expect(many.pairs.every(({ byFeatures, kept }) => kept && !byFeatures)).toBe(true);
    const initialPoses = truth.map((pose, k) => composePoses(invertPose(near[k]), pose));
    const told = registerMany(clouds, { coarse: 'never', initialPoses });
    for (const k of [1, 2]) expect(off(told, truth, k)).toBeLessThan(0.01);
  });
});

/** A corridor along x, with its end where it is asked for. */
function corridor(seed: number, end: boolean): Float64Array {
  const random = new Random(seed);
  const rows = Array.from({ length: 2000 }, (_, i) => {
    const [x, y, z] = [(end ? 20 : 18) * random.uniform() - 10, 3 * random.uniform() - 1.5, 3 * random.uniform() - 1];
    return end && i % 5 === 0
      ? [10, y, z]
      : [
          [x, 1.5, z],
          [x, -1.5, z],
          [x, y, -1],
        ][i % 3];
  });
  return Float64Array.from(rows.flat());
}

test('what is free in a pair stays free, unless another pair fixes it', () => {
  const random = new Random(2);
  const truth = Array.from({ length: 3 }, () => poseBy(random, 0.01, 0.1));
  const open = (ends: readonly boolean[]) => {
    const many = registerMany(ends.map((end, k) => moved(truth[k], corridor(k + 1, end))));
    expect(many.status).toBe('converged');
    return many.certainty.map((c) =>
      c
        ? weakMotions(analyseDegeneracy(c.information, { conditionThreshold: 1e3 })).map(({ name }) => name)
        : undefined,
    );
  };
  expect(open([false, false, false])).toEqual([undefined, ['shift along x'], ['shift along x']]);
  // The first and the last see the end, and what lies between does not.
  expect(open([true, false, true])).toEqual([undefined, ['shift along x'], []]);
  expect(open([true, true, true])).toEqual([undefined, [], []]);
});

test('odd clouds have a defined answer or a sentence', () => {
  const piece = landscape(800, 1, -8, 8);
  const same = registerMany([piece, piece, piece]);
  for (const pose of same.poses)
    expect(poseDistance(pose!, identityPose())).toEqual({
      rotation: expect.closeTo(0, 6),
      translation: expect.closeTo(0, 6),
    });
  expect([same.status, same.pairs.length]).toEqual(['converged', 3]);
  expect(registerMany([piece, piece]).status).toBe('converged');
  // A point lies on nothing that would fix it, a line on what is as long: it has a place, of many.
  const line = Float64Array.from({ length: 300 }, (_, k) => (k % 3 === 0 ? k / 10 : 0));
  const odd = registerMany([piece, piece, [[0, 0, 0]], line]);
  expect(odd.poses.map((pose) => pose !== undefined)).toEqual([true, true, false, true]);
  expect(odd.pairs.filter(({ source }) => source === 3).every(({ free }) => free.length > 2)).toBe(true);
  const random = new Random(4);
  const flat = Float64Array.from({ length: 3000 }, (_, k) => (k % 3 === 2 ? 0 : 10 * random.uniform()));
  expect(registerMany([flat, flat, flat]).status).toBe('converged');
  expect(() => registerMany([piece])).toThrow('Two clouds or more are laid on each other; there is one.');
  expect(() => registerMany([piece, piece, []])).toThrow('Cloud 3 has no points.');
  expect(() => registerMany([piece, piece, [[1, 2, Number.NaN]]])).toThrow(/Cloud 3: z of point 1 is NaN/);
  expect(() => registerMany([piece, [[0, 0, 0]]])).toThrow(/No cloud overlaps with the reference, cloud 1\. .*1 point/);
  expect(() => registerMany([piece, piece], { leastOverlap: 0 })).toThrow(/leastOverlap/);
  expect(() => registerMany([piece, piece], { initialPoses: [identityPose()] })).toThrow(/2 clouds, and 1 first poses/);
  const controller = new AbortController();
  const stopped = registerMany([piece, piece, piece], {
    signal: controller.signal,
    onPair: (a) => a === 2 && controller.abort(),
  });
  expect([stopped.status, stopped.poses.map((pose) => pose !== undefined)]).toEqual(['aborted', [true, true, false]]);
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

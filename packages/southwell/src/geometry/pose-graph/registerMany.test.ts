import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { yard } from '../agreement/scenes.ts';
import {
  analyseDegeneracy,
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  type Pose,
  poseDistance,
  prepareCloud,
  registerMany,
  transformPoints,
  weakMotions,
} from '../index.ts';
import { landscape, moved, off, piecesOfLandscape, poseBy } from './testing.ts';

describe('pieces of a landscape', () => {
  const { random, pieces, truth, clouds } = piecesOfLandscape();

  test('that lie anywhere are put together in the frame of one of them; a foreign cloud is left out', () => {
    const foreign = prepareCloud(Float64Array.from({ length: 450 }, () => 8 * random.normal()));
    const many = registerMany([clouds[1], clouds[0], foreign], { reference: 1 });
    expect(many.status).toBe('converged');
    expect(off(many, [truth[1], truth[0]], 0, 1)).toBeLessThan(0.01);
    expect(many.poses[1]).toEqual(identityPose());
    expect([many.poses[2], many.certainty[2], many.certainty[1]]).toEqual([undefined, undefined, undefined]);
    // None but those that overlap.
    expect(many.pairs.map(({ source, target }) => source + target)).toEqual([1]);
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

test('a pair that overlaps where its surfaces contradict each other connects nothing', () => {
  const turned: Pose = { rotation: expRotation([0, 0, Math.PI / 2]), translation: new Float64Array(3) };
  const clouds = [yard(3000, 1), transformPoints(turned, yard(3000, 2))];
  expect(() => registerMany(clouds, { coarse: 'never', leastOverlap: 0.1 })).toThrow(
    /No cloud overlaps with the reference, cloud 1\. Clouds 1 and 2 contradict each other\./,
  );
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
  expect(() => registerMany([piece])).toThrow('At least two clouds are needed; there is one.');
  expect(() => registerMany([piece, piece, []])).toThrow('Cloud 3 has no points.');
  expect(() => registerMany([piece, piece, [[1, 2, Number.NaN]]])).toThrow(/Cloud 3: z of point 1 is NaN/);
  expect(() => registerMany([piece, [[0, 0, 0]]])).toThrow(/No cloud overlaps with the reference, cloud 1\. .*1 point/);
  expect(() => registerMany([piece, piece], { leastOverlap: 0 })).toThrow(/leastOverlap/);
  expect(() => registerMany([piece, piece], { initialPoses: [identityPose()] })).toThrow(
    /2 clouds, but 1 initial poses/,
  );
  const controller = new AbortController();
  const stopped = registerMany([piece, piece, piece], {
    signal: controller.signal,
    onPair: (a) => a === 2 && controller.abort(),
  });
  expect([stopped.status, stopped.poses.map((pose) => pose !== undefined)]).toEqual(['aborted', [true, true, false]]);
});

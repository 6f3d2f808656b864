// Shared by tests of many clouds. Not exported from the package.
import { Random } from '@southwell/numerics/core';
import {
  composePoses,
  expRotation,
  invertPose,
  type ManyRegistration,
  type Pose,
  poseDistance,
  prepareCloud,
  transformPoints,
} from '../index.ts';
import { hills } from '../testing.ts';

export const landscape = (n: number, seed: number, from: number, to: number) =>
  hills(n, seed, from, to, { half: 20, count: 60 });
export function poseBy(random: Random, turn: number, shift: number): Pose {
  const three = (size: number) => [0, 1, 2].map(() => size * random.normal());
  return { rotation: expRotation(three(turn)), translation: Float64Array.from(three(shift)) };
}
export const moved = (pose: Pose, points: Float64Array) => prepareCloud(transformPoints(invertPose(pose), points));
/** Rotation error of a cloud in the reference's frame, in radians. */
export const off = ({ poses }: ManyRegistration, truth: readonly Pose[], k: number, reference = 0) =>
  poseDistance(poses[k]!, composePoses(invertPose(truth[reference]), truth[k])).rotation;

/** Three pieces of a landscape, of which neighbours overlap, each in its own frame. */
export function piecesOfLandscape() {
  const random = new Random(1);
  const pieces = [
    [-20, -6],
    [-13, 1],
    [-6, 8],
  ] as const;
  const truth = pieces.map(() => poseBy(random, 2, 50));
  const clouds = pieces.map(([a, b], k) => moved(truth[k], landscape(1400, k + 1, a, b)));
  return { random, pieces, truth, clouds };
}

// Scenes of the tests of agreement. Not exported from the package.
import { Random } from '@southwell/numerics/core';
import { expRotation, invertPose, type Pose, poseDistance, prepareCloud, transformPoints } from '../index.ts';

export type Place = (random: Random, i: number) => readonly number[];

export const onSphere = (random: Random): number[] => {
  const v = [random.normal(), random.normal(), random.normal()];
  const size = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  return v.map((x) => x / size);
};
const round = (random: Random, radius: number, z: number): number[] => {
  const angle = 2 * Math.PI * random.uniform();
  return [radius * Math.cos(angle), radius * Math.sin(angle), z];
};

/** Surfaces with known symmetries, of about unit size. */
export const surfaces: Readonly<Record<string, Place>> = {
  sphere: onSphere,
  spheroid: (random) => {
    const [x, y, z] = onSphere(random);
    return [x, y, 1.2 * z];
  },
  cylinder: (random) => round(random, 1, 4 * random.uniform() - 2),
  can: (random, i) =>
    i % 3 > 0
      ? round(random, 1, 3 * random.uniform() - 1.5)
      : round(random, Math.sqrt(random.uniform()), i % 2 ? 1.5 : -1.5),
  cone: (random) => {
    const z = Math.sqrt(random.uniform());
    return round(random, z, 2 * z);
  },
  vase: (random) => {
    const z = 4 * random.uniform() - 2;
    return round(random, 1 + 0.4 * Math.sin(2 * z), z);
  },
  plane: (random) => [4 * random.uniform() - 2, 4 * random.uniform() - 2, 0],
  cube: (random, i) => {
    const v = [2 * random.uniform() - 1, 2 * random.uniform() - 1, 2 * random.uniform() - 1];
    v[i % 3] = i % 2 ? 1 : -1;
    return v;
  },
  ellipsoid: (random) => {
    const [x, y, z] = onSphere(random);
    return [x, 1.3 * y, 1.7 * z];
  },
  potato: (random) => {
    const v = onSphere(random);
    const size = 1 + 0.3 * Math.sin(3 * v[0] + 1) * Math.cos(2 * v[1] + 0.7) + 0.2 * Math.sin(4 * v[2]);
    return v.map((x) => size * x);
  },
  hills: (random) => {
    const [x, y] = [6 * random.uniform(), 6 * random.uniform()];
    return [x, y, Math.sin(x) * Math.cos(0.7 * y) + 0.3 * Math.sin(0.4 * x * y)];
  },
  volume: (random) => [random.uniform(), random.uniform(), random.uniform()],
};

/** A sample of a surface with noise. */
export function sample(place: Place, n: number, seed: number, noise = 0): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(
    Array.from({ length: n }, (_, i) => place(random, i).map((v) => v + noise * random.normal())).flat(),
  );
}

/** A yard 40 wide: the ground and boxes on it, of which each seed of `shape` has others. */
export function yard(n: number, seed: number, shape = 3): Float64Array {
  const shapes = new Random(shape);
  const boxes = Array.from({ length: 14 }, () => ({
    at: [36 * shapes.uniform() - 18, 36 * shapes.uniform() - 18],
    half: [1 + 2.5 * shapes.uniform(), 1 + 2.5 * shapes.uniform()],
    turn: Math.PI * shapes.uniform(),
    high: 2 + 5 * shapes.uniform(),
  }));
  const random = new Random(seed);
  const place: Place = (_, i) => {
    if (i % 2 === 0) return [40 * random.uniform() - 20, 40 * random.uniform() - 20, 0];
    const { at, half, turn, high } = boxes[Math.floor(boxes.length * random.uniform())];
    const side = i % 4 < 2 ? 1 : -1;
    const along = 2 * random.uniform() - 1;
    const [u, v] = random.uniform() < half[1] / (half[0] + half[1]) ? [side, along] : [along, side];
    const [x, y] = [u * half[0], v * half[1]];
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    return [at[0] + c * x - s * y, at[1] + s * x + c * y, high * random.uniform()];
  };
  return sample(place, n, seed + 1000, 0.02);
}

/** A table with boxes and balls seen from above, and among them the potato, of which the lower half is hidden. */
export function clutter(seed: number, at: (point: readonly number[]) => readonly number[]): Float64Array {
  const shapes = new Random(8);
  const things = Array.from({ length: 16 }, (_, k) => ({
    x: 12 * shapes.uniform() - 6,
    y: 12 * shapes.uniform() - 6,
    size: 0.5 + 0.6 * shapes.uniform(),
    ball: k % 2 === 0,
  }));
  const random = new Random(seed);
  const rows: Array<readonly number[]> = [];
  for (let i = 0; i < 9000; i++) rows.push([14 * random.uniform() - 7, 14 * random.uniform() - 7, 0]);
  for (const { x, y, size, ball } of things) {
    for (let i = 0; i < 700; i++) {
      const p = ball ? onSphere(random) : surfaces.cube(random, i);
      if (p[2] > -0.2) rows.push([x + size * p[0], y + size * p[1], size * (1 + p[2])]);
    }
  }
  for (let i = 0; i < 2500; i++) {
    const p = at(surfaces.potato(random, i));
    if (p[2] > 1) rows.push(p);
  }
  return Float64Array.from(rows.flat());
}

/** A turn about the vertical axis. */
export const yaw = (degrees: number): Pose => ({
  rotation: expRotation([0, 0, (degrees * Math.PI) / 180]),
  translation: new Float64Array(3),
});
/** Points that the pose brings back. */
export const moved = (pose: Pose, points: Float64Array) => prepareCloud(transformPoints(invertPose(pose), points));
/** How far two poses are from each other, in radians or units. */
export const off = (a: Pose, b: Pose) => {
  const { rotation, translation } = poseDistance(a, b);
  return Math.max(rotation, translation);
};

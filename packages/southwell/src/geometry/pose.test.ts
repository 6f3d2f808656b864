import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { exponential } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import {
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  logRotation,
  poseDistance,
  poseMatrix,
  poseOf,
  stepPose,
  transformPoints,
} from './index.ts';

const random = new Random(1);
const direction = () => {
  const v = [random.normal(), random.normal(), random.normal()];
  const length = Math.hypot(...v);
  return v.map((x) => x / length);
};

test('exp is the exponential of the matrix of the cross product, and log takes it back', () => {
  for (const angle of [0, 1e-12, 1e-5, 0.3, 1.5, 3, Math.PI - 1e-6, Math.PI - 1e-9]) {
    for (let trial = 0; trial < 10; trial++) {
      const phi = direction().map((v) => v * angle);
      const [x, y, z] = phi;
      const R = expRotation(phi);
      const full = exponential(
        DenseMatrix.fromRows([
          [0, -z, y],
          [z, 0, -x],
          [-y, x, 0],
        ]),
      );
      for (let k = 0; k < 9; k++) expect(R[k]).toBeCloseTo(full.get(Math.floor(k / 3), k % 3), 12);
      const back = logRotation(R);
      // Near π rounding of R moves the axis by its root.
      for (let k = 0; k < 3; k++) expect(Math.abs(back[k] - phi[k])).toBeLessThan(1e-13 + 1e-15 * angle);
    }
  }
  const half = logRotation([-1, 0, 0, 0, -1, 0, 0, 0, 1]);
  expect([...half.map(Math.abs)]).toEqual([0, 0, expect.closeTo(Math.PI, 12)]);
});

test('poses compose, invert and move points', () => {
  const pose = () => ({
    rotation: expRotation(direction().map((v) => 2 * v)),
    translation: Float64Array.from(direction()),
  });
  for (let trial = 0; trial < 20; trial++) {
    const [a, b] = [pose(), pose()];
    const points = Float64Array.from({ length: 9 }, () => random.normal());
    const both = transformPoints(composePoses(a, b), points);
    const after = transformPoints(a, transformPoints(b, points));
    const back = transformPoints(invertPose(a), transformPoints(a, points));
    for (let k = 0; k < 9; k++) {
      expect(both[k]).toBeCloseTo(after[k], 12);
      expect(back[k]).toBeCloseTo(points[k], 12);
    }
    expect(poseDistance(a, poseOf(poseMatrix(a)))).toEqual({ rotation: expect.closeTo(0, 12), translation: 0 });
  }
  const stepped = stepPose(identityPose(), [0, 0, 0.1, 1, 2, 3]);
  expect([...logRotation(stepped.rotation)][2]).toBeCloseTo(0.1, 14);
  expect([...stepped.translation]).toEqual([1, 2, 3]);
});

test('what is no rigid motion is refused', () => {
  expect(() => poseOf([1, 2])).toThrow(/16 numbers; there are 2/);
  expect(() => poseOf([2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toThrow(/scales, shears or mirrors/);
  expect(() => poseOf([-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toThrow(/mirrors/);
  expect(() => poseOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1])).toThrow(/last row/);
  expect(() => poseOf([1, 0, 0, Number.NaN, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])).toThrow(/finite/);
});

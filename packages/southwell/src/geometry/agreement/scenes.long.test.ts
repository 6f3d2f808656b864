import { describe, expect, test } from 'vitest';
import { expRotation, invertPose, type Pose, prepareCloud, registerPair, transformPoints } from '../index.ts';
import { landscape } from '../testing.ts';
import { sample, surfaces, yard } from './scenes.ts';

const near: Pose = { rotation: expRotation([0.03, -0.02, 0.05]), translation: Float64Array.of(0.1, -0.1, 0.05) };
const far: Pose = { rotation: expRotation([0.3, 2.5, -1]), translation: Float64Array.of(10, -5, 2) };
const moved = (pose: Pose, points: Float64Array) => prepareCloud(transformPoints(invertPose(pose), points));

describe('a yard', () => {
  const target = prepareCloud(yard(5000, 1));

  test('and another yard, and parts of one that do not overlap, do not agree', () => {
    expect(registerPair(prepareCloud(yard(3000, 2, 4)), target).agreement.verdict).not.toBe('agrees');
    const [a, b] = [landscape(1500, 2, 2, 10), landscape(1500, 1, -10, 0)];
    expect(registerPair(moved(far, a), prepareCloud(b)).agreement.verdict).not.toBe('agrees');
  });
});

test('shapes that agree in several ways are doubtful where nothing says which, and agree where they lie', () => {
  for (const [shape, name] of [
    [surfaces.cube, 'cube'],
    [surfaces.ellipsoid, 'ellipsoid'],
    [surfaces.vase, 'vase'],
  ] as const) {
    const target = prepareCloud(sample(shape, 3000, 1));
    expect([name, registerPair(moved(near, sample(shape, 1500, 2)), target).agreement.verdict]).toEqual([
      name,
      'agrees',
    ]);
    const { agreement } = registerPair(moved(far, sample(shape, 1500, 2)), target);
    expect([name, agreement.verdict]).toEqual([name, 'doubtful']);
    expect(agreement.reasons).toEqual([
      expect.stringMatching(/^Another pose, rotated by .*° .* agrees nearly as well/),
    ]);
    expect(agreement.rival).toBeGreaterThan(0.8);
  }
});

import { expect, test } from 'vitest';
import { expRotation, invertPose, type Pose, prepareCloud, registerPair, transformPoints } from '../index.ts';
import { moved, off, sample, surfaces, yard, yaw } from './scenes.ts';

const near: Pose = { rotation: expRotation([0.03, -0.02, 0.05]), translation: Float64Array.of(0.1, -0.1, 0.05) };

test('a yard rotated by 180° is found, and agrees', () => {
  const found = registerPair(moved(yaw(180), yard(4000, 2)), prepareCloud(yard(5000, 1)));
  expect(off(found.pose, yaw(180))).toBeLessThan(0.1);
  expect(found.agreement).toMatchObject({ verdict: 'agrees', reasons: [] });
});

test('clouds of different shapes, without surfaces, of few points, and mirrored ones do not agree', () => {
  const verdict = (a: Float64Array, b: Float64Array) =>
    registerPair(prepareCloud(a), prepareCloud(b), { coarse: 'never' }).agreement;
  const [cube, sphere] = [sample(surfaces.cube, 2000, 1), sample(surfaces.sphere, 2000, 2)];
  expect(verdict(cube, sphere).verdict).not.toBe('agrees');
  expect(verdict(sample(surfaces.can, 2000, 1), sample(surfaces.cylinder, 2000, 2)).verdict).not.toBe('agrees');
  const potato = sample(surfaces.potato, 2000, 1);
  const mirrored = sample(surfaces.potato, 2000, 2).map((v, k) => (k % 3 === 0 ? -v : v));
  expect(verdict(potato, mirrored).verdict).not.toBe('agrees');
  const fog = verdict(sample(surfaces.volume, 2000, 1), sample(surfaces.volume, 2000, 2));
  expect([fog.verdict, fog.reasons.join()]).toEqual(['doubtful', expect.stringMatching(/no surface/)]);
  const few = sample(surfaces.hills, 12, 1);
  expect(verdict(few, few)).toMatchObject({
    verdict: 'doubtful',
    reasons: ['Only 12 points agree, which may be by chance.'],
  });
  const hills = sample(surfaces.hills, 1500, 1);
  const scaled = sample(surfaces.hills, 1500, 2).map((v) => 2 * v);
  expect(verdict(hills, scaled).verdict).not.toBe('agrees');
});

test('noise, repeated points, large coordinates and a cloud and itself', () => {
  const { hills } = surfaces;
  const times = (points: Float64Array, n: number) =>
    Float64Array.from(Array.from({ length: n }, () => [...points]).flat());
  const map = (points: Float64Array) => points.map((v, k) => v + [5e5, 5e6, 300][k % 3]);
  const [a, b] = [transformPoints(invertPose(near), sample(hills, 1500, 2, 0.01)), sample(hills, 2000, 1, 0.01)];
  for (const [from, to] of [
    [a, b],
    // Much denser than its noise: 0.1 at a spacing of 0.04.
    [transformPoints(invertPose(near), sample(hills, 20_000, 2, 0.1)), sample(hills, 20_000, 1, 0.1)],
    [times(a, 3), b],
    [times(a, 5), times(b, 5)],
    [times(a, 12), times(b, 12)],
  ]) {
    const found = registerPair(prepareCloud(from), prepareCloud(to));
    expect(found.agreement.verdict).toBe('agrees');
    expect(off(found.pose, near)).toBeLessThan(0.03);
  }
  expect(registerPair(prepareCloud(map(a)), prepareCloud(map(b))).agreement.verdict).toBe('agrees');
  const same = prepareCloud(b);
  expect(registerPair(same, same).agreement).toMatchObject({ verdict: 'agrees', support: 1 });
  // Where the first pose is far off, features find it.
  expect(registerPair(prepareCloud(a.map((v) => v + 1000)), same).agreement.verdict).toBe('agrees');
});

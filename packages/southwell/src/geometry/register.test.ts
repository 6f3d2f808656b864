import { Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  KdTree,
  type Pose,
  poseCertainty,
  poseDistance,
  prepareCloud,
  REGISTRATION_METHODS,
  ROBUST_KERNELS,
  registerClouds,
  registerPointToPlane,
  registrationIterates,
  transformPoints,
  weakMotions,
} from './index.ts';
import { NearestMatches } from './nearestMatches.ts';
import { robust } from './robust.ts';

/** Points on the six walls of a room, the sensor within. */
function room(n: number, seed: number, noise = 0): Float64Array {
  const random = new Random(seed);
  const size = [8, 6, 3];
  const out = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const wall = i % 6;
    for (let k = 0; k < 3; k++) out[3 * i + k] = size[k] * (random.uniform() - 0.5);
    const axis = wall >> 1;
    out[3 * i + axis] = (wall & 1 ? 0.5 : -0.5) * size[axis];
    for (let k = 0; k < 3; k++) out[3 * i + k] += noise * random.normal();
  }
  return out;
}
const motion: Pose = { rotation: expRotation([0.03, -0.02, 0.05]), translation: Float64Array.of(0.1, -0.15, 0.05) };

describe('a room', () => {
  const target = room(6000, 1);
  const source = transformPoints(invertPose(motion), room(3000, 2));
  test.each(REGISTRATION_METHODS)('is found by %s', (method) => {
    const { pose, status, fitness, degeneracy, history } = registerClouds(source, target, {
      method,
      tolerances: { rotation: 1e-6, translation: 1e-6 },
      maxIterations: 100,
    });
    const off = poseDistance(pose, motion);
    expect(status).toBe('converged');
    // Points of two scans differ: nearest points pull along the walls, planes do not.
    expect(off.translation).toBeLessThan(method === 'point-to-point' ? 0.02 : 2e-3);
    expect(off.rotation).toBeLessThan(method === 'point-to-point' ? 0.01 : 1e-3);
    expect(fitness).toBe(1);
    expect(degeneracy.mask).not.toContain(true);
    expect(history.length).toBeGreaterThan(3);
  });

  test('is found by fitted planes, with weights or without, by either fit', () => {
    for (const planeFit of ['pca', 'loam'] as const) {
      for (const robustWeight of [true, false]) {
        const { pose } = registerPointToPlane(source, target, { planeFit, robustWeight });
        expect(poseDistance(pose, motion).translation).toBeLessThan(2e-3);
      }
    }
  });

  test('of which a part is foreign is found with every robust kernel', () => {
    const foreign = source.slice();
    const random = new Random(3);
    for (let k = 0; k < 900; k++) foreign[k] += 0.5 + 0.2 * random.uniform();
    const off = (robustKernel: (typeof ROBUST_KERNELS)[number]) =>
      poseDistance(
        registerClouds(foreign, target, { robustKernel, robustScale: 0.05, maxIterations: 100 }).pose,
        motion,
      ).translation;
    const plain = off('none');
    for (const kernel of ['huber', 'cauchy', 'tukey'] as const) expect(off(kernel)).toBeLessThan(0.3 * plain);
  });

  test('matches that are kept are those of a full search', () => {
    const [from, to] = [prepareCloud(source), prepareCloud(target)];
    const kept = new NearestMatches(from, to, 0.5);
    const poses = registrationIterates(from, to, { maxDistance: 0.5 });
    const tree = new KdTree(target);
    for (const { iteration, snapshot } of poses) {
      const { pose } = snapshot();
      const moved = transformPoints(pose, source);
      const partners = kept.partners(pose);
      for (let i = 0; i < 3000; i += 7) {
        const best = tree.nearest(moved[3 * i], moved[3 * i + 1], moved[3 * i + 2]);
        const far = Math.hypot(...[0, 1, 2].map((k) => moved[3 * i + k] - target[3 * best + k]));
        if (far < 0.5) expect(partners[i]).toBe(best);
      }
      if (iteration === 8) break;
    }
    expect(kept.searches).toBeLessThan(7 * 3000);
  });
});

test.each(REGISTRATION_METHODS)('normal equations of %s are derivatives of the loss', (method) => {
  const [from, to] = [prepareCloud(room(60, 4, 0.02)), prepareCloud(room(80, 5, 0.02))];
  for (const kernel of ROBUST_KERNELS) {
    const scale = method === 'generalised' ? 3 : 0.3;
    const matches = new NearestMatches(from, to, 3);
    const { g, matches: count } = matches.linearise(motion, method, robust(kernel, scale));
    // By hand, with the same partners.
    const partners = matches.partners(motion);
    const n = to.neighbourhoods.normals;
    const own = from.neighbourhoods.normals;
    const loss = (pose: Pose): number => {
      const moved = transformPoints(pose, from.points);
      const turn = { rotation: motion.rotation, translation: new Float64Array(3) };
      const turned = transformPoints(turn, own);
      let sum = 0;
      for (let i = 0; i < partners.length; i++) {
        const j = partners[i];
        if (j < 0) continue;
        const e = [0, 1, 2].map((k) => moved[3 * i + k] - to.points[3 * j + k]);
        const dot = (v: Float64Array, at: number) => e[0] * v[at] + e[1] * v[at + 1] + e[2] * v[at + 2];
        let r = Math.hypot(...e);
        if (method === 'point-to-plane') r = Math.abs(dot(n, 3 * j));
        if (method === 'generalised') {
          const C = Array.from({ length: 9 }, (_, k) => {
            const [a, b] = [Math.floor(k / 3), k % 3];
            return (a === b ? 2 : 0) - 0.999 * (n[3 * j + a] * n[3 * j + b] + turned[3 * i + a] * turned[3 * i + b]);
          });
          r = Math.sqrt(solve3(C, e).reduce((s, v, k) => s + v * e[k], 0));
        }
        sum += robust(kernel, scale).loss(r);
      }
      return sum;
    };
    expect(count).toBe(60);
    for (let k = 0; k < 6; k++) {
      const at = (h: number) => {
        const step = [0, 1, 2, 3, 4, 5].map((j) => (j === k ? h : 0));
        return loss(
          composePoses(motion, {
            rotation: expRotation(step.slice(0, 3)),
            translation: Float64Array.from(step.slice(3)),
          }),
        );
      };
      expect(-(at(1e-6) - at(-1e-6)) / 2e-6).toBeCloseTo(g[k], 3);
    }
  }
});

/** Cramer's rule. */
function solve3(A: readonly number[], b: readonly number[]): number[] {
  const det = (m: readonly number[]) =>
    m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
  return [0, 1, 2].map((c) => det(A.map((v, k) => (k % 3 === c ? b[Math.floor(k / 3)] : v))) / det(A));
}

test('the covariance of a pose is that of many noisy scans', () => {
  const clean = room(1200, 6);
  const truth = prepareCloud(room(8000, 7));
  const random = new Random(8);
  const found: number[][] = [];
  let told = new Float64Array(36);
  for (let trial = 0; trial < 40; trial++) {
    const noisy = clean.map((v) => v + 0.02 * random.normal());
    const { pose, covariance } = registerClouds(noisy, truth, { tolerances: { rotation: 1e-7, translation: 1e-7 } });
    found.push([...pose.translation]);
    told = covariance.map((v, k) => told[k] + v / 40) as Float64Array<ArrayBuffer>;
  }
  for (let k = 0; k < 3; k++) {
    const variance = found.reduce((sum, t) => sum + t[k] ** 2, 0) / 40;
    expect(Math.sqrt(variance / told[7 * (k + 3)])).toBeGreaterThan(0.7);
    expect(Math.sqrt(variance / told[7 * (k + 3)])).toBeLessThan(1.4);
  }
});

describe('what the data do not fix', () => {
  test('on a plane: shifts in it, and the turn about its normal', () => {
    const random = new Random(9);
    const plane = Float64Array.from({ length: 3000 }, (_, k) => (k % 3 === 2 ? -1 : 10 * random.normal()));
    const moved = transformPoints(identityPose(), plane).map((v, k) => v + (k % 3 === 2 ? 0.1 : 0));
    const { pose, status, degeneracy } = registerClouds(moved, plane);
    expect(status).toBe('converged');
    expect(pose.translation[2]).toBeCloseTo(-0.1, 6);
    expect(
      weakMotions(degeneracy)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['shift along x', 'shift along y', 'turn about z']);
    const { degeneracy: about } = poseCertainty(prepareCloud(moved), prepareCloud(plane), pose, { about: [5, 5, -1] });
    expect(about.mask).toEqual([false, false, true, true, true, false]);
  });

  test('points on a line, one point, none, and clouds apart are told in sentences', () => {
    const line = Float64Array.from({ length: 300 }, (_, k) => (k % 3 === 0 ? k : 0));
    const cloud = room(500, 1);
    expect(() => registerClouds(line, line)).toThrow(/lie on a line/);
    const points = registerClouds(line, line, { method: 'point-to-point' });
    expect(points.pose.translation.every(Number.isFinite)).toBe(true);
    expect(() => registerClouds([[0, 0, 0]], cloud)).toThrow(
      'The source has 1 point, and registration needs at least ten',
    );
    expect(() => registerClouds([], cloud)).toThrow(/The source has no points/);
    expect(() => registerClouds(cloud, [])).toThrow(/The target has no points/);
    expect(() =>
      registerClouds(
        cloud.map((v) => v + 100),
        cloud,
        { maxDistance: 1 },
      ),
    ).toThrow(/0 of 500 .* do not overlap/);
    expect(() =>
      registerPointToPlane(
        cloud.map((v) => v + 100),
        cloud,
      ),
    ).toThrow(/0 of 500 .* do not overlap/);
    expect(() => registerClouds([[0, 0, Number.NaN]], cloud)).toThrow(/The source: z of point 1 is NaN/);
    const twice = Float64Array.from([...cloud, ...cloud]);
    expect(registerClouds(twice, twice).status).toBe('converged');
  });

  test('what is asked wrongly is refused', () => {
    const cloud = room(100, 1);
    expect(() => registerClouds(cloud, cloud, { method: 'icp' as 'generalised' })).toThrow(
      /method must be one of point-to-plane/,
    );
    expect(() => registerClouds(cloud, cloud, { maxDistance: 0 })).toThrow(/maxDistance must be above 0/);
    expect(() => registerClouds(cloud, cloud, { robustKernel: 'huber', robustScale: -1 })).toThrow(/robustScale/);
    expect(() => registerPointToPlane(cloud, cloud, { neighbours: 2 })).toThrow(/neighbours/);
    expect(() => registerPointToPlane(cloud, cloud, { planeFit: 'svd' as 'pca' })).toThrow(/planeFit/);
    expect(() => registerPointToPlane(cloud, cloud, { degeneracy: { method: 'x' as 'none' } })).toThrow(
      /degeneracy.method/,
    );
  });
});

test('statuses are no kinder than the truth', () => {
  const [from, to] = [prepareCloud(transformPoints(invertPose(motion), room(800, 1))), prepareCloud(room(800, 2))];
  expect(registerClouds(from, to, { maxIterations: 1 }).status).toBe('iteration-limit');
  const controller = new AbortController();
  controller.abort();
  expect(registerClouds(from, to, { signal: controller.signal }).status).toBe('aborted');
  const { status, point } = run(registrationIterates(from, to), { maxIter: 50 });
  expect(status).toBe('converged');
  expect(point.step.translation).toBeLessThan(1e-3);
  expect(point.step.rotation).toBeLessThan(1e-4);
});

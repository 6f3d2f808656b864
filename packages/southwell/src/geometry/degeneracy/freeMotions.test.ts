import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { sample, surfaces } from '../agreement/scenes.ts';
import {
  centreOf,
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  type Pose,
  poseCertainty,
  prepareCloud,
  REGISTRATION_METHODS,
  registerClouds,
  transformPoints,
} from '../index.ts';
import { heldStill } from './heldStill.ts';

const motion: Pose = { rotation: expRotation([0.01, -0.02, 0.03]), translation: Float64Array.of(0.1, 0.2, -0.1) };
type Place = (random: Random, i: number) => readonly number[];
const corridor: Place = (random, i) => {
  const [x, y, z] = [20 * random.uniform() - 10, 3 * random.uniform() - 1.5, 3 * random.uniform() - 1];
  return [
    [x, 1.5, z],
    [x, -1.5, z],
    [x, y, -1],
  ][i % 3];
};
const ended: Place = (random, i) =>
  i % 5 === 0 ? [10, 3 * random.uniform() - 1.5, 3 * random.uniform() - 1] : corridor(random, i);
const plane: Place = (random) => [20 * random.uniform() - 10, 20 * random.uniform() - 10, 1];
const cylinder: Place = (random) => {
  const angle = 2 * Math.PI * random.uniform();
  return [2 * Math.cos(angle), 2 * Math.sin(angle), 20 * random.uniform() - 10];
};

function scan(place: Place, n: number, seed: number, noise: number): Float64Array {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, (_, i) => place(random, i).map((v) => v + noise * random.normal()));
  return Float64Array.from(rows.flat());
}
const pair = (place: Place, noise: number) => ({
  from: prepareCloud(transformPoints(invertPose(motion), scan(place, 1500, 2, noise))),
  to: prepareCloud(scan(place, 4000, 1, noise)),
});
const tolerances = { rotation: 1e-5, translation: 2e-4 };

test.each([
  ['a corridor', corridor, ['shift along x'], [0, 0.01, 0.03]],
  ['a plane', plane, ['turn about z', 'shift along x', 'shift along y'], [0, 0.01, 0.03]],
  ['a cylinder', cylinder, ['turn about z', 'shift along z'], [0, 0.01]],
] as const)('%s: the run ends where what is known stands still, and says what is free', (_, place, free, noises) => {
  for (const noise of noises) {
    const { from, to } = pair(place, noise);
    const found = registerClouds(from, to, { maxDistance: 1, maxIterations: 100, tolerances });
    expect([noise, found.status, found.iterations < 40]).toEqual([noise, 'converged', true]);
    // Where it converged by itself nothing had to be asked.
    const kinds = (names: readonly string[]) => names.map((name) => name.split(' ')[0]);
    if (found.free.length > 0) expect(kinds(found.free)).toEqual(kinds(free));
    // Along all that is known the next step is below the tolerance, too.
    const held = free.map((name) => {
      const direction = new Float64Array(6);
      direction['xyz'.indexOf(name.at(-1)!) + (name.startsWith('turn') ? 0 : 3)] = 1;
      return { name, direction, about: [0, 0, 0] };
    });
    const { H, g } = heldStill(found.system.H, found.system.g, held);
    const x = gaussian(H, g);
    expect(Math.hypot(x[0], x[1], x[2])).toBeLessThan(2e-5);
    expect(Math.hypot(x[3], x[4], x[5])).toBeLessThan(4e-4);
    for (const k of free.map((name) => held.find((h) => h.name === name)!.direction.indexOf(1))) expect(x[k]).toBe(0);
    // And it is right: points lie on the walls.
    const off = composePoses(invertPose(motion), found.pose);
    const walls = transformPoints(off, scan(place, 300, 5, 0));
    const distance = (p: Float64Array): number => {
      if (place === plane) return Math.abs(p[2] - 1);
      if (place === cylinder) return Math.abs(Math.hypot(p[0], p[1]) - 2);
      return Math.min(Math.abs(Math.abs(p[1]) - 1.5), Math.abs(p[2] + 1));
    };
    const worst = Math.max(...Array.from({ length: 300 }, (__, i) => distance(walls.subarray(3 * i, 3 * i + 3))));
    expect(worst).toBeLessThan(0.03 + 2 * noise);
  }
});

test('at least one of these runs would wander: there the free motions are held', () => {
  const { from, to } = pair(corridor, 0);
  expect(registerClouds(from, to, { maxDistance: 1, maxIterations: 100, tolerances }).free).toEqual(['shift along x']);
});

const kinds = (free: readonly boolean[]) => free.map((v) => (v ? 1 : 0));
const all = { turns: [1, 1, 1], about: [0, 0, 1], none: [0, 0, 0] } as const;
test.each([
  ['sphere', all.turns, all.none],
  ['spheroid', all.about, all.none],
  ['cylinder', all.about, all.about],
  ['can', all.about, all.none],
  ['cone', all.about, all.none],
  ['vase', all.about, all.none],
  ['plane', all.about, [1, 1, 0]],
  ['cube', all.none, all.none],
  ['ellipsoid', all.none, all.none],
  ['potato', all.none, all.none],
  ['hills', all.none, all.none],
] as const)('a %s: what moving it leaves unchanged is free', (name, turns, shifts) => {
  for (const noise of [0, 0.01]) {
    const to = prepareCloud(sample(surfaces[name], 3000, 1, noise));
    for (const from of [to, prepareCloud(to.points.slice()), prepareCloud(sample(surfaces[name], 2000, 2, noise))]) {
      const { free } = poseCertainty(from, to, identityPose(), { about: centreOf(from.points).centre });
      expect([name, noise, from.size, kinds(free)]).toEqual([name, noise, from.size, [...turns, ...shifts]]);
    }
  }
});

test('no run is converged while a known motion moves, and a corridor with an end has none that is free', () => {
  for (const method of REGISTRATION_METHODS) {
    const { from, to } = pair(ended, 0.01);
    const { status, free, history } = registerClouds(from, to, {
      method,
      maxDistance: 1,
      maxIterations: 200,
      tolerances,
    });
    const last = history.at(-1)!;
    expect(free).toEqual([]);
    expect(status === 'converged').toBe(last.rotation < 1e-5 && last.translation < 2e-4);
  }
  const { from, to } = pair(corridor, 0.01);
  expect(registerClouds(from, to, { maxDistance: 1, maxIterations: 3, tolerances }).status).toBe('iteration-limit');
});

test('held motions: the step is that of least squares without them', () => {
  const random = new Random(3);
  const J = Array.from({ length: 30 }, () => Array.from({ length: 6 }, () => random.normal()));
  const y = J.map(() => random.normal());
  const normal = (rows: readonly (readonly number[])[], k: number) => ({
    H: Float64Array.from({ length: k * k }, (_, a) => rows.reduce((s, r) => s + r[Math.floor(a / k)] * r[a % k], 0)),
    g: Float64Array.from({ length: k }, (_, a) => rows.reduce((s, r, i) => s + r[a] * y[i], 0)),
  });
  const all = normal(J, 6);
  const direction = Float64Array.of(0, 0, 0, 0, 1, 0);
  const { H, g } = heldStill(all.H, all.g, [{ name: 'shift along y', direction, about: [0, 0, 0] }]);
  const x = gaussian(H, g);
  const rest = normal(
    J.map((r) => r.filter((_, k) => k !== 4)),
    5,
  );
  const should = gaussian(rest.H, rest.g);
  expect(x[4]).toBeCloseTo(0, 14);
  for (const [k, v] of x.filter((_, k) => k !== 4).entries()) expect(v).toBeCloseTo(should[k], 12);
});

test('held motions turn about their place, and the step comes back to the origin', () => {
  const random = new Random(4);
  const about = [3, -2, 5];
  const points = Array.from({ length: 40 }, () => Array.from({ length: 3 }, () => random.normal()));
  // n · (φ × p + δ): rows of a point-to-plane problem, about the origin.
  const J = points.map((p) => {
    const n = [random.normal(), random.normal(), random.normal()];
    return [p[1] * n[2] - p[2] * n[1], p[2] * n[0] - p[0] * n[2], p[0] * n[1] - p[1] * n[0], ...n];
  });
  const y = J.map(() => random.normal());
  const H = Float64Array.from({ length: 36 }, (_, a) => J.reduce((s, r) => s + r[Math.floor(a / 6)] * r[a % 6], 0));
  const g = Float64Array.from({ length: 6 }, (_, a) => J.reduce((s, r, i) => s + r[a] * y[i], 0));
  const direction = Float64Array.of(0, 0, 1, 0, 0, 0);
  const still = heldStill(H, g, [{ name: 'turn about z', direction, about }]);
  const x = still.step(Float64Array.from(gaussian(still.H, still.g)));
  expect(x[2]).toBeCloseTo(0, 12);
  // Of all steps without a turn about z it is the best: the gradient is 0 along the others.
  const left = g.map((v, i) => v - x.reduce((s, w, j) => s + H[6 * i + j] * w, 0));
  const other = (step: readonly number[]) => step.reduce((s, w, i) => s + w * left[i], 0);
  for (const k of [0, 1, 3, 4, 5]) expect(other([0, 1, 2, 3, 4, 5].map((j) => (j === k ? 1 : 0)))).toBeCloseTo(0, 9);
});

/** Elimination with pivots. */
function gaussian(A: Float64Array, b: Float64Array): number[] {
  const n = b.length;
  const M = Array.from({ length: n }, (_, i) => [...A.subarray(n * i, n * i + n), b[i]]);
  for (let c = 0; c < n; c++) {
    const p = M.slice(c).reduce((best, row, k) => (Math.abs(row[c]) > Math.abs(M[best][c]) ? c + k : best), c);
    [M[c], M[p]] = [M[p], M[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = M[r][c] / M[c][c];
      for (let k = c; k <= n; k++) M[r][k] -= f * M[c][k];
    }
  }
  return M.map((row, i) => row[n] / row[i]);
}

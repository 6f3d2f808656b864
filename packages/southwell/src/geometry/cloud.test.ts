import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { eigen3 } from './eigen3.ts';
import { finitePoints, KdTree, neighbourhoods, pointsOf, voxelDownsample } from './index.ts';

const drawn = (n: number, seed: number, f: (random: Random, k: number) => number = (r) => r.normal()) => {
  const random = new Random(seed);
  return Float64Array.from({ length: 3 * n }, (_, k) => f(random, k));
};
const square = (points: Float64Array, i: number, q: readonly number[]) =>
  q.reduce((sum, v, k) => sum + (v - points[3 * i + k]) ** 2, 0);

describe('the tree', () => {
  const clouds: Record<string, Float64Array> = {
    normal: drawn(700, 1),
    'one point': drawn(1, 2),
    'nine points': drawn(9, 2),
    'a grid with many ties': drawn(500, 3, (r) => Math.floor(4 * r.uniform())),
    'all in one place': new Float64Array(300).fill(2),
    'on a line': drawn(200, 4, (_, k) => (k % 3 === 0 ? k : 0)),
    'far from the origin': drawn(300, 5, (r) => 1e6 + r.normal()),
  };
  test.each(Object.entries(clouds))('finds what looking at all finds: %s', (_, points) => {
    const n = points.length / 3;
    const tree = new KdTree(points);
    expect([...tree.order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (__, i) => i));
    const random = new Random(9);
    for (let trial = 0; trial < 60; trial++) {
      const at = 3 * Math.floor(n * random.uniform());
      const scale = trial % 3 === 0 ? 0 : trial % 3 === 1 ? 0.3 : 30;
      const q = [0, 1, 2].map((k) => points[at + k] + scale * random.normal());
      const all = Array.from({ length: n }, (__, i) => square(points, i, q)).sort((a, b) => a - b);
      const [x, y, z] = q;
      expect(square(points, tree.nearest(x, y, z), q)).toBe(all[0]);
      tree.nearestPlace(x, y, z, Number.POSITIVE_INFINITY);
      expect([...tree.found]).toEqual([all[0], all[1] ?? Number.POSITIVE_INFINITY]);
      const k = Math.min(n, 7);
      expect(tree.nearestOf(x, y, z, 7).map((i) => square(points, i, q))).toEqual(all.slice(0, k));
      const radius = Math.sqrt(all[Math.min(3, n - 1)]);
      const within = all.filter((d) => d < radius * radius).length;
      expect(tree.nearestOf(x, y, z, n, radius)).toHaveLength(within);
      expect(tree.nearest(x, y, z, Math.sqrt(all[0]) * 0.999)).toBe(-1);
    }
  });

  test('refuses no points, and numbers that are none', () => {
    expect(() => new KdTree(new Float64Array(0))).toThrow(/no points/);
    expect(() => new KdTree([[1, 2, Number.NaN]])).toThrow(/z of point 1 is NaN; finitePoints/);
    expect(() => pointsOf([[1, 2]])).toThrow(/point 1 has 2 coordinates/);
    expect(() => pointsOf(new Float64Array(4))).toThrow(/4 numbers/);
  });
});

test('points that are not finite are left out', () => {
  const { points, rows } = finitePoints(
    Float64Array.of(1, 2, 3, Number.NaN, 0, 0, 4, Number.POSITIVE_INFINITY, 0, 7, 8, 9),
  );
  expect([[...points], [...rows]]).toEqual([
    [1, 2, 3, 7, 8, 9],
    [0, 3],
  ]);
});

test('voxels have the means of what lies in them, by cells in a list', () => {
  const points = drawn(2000, 6, (r) => 5 * r.normal());
  const { points: means, counts, cells } = voxelDownsample(points, 1.5);
  const groups = new Map<string, number[]>();
  for (let i = 0; i < 2000; i++) {
    const key = [0, 1, 2].map((k) => Math.floor(points[3 * i + k] / 1.5)).join();
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  expect(counts.length).toBe(groups.size);
  for (const [at, members] of [...groups.values()].entries()) {
    expect(counts[at]).toBe(members.length);
    for (const i of members) expect(cells[i]).toBe(at);
    for (let k = 0; k < 3; k++) {
      const mean = members.reduce((sum, i) => sum + points[3 * i + k], 0) / members.length;
      expect(means[3 * at + k]).toBeCloseTo(mean, 12);
    }
  }
  expect(voxelDownsample(new Float64Array(0), 1).points).toHaveLength(0);
  expect(() => voxelDownsample(points, 0)).toThrow(/above 0/);
  expect(() => voxelDownsample(points, 1e-12)).toThrow(/make them larger/);
});

test('eigenvalues and vectors of 3 × 3 matrices: A v = λ v, to the last digits of small ones too', () => {
  const random = new Random(3);
  const [values, vectors] = [new Float64Array(3), new Float64Array(9)];
  for (let trial = 0; trial < 500; trial++) {
    const scale = [1, 1e-9, 1e9][trial % 3];
    const B = Array.from({ length: 9 }, (_, k) => scale * random.normal() * (trial % 2 && k > 5 ? 1e-7 : 1));
    if (trial % 5 === 0) for (let k = 0; k < 3; k++) B[3 + k] = B[k];
    const A = Array.from({ length: 9 }, (_, k) =>
      [0, 1, 2].reduce((s, m) => s + B[3 * m + Math.floor(k / 3)] * B[3 * m + (k % 3)], 0),
    );
    eigen3(Float64Array.of(A[0], A[1], A[2], A[4], A[5], A[8]), values, vectors);
    expect([...values]).toEqual([...values].sort((a, b) => a - b));
    for (let k = 0; k < 3; k++) {
      const v = vectors.subarray(3 * k, 3 * k + 3);
      for (let j = 0; j < 3; j++) {
        const w = vectors.subarray(3 * j, 3 * j + 3);
        expect(v[0] * w[0] + v[1] * w[1] + v[2] * w[2]).toBeCloseTo(j === k ? 1 : 0, 12);
        const left = A[3 * j] * v[0] + A[3 * j + 1] * v[1] + A[3 * j + 2] * v[2];
        expect(Math.abs(left - values[k] * v[j])).toBeLessThan(1e-14 * values[2] + 1e-300);
      }
    }
  }
});

test('normals of planes, of a sphere, and none of lines', () => {
  const plane = drawn(300, 8).map((v, k) => (k % 3 === 2 ? 0 : v));
  for (let i = 0; i < 300; i++) plane[3 * i + 2] = 0.5 * plane[3 * i] - 2 * plane[3 * i + 1] + 7;
  const size = Math.sqrt(0.25 + 4 + 1);
  const { normals, curvatures, covariances, without } = neighbourhoods(plane, 8);
  expect(without).toBe(0);
  for (let i = 0; i < 300; i++) {
    expect(Math.abs(0.5 * normals[3 * i] - 2 * normals[3 * i + 1] - normals[3 * i + 2]) / size).toBeCloseTo(1, 10);
    expect(curvatures[i]).toBeLessThan(1e-12);
  }
  // By hand: the eight nearest, themselves among them.
  const near = new KdTree(plane).nearestOf(plane[0], plane[1], plane[2], 8);
  const mean = near.reduce((sum, i) => sum + plane[3 * i], 0) / 8;
  expect(covariances[0]).toBeCloseTo(near.reduce((sum, i) => sum + (plane[3 * i] - mean) ** 2, 0) / 8, 12);

  const ball = drawn(4000, 9);
  for (let k = 0; k < ball.length; k += 3) {
    const length = Math.hypot(ball[k], ball[k + 1], ball[k + 2]);
    for (let j = 0; j < 3; j++) ball[k + j] /= length;
  }
  const round = neighbourhoods(ball, 12).normals;
  for (let k = 0; k < ball.length; k += 3) {
    expect(Math.abs(ball[k] * round[k] + ball[k + 1] * round[k + 1] + ball[k + 2] * round[k + 2])).toBeGreaterThan(
      0.99,
    );
  }
  expect(
    neighbourhoods(
      drawn(50, 4, (_, k) => (k % 3) * Math.floor(k / 3)),
      5,
    ).without,
  ).toBe(50);
  expect(neighbourhoods(new Float64Array(30).fill(1)).without).toBe(10);
  expect(neighbourhoods([[0, 0, 0]]).without).toBe(1);
  expect(() => neighbourhoods(plane, 2)).toThrow(/at least 3/);
});

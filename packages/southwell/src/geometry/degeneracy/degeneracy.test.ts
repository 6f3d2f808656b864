import { Random } from '@southwell/numerics/core';
import { symmetricEigen, symmetricEigenvalues } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import {
  analyseDegeneracy,
  DEGENERACY_METHODS,
  expRotation,
  hessianAbout,
  identityPose,
  pointToPlaneHessian,
  solveDegenerate,
  stepPose,
  transformPoints,
  weakMotions,
} from '../index.ts';

/** H of rows J. */
const gram = (rows: readonly number[][]) =>
  Float64Array.from({ length: 36 }, (_, k) => rows.reduce((sum, row) => sum + row[Math.floor(k / 6)] * row[k % 6], 0));
const rowsOf = (n: number, seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: n }, () => Array.from({ length: 6 }, (_, k) => random.normal() * (k + 1)));
};
/** Gauss and Jordan, with pivots. */
function invert(A: ArrayLike<number>, n: number): number[] {
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: 2 * n }, (__, j) => (j < n ? A[n * i + j] : j === n + i ? 1 : 0)),
  );
  for (let k = 0; k < n; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]) > Math.abs(best[k]) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(k, 0, pivot);
    const scale = pivot[k];
    for (let j = 0; j < 2 * n; j++) pivot[j] /= scale;
    for (const [i, row] of rows.entries()) {
      const f = row[k];
      if (i !== k) for (let j = 0; j < 2 * n; j++) row[j] -= f * pivot[j];
    }
  }
  return rows.flatMap((row) => row.slice(n));
}
/** Gauss's elimination. */
const determinant = (A: readonly number[], n: number): number => {
  const a = [...A];
  let det = 1;
  for (let k = 0; k < n; k++) {
    det *= a[n * k + k];
    for (let i = k + 1; i < n; i++) {
      const f = a[n * i + k] / a[n * k + k];
      for (let j = k; j < n; j++) a[n * i + j] -= f * a[n * k + j];
    }
  }
  return det;
};
const block = (H: ArrayLike<number>, r: number, c: number) =>
  Array.from({ length: 9 }, (_, k) => H[6 * (r + Math.floor(k / 3)) + c + (k % 3)]);

/** Two walls, a floor, and if wanted the wall at the end, of a tunnel along a direction of the plane. */
function tunnel(angle: number, end: boolean, n = 1500): { points: Float64Array; normals: Float64Array } {
  const random = new Random(4);
  const [points, normals]: [number[], number[]] = [[], []];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const add = (p: readonly number[], m: readonly number[]) => {
    points.push(c * p[0] - s * p[1], s * p[0] + c * p[1], p[2]);
    normals.push(c * m[0] - s * m[1], s * m[0] + c * m[1], m[2]);
  };
  const along = () => 60 * random.uniform() - 30;
  const height = () => 3 * random.uniform() - 1;
  for (let i = 0; i < n; i++) {
    add([along(), 1.5, height()], [0, -1, 0]);
    add([along(), -1.5, height()], [0, 1, 0]);
    add([along(), 3 * random.uniform() - 1.5, -1], [0, 0, 1]);
    if (end && i % 3 === 0) add([30, 3 * random.uniform() - 1.5, height()], [-1, 0, 0]);
  }
  return { points: Float64Array.from(points), normals: Float64Array.from(normals) };
}

describe('Schur complements', () => {
  test('are what elimination leaves: det H = det H_tt det S_R, and the inverse of a block of H⁻¹', () => {
    for (let seed = 0; seed < 10; seed++) {
      const H = gram(rowsOf(9, seed));
      const { rotation, translation } = analyseDegeneracy(H);
      const det = determinant([...H], 6);
      expect((determinant(block(H, 3, 3), 3) * determinant([...rotation.schur], 3)) / det).toBeCloseTo(1, 8);
      const inverse = invert(H, 6);
      for (const [at, S] of [
        [0, rotation.schur],
        [3, translation.schur],
      ] as const) {
        const B = invert(block(inverse, at, at), 3);
        for (let k = 0; k < 9; k++) expect(Math.abs(S[k] / B[k] - 1)).toBeLessThan(1e-6);
        const least = symmetricEigenvalues(S, 3);
        const whole = symmetricEigenvalues(Float64Array.from(block(H, at, at)), 3);
        for (let k = 0; k < 3; k++) expect(least[k]).toBeLessThanOrEqual(whole[k] * (1 + 1e-12));
      }
    }
  });

  test('of turns depend neither on the units of shifts nor on the origin', () => {
    const rows = rowsOf(20, 3);
    const { rotation } = analyseDegeneracy(gram(rows));
    const scaled = analyseDegeneracy(gram(rows.map((row) => row.map((v, k) => (k < 3 ? v : 1000 * v)))));
    for (let k = 0; k < 9; k++) expect(scaled.rotation.schur[k] / rotation.schur[k]).toBeCloseTo(1, 9);
    const { points, normals } = tunnel(0.3, true);
    const here = pointToPlaneHessian(points, normals, identityPose());
    const c = [20, 5, 3];
    const there = pointToPlaneHessian(
      points.map((v, k) => v - c[k % 3]),
      normals,
      identityPose(),
    );
    const moved = hessianAbout(here, c);
    for (let k = 0; k < 36; k++) expect(Math.abs(moved[k] - there[k])).toBeLessThan(1e-8 * here[7]);
    const [a, b] = [analyseDegeneracy(here).rotation.schur, analyseDegeneracy(there).rotation.schur];
    for (let k = 0; k < 9; k++) expect(Math.abs(a[k] - b[k])).toBeLessThan(1e-9 * a[0] + 1e-9 * a[8]);
  });
});

describe('a tunnel', () => {
  test('has the motion along it named, and an end clears it', () => {
    const open = tunnel(0, false);
    const { translation, rotation, mask } = analyseDegeneracy(
      pointToPlaneHessian(open.points, open.normals, identityPose()),
    );
    expect(translation.mask).toEqual([true, false, false]);
    expect(translation.contributions[0]).toBeGreaterThan(0.99);
    expect([...translation.values].map((v) => Math.round(v / 100))).toEqual(
      [0, 25, 15].map((v) => expect.closeTo(v, -1)),
    );
    expect(translation.condition).toBe(Number.POSITIVE_INFINITY);
    // Lever arms: about the long axis turns are least known.
    expect(rotation.mask).toEqual([true, false, false]);
    expect(mask).toEqual([true, false, false, true, false, false]);
    const named = weakMotions(analyseDegeneracy(pointToPlaneHessian(open.points, open.normals, identityPose())));
    expect(named.map(({ name }) => name)).toEqual(['shift along x', 'turn about x']);
    const closed = tunnel(0, true);
    expect(
      analyseDegeneracy(pointToPlaneHessian(closed.points, closed.normals, identityPose())).translation.mask,
    ).toEqual([false, false, false]);
  });

  test('at 45 degrees gives half to each axis, whatever the rounding', () => {
    for (const off of [0, 1e-9, -1e-9]) {
      const { points, normals } = tunnel(Math.PI / 4 + off, false);
      const { translation } = analyseDegeneracy(pointToPlaneHessian(points, normals, identityPose()));
      expect([...translation.weakShare]).toEqual([0.5, 0.5, 0].map((v) => expect.closeTo(v, 6)));
      expect(translation.mask.filter(Boolean)).toHaveLength(1);
    }
  });
});

test('rows of the Jacobian are differences of the residual', () => {
  const random = new Random(5);
  for (let trial = 0; trial < 20; trial++) {
    const p = Float64Array.from({ length: 3 }, () => random.normal());
    const n = Float64Array.of(0.6, 0, 0.8);
    const pose = {
      rotation: expRotation([random.normal(), random.normal(), random.normal()]),
      translation: Float64Array.of(1, 2, 3),
    };
    const H = pointToPlaneHessian(p, n, pose);
    const residual = (step: readonly number[]) =>
      transformPoints(stepPose(pose, step), p).reduce((sum, v, k) => sum + v * n[k], 0);
    const J = Array.from({ length: 6 }, (_, k) => {
      const at = (h: number) => residual(Array.from({ length: 6 }, (__, j) => (j === k ? h : 0)));
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
    for (let k = 0; k < 36; k++) expect(H[k]).toBeCloseTo(J[Math.floor(k / 6)] * J[k % 6], 6);
  }
});

describe('steps', () => {
  test('of conjugate gradients are those of a dense solver, in six steps or few more', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rows = rowsOf(30, seed).map((row) => row.map((v, k) => (k === 4 ? 0.01 * v : v)));
      const H = gram(rows);
      const g = Float64Array.from(rows[0]);
      const { step, iterations, degeneracy } = solveDegenerate(H, g);
      expect(degeneracy!.mask).toContain(true);
      expect(iterations).toBeLessThanOrEqual(8);
      const inverse = invert(H, 6);
      const exact = Array.from({ length: 6 }, (_, i) => g.reduce((sum, v, j) => sum + inverse[6 * i + j] * v, 0));
      const off = Math.hypot(...exact.map((v, k) => v - step[k])) / Math.hypot(...exact);
      expect(off).toBeLessThan(1e-4);
      expect(degeneracy!.conditionPreconditioned).toBeLessThan(degeneracy!.conditionFull);
    }
  });

  test.each(DEGENERACY_METHODS)('%s moves nothing along what is not known, and gives numbers', (method) => {
    const { points, normals } = tunnel(0, false);
    const H = pointToPlaneHessian(points, normals, identityPose());
    const g = Float64Array.from({ length: 6 }, (_, k) => (k === 3 ? 0 : 100 + k));
    const { step } = solveDegenerate(H, g, { method });
    expect(step.every(Number.isFinite)).toBe(true);
    expect(Math.abs(step[3])).toBeLessThan(1e-9);
    const nothing = solveDegenerate(new Float64Array(36), new Float64Array(6), { method });
    expect([...nothing.step].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('ME-SR and ME-TSVD are one step, FCN-SR drops by ratio, ME-TReg damps', () => {
    const rows = rowsOf(40, 7);
    const H = gram(rows);
    const g = Float64Array.from(rows[1]);
    const { values, vectors } = symmetricEigen(H, 6);
    const by = (f: (v: number) => number) =>
      Array.from({ length: 6 }, (_, i) =>
        [0, 1, 2, 3, 4, 5].reduce(
          (sum, j) => sum + f(values[j]) * vectors[6 * i + j] * g.reduce((s, v, k) => s + v * vectors[6 * k + j], 0),
          0,
        ),
      );
    const near = (method: (typeof DEGENERACY_METHODS)[number], expected: readonly number[]) =>
      expect([...solveDegenerate(H, g, { method }).step]).toEqual(expected.map((v) => expect.closeTo(v, 8)));
    const largest = Math.max(...values);
    near(
      'me-sr',
      by((v) => (v >= 120 ? 1 / v : 0)),
    );
    near(
      'me-tsvd',
      by((v) => (v >= 120 ? 1 / v : 0)),
    );
    near(
      'fcn-sr',
      by((v) => (10 * v >= largest ? 1 / v : 0)),
    );
    near(
      'me-treg',
      by((v) => 1 / (v + 100)),
    );
    near(
      'none',
      by((v) => 1 / v),
    );
  });

  test('what is asked wrongly is refused', () => {
    const H = gram(rowsOf(8, 1));
    expect(() => analyseDegeneracy([1, 2])).toThrow(/36 numbers/);
    expect(() => analyseDegeneracy(H.map((v, k) => (k === 1 ? v + 100 : v)))).toThrow(
      /not symmetric: entries \(2, 1\)/,
    );
    expect(() => analyseDegeneracy(H.map((v, k) => (k === 7 ? Number.NaN : v)))).toThrow(/Entry \(2, 2\)/);
    expect(() => analyseDegeneracy(H, { conditionThreshold: 0.5 })).toThrow(/conditionThreshold/);
    expect(() => solveDegenerate(H, [1])).toThrow(/six numbers/);
    expect(() => solveDegenerate(H, new Float64Array(6), { method: 'x-icp' as 'none' })).toThrow(/one of dcreg/);
  });
});

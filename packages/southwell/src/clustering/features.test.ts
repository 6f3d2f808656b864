import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  adjustedRandIndex,
  nearestNeighbours,
  neighbourAffinity,
  neighbourScale,
  principalComponentIterates,
  project,
  spectralIterates,
} from './index.ts';

test('principal components of data with known axes', () => {
  const random = new Random(1);
  const n = 700;
  // Exactly uncorrelated: each value with all signs.
  const rows = Array.from({ length: n / 2 }, () => [5 * random.normal(), 2 * random.normal()]).flatMap(([a, b]) => [
    [(a - b) * Math.SQRT1_2 + 10, (a + b) * Math.SQRT1_2, 3],
    [(a + b) * Math.SQRT1_2 + 10, (a - b) * Math.SQRT1_2, 3],
  ]);
  const X = DenseMatrix.fromRows(rows);
  const { point, status, certificate } = run(principalComponentIterates(X, 2));
  expect(status).toBe('converged');
  expect(certificate!.relative).toBeLessThanOrEqual(1e-8);
  const found = point!;
  expect(Math.abs(found.directions.get(0, 0))).toBeCloseTo(Math.SQRT1_2, 7);
  expect(Math.abs(found.directions.get(1, 1))).toBeCloseTo(Math.SQRT1_2, 7);
  expect(found.directions.get(2, 0)).toBeCloseTo(0, 10);
  const Z = project(X, found);
  for (let c = 0; c < 2; c++) {
    const column = Z.column(c);
    expect(column.reduce((s, v) => s + v, 0) / n).toBeCloseTo(0, 8);
    expect(column.reduce((s, v) => s + v * v, 0) / n).toBeCloseTo(found.variances[c], 8);
  }
  expect(() => run(principalComponentIterates(X, 4))).toThrow(/from 1 to 3/);
  expect(run(principalComponentIterates(X, 2), { signal: AbortSignal.abort() })).toMatchObject({
    status: 'aborted',
    point: undefined,
  });
});

test('after scaling the mean squared distance to the last neighbour is 1', () => {
  const random = new Random(2);
  const rows = Array.from({ length: 90 }, () => [40 * random.normal(), 40 * random.normal()]);
  const scale = neighbourScale(nearestNeighbours(rows, 4));
  const { squaredDistances } = nearestNeighbours(
    rows.map((x) => x.map((v) => scale * v)),
    4,
  );
  expect(squaredDistances.reduce((s, v, t) => s + (t % 4 === 3 ? v / 90 : 0), 0)).toBeCloseTo(1, 10);
  expect(neighbourScale(nearestNeighbours([[1], [1], [1]], 1))).toBe(1);
});

test('spectral clustering parts two rings, which k-means cannot', () => {
  const random = new Random(3);
  const groups = Int32Array.from({ length: 300 }, (_, p) => p % 2);
  const rows = Array.from(groups, (g) => {
    const [t, r] = [2 * Math.PI * random.uniform(), g === 0 ? 1 : 4];
    return [r * Math.cos(t), r * Math.sin(t)];
  });
  const W = neighbourAffinity(nearestNeighbours(rows, 8));
  const { point, status, certificate } = run(spectralIterates(W, 2));
  expect(status).toBe('converged');
  expect(certificate!.relative).toBeLessThanOrEqual(1e-4);
  expect(adjustedRandIndex(groups, point)).toBe(1);
  // Cut short it gives clusters all the same, and says so.
  const cut = run(spectralIterates(W, 2), { maxIter: 1 });
  expect(cut.point).toHaveLength(300);
  if (cut.certificate!.relative > 1e-4) expect(cut.status).toBe('iteration-limit');
});

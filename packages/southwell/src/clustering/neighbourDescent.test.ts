import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { adjustedRandIndex, laplacianClustering, type Neighbours, nearestNeighbours, Points } from './index.ts';
import { neighbourDescent } from './neighbourDescent.ts';
import { blobs } from './testing.ts';

/** The share of exact neighbours that are among those found; checks distances and order on the way. */
function recall(X: DenseMatrix, found: Neighbours, exact: Neighbours): number {
  const { k } = exact;
  let hits = 0;
  let wrong = 0;
  for (let p = 0; p < X.rows; p++) {
    const own = found.indices.subarray(p * k, (p + 1) * k);
    if (new Set(own).size !== k || own.includes(p)) wrong++;
    for (let t = 0; t < k; t++) {
      let square = 0;
      for (let j = 0; j < X.cols; j++) square += (X.get(p, j) - X.get(own[t], j)) ** 2;
      const told = found.squaredDistances[p * k + t];
      if (Math.abs(told - square) > 1e-9 || (t > 0 && found.squaredDistances[p * k + t - 1] > told)) wrong++;
      if (told <= exact.squaredDistances[(p + 1) * k - 1]) hits++;
    }
  }
  expect(wrong).toBe(0);
  return hits / (X.rows * k);
}

test.each([
  [2100, 3, 1, 1],
  [2500, 20, 25, 10],
  [2100, 5, 3, 30],
])('nearly all neighbours are found: n = %i, d = %i, %i groups, k = %i', (n, d, groups, k) => {
  const { X } = blobs(n, d, groups, 4, n + d);
  const found = nearestNeighbours(X, k, { search: 'approximate', seed: 3 });
  expect(recall(X, found, nearestNeighbours(X, k))).toBeGreaterThan(0.99);
  // It is the other method, the same for a seed.
  expect(nearestNeighbours(X, k, { search: 'approximate', seed: 3 }).indices).toEqual(found.indices);
});

test('twins and constant points fill every list', () => {
  for (const [n, kinds] of [
    [300, 1],
    [300, 4],
    [40, 2],
  ]) {
    const points = Points.from(DenseMatrix.fromRows(Array.from({ length: n }, (_, p) => [p % kinds, 1])));
    const steps = neighbourDescent(points, 5, new Random(1));
    let step = steps.next();
    while (!step.done) step = steps.next();
    for (let p = 0; p < n; p++) {
      const own = Array.from(step.value.indices.subarray(5 * p, 5 * p + 5));
      expect(new Set(own).size).toBe(5);
      // The nearest ones of each are its twins.
      expect(own.every((q) => q !== p && q >= 0 && q % kinds === p % kinds)).toBe(true);
    }
    points.matrix.free();
  }
});

test('clusters with an approximate graph are those with the exact one', () => {
  const { X, groups } = blobs(2400, 8, 3, 6, 4);
  const { point } = laplacianClustering(X, 3, { search: 'approximate', restarts: 1 });
  expect(adjustedRandIndex(groups, point.assignments)).toBeGreaterThan(0.99);
  expect(() => nearestNeighbours(X, 2, { search: 'near' as 'exact' })).toThrow(/'exact' or 'approximate'/);
});

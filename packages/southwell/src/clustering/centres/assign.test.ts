import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { invert } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import { gaussianMixture, kMeans, mixturePosteriors, nearestPrototypes } from '../index.ts';

const random = new Random(2);
const groups = Array.from({ length: 90 }, (_, p) => {
  const [x, y] = [random.normal(), random.normal()];
  return [4 * (p % 3) + x, 2 * (p % 2) + 0.6 * x + 0.5 * y, 100 + random.normal()];
});
const fresh = Array.from({ length: 30 }, () => [10 * random.uniform(), 4 * random.uniform(), 100 + random.normal()]);

test('rows of the fit are in the clusters of the fit, others in the nearest', () => {
  const { point } = kMeans(groups, 3, { seed: 1 });
  expect(nearestPrototypes(groups, point.prototypes)).toEqual(point.assignments);
  const distance = (x: readonly number[], c: number) => Math.hypot(...x.map((v, j) => v - point.prototypes.get(c, j)));
  nearestPrototypes(fresh, point.prototypes).forEach((own, p) => {
    for (let c = 0; c < 3; c++) expect(distance(fresh[p], own)).toBeLessThanOrEqual(distance(fresh[p], c));
  });
  expect([...nearestPrototypes([[0], [2]], DenseMatrix.fromRows([[-1], [1], [3]]))]).toEqual([0, 1]);
  expect(() => nearestPrototypes([[1]], point.prototypes)).toThrow('have 3 columns, but the rows have 1');
  expect(() => nearestPrototypes([[Number.NaN, 0, 0]], point.prototypes)).toThrow();
});

test.each(['full', 'tied', 'diagonal', 'spherical'] as const)(
  'posteriors of %s covariances: those of the fit, and by densities written out',
  (covariance) => {
    const { point } = gaussianMixture(groups, 3, { covariance, seed: 1, regularization: 0.01 });
    const { soft, weights, prototypes, covariances, ridge } = point;
    const again = mixturePosteriors(groups, point);
    for (let at = 0; at < soft.data.length; at++) expect(again.data[at]).toBeCloseTo(soft.data[at], 10);
    const found = mixturePosteriors(fresh, point);
    fresh.forEach((x, p) => {
      const densities = Array.from(weights, (w, c) => {
        const S = DenseMatrix.create(3, 3);
        const values = covariances[c];
        for (let i = 0; i < 3; i++)
          for (let j = 0; j < 3; j++)
            S.set(i, j, values.length === 9 ? values[3 * i + j] : i === j ? values[values.length === 1 ? 0 : i] : 0);
        const logDet = invert(S);
        const off = x.map((v, j) => v - prototypes.get(c, j));
        const square = off.reduce((sum, a, i) => sum + off.reduce((s, b, j) => s + a * S.get(i, j) * b, 0), 0);
        const trace = S.get(0, 0) + S.get(1, 1) + S.get(2, 2);
        return { w, logDet, square, trace };
      });
      const logs = densities.map(({ w, logDet, square, trace }) => Math.log(w) - (logDet + square + ridge * trace) / 2);
      const most = Math.max(...logs);
      const total = logs.reduce((s, v) => s + Math.exp(v - most), 0);
      logs.forEach((v, c) => {
        expect(found.get(p, c)).toBeCloseTo(Math.exp(v - most) / total, 9);
      });
    });
    // Far beyond every component.
    expect(mixturePosteriors([[1e8, 0, 0]], point).data.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  },
);

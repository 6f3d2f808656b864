import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { adjustedRandIndex, type CovarianceKind, gaussianMixture, kMeans, mixtureIterates, Points } from '../index.ts';
import { blobs } from '../testing.ts';

const kinds: CovarianceKind[] = ['full', 'tied', 'diagonal', 'spherical'];

/** Whole-number arithmetic, so that Python has the same table. */
const table = Array.from({ length: 120 }, (_, i) =>
  [0, 1, 2].map(
    (j) => ((i * i * 7 + j * 13 + i * j * 5) % 101) / 25 + (j === 0 ? 3 * (i % 3) : j === 1 && i % 3 === 1 ? 2 : 0),
  ),
);
const thirds = [0, 1, 2].map((g) =>
  [0, 1, 2].map((j) => table.filter((_, i) => i % 3 === g).reduce((sum, row) => sum + row[j] / 40, 0)),
);

// scikit-learn 1.4.2, GaussianMixture(3, tol=1e-12, reg_covar=1e-9) from the clusters of KMeans started at `thirds`:
// log-likelihood, BIC, weights, first mean, first three entries of the covariances, probabilities of row 7.
test.each([
  [
    'full',
    -654.1596700853995,
    1447.1566007114784,
    [0.5294089064351674, 0.08210745956061617, 0.3884836340042165],
    [2.877166460587056, 2.666764140938947, 2.0085735146723196],
    [2.4230420822290264, 0.8820578757840072, 0.11762769142898372],
    [0.2391547157597467, 0.7587431462523411, 0.002102137987912583],
  ],
  [
    'tied',
    -657.7682049730095,
    1396.9237695733136,
    [0.39274101658268634, 0.22066942751791901, 0.38658955589939453],
    [2.321674458302785, 2.3434918689526048, 1.9941253895794366],
    [1.4706778976604813, 0.2345432838108403, 0.08434976989371608],
    [0.044870311875059264, 0.9544636882560915, 0.000665999868849373],
  ],
  [
    'diagonal',
    -658.4481406457026,
    1412.646116147046,
    [0.43453708576924366, 0.15785138087629066, 0.40761153333446565],
    [2.4421503279039087, 2.3660741737887316, 1.9831134286425403],
    [1.6552967272765695, 1.202932238351936, 1.1328660228618],
    [0.01763462055680886, 0.9782850978732234, 0.004080281569967735],
  ],
  [
    'spherical',
    -659.7112473298399,
    1386.4473790586285,
    [0.3904587621239253, 0.22480380543616088, 0.38473743243991393],
    [2.2738452082690905, 2.305642169581489, 1.9760479493401533],
    [1.25611578088934, 1.3590674027654222, 1.3570418789238665],
    [0.010512796332421184, 0.9876527341151266, 0.001834469552452068],
  ],
] as const)('%s covariances are those of scikit-learn', (covariance, ll, bic, weights, mean, first, probabilities) => {
  const { point, objective } = gaussianMixture(table, 3, {
    covariance,
    init: thirds,
    regularization: 1e-9,
    tol: 1e-13,
    maxIter: 5000,
  });
  expect(point.logLikelihood).toBeCloseTo(ll, 5);
  expect(objective).toBeCloseTo(-ll, 5);
  expect(point.bic).toBeCloseTo(bic, 5);
  const entries = point.covariances.flatMap((S) => [...S]);
  for (let t = 0; t < 3; t++) {
    expect(point.weights[t]).toBeCloseTo(weights[t], 4);
    expect(point.prototypes.get(0, t)).toBeCloseTo(mean[t], 4);
    expect(entries[t]).toBeCloseTo(first[t], 4);
    expect(point.soft.get(7, t)).toBeCloseTo(probabilities[t], 4);
  }
});

test.each(kinds)('the likelihood never falls and probabilities add up: %s', (covariance) => {
  // More columns than points of a component, twins, and a strong regularisation: what breaks other updates.
  const { X } = blobs(60, 30, 4, 2, 3);
  for (let j = 0; j < 30; j++) for (let i = 50; i < 60; i++) X.set(i, j, X.get(0, j));
  for (const regularization of [1e-6, 0.1, 3]) {
    const points = Points.from(X);
    let before = Number.POSITIVE_INFINITY;
    let steps = 0;
    for (const { objective, snapshot } of mixtureIterates(points, 4, { covariance, regularization, seed: 1 })) {
      expect(objective).toBeLessThanOrEqual(before + 1e-9 * Math.abs(before));
      before = objective;
      if (++steps < 40) continue;
      const { soft, weights } = snapshot();
      for (let p = 0; p < 60; p++) {
        expect([0, 1, 2, 3].reduce((sum, c) => sum + soft.get(p, c), 0)).toBeCloseTo(1, 12);
      }
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      break;
    }
    points.matrix.free();
  }
});

test.each(kinds)('the log-likelihood has no part of the penalty, however strong: %s', (covariance) => {
  const { X } = blobs(90, 2, 3, 2, 3);
  const { point, objective } = gaussianMixture(X, 3, { covariance, regularization: 0.3 });
  let expected = 0;
  for (let p = 0; p < 90; p++) {
    let density = 0;
    point.covariances.forEach((S, c) => {
      // 2 × 2, written out.
      const [a, b, d] = S.length === 4 ? [S[0], S[1], S[3]] : [S[0], 0, S[S.length - 1]];
      const det = a * d - b * b;
      const [x, y] = [0, 1].map((j) => X.get(p, j) - point.prototypes.get(c, j));
      const square = (d * x * x - 2 * b * x * y + a * y * y) / det;
      density += (point.weights[c] * Math.exp(-square / 2)) / (2 * Math.PI * Math.sqrt(det));
    });
    expected += Math.log(density);
  }
  expect(objective).toBeGreaterThan(1 - expected);
  expect(Math.abs(point.logLikelihood - expected)).toBeLessThan(1e-9 * Math.abs(expected));
});

test('one component has the mean and the covariance of the points', () => {
  const random = new Random(2);
  const rows = Array.from({ length: 500 }, () => {
    const [a, b] = [random.normal(), random.normal()];
    return [5 + a, 2 * a + b];
  });
  const { point, status } = gaussianMixture(rows, 1, { regularization: 1e-12 });
  expect(status).toBe('converged');
  const mean = [0, 1].map((j) => rows.reduce((sum, row) => sum + row[j] / 500, 0));
  for (let i = 0; i < 2; i++) {
    expect(point.prototypes.get(0, i)).toBeCloseTo(mean[i], 10);
    for (let j = 0; j < 2; j++) {
      const expected = rows.reduce((sum, row) => sum + ((row[i] - mean[i]) * (row[j] - mean[j])) / 500, 0);
      expect(point.covariances[0][2 * i + j]).toBeCloseTo(expected, 9);
    }
  }
});

test('a narrow group before a wide one, which k-means cuts, and BIC finds their number', () => {
  const random = new Random(5);
  const groups = Int32Array.from({ length: 600 }, (_, p) => p % 2);
  const rows = Array.from(groups, (g) => [
    g ? 4 + 3 * random.normal() : 0.3 * random.normal(),
    (g ? 3 : 0.3) * random.normal(),
  ]);
  const found = [1, 2, 3].map((k) => gaussianMixture(rows, k, { seed: 1, covariance: 'spherical' }).point);
  const plain = adjustedRandIndex(groups, kMeans(rows, 2, { seed: 1 }).point.assignments);
  expect(plain).toBeLessThan(0.8);
  expect(adjustedRandIndex(groups, found[1].assignments)).toBeGreaterThan(0.95);
  expect(found[1].bic).toBeLessThan(Math.min(found[0].bic, found[2].bic));
});

describe('hostile input', () => {
  test.each(kinds)('twins, one point, constant columns: %s', (covariance) => {
    const twins = gaussianMixture(DenseMatrix.fromRows(Array.from({ length: 6 }, () => [1, 2])), 3, { covariance });
    expect(twins.point.logLikelihood).toBeGreaterThan(0);
    expect([...twins.point.weights].every((w) => w >= 0)).toBe(true);
    expect(gaussianMixture([[4, 2]], 1, { covariance }).point.prototypes.get(0, 1)).toBe(2);
    const flat = Array.from({ length: 20 }, (_, i) => [i % 5, 7]);
    expect(Number.isFinite(gaussianMixture(flat, 2, { covariance }).point.bic)).toBe(true);
  });
  test('is refused with a sentence', () => {
    const refused = (run: () => unknown, code: string) => {
      expect(run).toThrow(SouthwellError);
      expect(run).toThrow(expect.objectContaining({ code }));
    };
    refused(() => gaussianMixture([], 1), 'EMPTY');
    refused(() => gaussianMixture([[Number.NaN]], 1), 'NON_FINITE');
    refused(() => gaussianMixture([[1], [2]], 3), 'INVALID_PARAMETER');
    refused(() => gaussianMixture([[1], [2]], 1, { covariance: 'round' as 'full' }), 'INVALID_PARAMETER');
    refused(() => gaussianMixture([[1], [2]], 1, { regularization: 0 }), 'INVALID_PARAMETER');
    refused(() => gaussianMixture([[1], [2]], 2, { init: [[1]] }), 'INVALID_SHAPE');
    refused(() => gaussianMixture([[1], [2]], 2, { restarts: 0 }), 'INVALID_PARAMETER');
  });
});

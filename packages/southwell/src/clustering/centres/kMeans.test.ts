import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { adjustedRandIndex, kMeans, kMeansIterates, Points } from '../index.ts';
import { blobs, squaredDistance } from '../testing.ts';

/** Lloyd's algorithm as the textbook has it. */
function lloyd(rows: number[][], seeds: number[][], steps: number) {
  const centres = seeds.map((c) => [...c]);
  const nearest = () =>
    rows.map((x) => {
      const all = centres.map((c) => squaredDistance(x, c));
      return all.indexOf(Math.min(...all));
    });
  let labels = nearest();
  for (let t = 0; t < steps; t++) {
    centres.forEach((c, k) => {
      const own = rows.filter((_, p) => labels[p] === k);
      if (own.length > 0) for (let j = 0; j < c.length; j++) c[j] = own.reduce((s, x) => s + x[j], 0) / own.length;
    });
    labels = nearest();
  }
  return { labels, centres, energy: rows.reduce((s, x, p) => s + squaredDistance(x, centres[labels[p]]), 0) };
}

test.each([
  [300, 2, 4, 0],
  [400, 7, 6, 1],
  [700, 30, 13, 0.5],
  [50, 3, 1, 3],
  [40, 5, 40, 3],
])('every step is that of Lloyd: n = %i, d = %i, k = %i', (n, d, k, spread) => {
  const { X, rows } = blobs(n, d, Math.min(k, 5), spread, n);
  const seeds = Array.from(new Random(1).sample(n, k), (p) => rows[p]);
  const points = Points.from(X);
  for (const it of kMeansIterates(points, k, { init: seeds })) {
    const expected = lloyd(rows, seeds, it.iteration);
    const { assignments, prototypes } = it.snapshot();
    expect(Array.from(assignments)).toEqual(expected.labels);
    expect(it.objective).toBeCloseTo(expected.energy, 7);
    for (let c = 0; c < k; c++) {
      for (let j = 0; j < d; j++) expect(prototypes.get(c, j)).toBeCloseTo(expected.centres[c][j], 10);
    }
  }
});

test('every step is that of Lloyd beside points and prototypes that are very far', () => {
  const { rows } = blobs(300, 5, 4, 2, 8);
  rows[7] = [3e8, -1e8, 0, 0, 1];
  rows[9] = [0, 0, 0, 0, 0];
  // The second is out of reach of single precision, and stays where it is.
  const seeds = [rows[0], [1e30, 0, 0, 0, 0], rows[2], rows[7], rows[3]];
  const points = Points.from(DenseMatrix.fromRows(rows));
  for (const { iteration, snapshot } of kMeansIterates(points, 5, { init: seeds })) {
    if (iteration > 0) break;
    expect(Array.from(snapshot().assignments)).toEqual(lloyd(rows, seeds, 0).labels);
  }
  for (const { iteration, snapshot } of kMeansIterates(points, 4, { init: seeds.filter((_, c) => c !== 1) })) {
    const expected = lloyd(
      rows,
      seeds.filter((_, c) => c !== 1),
      iteration,
    );
    expect(Array.from(snapshot().assignments)).toEqual(expected.labels);
  }
});

test('the objective never rises, and seeds find separated groups', () => {
  const { X, groups } = blobs(600, 4, 6, 12, 3);
  const found = kMeans(X, 6, { seed: 2 });
  expect(found.status).toBe('converged');
  expect(adjustedRandIndex(groups, found.point.assignments)).toBe(1);
  const energies = found.trace.map((t) => t.objective);
  for (let t = 1; t < energies.length; t++) expect(energies[t]).toBeLessThanOrEqual(energies[t - 1] * (1 + 1e-12));
});

test('the best of more starts is no worse, and the same seed gives the same answer', () => {
  const { X } = blobs(300, 2, 9, 3, 5);
  const one = kMeans(X, 9, { restarts: 1, seed: 4 });
  const ten = kMeans(X, 9, { restarts: 10, seed: 4 });
  expect(ten.objective).toBeLessThanOrEqual(one.objective);
  expect(kMeans(X, 9, { restarts: 10, seed: 4 }).point.assignments).toEqual(ten.point.assignments);
  expect(kMeans(X, 9, { init: 'random', restarts: 3 }).objective).toBeGreaterThan(0);
});

test('translations far from the origin and scales change nothing', () => {
  const { X, rows } = blobs(200, 3, 4, 4, 6);
  const base = kMeans(X, 4, { restarts: 3 });
  for (const [shift, scale] of [
    [1e6, 1],
    [0, 1e120],
    [0, 1e-120],
  ]) {
    const moved = DenseMatrix.fromRows(rows.map((x) => x.map((v) => (v + shift) * scale)));
    const found = kMeans(moved, 4, { restarts: 3 });
    expect(adjustedRandIndex(found.point.assignments, base.point.assignments)).toBe(1);
    expect(found.objective / scale / scale / base.objective).toBeCloseTo(1, 6);
  }
});

describe('degenerate input', () => {
  const error = (f: () => unknown): string => {
    try {
      f();
    } catch (e) {
      return e instanceof SouthwellError ? e.code : String(e);
    }
    return 'none';
  };
  const points = [
    [0, 0],
    [0, 0],
    [0, 0],
    [5, 5],
    [5, 5],
  ];

  test('more clusters than distinct points: the rest stay empty, at no cost', () => {
    const found = kMeans(points, 4);
    expect(found.objective).toBe(0);
    expect(new Set(found.point.assignments).size).toBe(2);
    expect(kMeans(Array(8).fill([3, 3, 3]), 5).objective).toBe(0);
  });

  test('k = 1 is the mean, k = n every point; constant columns do no harm', () => {
    expect(Array.from(kMeans(points, 1).point.prototypes.data)).toEqual([2, 2]);
    const rows = Array.from({ length: 9 }, (_, p) => [p * p, 7]);
    const all = kMeans(rows, 9);
    expect(all.objective).toBeCloseTo(0, 10);
    expect(new Set(all.point.assignments).size).toBe(9);
  });

  test('an empty cluster takes the farthest point', () => {
    const rows = [[0], [1], [2], [30]];
    const found = kMeans(rows, 2, { init: [[1], [1000]] });
    expect(new Set(found.point.assignments).size).toBe(2);
    expect(found.objective).toBeCloseTo(2, 12);
  });

  test('errors say what is wrong', () => {
    expect(error(() => kMeans([], 1))).toBe('EMPTY');
    expect(error(() => kMeans([[], []], 1))).toBe('EMPTY');
    expect(error(() => kMeans([[1], [Number.NaN]], 1))).toBe('NON_FINITE');
    expect(error(() => kMeans([[1e200], [-1e200]], 1))).toBe('NUMERICAL');
    for (const k of [0, 1.5, 6, Number.NaN]) expect(error(() => kMeans(points, k))).toBe('INVALID_PARAMETER');
    expect(error(() => kMeans(points, 2, { init: [[1, 2]] }))).toBe('INVALID_SHAPE');
    expect(error(() => kMeans(points, 2, { restarts: 0 }))).toBe('INVALID_PARAMETER');
  });

  test('an abort ends the run and keeps the best so far', () => {
    const { X } = blobs(500, 2, 5, 0, 1);
    const controller = new AbortController();
    const found = kMeans(X, 5, { signal: controller.signal, onIterate: () => controller.abort() });
    expect(found.status).toBe('aborted');
    expect(found.point.assignments).toHaveLength(500);
    const points = Points.from(X);
    expect(run(kMeansIterates(points, 5), { maxIter: 2 }).status).toBe('iteration-limit');
  });
});

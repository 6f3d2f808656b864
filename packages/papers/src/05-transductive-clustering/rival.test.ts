import { DenseMatrix, Random, run } from 'southwell';
import { fewShotClassify, kMeansIterates, Points } from 'southwell/clustering';
import { describe, expect, test } from 'vitest';
import {
  byKMeans,
  byLaplacianShot,
  byPrototypes,
  costs,
  kMeans,
  prepared,
  type Rows,
  relaxedEnergy,
  starts,
} from './rival.ts';

/** Groups that overlap: which group each row is of, and where it lies. */
function groups(random: Random, each: number, k = 4, d = 6): { rows: Float64Array[]; labels: number[] } {
  const centres = Array.from({ length: k }, () => Float64Array.from({ length: d }, () => 1.5 * random.normal()));
  const labels = Array.from({ length: k * each }, (_, p) => p % k);
  return { rows: labels.map((c) => centres[c].map((v) => v + random.normal())), labels };
}
const matrix = (rows: Rows) => DenseMatrix.fromRows(rows.map((row) => Array.from(row)));

describe('the rivals and the library, which share no code, give the same classes', () => {
  test.each([
    ['nearest prototypes', byPrototypes, { prototype: 'fixed', lambda: 0 }],
    ['K-means', byKMeans, { prototype: 'mean', lambda: 0 }],
    [
      'LaplacianShot',
      (task: Parameters<typeof byPrototypes>[0]) => byLaplacianShot(task, 1),
      { prototype: 'fixed', lambda: 1, tolInner: 1e-12 },
    ],
  ] as const)('%s', (_, rival, options) => {
    for (let seed = 0; seed < 20; seed++) {
      const { rows, labels } = groups(new Random(seed), 15);
      const task = { support: rows.slice(0, 8), labels: labels.slice(0, 8), query: rows.slice(8) };
      const theirs = fewShotClassify(matrix(task.support), task.labels, matrix(task.query), { ...options, tol: 0 });
      expect(rival(prepared(task))).toEqual(Array.from(theirs.classes));
    }
  });

  test('K-means from given starts', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = new Random(seed);
      const { rows } = groups(random, 50);
      const start = starts(rows, 4, random);
      const solution = run(kMeansIterates(Points.from(matrix(rows)), 4, { init: matrix(start) }), { tol: 0 });
      expect(kMeans(rows, start)).toEqual(Array.from(solution.point!.assignments));
    }
  });
});

test('starts are rows far from each other', () => {
  // Four groups a hundred times farther apart than they are wide: one start in each.
  const rows = Array.from({ length: 80 }, (_, p) => Float64Array.of(1000 * (p % 4) + Math.floor(p / 4) / 4, 0));
  for (let seed = 0; seed < 20; seed++) {
    const chosen = starts(rows, 4, new Random(seed));
    expect(new Set(chosen.map(([x]) => Math.round(x / 1000))).size).toBe(4);
  }
});

test('the relaxed energy of one-hot and of even assignments, by hand', () => {
  const rows = [Float64Array.of(0), Float64Array.of(1), Float64Array.of(4)];
  const centres = [Float64Array.of(0), Float64Array.of(4)];
  // Points 1 and 2 are neighbours.
  const W = { pointers: [0, 1, 2, 2], indices: [1, 0], weights: [1, 1] };
  const [first, second, even] = [Float64Array.of(1, 0), Float64Array.of(0, 1), Float64Array.of(0.5, 0.5)];
  expect(relaxedEnergy(costs(rows, centres), W, 3, [first, first, second])).toBe(0 + 1 + 0 - 3);
  expect(relaxedEnergy(costs(rows, centres), W, 3, [first, second, second])).toBe(0 + 9 + 0);
  expect(relaxedEnergy(costs(rows, centres), W, 3, [even, first, second])).toBeCloseTo(8 - Math.log(2) + 1 - 3 / 2, 12);
});

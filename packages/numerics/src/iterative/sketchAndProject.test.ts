import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { type SketchOptions, sketchAndProject, sketchAndProjectIterates } from './sketchAndProject.ts';

const random = new Random(7);
const matrix = (rows: number, cols: number) =>
  Array.from({ length: rows }, () => Array.from({ length: cols }, () => random.normal()));
const times = (A: readonly number[][], x: readonly number[]) =>
  A.map((row) => row.reduce((sum, v, j) => sum + v * x[j], 0));
const distance = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Math.sqrt(Array.from(x, (v, i) => (v - y[i]) ** 2).reduce((sum, v) => sum + v, 0));

const kinds: ReadonlyArray<readonly [string, SketchOptions]> = [
  ['rows by norm', {}],
  ['rows drawn uniformly', { sampling: 'uniform' }],
  ['blocks of rows', { blockSize: 3 }],
  ['combinations of all rows', { sketch: 'gaussian' }],
  ['blocks of combinations', { sketch: 'gaussian', blockSize: 4 }],
];

describe.each(kinds)('%s', (_, options) => {
  test('solve systems of any shape; the distance from the solution never grows', () => {
    for (const [m, n] of [
      [6, 6],
      [12, 5],
    ]) {
      const A = matrix(m, n);
      const exact = Array.from({ length: n }, () => random.normal());
      const b = times(A, exact);
      let last = Number.POSITIVE_INFINITY;
      let steps = 0;
      for (const { certificate, snapshot, done, work } of sketchAndProjectIterates(A, b, { ...options, tol: 1e-10 })) {
        const now = distance(snapshot(), exact);
        expect(now).toBeLessThanOrEqual(last * (1 + 1e-9) + 1e-13);
        expect(certificate!.value).toBeCloseTo(distance(times(A, Array.from(snapshot())), b), 8);
        last = now;
        steps = work.steps!;
        if (done || steps > 2e6) break;
      }
      expect(last).toBeLessThan(1e-6);
    }
  });

  test('of many solutions the one nearest to the start; dependent rows, rows of zeros', () => {
    const A = [...matrix(2, 5), [0, 0, 0, 0, 0]];
    const full = [...A, A[0].map((v, j) => v + 2 * A[1][j]), A[1]];
    const start = [1, -1, 2, 0, 3];
    const b = times(full, [1, 2, 3, 4, 5]);
    const { point: found, status } = sketchAndProject(full, b, { ...options, x0: start, tol: 1e-12 });
    expect(status).toBe('converged');
    // The way is in the span of the rows: orthogonal to their null space.
    const [p, q] = A;
    const way = Array.from(found, (v, j) => v - start[j]);
    const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, w, j) => sum + w * v[j], 0);
    const [pp, pq, qq, pw, qw] = [dot(p, p), dot(p, q), dot(q, q), dot(p, way), dot(q, way)];
    const det = pp * qq - pq * pq;
    const [u, v] = [(qq * pw - pq * qw) / det, (pp * qw - pq * pw) / det];
    for (let j = 0; j < 5; j++) expect(way[j]).toBeCloseTo(u * p[j] + v * q[j], 8);
  });

  test('the same seed gives the same bits, also of a sparse matrix', () => {
    const A = matrix(7, 4).map((row) => row.map((v) => (Math.abs(v) < 0.5 ? 0 : v)));
    const b = times(A, [1, 2, 3, 4]);
    const more = { ...options, seed: 5, maxIter: 20 };
    const dense = sketchAndProject(A, b, more).point;
    const entries = A.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [[i, j, v]])));
    const [rows, cols, values] = [0, 1, 2].map((k) => entries.map((entry) => entry[k]));
    expect(sketchAndProject(CscMatrix.fromTriplets(7, 4, rows, cols, values), b, more).point).toEqual(dense);
    expect(sketchAndProject(DenseMatrix.fromRows(A), b, more).point).toEqual(dense);
    expect(sketchAndProject(A, b, { ...more, seed: 6 }).point).not.toEqual(dense);
  });
});

test('a block of all rows solves at once', () => {
  const A = matrix(4, 6);
  const b = [1, 2, 3, 4];
  const { iterations, point } = sketchAndProject(A, b, { blockSize: 4, tol: 1e-12 });
  expect(iterations).toBe(1);
  expect(times(A, Array.from(point))).toEqual(b.map((v) => expect.closeTo(v, 10)));
});

test.each([
  ['norms', [9 / 14, 4 / 14, 1 / 14]],
  ['uniform', [1 / 3, 1 / 3, 1 / 3]],
] as const)('rows drawn by %s have their shares', (sampling, shares) => {
  // Of orthogonal rows, an error is gone once its row has been drawn.
  const A = [
    [3, 0, 0],
    [0, 2, 0],
    [0, 0, 1],
  ];
  const runs = 400;
  const left = [0, 0, 0];
  for (let seed = 0; seed < runs; seed++) {
    const { point } = sketchAndProject(A, [3, 2, 1], { seed, sampling, tol: 0, maxIter: 1 });
    for (let j = 0; j < 3; j++) left[j] += (1 - point[j]) / runs;
  }
  // Three draws; four standard errors.
  for (let j = 0; j < 3; j++)
    expect(Math.abs(left[j] - (1 - shares[j]) ** 3)).toBeLessThan(4 * (0.5 / Math.sqrt(runs)));
});

test('huge and tiny scales', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100, max: 100 }), (power) => {
      const scale = 10 ** power;
      const A = [
        [2 * scale, scale],
        [scale, 3 * scale],
      ];
      const { point, status } = sketchAndProject(A, times(A, [1, -1]), { tol: 1e-9 });
      expect(status).toBe('converged');
      expect(Array.from(point)).toEqual([expect.closeTo(1, 6), expect.closeTo(-1, 6)]);
    }),
  );
});

test('what cannot be solved, and what is no system', () => {
  const none = sketchAndProject(
    [
      [1, 2],
      [0, 0],
    ],
    [1, 3],
  );
  expect([none.status, none.next]).toEqual(['infeasible', 'Row 2 of A is zero, but b is 3 there.']);
  const against = sketchAndProject([[1], [1]], [0, 1], { maxIter: 50 });
  expect(against.status).toBe('iteration-limit');
  expect(sketchAndProject([[1, 2]], [0]).point).toEqual(new Float64Array(2));
  expect(sketchAndProject([[0, 0]], [0])).toMatchObject({ status: 'converged' });
  expect(() => sketchAndProject([[1, 2]], [1, 2])).toThrow('b has 2 values, but A has 1 rows');
  expect(() => sketchAndProject([[Number.NaN]], [1])).toThrow(/NaN/);
  expect(() => sketchAndProject([[1]], [1], { blockSize: 0 })).toThrow(/blockSize/);
  expect(() => sketchAndProject([[1]], [1], { sampling: 'norms', blockSize: 2 })).toThrow(/blockSize 1/);
  expect(() => sketchAndProject([[1]], [1], { sketches: 1 } as object)).toThrow(/sketches/);
});

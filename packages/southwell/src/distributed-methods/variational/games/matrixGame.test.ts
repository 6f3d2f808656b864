import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { lu } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GameState, matrixGame, matrixGameIterates } from './matrixGame.ts';
import { gapFunction } from './payoffs.ts';

const normals = (rows: number, cols: number, seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: rows }, () => Array.from({ length: cols }, () => random.normal()));
};

function subsets(n: number, size: number): number[][] {
  const all = Array.from({ length: 1 << n }, (_, mask) => [...Array(n).keys()].filter((i) => (mask >> i) & 1));
  return all.filter((set) => set.length === size);
}

/** The value by Shapley and Snow: some square submatrix that equalises both players gives optimal strategies. */
function valueByKernels(A: number[][]): number {
  const [m, n] = [A.length, A[0].length];
  for (let size = 1; size <= Math.min(m, n); size++) {
    for (const I of subsets(m, size))
      for (const J of subsets(n, size)) {
        // B p = v·1 and Σp = 1, for both players.
        const solve = (entry: (a: number, b: number) => number) => {
          const K = Array.from({ length: size + 1 }, (_, a) =>
            Array.from({ length: size + 1 }, (_, b) =>
              a < size && b < size ? entry(a, b) : a < size ? -1 : b < size ? 1 : 0,
            ),
          );
          const factor = lu(DenseMatrix.fromRows(K));
          if (factor.reciprocalCondition() < 1e-12) return undefined;
          return factor.solve(Float64Array.from({ length: size + 1 }, (_, a) => (a === size ? 1 : 0)));
        };
        const [q, p] = [solve((a, b) => A[I[a]][J[b]]), solve((a, b) => A[I[b]][J[a]])];
        if (!p || !q || [...p.slice(0, size), ...q.slice(0, size)].some((v) => v < -1e-9)) continue;
        const [x, y] = [Array<number>(m).fill(0), Array<number>(n).fill(0)];
        for (const [k, i] of I.entries()) x[i] = p[k];
        for (const [k, j] of J.entries()) y[j] = q[k];
        const upper = Math.max(...A.map((row) => row.reduce((sum, a, j) => sum + a * y[j], 0)));
        const lower = Math.min(...y.map((_, j) => A.reduce((sum, row, i) => sum + row[j] * x[i], 0)));
        if (upper - lower < 1e-9) return p[size];
      }
  }
  throw new Error('There is no kernel.');
}

test('random small games, with ties, have the value of the kernels of Shapley and Snow', () => {
  const entries = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ min: -5, max: 5, noNaN: true }).map((v) => Math.fround(v)),
  );
  const games = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .chain(([m, n]) => fc.array(fc.array(entries, { minLength: n, maxLength: n }), { minLength: m, maxLength: m }));
  fc.assert(
    fc.property(games, (A) => {
      const { point, status, certificate } = matrixGame(A, { tol: 1e-13 });
      expect(status).toBe('converged');
      expect(certificate!.relative).toBeLessThan(1e-13);
      expect(point.value).toBeCloseTo(valueByKernels(A), 9);
      const { gap } = gapFunction(A)(point.x, point.y);
      expect(gap).toBe(point.gap);
    }),
    { numRuns: 150, seed: 3 },
  );
});

test('known games', () => {
  const stones = matrixGame(
    [
      [0, -1, 1],
      [1, 0, -1],
      [-1, 1, 0],
    ],
    { tol: 1e-14 },
  ).point;
  for (const p of [...stones.x, ...stones.y]) expect(p).toBeCloseTo(1 / 3, 13);
  expect(Math.abs(stones.value)).toBeLessThan(1e-15);
  // On a diagonal d the value is 1/Σ(1/d), with probabilities value/d.
  const d = Array.from({ length: 50 }, (_, i) => 1 + i);
  const value = 1 / d.reduce((sum, v) => sum + 1 / v, 0);
  const { point } = matrixGame(
    d.map((v, i) => d.map((_, j) => (i === j ? v : 0))),
    { tol: 1e-14 },
  );
  expect(point.value).toBeCloseTo(value, 13);
  for (const [i, v] of d.entries()) expect(point.x[i]).toBeCloseTo(value / v, 12);
  // 2 × 2 without a saddle point, in closed form.
  expect(
    matrixGame(
      [
        [3, -1],
        [-2, 4],
      ],
      { tol: 1e-14 },
    ).point.value,
  ).toBeCloseTo((3 * 4 - 2) / 10, 14);
});

test('a game of 60 × 80 with many ties has the value of a linear program', () => {
  const A = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 80 }, (_, j) => ((i * i * 7919 + j * j * j * 104729 + i * j * 31) % 1009) / 100),
  );
  // scipy.optimize.linprog with method highs-ds, SciPy 1.17.1.
  expect(matrixGame(A, { tol: 1e-14 }).point.value).toBeCloseTo(4.933259356518852, 13);
});

describe('degenerate games', () => {
  test.each([
    ['one strategy each', [[7]], 7],
    ['one row', [[3, 1, 2]], 1],
    ['one column', [[3], [1], [5]], 5],
    [
      'constant',
      [
        [2, 2, 2],
        [2, 2, 2],
      ],
      2,
    ],
    [
      'a pure saddle point',
      [
        [4, 3, 8],
        [9, 2, 1],
        [5, 3, 6],
      ],
      3,
    ],
    [
      'duplicates',
      [
        [1, -1, 1, -1],
        [-1, 1, -1, 1],
        [1, -1, 1, -1],
      ],
      0,
    ],
    [
      'a dominated row',
      [
        [1, -1],
        [-1, 1],
        [-2, -2],
      ],
      0,
    ],
    [
      'zero and subnormal payoffs',
      [
        [5e-324, 0],
        [0, 5e-324],
      ],
      undefined,
    ],
    [
      'the largest payoffs',
      [
        [1.7e308, -1.7e308],
        [-1.7e308, 1.7e308],
      ],
      0,
    ],
    [
      'a large common offset',
      [
        [1e15 + 1, 1e15 - 1],
        [1e15 - 1, 1e15 + 1],
      ],
      1e15,
    ],
  ])('%s', (_, A, value) => {
    const { point, status } = matrixGame(A, { tol: 1e-14 });
    expect(status).toBe('converged');
    if (value !== undefined) expect(Math.abs(point.value - value)).toBeLessThan(1e-10);
    expect(point.x.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    expect(point.y.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
  });

  test.each([1e-300, 1e-9, 1, 1e9, 1e300])('in units of %d', (unit) => {
    const A = normals(12, 9, 5);
    const { point } = matrixGame(
      A.map((row) => row.map((v) => v * unit)),
      { tol: 1e-13 },
    );
    expect(point.value / unit).toBeCloseTo(matrixGame(A, { tol: 1e-13 }).point.value, 12);
  });

  test('bad input', () => {
    expect(() => matrixGame([])).toThrow('A game needs at least one strategy for each player');
    expect(() => matrixGame([[1, Number.NaN]])).toThrow('A holds NaN in row 1, column 2');
    expect(() => matrixGame([[1, 2], [3]])).toThrow('Row 2 has 1 values where row 1 has 2');
    expect(() => gapFunction([[1, 2]])([1], [0.5, 0.6])).toThrow('The probabilities of y sum to 1.1, not to 1.');
    expect(() => gapFunction([[1, 2]])([1], [1.5, -0.5])).toThrow('y has -0.5 in entry 2');
  });
});

test.each([1, 2, 3, 4, 5])('payoffs of many magnitudes (seed %d)', (seed) => {
  const A = normals(18, 22, seed).map((row) => row.map((v) => Math.exp(8 * v)));
  const { point, status, certificate } = matrixGame(A, { tol: 1e-15 });
  expect(status).toBe('converged');
  expect(certificate!.relative).toBeLessThan(1e-15);
  // Bounds are recomputed by sums in which large payoffs are few.
  const toRows = A.map((row) => row.reduce((sum, a, j) => sum + a * point.y[j], 0));
  expect(Math.abs(Math.max(...toRows) - point.upper)).toBeLessThan(1e-12 * Math.max(...A.flat()));
  expect(point.gap).toBeLessThan(1e-3 * point.value);
});

test('unknown options', () => {
  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    expect(() => call({ tool: 1 })).toThrow(`${name} has no option 'tool'`);
  refusesUnknown('matrixGame', (more) => matrixGame([[1]], more));
  refusesUnknown('matrixGameIterates', (more) => matrixGameIterates([[1]], more).next());
});

test('exchanging the players negates the value', () => {
  const A = normals(30, 45, 8);
  const turned = A[0].map((_, j) => A.map((row) => -row[j]));
  const [one, other] = [A, turned].map((B) => matrixGame(B, { tol: 1e-13 }).point);
  expect(one.value).toBeCloseTo(-other.value, 12);
});

test('regret matching alone approaches a gap of 1e-3; interior points give the rest', () => {
  const A = normals(60, 80, 2);
  const first = run(matrixGameIterates(A), { tol: 1e-3 });
  expect(first.status).toBe('converged');
  expect(first.iterations).toBeLessThan(200);
  const { point, iterations } = matrixGame(A, { tol: 1e-14 });
  expect(iterations).toBeLessThan(430);
  expect(first.point.lower).toBeLessThanOrEqual(point.value + 1e-12);
  expect(first.point.upper).toBeGreaterThanOrEqual(point.value - 1e-12);
});

test.each([5, 150, 404])('a run that was cut short after %d steps goes on with the same bits', (maxIter) => {
  const A = normals(20, 30, 4);
  let state: unknown;
  run(matrixGameIterates(A), { maxIter, checkpoint: { save: (s) => (state = structuredClone(s)) } });
  const whole = matrixGame(A, { tol: 0 });
  const rest = matrixGame(A, { tol: 0, resume: state as GameState });
  expect(rest.iterations).toBe(whole.iterations);
  expect(rest.point).toEqual(whole.point);
});

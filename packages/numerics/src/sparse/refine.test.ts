import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { lu } from '../linalg/index.ts';
import { refine, sparseCholesky, sparseLdlt, sparseLu } from './index.ts';
import { type Cell, cellsOf, fromCells, matrices, normInf, poisson, shifted } from './testing.ts';

const vector = (n: number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

test('of integer systems with known solutions: errors are within their bounds, and backward errors those of rounding', () => {
  let refined = 0;
  fc.assert(
    fc.property(matrices(14, true), fc.integer({ min: 0, max: 99 }), (drawn, seed) => {
      // Products of so few bits are exact, and so is b.
      const cells = [...cellsOf(drawn)].map(([i, j, v]): Cell => [i, j, Math.round(v * 2 ** 20) / 2 ** 20]);
      const A = shifted(fromCells(drawn.rows, drawn.cols, cells), 0.5);
      const truth = vector(A.rows, seed).map((v) => Math.round(v * 2 ** 16) / 2 ** 16);
      const b = new Float64Array(A.rows);
      for (const [i, j, v] of cellsOf(A)) b[i] += v * truth[j];
      const condition = lu(A.toDense()).reciprocalCondition();
      if (condition < 1e-11) return;
      const { x, backwardError, forwardError } = refine(A, sparseLu(A), b);
      expect(backwardError).toBeLessThanOrEqual(2 * Number.EPSILON);
      const error = normInf(x.map((v, i) => v - truth[i]));
      expect(error).toBeLessThanOrEqual(3 * forwardError * normInf(x) + Number.EPSILON * normInf(x));
      refined++;
    }),
    { numRuns: 300 },
  );
  expect(refined).toBeGreaterThan(100);
});

test('solutions of ill-conditioned systems come out right to the last bit but one', () => {
  // The inverse of Hilbert's matrix has whole numbers, and a condition of 10^10 for 8 rows.
  const n = 8;
  const choose = (a: number, b: number) => {
    let c = 1;
    for (let t = 1; t <= b; t++) c = (c * (a - b + t)) / t;
    return c;
  };
  const cells: Cell[] = [];
  const truth = Float64Array.from({ length: n }, (_, i) => i + 1);
  const b = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const size = (i + j + 1) * choose(n + i, n - 1 - j) * choose(n + j, n - 1 - i) * choose(i + j, i) ** 2;
      const value = (i + j) % 2 === 0 ? size : -size;
      cells.push([i, j, value]);
      b[i] += value * truth[j];
    }
  }
  const A = fromCells(n, n, cells);
  const factor = sparseLu(A);
  expect(normInf(factor.solve(b).map((v, i) => v - truth[i]))).toBeGreaterThan(1e-12);
  const { x, forwardError } = refine(A, factor, b);
  expect(normInf(x.map((v, i) => v - truth[i]))).toBeLessThanOrEqual(2 * Number.EPSILON * n);
  expect(forwardError).toBeLessThan(1e-14);
});

test('a spoilt factor is made good, by each kind of factor', () => {
  const A = poisson(2, 15);
  const b = vector(225);
  const near = shifted(A, 1e-4);
  for (const factor of [sparseCholesky(near), sparseLdlt(near), sparseLu(near)]) {
    const { x, iterations, backwardError, forwardError } = refine(A, factor, b, { maxIterations: 20 });
    expect(iterations).toBeGreaterThan(1);
    expect(backwardError).toBeLessThan(1e-15);
    const exact = refine(A, sparseCholesky(A), b);
    expect(normInf(x.map((v, i) => v - exact.x[i]))).toBeLessThanOrEqual(3 * forwardError * normInf(x));
    expect(exact.forwardError).toBeLessThan(1e-14);
  }
  expect(refine(A, sparseCholesky(A), b, { maxIterations: 0 }).iterations).toBe(0);
});

test('a forward error that tells of a condition, and refusals', () => {
  // Hilbert's matrix: 12 rows have a condition of 10^16.
  const hilbert = (n: number) => {
    const cells: Cell[] = [];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) cells.push([i, j, 1 / (i + j + 1)]);
    return fromCells(n, n, cells);
  };
  const b = vector(12);
  const result = refine(hilbert(12), sparseLu(hilbert(12)), b);
  expect(result.backwardError).toBeLessThan(1e-15);
  expect(result.forwardError).toBeGreaterThan(1e-4);
  const small = refine(hilbert(6), sparseLu(hilbert(6)), vector(6));
  expect(small.forwardError).toBeLessThan(1e-9);
  expect(() => refine(hilbert(5), sparseLu(hilbert(6)), b)).toThrow(/6 × 6, but the matrix is 5 × 5/);
  expect(() => refine(hilbert(6), sparseLu(hilbert(6)), b)).toThrow(/12 rows/);
  expect(() => refine(hilbert(6), sparseLu(hilbert(6)), b, { maxIterations: 0.5 })).toThrow(/whole number/);
});

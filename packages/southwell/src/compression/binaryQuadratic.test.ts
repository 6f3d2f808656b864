import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minimizeBinaryQuadratic } from './index.ts';

const random = new Random(11);
const matrix = (n: number): DenseMatrix =>
  DenseMatrix.fromColumnMajor(
    Float64Array.from({ length: n * n }, () => random.normal()),
    n,
    n,
  );
const objectiveAt = (Q: DenseMatrix, x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < Q.rows; i++) for (let j = 0; j < Q.rows; j++) sum += x[i] * Q.get(i, j) * x[j];
  return sum;
};
const ones = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0);

test('all choices: none is better, by an enumeration of its own', () => {
  for (const [n, k] of [
    [1, 1],
    [5, 2],
    [7, 3],
    [6, 6],
  ]) {
    const Q = matrix(n);
    let least = Number.POSITIVE_INFINITY;
    for (let bits = 0; bits < 2 ** n; bits++) {
      const x = Array.from({ length: n }, (_, i) => (bits >> i) & 1);
      if (ones(x) === k) least = Math.min(least, objectiveAt(Q, x));
    }
    const found = minimizeBinaryQuadratic(Q, k, { solver: 'exhaustive' });
    expect(found.value).toBeCloseTo(least, 10);
    expect(ones(found.x)).toBe(k);
  }
});

test('annealing finds the least value of at least 99 of 100 matrices, greedy exchanges a local one', () => {
  let hits = 0;
  for (let t = 0; t < 100; t++) {
    const n = 8 + (t % 9);
    const k = 1 + (t % (n - 1));
    const Q = matrix(n);
    const best = minimizeBinaryQuadratic(Q, k, { solver: 'exhaustive' });
    const found = minimizeBinaryQuadratic(Q, k, { seed: t });
    if (found.value <= best.value + 1e-9) hits++;
    const { x, value } = minimizeBinaryQuadratic(Q, k, { solver: 'greedy' });
    expect(value).toBeGreaterThanOrEqual(best.value - 1e-9);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        if (x[i] !== 1 || x[j] !== 0) continue;
        const y = Uint8Array.from(x);
        [y[i], y[j]] = [0, 1];
        expect(objectiveAt(Q, y)).toBeGreaterThanOrEqual(value - 1e-9);
      }
  }
  expect(hits).toBeGreaterThanOrEqual(99);
});

test('the value is that of x; scales do not matter, the symmetric part alone counts, and k is kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(9),
      fc.integer({ min: -300, max: 200 }),
      fc.nat(),
      (n, k, power, seed) => {
        fc.pre(k <= n);
        const Q = matrix(n);
        const found = minimizeBinaryQuadratic(Q, k, { seed });
        expect(ones(found.x)).toBe(k);
        expect(found.value).toBeCloseTo(objectiveAt(Q, found.x), 9);
        const scaled = DenseMatrix.fromColumnMajor(
          Q.data.map((v) => v * 2 ** power),
          n,
          n,
        );
        expect(minimizeBinaryQuadratic(scaled, k, { seed }).x).toEqual(found.x);
        const even = DenseMatrix.create(n, n);
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) even.set(i, j, (Q.get(i, j) + Q.get(j, i)) / 2);
        expect(minimizeBinaryQuadratic(even, k, { solver: 'greedy' }).value).toBeCloseTo(
          minimizeBinaryQuadratic(Q, k, { solver: 'greedy' }).value,
          9,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('degenerate problems have an answer or a sentence', () => {
  expect(minimizeBinaryQuadratic(DenseMatrix.create(3, 3), 2)).toEqual({ x: Uint8Array.of(1, 1, 0), value: 0 });
  expect(minimizeBinaryQuadratic(DenseMatrix.create(0, 0), 0)).toEqual({ x: new Uint8Array(), value: 0 });
  expect(() => minimizeBinaryQuadratic(matrix(3), 4)).toThrow('k must be a whole number from 0 to 3, not 4');
  expect(() => minimizeBinaryQuadratic(DenseMatrix.create(2, 3), 1)).toThrow('must be square, not 2 × 3');
  expect(() => minimizeBinaryQuadratic(matrix(60), 30, { solver: 'exhaustive' })).toThrow('too many to look at all');
  const bad = matrix(2);
  bad.set(1, 0, Number.NaN);
  expect(() => minimizeBinaryQuadratic(bad, 1)).toThrow('entry [1, 0] of Q is NaN');
});

import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { symmetricEigenvalues } from '../linalg/index.ts';
import { largestEigenvalueOf } from './index.ts';

test('the largest eigenvalue by products is that of the dense matrix, and never below it', () => {
  for (const n of [1, 2, 3, 30]) {
    const random = new Random(n + 7);
    const B = Float64Array.from({ length: n * n }, () => random.normal());
    const entry = (i: number, j: number) => {
      let sum = 0;
      for (let t = 0; t < n; t++) sum += B[t * n + i] * B[t * n + j];
      return sum;
    };
    const A = Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n));
    const expected = symmetricEigenvalues(A, n)[n - 1];
    const found = largestEigenvalueOf((v, out) => {
      for (let i = 0; i < n; i++) {
        out[i] = 0;
        for (let j = 0; j < n; j++) out[i] += A[i * n + j] * v[j];
      }
    }, n);
    expect(found / expected).toBeGreaterThan(1 - 1e-9);
    expect(found / expected).toBeLessThan(1 + 1e-5);
  }
});

test('no dimensions and the zero operator have the eigenvalue 0', () => {
  expect(largestEigenvalueOf((_, out) => out.fill(0), 5)).toBe(0);
  expect(largestEigenvalueOf(() => {}, 0)).toBe(0);
});

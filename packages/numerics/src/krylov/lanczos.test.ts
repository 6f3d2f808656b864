import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { symmetricEigenvalues } from '../linalg/index.ts';
import { LanczosProcess, largestEigenvalueOf } from './index.ts';

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

test.each([50, 5000])('the basis of %d is orthonormal, and the operator is tridiagonal in it', (n) => {
  const random = new Random(3);
  const d = Float64Array.from({ length: n }, () => random.normal());
  const product = (v: Float64Array, out: Float64Array) => {
    for (let i = 0; i < n; i++) out[i] = d[i] * v[i];
  };
  const process = new LanczosProcess(
    product,
    Float64Array.from({ length: n }, () => random.normal()),
  );
  const steps = 30;
  for (let k = 0; k < steps; k++) process.step();
  const image = new Float64Array(n);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, i) => s + v * b[i], 0);
  for (let i = 0; i < steps; i++) {
    product(process.vector(i), image);
    for (let j = 0; j < steps; j++) {
      expect(Math.abs(dot(process.vector(i), process.vector(j)) - Number(i === j))).toBeLessThan(1e-13);
      const entry = i === j ? process.alpha[i] : Math.abs(i - j) === 1 ? process.beta[Math.min(i, j)] : 0;
      expect(Math.abs(dot(image, process.vector(j)) - entry)).toBeLessThan(1e-12);
    }
  }
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import {
  choleskyInPlace,
  choleskySolveInPlace,
  factorPositive,
  largestEigenvalue,
  symmetricEigen,
  symmetricEigenTails,
  symmetricEigenvalues,
} from './symmetric.ts';

function gram(n: number, m: number, seed: number): Float64Array {
  const random = new Random(seed);
  const b = Float64Array.from({ length: n * m }, () => random.normal());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let k = 0; k < m; k++) a[i * n + j] += b[i * m + k] * b[j * m + k];
  return a;
}

const times = (a: Float64Array, n: number, x: Float64Array): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += a[i * n + j] * x[j];
    return sum;
  });

const maxAbs = (x: ArrayLike<number>): number => Array.from(x).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

describe('Cholesky', () => {
  test('solves A x = b', () => {
    for (const n of [1, 2, 7, 40]) {
      const a = gram(n, n + 5, n);
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
      const b = times(a, n, x);
      const l = a.slice();
      expect(choleskyInPlace(l, n)).toBe(true);
      choleskySolveInPlace(l, n, b);
      expect(maxAbs(b.map((v, i) => v - x[i]))).toBeLessThan(1e-9);
    }
  });

  test('refuses a singular matrix, accepts it with a ridge', () => {
    const a = gram(6, 3, 1);
    expect(choleskyInPlace(a.slice(), 6)).toBe(false);
    expect(choleskyInPlace(a.slice(), 6, 1e-3)).toBe(true);
    expect(choleskyInPlace(new Float64Array(4), 2)).toBe(false);
    expect(choleskyInPlace(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toBe(false);
  });
});

describe('symmetricEigen', () => {
  test('A V = V Λ and VᵀV = I, also with repeated and zero eigenvalues', () => {
    const matrices: Array<[Float64Array, number]> = [1, 2, 3, 5, 20, 61].map((n) => [gram(n, n, 100 + n), n]);
    matrices.push([gram(12, 4, 9), 12], [new Float64Array(16), 4]);
    matrices.push([Float64Array.from({ length: 25 }, (_, k) => (k % 6 === 0 ? 3 : 0)), 5]);
    matrices.push([new Float64Array(64).fill(1), 8]);
    for (const [a, n] of matrices) {
      const { values, vectors } = symmetricEigen(a, n);
      const scale = Math.max(1, maxAbs(values));
      for (let j = 0; j < n; j++) {
        const v = Float64Array.from({ length: n }, (_, i) => vectors[i * n + j]);
        const av = times(a, n, v);
        expect(maxAbs(av.map((x, i) => x - values[j] * v[i])) / scale).toBeLessThan(1e-12);
        for (let k = 0; k <= j; k++) {
          let dot = 0;
          for (let i = 0; i < n; i++) dot += vectors[i * n + k] * v[i];
          expect(Math.abs(dot - (j === k ? 1 : 0))).toBeLessThan(1e-12);
        }
      }
      // The last coordinates alone are those of the same vectors.
      const count = Math.min(n, 3);
      const part = symmetricEigenTails(a, n, count);
      expect(part.values).toEqual(values);
      for (let j = 0; j < n; j++) {
        for (let r = 0; r < count; r++) {
          const whole = vectors[(n - count + r) * n + j];
          expect(Math.abs(part.tails[j * count + r] - whole)).toBeLessThan(1e-12);
        }
      }
      const sorted = values.slice().sort();
      const alone = symmetricEigenvalues(a, n);
      for (let j = 0; j < n; j++) expect(Math.abs(sorted[j] - alone[j]) / scale).toBeLessThan(1e-12);
    }
  });

  test('property: trace and Frobenius norm are kept, badly scaled entries included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
        const random = new Random(seed);
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = random.normal() * 10 ** Math.floor(random.uniform() * 8 - 4);
        const values = symmetricEigenvalues(a, n);
        let trace = 0;
        for (let i = 0; i < n; i++) trace += a[i * n + i];
        const frobenius = Math.hypot(...a);
        expect(Math.abs(values.reduce((s, v) => s + v, 0) - trace)).toBeLessThanOrEqual(1e-12 * (1 + frobenius) * n);
        expect(Math.abs(Math.hypot(...values) - frobenius)).toBeLessThanOrEqual(1e-12 * (1 + frobenius) * n);
      }),
    );
  });
});

test('factorPositive: least-norm solution of a singular system', () => {
  const n = 10;
  const a = gram(n, 4, 3);
  const factor = factorPositive(a, n);
  expect(factor.rank).toBe(4);
  const b = times(
    a,
    n,
    Float64Array.from({ length: n }, (_, i) => i - 3),
  );
  const x = b.slice();
  factor.solve(x);
  expect(maxAbs(times(a, n, x).map((v, i) => v - b[i])) / maxAbs(b)).toBeLessThan(1e-11);
  // Least norm: x lies in the range of A, i.e. solving A z = x again leaves nothing over.
  const z = x.slice();
  factor.solve(z);
  expect(maxAbs(times(a, n, z).map((v, i) => v - x[i])) / maxAbs(x)).toBeLessThan(1e-10);
  expect(factorPositive(new Float64Array(9), 3).rank).toBe(0);
});

test('the largest eigenvalue', () => {
  for (const n of [1, 2, 3, 30]) {
    const a = gram(n, n, n + 7);
    expect(largestEigenvalue(a, n) / symmetricEigenvalues(a, n)[n - 1]).toBeCloseTo(1, 12);
  }
});

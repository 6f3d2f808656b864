import { expect, test } from 'vitest';
import { Random } from '../core/index.ts';
import { symmetricEigenvalues } from '../linalg/index.ts';
import { leadingEigenspace } from './eigenspace.ts';

test('agrees with the dense method; vectors are eigenvectors', () => {
  const random = new Random(1);
  const n = 60;
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = random.normal();
  const product = (v: Float64Array, out: Float64Array) => {
    for (let i = 0; i < n; i++) out[i] = v.reduce((s, x, j) => s + A[i * n + j] * x, 0);
  };
  const all = symmetricEigenvalues(A, n);
  for (const found of leadingEigenspace(product, n, 5)) {
    if (found.residual > 1e-10) continue;
    found.values.forEach((value, r) => {
      expect(value).toBeCloseTo(all[n - 1 - r], 9);
    });
    const out = new Float64Array(n);
    found.vectors.forEach((v, r) => {
      product(v, out);
      for (let i = 0; i < n; i++) expect(out[i]).toBeCloseTo(found.values[r] * v[i], 7);
      found.vectors.forEach((u, s) => {
        expect(u.reduce((sum, x, i) => sum + x * v[i], 0)).toBeCloseTo(r === s ? 1 : 0, 10);
      });
    });
    break;
  }
});

test('multiple eigenvalues, and spaces as large as the whole', () => {
  const diagonal = [3, 3, 3, 1, 0.5, 0, 0];
  const product = (v: Float64Array, out: Float64Array) => out.set(v.map((x, i) => diagonal[i] * x));
  const first = leadingEigenspace(product, 7, 4).next().value;
  expect(Array.from(first.values, (v) => Number(v.toFixed(9)))).toEqual([3, 3, 3, 1]);
  expect(leadingEigenspace((_, out) => out.fill(0), 2, 2).next().value.residual).toBe(0);
});

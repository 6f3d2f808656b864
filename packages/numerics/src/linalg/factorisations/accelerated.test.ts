import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { useOpenBlas } from '../../arrays/index.ts';
import { cholesky, eigen, eigenSymmetric, ldlt, lu, qr, schur, svd } from '../index.ts';
import { distance, EPS, from, largest, nonOrthogonality, normals, symmetricNormals, times } from './testing.ts';

// Test files run in threads that share one environment, where others would find what is asked for here.
const env: NodeJS.ProcessEnv = {};
vi.stubGlobal('process', Object.create(process, { env: { value: env } }));
afterAll(() => void vi.unstubAllGlobals());

let reason = '';
try {
  useOpenBlas();
} catch (error) {
  reason = (error as Error).message;
} finally {
  useOpenBlas(false);
}

describe.skipIf(reason !== '')(`with an installed OpenBLAS${reason && ` (skipped: ${reason})`}`, () => {
  beforeAll(() => {
    useOpenBlas();
  });
  afterAll(() => {
    useOpenBlas(false);
  });
  const I = (n: number) => from(n, n, (i, j) => Number(i === j));

  test.each([1, 2, 40, 100])('the same answers by its LAPACK, n = %i', (n) => {
    const [A, S, B] = [normals(n, n, n), symmetricNormals(n, n + 1), normals(n, 3, n + 2)];
    const bound = 500 * n * n * EPS;
    const f = lu(A);
    expect(distance(times(A, f.solve(B)), B)).toBeLessThan(bound * largest(f.solve(B)) * largest(A));
    const T = from(n, n, (i, j) => A.get(j, i));
    expect(distance(times(T, f.solveTransposed(B)), B)).toBeLessThan(
      bound * largest(f.solveTransposed(B)) * largest(A),
    );
    expect(distance(times(A, f.inverse()), I(n))).toBeLessThan(bound * largest(f.inverse()) * largest(A));
    const g = ldlt(S);
    expect(distance(times(S, g.solve(B)), B)).toBeLessThan(bound * largest(g.solve(B)) * largest(S));
    const { values, vectors } = eigenSymmetric(S);
    expect(g.inertia().negative).toBe(values.filter((v) => v < 0).length);
    const VD = from(n, n, (i, j) => vectors.get(i, j) * values[j]);
    expect(distance(times(S, vectors), VD)).toBeLessThan(bound);
    expect(nonOrthogonality(vectors)).toBeLessThan(bound);
    const alone = eigenSymmetric(S, { vectors: false }).values;
    for (let j = 0; j < n; j++) expect(alone[j]).toBeCloseTo(values[j], 10);
    const P = from(n, n, (i, j) => S.get(i, j) + (i === j ? 4 * n + 4 : 0));
    expect(distance(times(P, cholesky(P).solve(B)), B)).toBeLessThan(bound);
    const e = eigen(A);
    const trace = Array.from({ length: n }, (_, j) => A.get(j, j)).reduce((s, v) => s + v, 0);
    expect(e.real.reduce((s, v) => s + v, 0)).toBeCloseTo(trace, 9);
    const { Q, T: H } = schur(A);
    expect(distance(times(times(Q, H), Q, false, true), A)).toBeLessThan(bound);
  });

  test.each([
    [60, 40],
    [40, 60],
    [130, 20],
    [1, 1],
  ])('QR and SVD, %i × %i', (m, n) => {
    const A = normals(m, n, 3);
    const bound = 100 * (m + n) * EPS * largest(A);
    for (const pivoting of [false, true]) {
      const f = qr(A, { pivoting });
      expect(
        distance(
          times(f.thinQ(), f.R()),
          from(m, n, (i, j) => A.get(i, f.permutation[j])),
        ),
      ).toBeLessThan(bound);
      const B = normals(m, 4, 5);
      expect(distance(f.apply(f.applyTransposed(B)), B)).toBeLessThan(bound);
    }
    const { U, singularValues: s, V } = svd(A);
    expect(
      distance(
        times(
          from(m, s.length, (i, j) => U.get(i, j) * s[j]),
          V,
          false,
          true,
        ),
        A,
      ),
    ).toBeLessThan(bound);
    const alone = svd(A, { vectors: false }).singularValues;
    for (let j = 0; j < s.length; j++) expect(alone[j]).toBeCloseTo(s[j], 11);
  });

  test('matrices that it would not scale or refuse', () => {
    const N = symmetricNormals(20, 7);
    for (const scale of [1e-300, 1e300]) {
      const A = from(20, 20, (i, j) => N.get(i, j) * scale);
      expect(eigenSymmetric(A).values[3] / scale).toBeCloseTo(eigenSymmetric(N).values[3], 10);
      expect(svd(A).singularValues[3] / scale).toBeCloseTo(svd(N).singularValues[3], 10);
    }
    expect(() => lu(from(3, 3, () => 1)).solve(new Float64Array(3))).toThrow('column 2');
    expect(() => lu(from(2, 2, () => Number.NaN))).toThrow('NaN');
    expect(() => cholesky(from(2, 2, (i, j) => Number(i === j) - 2 * i * j))).toThrow('leading 2 × 2');
  });
});

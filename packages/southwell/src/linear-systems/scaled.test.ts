import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { lu } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Factorisation, factorise, solve } from './index.ts';

const integer = fc.integer({ min: -6, max: 6 });
const exponent = fc.integer({ min: -60, max: 60 });
/** Diagonally dominant with integer entries. */
const matrix = fc.integer({ min: 2, max: 9 }).chain((n) =>
  fc.record({
    symmetric: fc.boolean(),
    entries: fc.array(fc.array(fc.oneof(fc.constant(0), integer), { minLength: n, maxLength: n }), {
      minLength: n,
      maxLength: n,
    }),
    signs: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
    z: fc.array(integer, { minLength: n, maxLength: n }),
    left: fc.array(exponent, { minLength: n, maxLength: n }),
    right: fc.array(exponent, { minLength: n, maxLength: n }),
  }),
);

const kept = (text: string) => Factorisation.restore(text);

test('rows and columns of any size: exact solutions, ranks, determinants and signs of eigenvalues', () => {
  fc.assert(
    fc.property(matrix, ({ symmetric, entries, signs, z, left, right }) => {
      const n = z.length;
      const T = entries.map((row, i) => row.map((v, j) => (symmetric && i > j ? entries[j][i] : v)));
      T.forEach((row, i) => {
        row[i] = (signs[i] ? 1 : -1) * (1 + 6 * n);
      });
      const E = symmetric ? left : right;
      const A = DenseMatrix.fromRows(T.map((row, i) => row.map((v, j) => v * 2 ** (left[i] + E[j]))));
      // Ax = b exactly: x = E⁻¹z, b = D·Tz.
      const b = T.map((row, i) => row.reduce((sum, v, j) => sum + v * z[j], 0) * 2 ** left[i]);
      const system = factorise(A);
      const found = system.solve(b, { bounds: true });
      expect([found.status, found.kind, system.rank]).toEqual(['converged', 'solution', n]);
      // Relative to the largest entry of the x that was found, as LAPACK's FERR, and up to the estimate of a norm.
      const most = Math.max(...found.x.map(Math.abs));
      z.forEach((v, j) => {
        const x = v * 2 ** -E[j];
        expect(Math.abs(found.x[j] - x)).toBeLessThanOrEqual(1e-13 * Math.abs(x) + 3 * found.forwardError! * most);
        // Each component to its own size.
        expect(Math.abs(found.x[j] - x)).toBeLessThanOrEqual(1e-10 * Math.max(...z.map(Math.abs)) * 2 ** -E[j]);
      });
      const { sign, log } = lu(DenseMatrix.fromRows(T)).determinant();
      const sizes = [...left, ...E].reduce((sum, v) => sum + v, 0) * Math.LN2;
      const determinant = system.determinant()!;
      expect(determinant.sign).toBe(sign);
      expect(determinant.log).toBeCloseTo(log + sizes, 8);
      const inertia = system.inertia();
      if (inertia) expect([inertia.positive, inertia.negative]).toEqual([n - count(signs), count(signs)]);
      expect(kept(system.save()).solve(b).x).toEqual(system.solve(b).x);
    }),
    { numRuns: 200 },
  );
});

test('a negligible entry above the diagonal alone does not make a matrix symmetric', () => {
  const A = [
    [13, 2 ** -47],
    [0, 0.8125],
  ];
  for (const matrix of [
    A,
    [
      [A[0][0], 0],
      [A[0][1], A[1][1]],
    ],
  ]) {
    const { x, status } = solve(DenseMatrix.fromRows(matrix), [13, 0.8125], { bounds: true });
    expect(status).toBe('converged');
    for (const v of x) expect(v).toBeCloseTo(1, 12);
  }
});

const count = (signs: readonly boolean[]) => signs.filter((s) => !s).length;

describe('a rank is claimed only where scaled rows and columns have it, too', () => {
  const random = new Random(3);
  const normal = (rows: number, cols: number) =>
    Array.from({ length: rows }, () => Array.from({ length: cols }, () => random.normal()));
  const size = () => 10 ** (12 * random.uniform() - 6);
  const product = (A: number[][], B: number[][]) =>
    A.map((row) => B[0].map((_, j) => row.reduce((sum, v, k) => sum + v * B[k][j], 0)));
  const unevenly = (A: number[][]) => {
    const [left, right] = [A.map(size), A[0].map(size)];
    return A.map((row, i) => row.map((v, j) => v * left[i] * right[j]));
  };
  const equal = normal(30, 30).map((row) => row.map((v, j) => (j === 7 ? row[3] : v)));
  const chain = Array.from({ length: 30 }, (_, i) =>
    Array.from({ length: 30 }, (__, j) => (i === j ? 2 - Number(i === 0 || i === 29) : -Number(Math.abs(i - j) === 1))),
  );
  test.each([
    ['rank 40 of 50', product(normal(50, 40), normal(40, 50)), 40],
    ['equal columns', equal, 29],
    ['a Laplacian', chain, 29],
  ])('%s is singular, whatever the sizes of rows and columns', (_, A, rank) => {
    for (const given of [A, unevenly(A), unevenly(A)]) {
      const system = factorise(DenseMatrix.fromRows(given));
      expect(system.rank).toBe(rank);
      // A known null space is taken care of by a factorisation.
      if (given !== chain)
        expect([system.method, system.tried.join()]).toEqual(['qr', expect.stringMatching(/singular/)]);
      // b = Az for integers z: solvable.
      const b = given.map((row) => row.reduce((sum, v, j) => sum + v * ((j % 5) - 2), 0));
      const found = system.solve(b);
      expect([found.status, found.kind]).toEqual(['converged', 'solution']);
      expect(found.residual).toBeLessThan(1e-12);
    }
  });

  test.each([[[1, 1e-17]], [[1e20, 1e-20, 1]]])('a diagonal matrix of %s is no singular one', (diagonal) => {
    const A = DenseMatrix.fromRows(diagonal.map((v, i) => diagonal.map((_, j) => (i === j ? v : 0))));
    for (const method of ['auto', 'cholesky', 'ldlt', 'lu', 'qr', 'cg', 'gmres'] as const) {
      const found = solve(A, diagonal, { method });
      expect(found.status, method).toBe('converged');
      for (const v of found.x) expect(v, method).toBeCloseTo(1, 12);
    }
  });

  test('rectangular: columns of any size are told from dependent ones, and so are rows of wide matrices', () => {
    const sizes = [1, 1e-17, 1e9, 1e-9, 1, 1e5];
    const T = normal(40, 6);
    const tall = T.map((row) => row.map((v, j) => v * sizes[j]));
    const wide = sizes.map((v, j) => T.map((row) => row[j] * v));
    expect(factorise(DenseMatrix.fromRows(tall)).rank).toBe(6);
    expect(factorise(DenseMatrix.fromRows(wide)).rank).toBe(6);
    // Least squares of the scaled columns: x times their sizes.
    const b = T.map((_, i) => Math.sin(i));
    const [plain, scaled] = [T, tall].map((A) => solve(DenseMatrix.fromRows(A), b));
    plain.x.forEach((v, j) => {
      expect(scaled.x[j] * sizes[j]).toBeCloseTo(v, 11);
    });
    const repeated = tall.map((row) => [...row, row[1]]);
    expect(factorise(DenseMatrix.fromRows(repeated)).rank).toBe(6);
  });

  test('an equation with small coefficients that contradicts the others is no rounding error', () => {
    const A = CscMatrix.fromTriplets(3, 3, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 2], [1, 1, 1e-20, 1e-20, 1e-20, 2e-20]);
    const system = factorise(A);
    expect(system.rank).toBe(2);
    const found = system.solve([1, 0, 1e-20]);
    expect([found.status, found.kind]).toEqual(['infeasible', 'least-squares']);
    expect(found.next).toMatch(/no solution/);
  });
});

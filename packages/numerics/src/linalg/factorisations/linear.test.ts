import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DenseMatrix } from '../../arrays/index.ts';
import { cholesky, ldlt, lu, qr } from '../index.ts';
import {
  apply,
  distance,
  EPS,
  from,
  largest,
  nonOrthogonality,
  normals,
  SIZES,
  symmetricNormals,
  times,
} from './testing.ts';

const seeds = fc.integer({ min: 1, max: 1e9 });
const sizes = fc.integer({ min: 1, max: 70 });
const scales = fc.constantFrom(1e-300, 1e-160, 1, 1e160, 1e300);
const runs = { numRuns: 40 };
const I = (n: number) => from(n, n, (i, j) => (i === j ? 1 : 0));
const hilbert = (n: number) => from(n, n, (i, j) => 1 / (i + j + 1));
const norm = (x: ArrayLike<number>) => Array.from(x).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

/** log |det| as by LU, up to what rounding can do to it. */
function sameLog(log: number, A: DenseMatrix): void {
  const f = lu(A);
  const slack = 1e-12 * (1 + Math.abs(log)) + (100 * A.rows * EPS) / f.reciprocalCondition();
  expect(Math.abs(log - f.determinant().log)).toBeLessThanOrEqual(slack);
}

describe('lu', () => {
  const parts = ({ factors, pivots }: ReturnType<typeof lu>) => {
    const n = factors.rows;
    const order = Array.from({ length: n }, (_, i) => i);
    pivots.forEach((p, k) => {
      [order[k], order[p]] = [order[p], order[k]];
    });
    return {
      L: from(n, n, (i, j) => (i === j ? 1 : i > j ? factors.get(i, j) : 0)),
      U: from(n, n, (i, j) => (i <= j ? factors.get(i, j) : 0)),
      order,
    };
  };

  test.each(SIZES)('PA = LU within n·ε·|L||U|, multipliers at most 1 (n = %i)', (n) => {
    const A = normals(n, n, n + 1);
    const { L, U, order } = parts(lu(A));
    const PA = from(n, n, (i, j) => A.get(order[i], j));
    const abs = (M: DenseMatrix) => from(n, n, (i, j) => Math.abs(M.get(i, j)));
    expect(distance(times(L, U), PA)).toBeLessThanOrEqual((n + 1) * EPS * largest(times(abs(L), abs(U))));
    expect(largest(L)).toBeLessThanOrEqual(1);
  });

  test('solves, both ways, of any scale: residuals of n·ε·|A||x|', () => {
    fc.assert(
      fc.property(seeds, sizes, scales, (seed, n, scale) => {
        const N = normals(n, n, seed);
        const A = from(n, n, (i, j) => scale * N.get(i, j));
        const B = normals(n, 3, seed + 1);
        const f = lu(A);
        const T = from(n, n, (i, j) => A.get(j, i));
        for (const [M, X] of [
          [A, f.solve(B)],
          [T, f.solveTransposed(B)],
        ]) {
          // In units of the scale, so that products stay in range.
          const back = times(
            from(n, n, (i, j) => M.get(i, j) / scale),
            from(n, 3, (i, j) => X.get(i, j) * scale),
          );
          const size = largest(X) * scale * largest(N);
          expect(distance(back, B)).toBeLessThanOrEqual(20 * n * n * EPS * size);
        }
      }),
      runs,
    );
  });

  test('a vector is solved as a matrix of one column is', () => {
    const A = normals(60, 60, 3);
    const b = normals(60, 1, 4);
    const f = lu(A);
    expect([...f.solve(b.data.slice())]).toEqual([...f.solve(b).data]);
  });

  test('determinants: Hilbert’s, of permutations, out of range, of singular matrices', () => {
    // Exact: 1/2160, 1/6048000, 1/266716800000.
    expect(lu(hilbert(3)).determinant().value).toBeCloseTo(1 / 2160, 15);
    expect(lu(hilbert(5)).determinant().value * 266716800000).toBeCloseTo(1, 9);
    expect(lu(from(3, 3, (i, j) => Number(j === (i + 1) % 3))).determinant().value).toBe(1);
    expect(lu(from(2, 2, (i, j) => Number(i !== j))).determinant()).toEqual({ sign: -1, log: 0, value: -1 });
    const huge = lu(from(50, 50, (i, j) => (i === j ? (i === 0 ? -1e300 : 1e300) : 0))).determinant();
    expect(huge).toMatchObject({ sign: -1, value: Number.NEGATIVE_INFINITY });
    expect(huge.log).toBeCloseTo(50 * 300 * Math.LN10, 6);
    const tiny = lu(from(50, 50, (i, j) => (i === j ? 1e-300 : 0))).determinant();
    expect(tiny).toMatchObject({ sign: 1, value: 0 });
    expect(tiny.log).toBeCloseTo(-50 * 300 * Math.LN10, 6);
    expect(lu(from(3, 3, () => 1)).determinant()).toEqual({ sign: 0, log: Number.NEGATIVE_INFINITY, value: 0 });
    expect(lu(DenseMatrix.create(0, 0)).determinant()).toEqual({ sign: 1, log: 0, value: 1 });
  });

  test('inverse and condition of Hilbert’s matrix, whose inverse is whole numbers', () => {
    const f = lu(hilbert(4));
    const exact = [16, -120, 240, -140, 1200, -2700, 1680, 6480, -4200, 2800];
    const inverse = f.inverse();
    let k = 0;
    for (let i = 0; i < 4; i++) for (let j = i; j < 4; j++) expect(inverse.get(i, j)).toBeCloseTo(exact[k++], 7);
    // ‖H‖₁ = 25/12, ‖H⁻¹‖₁ = 13620.
    expect(f.reciprocalCondition() * (25 / 12) * 13620).toBeCloseTo(1, 8);
  });

  test('condition estimates are bounds, within a factor of ten of the truth', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 25 }), (seed, n) => {
        const A = normals(n, n, seed);
        const f = lu(A);
        const oneNorm = (M: DenseMatrix) =>
          Math.max(...Array.from({ length: n }, (_, j) => M.column(j).reduce((s, v) => s + Math.abs(v), 0)));
        const truth = 1 / (oneNorm(A) * oneNorm(f.inverse()));
        expect(f.reciprocalCondition()).toBeGreaterThanOrEqual(truth * (1 - 1e-6));
        expect(f.reciprocalCondition()).toBeLessThanOrEqual(10 * truth);
      }),
      runs,
    );
  });

  test('what cannot be done is said', () => {
    const ones = lu(from(3, 3, () => 1));
    expect(() => ones.solve(new Float64Array(3))).toThrow('column 2 depends linearly on the preceding ones');
    expect(ones.reciprocalCondition()).toBe(0);
    expect(lu(hilbert(14)).reciprocalCondition()).toBeLessThan(1e-15);
    expect(() => lu(normals(2, 3, 1))).toThrow('lu takes a square matrix, not 2 × 3');
    expect(() => lu(from(2, 2, (i, j) => (i === 1 && j === 0 ? Number.NaN : 1)))).toThrow('NaN in row 2, column 1');
    expect(() => lu(I(3)).solve(new Float64Array(2))).toThrow('has 2 rows, but must have 3');
    expect(() => lu(I(2)).solve(Float64Array.of(1, Number.POSITIVE_INFINITY))).toThrow('Infinity in row 2');
    expect(lu(DenseMatrix.create(0, 0)).solve(new Float64Array(0))).toHaveLength(0);
    expect(() => lu([[1]] as never)).toThrow('lu takes a DenseMatrix');
    expect(() => qr([[1]] as never)).toThrow('qr takes a DenseMatrix');
    expect(() => lu(I(1)).solve([1] as never)).toThrow('A right-hand side is a Float64Array');
  });
});

describe('qr', () => {
  test.each([
    [5, 3],
    [3, 5],
    [130, 97],
    [97, 130],
    [200, 49],
    [60, 60],
    [1, 1],
    [1, 4],
    [4, 1],
    [0, 3],
    [3, 0],
  ])('%i × %i: A = QR, Q orthonormal, R triangular, with and without exchanges', (m, n) => {
    for (const pivoting of [false, true]) {
      const A = normals(m, n, m * n + 1);
      const f = qr(A, { pivoting });
      const [Q, R] = [f.thinQ(), f.R()];
      const AP = from(m, n, (i, j) => A.get(i, f.permutation[j]));
      expect(distance(times(Q, R), AP)).toBeLessThanOrEqual(10 * (m + n) * EPS * largest(A));
      expect(nonOrthogonality(Q)).toBeLessThanOrEqual(10 * (m + n) * EPS);
      for (let j = 0; j < n; j++) for (let i = j + 1; i < R.rows; i++) expect(R.get(i, j)).toBe(0);
      if (pivoting) {
        const sizes = Array.from({ length: R.rows }, (_, k) => Math.abs(R.get(k, k)));
        for (let k = 1; k < sizes.length; k++) expect(sizes[k]).toBeLessThanOrEqual(sizes[k - 1] * (1 + 1e-10));
      }
    }
  });

  test('Q and its transpose, applied, undo each other; scales at both ends', () => {
    fc.assert(
      fc.property(seeds, sizes, sizes, scales, (seed, m, n, scale) => {
        const N = normals(m, n, seed);
        // Columns of different scales.
        const A = from(m, n, (i, j) => (j % 2 === 0 ? scale : 1) * N.get(i, j));
        const f = qr(A);
        const B = normals(m, 5, seed + 1);
        expect(distance(f.apply(f.applyTransposed(B)), B)).toBeLessThanOrEqual(20 * m * EPS * largest(B));
        const QtA = f.applyTransposed(A);
        for (let j = 0; j < n; j++) {
          const size = norm(A.column(j));
          for (let i = j + 1; i < m; i++) expect(Math.abs(QtA.get(i, j))).toBeLessThanOrEqual(20 * m * EPS * size);
        }
      }),
      runs,
    );
  });

  test('least squares: the residual is orthogonal to the columns', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 60 }), (seed, n, more) => {
        const A = normals(n + more, n, seed);
        const b = normals(n + more, 1, seed + 1).data.slice();
        for (const pivoting of [false, true]) {
          const x = qr(A, { pivoting }).leastSquares(b);
          const r = apply(A, x).map((v, i) => v - b[i]);
          const gradient = apply(
            from(n, n + more, (i, j) => A.get(j, i)),
            r,
          );
          const size = largest(A) * (largest(A) * norm(x) * n + norm(b)) * (n + more);
          expect(norm(gradient)).toBeLessThanOrEqual(20 * EPS * size);
        }
      }),
      runs,
    );
  });

  test('ranks, also of graded matrices and Kahan’s, and what needs exchanges says so', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 12, max: 60 }), (seed, rank, n) => {
        const A = times(normals(n + 3, rank, seed), normals(rank, n, seed + 1));
        const f = qr(A, { pivoting: true });
        expect(f.rank()).toBe(rank);
        const b = A.column(n - 1).slice();
        const x = f.leastSquares(b);
        expect(x.filter((v) => v !== 0).length).toBeLessThanOrEqual(rank);
        expect(norm(apply(A, x).map((v, i) => v - b[i]))).toBeLessThanOrEqual(1e-10 * norm(b));
      }),
      runs,
    );
    expect(qr(DenseMatrix.create(4, 3), { pivoting: true }).rank()).toBe(0);
    expect(() => qr(I(2)).rank()).toThrow('qr(A, { pivoting: true })');
    expect(() => qr(normals(2, 3, 1)).leastSquares(new Float64Array(2))).toThrow('at least as many rows');
    expect(() => qr(from(3, 2, (i, j) => (j === 0 ? i : 0))).leastSquares(new Float64Array(3))).toThrow('Column 2');
    expect(qr(normals(2, 3, 1), { pivoting: true }).leastSquares(new Float64Array(2))).toHaveLength(3);
  });
});

describe('cholesky', () => {
  test('A = LLᵀ, solves, inverse, determinant; the upper triangle is not read', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, n) => {
        const G = normals(n + 2, n, seed);
        const A = times(G, G, true);
        const half = from(n, n, (i, j) => (i >= j ? A.get(i, j) : Number.NaN));
        const f = cholesky(half);
        expect(distance(times(f.L, f.L, false, true), A)).toBeLessThanOrEqual(10 * n * EPS * largest(A));
        const B = normals(n, 4, seed + 1);
        const X = f.solve(B);
        expect(distance(times(A, X), B)).toBeLessThanOrEqual(50 * n * n * EPS * largest(A) * largest(X));
        expect(norm(apply(A, f.solve(B.column(0).slice())).map((v, i) => v - B.get(i, 0)))).toBeLessThanOrEqual(
          50 * n * n * EPS * largest(A) * largest(X),
        );
        sameLog(f.logDeterminant(), A);
        const inverse = f.inverse();
        expect(distance(times(A, inverse), I(n))).toBeLessThanOrEqual(50 * n * n * EPS * largest(A) * largest(inverse));
      }),
      runs,
    );
  });

  test('what is not positive definite is refused', () => {
    expect(() => cholesky(from(3, 3, (i, j) => (i === j ? 2 - 2 * i : 0)))).toThrow('leading 2 × 2 part');
    expect(() => cholesky(from(2, 2, () => Number.NaN))).toThrow('NaN in row 1, column 1');
    expect(cholesky(DenseMatrix.create(0, 0)).logDeterminant()).toBe(0);
  });
});

describe('ldlt', () => {
  const whole = (f: ReturnType<typeof ldlt>) => {
    const { n } = f;
    const L = from(n, n, (i, j) => (i === j ? 1 : i > j ? f.L.get(i, j) : 0));
    const D = from(n, n, (i, j) => (i === j ? f.diagonal[i] : Math.abs(i - j) === 1 ? f.below[Math.min(i, j)] : 0));
    return { L, LDLt: times(times(L, D), L, false, true) };
  };

  test.each(SIZES)('PAPᵀ = LDLᵀ within n·ε·growth (n = %i)', (n) => {
    for (const A of [symmetricNormals(n, n), from(n, n, (i, j) => (i === j ? 0 : 1 + Math.abs(i - j)))]) {
      const f = ldlt(from(n, n, (i, j) => (i >= j ? A.get(i, j) : Number.NaN)));
      const PAP = from(n, n, (i, j) => A.get(f.permutation[i], f.permutation[j]));
      expect(distance(whole(f).LDLt, PAP)).toBeLessThanOrEqual(100 * (n + 1) * EPS * largest(A));
    }
  });

  test('solves, inertia of what was made of known signs, determinant', () => {
    fc.assert(
      fc.property(seeds, sizes, fc.double({ min: 0, max: 1, noNaN: true }), scales, (seed, n, part, scale) => {
        const G = normals(n, n, seed);
        const negative = Math.round(part * n);
        const D = from(n, n, (i, j) => (i === j ? (i < negative ? -1 : 1) : 0));
        const C = times(times(G, D), G, false, true);
        const A = from(n, n, (i, j) => scale * C.get(i, j));
        const f = ldlt(A);
        expect(f.inertia()).toEqual({ positive: n - negative, negative, zero: 0 });
        const B = normals(n, 2, seed + 1);
        const X = f.solve(B);
        const back = times(
          C,
          from(n, 2, (i, j) => X.get(i, j) * scale),
        );
        expect(distance(back, B)).toBeLessThanOrEqual(200 * n * n * EPS * largest(C) * largest(X) * scale);
        const [own, other] = [f.determinant(), lu(A).determinant()];
        expect(own.sign).toBe(other.sign);
        sameLog(own.log, A);
      }),
      runs,
    );
  });

  test('singular matrices have a factor and an inertia, and are not solved', () => {
    const ones = ldlt(from(4, 4, () => 1));
    expect(ones.inertia()).toEqual({ positive: 1, negative: 0, zero: 3 });
    expect(() => ones.solve(new Float64Array(4))).toThrow('pivot 2 is zero');
    expect(ldlt(DenseMatrix.create(3, 3)).inertia()).toEqual({ positive: 0, negative: 0, zero: 3 });
    expect(ldlt(from(2, 2, (i, j) => Number(i !== j))).determinant().value).toBe(-1);
    expect(ldlt(DenseMatrix.create(0, 0)).inertia()).toEqual({ positive: 0, negative: 0, zero: 0 });
  });
});

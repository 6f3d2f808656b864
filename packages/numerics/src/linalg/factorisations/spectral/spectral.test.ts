import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DenseMatrix } from '../../../arrays/index.ts';
import { Random } from '../../../core/index.ts';
import { eigenSymmetric, qr, svd, symmetricEigenvalues } from '../../index.ts';
import { distance, EPS, from, largest, nonOrthogonality, normals, SIZES, symmetricNormals, times } from '../testing.ts';

const seeds = fc.integer({ min: 1, max: 1e9 });
const runs = { numRuns: 30 };
const diagonal = (d: ArrayLike<number>) => from(d.length, d.length, (i, j) => (i === j ? d[i] : 0));
const sizeOf = (d: ArrayLike<number>) => Array.from(d).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
/** Q D Qᵀ with a random orthogonal Q. */
function withEigenvalues(d: ArrayLike<number>, seed: number): DenseMatrix {
  const Q = qr(normals(d.length, d.length, seed)).thinQ();
  const M = times(times(Q, diagonal(d)), Q, false, true);
  return from(d.length, d.length, (i, j) => M.get(Math.max(i, j), Math.min(i, j)));
}

/** Holds an answer to its definition: order, residuals and orthogonality of some n·ε. */
function checkEigen(A: DenseMatrix, unit = 1): Float64Array {
  const n = A.rows;
  const { values, vectors } = eigenSymmetric(A);
  for (let j = 1; j < n; j++) expect(values[j]).toBeGreaterThanOrEqual(values[j - 1]);
  const scaled = from(n, n, (i, j) => A.get(Math.max(i, j), Math.min(i, j)) / unit);
  const size = sizeOf(values) / unit;
  const VD = from(n, n, (i, j) => (vectors.get(i, j) * values[j]) / unit);
  expect(distance(times(scaled, vectors), VD)).toBeLessThanOrEqual(10 * (n + 1) * EPS * size);
  expect(nonOrthogonality(vectors)).toBeLessThanOrEqual(10 * (n + 1) * EPS);
  const alone = eigenSymmetric(A, { vectors: false }).values;
  for (let j = 0; j < n; j++) expect(Math.abs(alone[j] - values[j]) / unit).toBeLessThanOrEqual(10 * n * EPS * size);
  return values;
}

describe('eigenSymmetric', () => {
  test.each(SIZES)('random matrices, n = %i; the upper triangle is not read', (n) => {
    const A = symmetricNormals(n, n + 1);
    const values = checkEigen(from(n, n, (i, j) => (i >= j ? A.get(i, j) : Number.NaN)));
    const oracle = symmetricEigenvalues(A.data.slice(), n);
    for (let j = 0; j < n; j++)
      expect(Math.abs(values[j] - oracle[j])).toBeLessThanOrEqual(20 * n * EPS * sizeOf(oracle));
  });

  test('closed forms: second differences, Kac, all ones, Wilkinson’s W21, the identity, zero', () => {
    const n = 100;
    const second = checkEigen(from(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)));
    for (let k = 0; k < n; k++) {
      expect(second[k]).toBeCloseTo(4 * Math.sin(((k + 1) * Math.PI) / (2 * (n + 1))) ** 2, 13);
    }
    // Kac (Sylvester, Clement), made symmetric: −n+1, −n+3, …, n−1.
    const kac = checkEigen(
      from(80, 80, (i, j) => (Math.abs(i - j) === 1 ? Math.sqrt((Math.min(i, j) + 1) * (79 - Math.min(i, j))) : 0)),
    );
    for (let k = 0; k < 80; k++) expect(kac[k]).toBeCloseTo(-79 + 2 * k, 11);
    const ones = checkEigen(from(60, 60, () => 1));
    for (let k = 0; k < 59; k++) expect(Math.abs(ones[k])).toBeLessThan(1e-12);
    expect(ones[59]).toBeCloseTo(60, 12);
    // Pairs that agree in 14 digits; the largest as in Wilkinson's book.
    const w21 = checkEigen(
      from(201, 201, (i, j) => (i === j ? Math.abs(i - 100) / 10 : Math.abs(i - j) === 1 ? 1 : 0)),
    );
    expect(w21[200] - w21[199]).toBeLessThan(1e-12);
    const small = checkEigen(from(21, 21, (i, j) => (i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0)));
    expect(small[20]).toBeCloseTo(10.746194182903393, 12);
    expect(checkEigen(diagonal(new Array(70).fill(3))).every((v) => v === 3)).toBe(true);
    expect(checkEigen(DenseMatrix.create(70, 70)).every((v) => v === 0)).toBe(true);
  });

  test('given eigenvalues: repeated, clustered, graded, of any scale', () => {
    const spectra: Record<string, (n: number) => number[]> = {
      repeated: (n) => Array.from({ length: n }, (_, i) => i % 3),
      clustered: (n) => Array.from({ length: n }, (_, i) => 1 + i * 1e-14),
      graded: (n) => Array.from({ length: n }, (_, i) => 2 ** -i),
      'one far away': (n) => Array.from({ length: n }, (_, i) => (i === 0 ? 1e8 : 1)),
      'of both signs': (n) => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? i : -i)),
    };
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 90 }),
        fc.constantFrom(...Object.keys(spectra)),
        fc.constantFrom(1e-300, 1e-150, 1, 1e150, 1e300),
        (seed, n, kind, scale) => {
          const d = spectra[kind](n).sort((a, b) => a - b);
          const M = withEigenvalues(d, seed);
          const size = sizeOf(d) || 1;
          const values = checkEigen(
            from(n, n, (i, j) => (M.get(i, j) / size) * scale),
            scale,
          );
          for (let j = 0; j < n; j++) {
            expect(Math.abs(values[j] / scale - d[j] / size)).toBeLessThanOrEqual(100 * n * EPS);
          }
        },
      ),
      runs,
    );
  });

  test('small and refused', () => {
    expect(eigenSymmetric(DenseMatrix.create(0, 0)).values).toHaveLength(0);
    expect(eigenSymmetric(from(1, 1, () => -7)).values[0]).toBe(-7);
    expect(() => eigenSymmetric(normals(2, 3, 1))).toThrow('takes a square matrix');
    expect(() => eigenSymmetric(from(2, 2, () => Number.POSITIVE_INFINITY))).toThrow('Infinity in row 1, column 1');
    expect(() => eigenSymmetric(normals(2, 2, 1), { vector: true } as never)).toThrow('vectors');
  });
});

function checkSvd(A: DenseMatrix, unit = 1): Float64Array {
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  const { U, singularValues: s, V } = svd(A);
  expect([U.rows, U.cols, V.rows, V.cols, s.length]).toEqual([m, k, n, k, k]);
  for (let j = 0; j < k; j++) expect(s[j]).toBeGreaterThanOrEqual(j + 1 < k ? s[j + 1] : 0);
  const US = from(m, k, (i, j) => (U.get(i, j) * s[j]) / unit);
  const size = sizeOf(s) / unit;
  const scaled = from(m, n, (i, j) => A.get(i, j) / unit);
  expect(distance(times(US, V, false, true), scaled)).toBeLessThanOrEqual(10 * (m + n + 1) * EPS * size);
  expect(nonOrthogonality(U)).toBeLessThanOrEqual(10 * (m + n) * EPS);
  expect(nonOrthogonality(V)).toBeLessThanOrEqual(10 * (m + n) * EPS);
  const alone = svd(A, { vectors: false }).singularValues;
  for (let j = 0; j < k; j++) expect(Math.abs(alone[j] - s[j]) / unit).toBeLessThanOrEqual(10 * (m + n) * EPS * size);
  for (let j = 0; j < k; j++) {
    const v = V.column(j);
    const most = sizeOf(v);
    expect(v.find((x) => Math.abs(x) === most)).toBe(most);
  }
  return s;
}

describe('svd', () => {
  test.each([
    [1, 1],
    [2, 2],
    [5, 3],
    [3, 5],
    [33, 33],
    [100, 70],
    [70, 100],
    [150, 20],
    [20, 150],
    [7, 1],
    [1, 7],
    [97, 96],
  ])('random, %i × %i', (m, n) => {
    const A = normals(m, n, m * n);
    const s = checkSvd(A);
    // Squares are the eigenvalues of the Gram matrix.
    const [G, k] = [m >= n ? times(A, A, true) : times(A, A, false, true), Math.min(m, n)];
    const squares = eigenSymmetric(G, { vectors: false }).values;
    for (let j = 0; j < k; j++) expect(Math.abs(s[j] ** 2 - squares[k - 1 - j])).toBeLessThanOrEqual(1e-12 * s[0] ** 2);
  });

  test('closed forms: Hilbert, bidiagonal of ones, all ones, zero, the identity, rows of zeros', () => {
    // Of the 5 × 5 Hilbert matrix, by MATLAB and others.
    const hilbert = checkSvd(from(5, 5, (i, j) => 1 / (i + j + 1)));
    const known = [
      1.567050691098231, 0.20853421861101334, 0.011407491623419806, 0.0003058980401511917, 3.287928772171863e-6,
    ];
    for (let k = 0; k < 5; k++) expect(hilbert[k]).toBeCloseTo(known[k], 14);
    const n = 80;
    const ones = checkSvd(from(n, n, (i, j) => Number(j === i || j === i + 1)));
    for (let k = 0; k < n; k++) expect(ones[k]).toBeCloseTo(2 * Math.cos(((k + 1) * Math.PI) / (2 * n + 1)), 13);
    expect(checkSvd(from(40, 30, () => 1))[0]).toBeCloseTo(Math.sqrt(1200), 12);
    expect(checkSvd(DenseMatrix.create(40, 30)).every((v) => v === 0)).toBe(true);
    expect(checkSvd(from(50, 50, (i, j) => Number(i === j))).every((v) => Math.abs(v - 1) < 1e-15)).toBe(true);
    checkSvd(from(60, 50, (i, j) => (i % 3 === 0 ? 0 : (i + 1) * (j - 20))));
  });

  test('given singular values: repeated, of low rank, graded, of any scale', () => {
    const spectra: Record<string, (n: number) => number[]> = {
      repeated: (n) => Array.from({ length: n }, (_, i) => 1 + (i % 3)),
      'of low rank': (n) => Array.from({ length: n }, (_, i) => (i < n / 3 ? 1 + i : 0)),
      graded: (n) => Array.from({ length: n }, (_, i) => 3 ** -i),
      clustered: (n) => Array.from({ length: n }, (_, i) => 1 + 1e-15 * i),
    };
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom(...Object.keys(spectra)),
        fc.constantFrom(1e-300, 1, 1e300),
        (seed, n, more, kind, scale) => {
          const d = spectra[kind](n).sort((a, b) => b - a);
          const [Q, P] = [qr(normals(n + more, n, seed)).thinQ(), qr(normals(n, n, seed + 1)).thinQ()];
          const M = times(times(Q, diagonal(d)), P, false, true);
          const s = checkSvd(
            from(n + more, n, (i, j) => (M.get(i, j) / d[0]) * scale),
            scale,
          );
          for (let j = 0; j < n; j++) expect(Math.abs(s[j] / scale - d[j] / d[0])).toBeLessThanOrEqual(100 * n * EPS);
        },
      ),
      runs,
    );
  });

  test('empty and refused', () => {
    expect(svd(DenseMatrix.create(0, 3)).V).toMatchObject({ rows: 3, cols: 0 });
    expect(svd(DenseMatrix.create(3, 0)).U).toMatchObject({ rows: 3, cols: 0 });
    expect(() => svd(from(2, 2, () => Number.NaN))).toThrow('NaN in row 1, column 1');
    expect(largest(svd(from(1, 1, () => -2)).U)).toBe(1);
  });
});

describe('tridiagonal and bidiagonal matrices that deflate in every way', () => {
  /** Entry i of n, from a source of normal numbers. */
  const kinds: Record<string, (i: number, n: number, normal: () => number) => number> = {
    normal: (_i, _n, normal) => normal(),
    graded: (i, n, normal) => 10 ** ((-16 * i) / n) * normal(),
    'with zeros': (i, _n, normal) => (i % 3 === 0 ? 0 : normal()),
    'with tiny ones': (i, _n, normal) => normal() * [1, 1e-8, 1e-16, 1e-100, 1e-200][i % 5],
    equal: () => 1,
    'of few whole numbers': (_i, _n, normal) => Math.sign(Math.round(normal())),
    'of rounding': (_i, _n, normal) => 1e-15 * normal(),
    zero: () => 0,
    'glued, after Wilkinson': (i) => Math.abs((i % 21) - 10),
  };
  const names = fc.constantFrom(...Object.keys(kinds));

  test('residuals and orthogonality of n·ε', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 80 }), names, names, (seed, n, main, beside) => {
        const random = new Random(seed);
        const of = (kind: string) => Array.from({ length: n }, (_, i) => kinds[kind](i, n, () => random.normal()));
        const [d, e] = [of(main), of(beside)];
        checkEigen(from(n, n, (i, j) => (i === j ? d[i] : Math.abs(i - j) === 1 ? e[Math.min(i, j)] : 0)));
        checkSvd(from(n, n, (i, j) => (i === j ? d[i] : j === i + 1 ? e[i] : 0)));
      }),
      { numRuns: 60 },
    );
  });
});

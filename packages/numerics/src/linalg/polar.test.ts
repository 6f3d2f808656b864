import { describe, expect, test } from 'vitest';
import { Random, SouthwellError } from '../core/index.ts';
import { jacobiSvd, polarFactor, symmetricEigenvalues } from './index.ts';
import { scaledNewton } from './polar.ts';

/** Newton's way alone: in polarFactor either way would hide a fault of the other. */
const byNewton = (g: Float64Array, n: number): Float64Array => {
  const largest = g.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const S = scaledNewton(
    g.map((v) => v / largest),
    n,
  );
  expect(S, 'Newton gives an answer').toBeDefined();
  return S!;
};

const normals = (length: number, seed: number): Float64Array => {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => random.normal());
};
/** AᵀB of row-major m × n and m × k. */
const gram = (A: Float64Array, B: Float64Array, m: number): Float64Array => {
  const [n, k] = [A.length / m, B.length / m];
  const out = new Float64Array(n * k);
  for (let r = 0; r < m; r++)
    for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) out[i * k + j] += A[r * n + i] * B[r * k + j];
  return out;
};
const inner = (A: Float64Array, B: Float64Array) => A.reduce((s, v, k) => s + v * B[k], 0);
const distance = (A: Float64Array, B: Float64Array) => Math.hypot(...A.map((v, k) => v - B[k]));
const eye = (n: number) => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
const outer = ({ sizes, left, right }: ReturnType<typeof jacobiSvd>, weigh = (s: number) => s) => {
  const [m, n] = [left[0].length, right[0].length];
  const out = new Float64Array(m * n);
  sizes.forEach((s, k) => {
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[i * n + j] += weigh(s) * left[k][i] * right[k][j];
  });
  return out;
};

describe('singular values', () => {
  test.each([
    [12, 7],
    [7, 12],
    [9, 9],
    [1, 4],
  ])('%i × %i: the factors give the matrix back, and the values are those of the Gram matrix', (m, n) => {
    const A = normals(m * n, m + n);
    const svd = jacobiSvd(A, m, n);
    expect(distance(outer(svd), A)).toBeLessThan(1e-13 * m);
    const eigen = Array.from(symmetricEigenvalues(gram(A, A, m), n)).sort((a, b) => b - a);
    for (const [k, s] of svd.sizes.entries()) expect(s * s).toBeCloseTo(eigen[k], 10);
    for (const vectors of [svd.left, svd.right])
      for (const [a, u] of vectors.entries())
        for (const [b, v] of vectors.entries()) expect(inner(u, v)).toBeCloseTo(a === b ? 1 : 0, 13);
  });

  test.each([1e-300, 1e-150, 1, 1e150, 1e300])(
    'entries of size %d: fewer singular values than columns, and all orthonormal',
    (scale) => {
      // Rank 2 of 5 × 4: columns 1 and 3 are alike, column 2 is zero.
      const A = [
        [1, 2, 0, 2],
        [0, 1, 0, 1],
        [-1, 0, 0, 0],
        [3, 1, 0, 1],
        [0, 0, 0, 0],
      ];
      for (const rows of [A, A[0].map((_, j) => A.map((row) => row[j]))]) {
        const [m, n] = [rows.length, rows[0].length];
        const flat = rows.flat();
        const svd = jacobiSvd(
          flat.map((v) => v * scale),
          m,
          n,
        );
        const sizes = Array.from(svd.sizes, (s) => s / scale);
        expect(sizes.slice(2)).toEqual([0, 0]);
        // The eigenvalues x of AᵀA: trace 23, and 82 the sum of its minors of order 2.
        const root = Math.sqrt(23 ** 2 - 4 * 82);
        expect(sizes[0]).toBeCloseTo(Math.sqrt((23 + root) / 2), 13);
        expect(sizes[1]).toBeCloseTo(Math.sqrt((23 - root) / 2), 13);
        const back = outer({ ...svd, sizes: Float64Array.from(sizes) });
        expect(distance(back, Float64Array.from(flat))).toBeLessThan(1e-14);
        for (const vectors of [svd.left, svd.right])
          for (const [a, u] of vectors.entries())
            for (const [b, v] of vectors.entries()) expect(inner(u, v)).toBeCloseTo(a === b ? 1 : 0, 14);
      }
    },
  );

  test('columns of very different scales keep their relative accuracy', () => {
    const n = 6;
    const Q = polarFactor(normals(n * n, 9), n);
    const scales = [1e-40, 3, 1e-20, 1e5, 1e-9, 1e-100];
    const A = Q.map((v, at) => v * scales[at % n]);
    const { sizes } = jacobiSvd(A, n, n);
    [...scales]
      .sort((x, y) => y - x)
      .forEach((s, k) => {
        // Beside the largest the last ones are what rounding leaves of a singular matrix, and count as zero.
        if (s > 1e-10 * 1e5) expect(Math.abs(sizes[k] / s - 1)).toBeLessThan(1e-13);
      });
  });

  test('a single row, a single column, nothing, copies of one column', () => {
    expect(Array.from(jacobiSvd([3, 0, -4], 1, 3).sizes)).toEqual([5]);
    expect(Array.from(jacobiSvd([3, 0, -4], 3, 1).sizes)).toEqual([5]);
    expect(jacobiSvd([], 0, 3).sizes.length).toBe(0);
    const copies = jacobiSvd(new Float64Array(40).fill(0.1), 10, 4);
    expect(copies.sizes[0]).toBeCloseTo(0.1 * Math.sqrt(40), 14);
    expect(Array.from(copies.sizes.slice(1))).toEqual([0, 0, 0]);
  });

  test('rank one, zero, and sizes far from one', () => {
    const one = Float64Array.from({ length: 12 }, (_, k) => ((k % 3) + 1) * (Math.floor(k / 3) - 1) * 1e180);
    const svd = jacobiSvd(one, 4, 3);
    expect(Array.from(svd.sizes.slice(1))).toEqual([0, 0]);
    expect(svd.sizes[0] / 1e180).toBeCloseTo(Math.sqrt(14 * 6), 12);
    expect(Array.from(jacobiSvd(new Float64Array(6), 2, 3).sizes)).toEqual([0, 0]);
    expect(() => jacobiSvd([1, Number.NaN], 1, 2)).toThrow('NaN');
  });
});

describe('polar factor', () => {
  test.each([1, 2, 5, 20, 50])('order %i: orthogonal, ⟨S, G⟩ is the nuclear norm, equal to that of the SVD', (n) => {
    const G = normals(n * n, 100 + n);
    const S = polarFactor(G, n);
    expect(distance(gram(S, S, n), eye(n))).toBeLessThan(1e-13 * n);
    const svd = jacobiSvd(G, n, n);
    const nuclear = svd.sizes.reduce((a, b) => a + b, 0);
    expect(Math.abs(inner(S, G) - nuclear)).toBeLessThan(1e-12 * nuclear);
    // As accurate as the smallest singular value is large.
    expect(
      distance(
        S,
        outer(svd, () => 1),
      ),
    ).toBeLessThan(1e-10);
  });

  test('condition 1e9', () => {
    const n = 8;
    const svd = jacobiSvd(normals(n * n, 3), n, n);
    const G = outer({ ...svd, sizes: svd.sizes.map((_, k) => 10 ** (-9 * (k / (n - 1)))) });
    const S = polarFactor(G, n);
    expect(distance(gram(S, S, n), eye(n))).toBeLessThan(1e-12);
    expect(
      distance(
        S,
        outer(svd, () => 1),
      ),
    ).toBeLessThan(1e-6);
  });

  test('no matrix of a random search in the ball does better on 3 × 3', () => {
    const random = new Random(5);
    const G = normals(9, 6);
    const best = inner(polarFactor(G, 3), G);
    for (let trial = 0; trial < 3000; trial++) {
      const A = Float64Array.from({ length: 9 }, () => random.normal());
      const largest = jacobiSvd(A, 3, 3).sizes[0];
      expect(inner(A, G) / largest).toBeLessThanOrEqual(best + 1e-12);
    }
  });

  test('singular: still orthogonal and optimal, and near to what is given where G leaves it open', () => {
    const n = 6;
    const D = polarFactor(normals(n * n, 7), n);
    // u uᵀD-like rank one: S should turn D only as far as it must.
    const u = normals(n, 8);
    const w = Float64Array.from({ length: n }, (_, j) => u.reduce((s, v, i) => s + v * D[i * n + j], 0));
    const G = Float64Array.from({ length: n * n }, (_, k) => u[Math.floor(k / n)] * w[k % n]);
    const S = polarFactor(G, n, D);
    expect(distance(S, D)).toBeLessThan(1e-10);
    expect(distance(polarFactor(new Float64Array(n * n), n, D), D)).toBeLessThan(1e-12);
    expect(polarFactor(new Float64Array(4), 2)).toEqual(eye(2));
    const other = polarFactor(G, n);
    expect(distance(gram(other, other, n), eye(n))).toBeLessThan(1e-12);
    expect(inner(other, G)).toBeCloseTo(inner(S, G), 10);
    expect(() => polarFactor(Float64Array.of(1, Number.NaN, 0, 1), 2)).toThrow('NaN');
    expect(() => polarFactor(new Float64Array(3), 2)).toThrow('2 × 2');
  });

  test('sizes far from one', () => {
    const G = normals(25, 9);
    const S = polarFactor(G, 5);
    for (const size of [1e-200, 1e200])
      expect(
        distance(
          polarFactor(
            G.map((v) => v * size),
            5,
          ),
          S,
        ),
      ).toBeLessThan(1e-12);
  });

  test.each([1, 2, 3, 7, 20])('regular, order %i: Newton finds the orthogonal factor without singular values', (n) => {
    const Q = polarFactor(normals(n * n, 20 + n), n);
    const R = normals(n * n, 40 + n);
    const H = gram(R, R, n).map((v, k) => v + (k % (n + 1) === 0 ? 0.1 : 0));
    const transposed = Q.map((_, k) => Q[(k % n) * n + Math.floor(k / n)]);
    // A permutation of rows leaves zeros where pivots are sought.
    const shift = eye(n).map((_, k) => ((((Math.floor(k / n) + 1) % n) * n + (k % n)) % (n + 1) === 0 ? 1 : 0));
    expect(distance(byNewton(gram(transposed, H, n), n), Q)).toBeLessThan(1e-12 * n);
    expect(distance(byNewton(shift, n), shift)).toBeLessThan(1e-14 * n);
    const scales = Float64Array.from({ length: n }, (_, i) => 10 ** (-8 * (i / n)));
    const scaled = shift.map((v, k) => v * scales[Math.floor(k / n)]);
    expect(distance(byNewton(scaled, n), shift)).toBeLessThan(1e-14 * n);
  });

  test('singular to working precision: singular values decide', () => {
    for (const smallest of [0, 1e-14, 1e-40]) {
      const S = polarFactor(Float64Array.of(1, 0, 0, -smallest), 2, Float64Array.of(1, 0, 0, -1));
      expect(distance(S, Float64Array.of(1, 0, 0, -1))).toBeLessThan(1e-14);
      expect(scaledNewton(Float64Array.of(1, 0, 0, -smallest), 2)).toBeUndefined();
    }
  });

  test('refuses what is no square of numbers, with codes', () => {
    const refusal = (code: string, message: string) =>
      expect.objectContaining({ constructor: SouthwellError, code, message });
    expect(() => polarFactor(new Float64Array(3), 2)).toThrow(
      refusal('INVALID_SHAPE', '2 × 2 needs 4 values, but 3 were given.'),
    );
    for (const v of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => polarFactor(Float64Array.of(1, 0, v, 1), 2)).toThrow(
        refusal('NON_FINITE', `The matrix holds ${v}.`),
      );
    }
  });
});

import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { lsqr } from '@southwell/numerics/iterative';
import { qr, svd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { type SketchedOptions, sketchedLeastSquares, sketchedLeastSquaresIterates } from '../index.ts';

const normals = (n: number, d: number, seed: number): DenseMatrix => {
  const random = new Random(seed);
  const A = DenseMatrix.create(n, d);
  for (let k = 0; k < A.data.length; k++) A.data[k] = random.normal();
  return A;
};
const vector = (n: number, seed: number): Float64Array => normals(n, 1, seed).data.slice();
const errorOf = (x: Float64Array, truth: Float64Array): number =>
  Math.hypot(...x.map((v, j) => v - truth[j])) / Math.hypot(...truth);

/**
 * A = [B; B], b = [Bx + e; Bx − e]: Aᵀ(b − Ax) = 0 to the last bit, as no sum rounds: entries of B are multiples of 2⁻⁴⁰, of x of
 * 2⁻³, of e of 2⁻⁴³.
 */
function exact(n: number, d: number, condition: number, noise: number) {
  const random = new Random(17);
  const A = DenseMatrix.create(n, d);
  const [v, x] = [vector(d, 4), vector(d, 5).map((t) => Math.round(8 * t) / 8)];
  const size = v.reduce((s, t) => s + t * t, 0);
  const b = new Float64Array(n);
  const half = n / 2;
  for (let i = 0; i < half; i++) {
    const row = Float64Array.from({ length: d }, (_, j) => random.normal() * condition ** (-j / (d - 1)));
    const turn = (2 * row.reduce((s, t, j) => s + t * v[j], 0)) / size;
    const e = Math.round(random.normal() * noise * 2 ** 43) / 2 ** 43;
    let fit = 0;
    for (let j = 0; j < d; j++) {
      const a = Math.round((row[j] - turn * v[j]) * 2 ** 40) / 2 ** 40;
      A.set(i, j, a);
      A.set(half + i, j, a);
      fit += a * x[j];
    }
    [b[i], b[half + i]] = [fit + e, fit - e];
  }
  return { A, b, x };
}

describe('full accuracy', () => {
  test.each([10, 1e4, 1e8, 1e10])(
    'is that of Householder QR at condition %d, where the normal equations are lost',
    (condition) => {
      const { A, b, x } = exact(4000, 20, condition, 1e-6);
      const peer = errorOf(qr(A).leastSquares(b), x);
      for (const refine of ['lsqr', 'iterative'] as const) {
        const found = sketchedLeastSquares(A, b, { refine, rows: 400 });
        expect(found.status).toBe('converged');
        expect(found.rank).toBe(20);
        // Errors of two roundings differ by chance.
        expect(errorOf(found.x, x)).toBeLessThan(20 * peer + 1e-15);
        expect(found.certificate.relative).toBeLessThan(1e-8);
        expect(found.conditionEstimate / condition).toBeGreaterThan(0.1);
        expect(found.conditionEstimate / condition).toBeLessThan(10);
        for (const [j, v] of found.x.entries())
          expect(Math.abs(v - x[j])).toBeLessThanOrEqual(found.coordinateErrors[j]);
      }
      if (condition < 1e8) return;
      const G = DenseMatrix.create(20, 20);
      const right = new Float64Array(20);
      for (let j = 0; j < 20; j++) {
        for (let k = 0; k < 20; k++) for (let i = 0; i < A.rows; i++) G.data[20 * k + j] += A.get(i, j) * A.get(i, k);
        for (let i = 0; i < A.rows; i++) right[j] += A.get(i, j) * b[i];
      }
      expect(errorOf(qr(G).leastSquares(right), x)).toBeGreaterThan(1000 * peer);
    },
  );

  test('every kind of sketch that mixes rows gets there, in the same bits for the same seed', () => {
    const { A, b, x } = exact(2000, 24, 1e6, 1e-8);
    for (const sketch of ['gaussian', 'srht', 'dct', 'gaussian-pooled', 'osnap', 'count-sketch'] as const) {
      const found = sketchedLeastSquares(A, b, { sketch, rows: 512, seed: 3 });
      expect(errorOf(found.x, x)).toBeLessThan(1e-10);
      expect([found.sketch, found.rows, found.passes < 45]).toEqual([sketch, 512, true]);
      expect(sketchedLeastSquares(A, b, { sketch, rows: 512, seed: 3 }).x).toEqual(found.x);
    }
    // Plain LSQR is nowhere near after as many steps.
    const plain = lsqr(A, b, { maxIter: 45, atol: 0, btol: 0 }).point;
    expect(errorOf(plain, x)).toBeGreaterThan(1e-3);
  });

  test('steps say where they are, and end early where asked', () => {
    const { A, b } = exact(3000, 30, 100, 1);
    const seen = [...sketchedLeastSquaresIterates(A, b, { rows: 200 })];
    expect(seen[0].certificate!.relative).toBeGreaterThan(1e-4);
    expect(seen.at(-1)!.done).toBe('converged');
    expect(seen.at(-1)!.certificate!.relative).toBeLessThan(1e-14);
    const early = sketchedLeastSquares(A, b, { rows: 200, tol: 1e-5 });
    expect([early.status, early.passes < seen.length - 3]).toEqual(['converged', true]);
    expect(early.certificate.relative).toBeLessThan(1e-5);
    const cut = sketchedLeastSquares(A, b, { rows: 200, maxIter: 2 });
    expect([cut.status, cut.iterations]).toEqual(['iteration-limit', 2]);
    expect(cut.certificate.relative).toBeGreaterThan(1e-12);
    expect(cut.next).toMatch(/iterations|limit|more/i);
  });
});

describe('the sketch alone', () => {
  test('errors of coordinates stay within their bounds, and are not far below', () => {
    const { A, b, x } = exact(4096, 16, 20, 1);
    let largest = 0;
    for (const sketch of ['srht', 'gaussian-pooled', 'gaussian'] as const) {
      for (let seed = 0; seed < 10; seed++) {
        const found = sketchedLeastSquares(A, b, { refine: 'none', sketch, rows: 512, seed });
        expect(found.status).toBe('completed');
        for (const [j, v] of found.x.entries()) {
          const share = Math.abs(v - x[j]) / found.coordinateErrors[j];
          expect(share).toBeLessThan(1);
          largest = Math.max(largest, share);
          expect(found.coordinateErrors[j]).toBeLessThanOrEqual(found.coordinateErrorBound * (1 + 1e-12));
        }
        expect(found.sketchResidualNorm / found.residualNorm).toBeGreaterThan(0.8);
        expect(found.sketchResidualNorm / found.residualNorm).toBeLessThan(1.2);
      }
    }
    expect(largest).toBeGreaterThan(0.3);
  });

  test('all rows of SRHT, and b in the range of A, leave no error', () => {
    const { A, b, x } = exact(60, 4, 10, 0.5);
    // 64 of the rows, padded.
    const all = sketchedLeastSquares(A, b, { refine: 'none', sketch: 'srht', rows: 59 });
    expect(errorOf(all.x, x)).toBeGreaterThan(1e-6);
    const clean = exact(600, 4, 10, 1e-30);
    for (const sketch of ['srht', 'osnap', 'count-sketch', 'uniform-rows', 'leverage-rows'] as const) {
      const found = sketchedLeastSquares(clean.A, clean.b, { refine: 'none', sketch, rows: 64 });
      expect(errorOf(found.x, clean.x)).toBeLessThan(1e-12);
    }
  });
});

describe('other problems', () => {
  test('ridge and weights are those of the augmented system, for dense and sparse data', () => {
    const [n, d] = [1500, 6];
    const [A, b] = [normals(n, d, 1), vector(n, 2)];
    for (let k = 0; k < A.data.length; k += 2) A.data[k] = 0;
    const weights = Float64Array.from({ length: n }, (_, i) => (i % 5 === 0 ? 0 : 1 + (i % 3)));
    const ridge = 300;
    const augmented = DenseMatrix.create(n + d, d);
    const right = new Float64Array(n + d);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) augmented.set(i, j, Math.sqrt(weights[i]) * A.get(i, j));
      right[i] = Math.sqrt(weights[i]) * b[i];
    }
    for (let j = 0; j < d; j++) augmented.set(n + j, j, Math.sqrt(ridge));
    const truth = qr(augmented).leastSquares(right);
    for (const data of [A, CscMatrix.fromDense(A)]) {
      for (const options of [{ rows: 200 }, { rows: 200, refine: 'iterative' }, {}] as SketchedOptions[]) {
        const found = sketchedLeastSquares(data, b, { ...options, ridge, weights });
        expect(errorOf(found.x, truth)).toBeLessThan(1e-12);
      }
    }
    // Fewer rows than columns, with a ridge.
    const wide = sketchedLeastSquares([[3, 4]], [5], { ridge: 25 });
    expect(wide.x[0]).toBeCloseTo(0.3, 14);
    expect(wide.x[1]).toBeCloseTo(0.4, 14);
  });

  test('a constant is that of a column of ones, which is not kept', () => {
    const [n, d] = [1500, 5];
    const A = normals(n, d, 11);
    for (let k = 0; k < A.data.length; k++) A.data[k] += 3;
    const b = vector(n, 12).map((v, i) => 100 + v + A.get(i, 2));
    const weights = Float64Array.from({ length: n }, (_, i) => 1 + (i % 3));
    const ones = DenseMatrix.create(n, d + 1);
    ones.data.set(A.data);
    const scaled = b.map((v, i) => v * Math.sqrt(weights[i]));
    for (let i = 0; i < n; i++) {
      ones.set(i, d, 1);
      for (let j = 0; j <= d; j++) ones.set(i, j, ones.get(i, j) * Math.sqrt(weights[i]));
    }
    const truth = qr(ones).leastSquares(scaled);
    for (const data of [A, CscMatrix.fromDense(A)]) {
      for (const rows of [300, n]) {
        for (const refine of ['lsqr', 'iterative'] as const) {
          const found = sketchedLeastSquares(data, b, { fitIntercept: true, weights, rows, refine });
          expect(errorOf(Float64Array.of(...found.x, found.intercept), truth)).toBeLessThan(1e-12);
          expect([found.rank, found.coordinateErrors.length]).toEqual([d + 1, d]);
        }
      }
    }
    // Indicators of all levels of a category add up to the constant: the coefficients are the shortest, whatever it is.
    const levels = [0, 1, 2, 0, 1, 2, 2, 2];
    const indicators = levels.map((level) => [0, 1, 2].map((k) => (k === level ? 1 : 0)));
    const found = sketchedLeastSquares(indicators, [1, 2, 6, 1, 2, 6, 6, 6], { fitIntercept: true });
    expect(found.rank).toBe(3);
    [-2, -1, 3].forEach((v, j) => {
      expect(found.x[j]).toBeCloseTo(v, 12);
    });
    expect(found.intercept).toBeCloseTo(3, 12);
  });

  test('dependent columns give the shortest solution with its rank, whatever their units', () => {
    const [n, d] = [1200, 6];
    const A = normals(n, d, 3);
    for (let i = 0; i < n; i++) {
      A.set(i, 3, 1000 * A.get(i, 0) - A.get(i, 1));
      A.set(i, 5, 0);
    }
    const b = vector(n, 4);
    const { U, singularValues: s, V } = svd(A);
    const truth = new Float64Array(d);
    for (let k = 0; k < 4; k++) {
      const by = U.column(k).reduce((sum, v, i) => sum + v * b[i], 0) / s[k];
      for (let j = 0; j < d; j++) truth[j] += by * V.get(j, k);
    }
    for (const rows of [100, n]) {
      for (const refine of ['lsqr', 'iterative'] as const) {
        const found = sketchedLeastSquares(A, b, { rows, refine });
        expect([found.rank, found.status]).toEqual([4, 'converged']);
        expect(found.note).toMatch(/rank 4 for 6 columns/);
        expect(errorOf(found.x, truth)).toBeLessThan(1e-9);
      }
    }
  });

  test('what stands in one row alone survives, and a sketch that lost it is an error', () => {
    const [n, d] = [2048, 3];
    const A = normals(n, d, 6);
    for (let i = 0; i < n; i++) A.set(i, 2, i === 500 ? 1e6 : 0);
    const b = vector(n, 7);
    const truth = qr(A).leastSquares(b);
    for (const sketch of ['srht', 'osnap', 'gaussian-pooled', 'leverage-rows'] as const) {
      expect(errorOf(sketchedLeastSquares(A, b, { sketch, rows: 128 }).x, truth)).toBeLessThan(1e-10);
    }
    expect(() => sketchedLeastSquares(A, b, { sketch: 'uniform-rows', rows: 128 })).toThrow(/lost|rank 2, but columns/);
  });

  test('scales of 1e±150 in columns and in b change nothing but units', () => {
    const { A, b, x } = exact(1000, 5, 10, 1e-3);
    const scales = [1e150, 1e-150, 1, 1e100, 1e-40];
    for (let j = 0; j < 5; j++) for (let i = 0; i < A.rows; i++) A.set(i, j, A.get(i, j) * scales[j]);
    const found = sketchedLeastSquares(
      A,
      b.map((v) => v * 1e120),
      { rows: 100 },
    );
    for (const [j, v] of found.x.entries()) expect((v / 1e120) * scales[j]).toBeCloseTo(x[j], 11);
    expect(found.status).toBe('converged');
  });

  test('b of zeros, exact fits and one column', () => {
    const A = normals(500, 3, 8);
    expect([...sketchedLeastSquares(A, new Float64Array(500), { rows: 50 }).x]).toEqual([0, 0, 0]);
    expect(sketchedLeastSquares(A, A.column(1).slice(), { rows: 50 }).x[1]).toBeCloseTo(1, 14);
    expect(sketchedLeastSquares([[1], [1], [4]], [1, 2, 3]).x[0]).toBeCloseTo(15 / 18, 15);
  });
});

test('what cannot be solved is said', () => {
  const words: Array<[() => unknown, RegExp]> = [
    [() => sketchedLeastSquares([[1, 2]], [1]), /1 rows for 2 columns.*ridge/],
    [() => sketchedLeastSquares([], []), /nothing to solve/],
    [() => sketchedLeastSquares([[1], [2]], [1]), /b has 1 values, but A has 2 rows/],
    [() => sketchedLeastSquares([[1], [2]], [1, Number.NaN]), /NaN in row 2/],
    [() => sketchedLeastSquares([[1], [Number.POSITIVE_INFINITY]], [1, 2]), /Infinity in row 2/],
    [() => sketchedLeastSquares([[1], [2]], [1, 2], { weights: [1] }), /1 weights/],
    [() => sketchedLeastSquares([[1], [2]], [1, 2], { weights: [1, -1] }), /row 2 is -1/],
    [
      () => sketchedLeastSquares([[1], [2]], [1, 2], { refine: 'cg' as never }),
      /refine must be one of none, lsqr, iterative/,
    ],
    [() => sketchedLeastSquares([[1], [2]], [1, 2], { sketch: 'tensor-srht' as never }), /sketch must be one of/],
    [() => sketchedLeastSquares([[1], [2]], [1, 2], { epsilon: 2 }), /epsilon must be above 0 and below 1/],
    [() => sketchedLeastSquares([[1], [2]], [1, 2], { ridge: -1 }), /ridge/],
    [() => sketchedLeastSquares(normals(9, 3, 1), vector(9, 1), { rows: 2 }), /at least 3/],
  ];
  for (const [call, word] of words) expect(call).toThrow(word);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DenseMatrix } from '../../arrays/index.ts';
import { eigen, eigenSymmetric, lu, qr, schur, svd } from '../index.ts';
import { balance } from './spectral/balance.ts';
import {
  distance,
  type Entry,
  EPS,
  from,
  largest,
  nonOrthogonality,
  normals,
  symmetricNormals,
  times,
} from './testing.ts';

const seeds = fc.integer({ min: 1, max: 1e9 });
const runs = { numRuns: 40 };
const sizes = [0, 1, 2, 3, 4, 7, 31, 32, 33, 34, 50, 65, 66, 90];

/** Residuals of the definition, of vectors of length one, beside `size`, by default the largest entry times n. */
function checkEigen(A: DenseMatrix, unit = 1, tolerance = 20): ReturnType<typeof eigen> {
  const n = A.rows;
  const e = eigen(A);
  const { real, imaginary, vectors: V } = e;
  const size = Math.max((n * largest(A)) / unit, 1e-300);
  const AV = times(
    from(n, n, (i, j) => A.get(i, j) / unit),
    V,
  );
  for (let j = 0; j < n; j++) {
    const pair = imaginary[j] !== 0;
    const [re, im] = [real[j] / unit, imaginary[j] / unit];
    const [x, y] = [V.column(j), pair ? V.column(j + 1) : undefined];
    let square = 0;
    for (let i = 0; i < n; i++) {
      square += x[i] ** 2 + (y ? y[i] ** 2 : 0);
      expect(Math.abs(AV.get(i, j) - (re * x[i] - (y ? im * y[i] : 0)))).toBeLessThanOrEqual(
        tolerance * n * EPS * size,
      );
      if (y) {
        expect(Math.abs(AV.get(i, j + 1) - (re * y[i] + im * x[i]))).toBeLessThanOrEqual(tolerance * n * EPS * size);
      }
    }
    expect(square).toBeCloseTo(1, 12);
    if (pair) {
      expect(imaginary[j]).toBeGreaterThan(0);
      expect(imaginary[j + 1]).toBe(-imaginary[j]);
      expect(real[j + 1]).toBe(real[j]);
      j++;
    }
  }
  return e;
}

/** As pairs, by real and then by imaginary part. */
const sorted = ({ real, imaginary }: { real: Float64Array; imaginary: Float64Array }): Array<[number, number]> =>
  Array.from(real, (r, j): [number, number] => [r, imaginary[j]]).sort((a, b) =>
    Math.abs(a[0] - b[0]) > 1e-9 ? a[0] - b[0] : a[1] - b[1],
  );

function near(found: ReadonlyArray<readonly number[]>, known: ReadonlyArray<readonly number[]>, digits: number): void {
  expect(found.length).toBe(known.length);
  found.forEach(([r, i], k) => {
    expect(r).toBeCloseTo(known[k][0], digits);
    expect(i).toBeCloseTo(known[k][1], digits);
  });
}

describe('schur', () => {
  test.each(sizes)('A = QTQᵀ of standard form, n = %i', (n) => {
    const A = normals(n, n, n + 5);
    const { Q, T, real, imaginary } = schur(A);
    expect(distance(times(times(Q, T), Q, false, true), A)).toBeLessThanOrEqual(30 * (n + 1) * EPS * largest(A));
    expect(nonOrthogonality(Q)).toBeLessThanOrEqual(30 * (n + 1) * EPS);
    for (let j = 0; j < n; j++) {
      for (let i = j + 2; i < n; i++) expect(T.get(i, j)).toBe(0);
      expect(T.get(j, j)).toBe(real[j]);
      if (j + 1 === n) continue;
      const below = T.get(j + 1, j);
      if (imaginary[j] > 0) {
        expect(T.get(j + 1, j + 1)).toBe(T.get(j, j));
        expect(below * T.get(j, j + 1)).toBeLessThan(0);
      } else expect(below).toBe(0);
    }
  });
});

describe('eigen', () => {
  test.each(sizes)('random, n = %i: residuals, trace, determinant, values alone', (n) => {
    const A = normals(n, n, n + 9);
    const e = checkEigen(A);
    const alone = eigen(A, { vectors: false });
    expect(alone.vectors).toBeUndefined();
    near(sorted(e), sorted(alone), 8);
    let trace = 0;
    for (let j = 0; j < n; j++) trace += A.get(j, j);
    expect(e.real.reduce((a, b) => a + b, 0)).toBeCloseTo(trace, 10);
    let log = 0;
    for (let j = 0; j < n; j++) log += Math.log(e.real[j] ** 2 + e.imaginary[j] ** 2) / 2;
    expect(log).toBeCloseTo(lu(A).determinant().log, 6);
  });

  test('as numpy has them: Grcar’s matrix and one of whole numbers', () => {
    const grcar = from(9, 9, (i, j) => (j === i - 1 ? -1 : j >= i && j - i <= 3 ? 1 : 0));
    near(sorted(checkEigen(grcar)), GRCAR, 10);
    near(sorted(checkEigen(whole(7, 7))), WHOLE.eigenvalues, 11);
  });

  test('and the other factorisations as scipy has them', () => {
    const M = whole(7, 7);
    const tall = whole(7, 5);
    svd(tall, { vectors: false }).singularValues.forEach((s, k) => {
      expect(s).toBeCloseTo(WHOLE.singularValues[k], 12);
    });
    eigenSymmetric(
      from(7, 7, (i, j) => M.get(i, j) + M.get(j, i)),
      { vectors: false },
    ).values.forEach((v, k) => {
      expect(v).toBeCloseTo(WHOLE.symmetric[k], 12);
    });
    expect(lu(M).determinant().value).toBeCloseTo(WHOLE.determinant, 8);
    expect(lu(M).reciprocalCondition()).toBeCloseTo(WHOLE.reciprocalCondition, 12);
    qr(tall)
      .leastSquares(Float64Array.of(1, 2, 3, 4, 5, 6, 7))
      .forEach((v, k) => {
        expect(v).toBeCloseTo(WHOLE.leastSquares[k], 13);
      });
  });

  test('closed forms: roots of unity, a companion matrix, rotations, triangles, Jordan, zero', () => {
    for (const n of [3, 4, 8, 40]) {
      const cycle = sorted(checkEigen(from(n, n, (i, j) => Number(i === (j + 1) % n))));
      const roots = Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / n).map((t) => [Math.cos(t), Math.sin(t)]);
      near(
        cycle,
        roots.sort((a, b) => (Math.abs(a[0] - b[0]) > 1e-9 ? a[0] - b[0] : a[1] - b[1])),
        12,
      );
    }
    // (x − 1)…(x − 5)
    const coefficients = [-120, 274, -225, 85, -15];
    const companion = from(5, 5, (i, j) => (j === 4 ? -coefficients[i] : Number(i === j + 1)));
    near(
      sorted(checkEigen(companion)),
      [1, 2, 3, 4, 5].map((v) => [v, 0]),
      9,
    );
    near(
      sorted(checkEigen(from(2, 2, (i, j) => [0.6, -0.8, 0.8, 0.6][2 * i + j]))),
      [
        [0.6, -0.8],
        [0.6, 0.8],
      ],
      15,
    );
    const triangle = normals(30, 30, 4);
    const upper = checkEigen(from(30, 30, (i, j) => (i <= j ? triangle.get(i, j) + (i === j ? 10 * i : 0) : 0)));
    const diagonal = Array.from({ length: 30 }, (_, k) => triangle.get(k, k) + 10 * k).sort((a, b) => a - b);
    expect([...upper.real].sort((a, b) => a - b)).toEqual(diagonal);
    const jordan = checkEigen(from(6, 6, (i, j) => (i === j ? 2 : Number(j === i + 1))));
    expect([...jordan.real]).toEqual(new Array(6).fill(2));
    const dense = schur(normals(6, 6, 3)).Q;
    const hidden = times(
      times(
        dense,
        from(6, 6, (i, j) => (i === j ? 2 : Number(j === i + 1))),
      ),
      dense,
      false,
      true,
    );
    for (const r of checkEigen(hidden).real) expect(Math.abs(r - 2)).toBeLessThan(0.02);
    expect([...checkEigen(DenseMatrix.create(9, 9)).real]).toEqual(new Array(9).fill(0));
    expect([...checkEigen(from(9, 9, (i, j) => Number(i === j))).real]).toEqual(new Array(9).fill(1));
    expect(checkEigen(from(12, 12, () => 1)).real.reduce((a, b) => Math.max(a, b))).toBeCloseTo(12, 12);
  });

  test('symmetric matrices: as eigenSymmetric', () => {
    const A = symmetricNormals(40, 8);
    const e = checkEigen(A);
    expect(e.imaginary.every((v) => v === 0)).toBe(true);
    const known = eigenSymmetric(A, { vectors: false }).values;
    [...e.real]
      .sort((a, b) => a - b)
      .forEach((v, k) => {
        expect(v).toBeCloseTo(known[k], 11);
      });
  });

  test('random ones of random sparsity and scale', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(0.1, 0.3, 1),
        fc.constantFrom(1e-300, 1e-160, 1, 1e160, 1e300),
        (seed, n, density, scale) => {
          const [N, U] = [normals(n, n, seed), normals(n, n, seed + 1)];
          const entry: Entry = (i, j) => (Math.abs(U.get(i, j)) < 2 * density ? N.get(i, j) * scale : 0);
          checkEigen(from(n, n, entry), scale);
        },
      ),
      runs,
    );
  });

  test('balancing: what a bad scaling of coordinates would take from the digits', () => {
    const n = 20;
    const N = normals(n, n, 12);
    const D = Array.from({ length: n }, (_, i) => 2 ** (3 * i));
    const plain = sorted(eigen(N));
    near(sorted(eigen(from(n, n, (i, j) => (N.get(i, j) * D[i]) / D[j]))), plain, 10);
    const A = from(n, n, (i, j) => (N.get(i, j) * D[i]) / D[j]);
    const { scale, low, high } = balance(A.arena.f64, A.pointer / 8, n);
    expect([low, high]).toEqual([0, n - 1]);
    expect(scale[n - 1] / scale[0]).toBeGreaterThan(2 ** 40);
  });

  test('refused', () => {
    expect(() => eigen(normals(2, 3, 1))).toThrow('eigen takes a square matrix');
    expect(() => schur(from(2, 2, () => Number.NaN))).toThrow('NaN in row 1, column 1');
  });
});

/** Whole numbers without a pattern that matters. */
function whole(m: number, n: number): DenseMatrix {
  return from(m, n, (i, j) => ((i * i * 3 + j * j * 5 + i * j * 2 + i * 3) % 13) - 6);
}

// numpy 2.2.4 and scipy 1.15.3: eigvals, svdvals, eigvalsh of M + Mᵀ, det, 1/cond(M, 1), lstsq against 1 … 7.
const WHOLE = {
  eigenvalues: [
    [-9.370732714637116, -5.492923429226279],
    [-9.370732714637116, 5.492923429226279],
    [-8.12264865572586, 0.0],
    [0.25357717860493434, 0.0],
    [0.9815471031665369, -4.088638775412108],
    [0.9815471031665369, 4.088638775412108],
    [6.6474427000620855, 0.0],
  ],
  singularValues: [16.08998923164246, 10.412688620827987, 8.55551686767837, 6.956079253489158, 2.470679007349522],
  symmetric: [
    -27.573214240108932, -16.54472083054203, -16.17912800780527, -4.882509214514106, 0.7924040761279888,
    11.124103217439488, 17.263064999402847,
  ],
  determinant: -28560.99999999995,
  reciprocalCondition: 0.0021786492374727636,
  leastSquares: [
    -0.2473644578313248, -0.02823795180722921, -0.8456325301204812, 0.7236445783132529, 0.0011295180722888424,
  ],
};
const GRCAR = [
  [0.22246114220705948, -2.1025079803821503],
  [0.22246114220705948, 2.1025079803821503],
  [0.6558339327381717, -1.6683968885571858],
  [0.6558339327381717, 1.6683968885571858],
  [1.3135637619601144, -1.1558285829920156],
  [1.3135637619601144, 1.1558285829920156],
  [1.5156261482922664, 0.0],
  [1.5503280889485227, -0.8468220942765062],
  [1.5503280889485227, 0.8468220942765062],
];

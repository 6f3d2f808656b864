import { Arena } from '@southwell/kernels';
import { expect, test } from 'vitest';
import { DenseMatrix } from '../arrays/index.ts';
import { Random, SouthwellError } from '../core/index.ts';
import { gramMatrix, invert, invertMMatrix, matrixProduct, nonnegativeExponential } from './dense.ts';

const random = new Random(5);
const filled = (rows: number, cols: number, draw: () => number) => {
  const A = DenseMatrix.create(rows, cols);
  for (let k = 0; k < A.data.length; k++) A.data[k] = draw();
  return A;
};

test('products with and without transposes agree with loops', () => {
  const [m, n, k] = [7, 5, 30];
  for (const transA of [false, true]) {
    for (const transB of [false, true]) {
      const A = filled(transA ? k : m, transA ? m : k, () => random.normal());
      const B = filled(transB ? n : k, transB ? k : n, () => random.normal());
      const out = filled(m, n, () => 1);
      matrixProduct(A, B, out, { transA, transB, alpha: 2, beta: 3 });
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let p = 0; p < k; p++)
            sum += (transA ? A.get(p, i) : A.get(i, p)) * (transB ? B.get(j, p) : B.get(p, j));
          expect(out.get(i, j)).toBeCloseTo(2 * sum + 3, 11);
        }
      }
    }
  }
  expect(() =>
    matrixProduct(
      filled(2, 3, () => 1),
      filled(2, 3, () => 1),
      filled(2, 3, () => 1),
    ),
  ).toThrow(/not fit/);
});

test('the Gram matrix agrees with loops', () => {
  for (const [k, n] of [
    [0, 3],
    [1, 1],
    [40, 9],
    [9, 40],
  ]) {
    const A = filled(k, n, () => random.normal());
    for (const transpose of [false, true]) {
      const size = transpose ? k : n;
      const out = filled(size, size, () => 1);
      gramMatrix(A, out, { transpose });
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          let sum = 0;
          if (transpose) for (let p = 0; p < n; p++) sum += A.get(i, p) * A.get(j, p);
          else for (let p = 0; p < k; p++) sum += A.get(p, i) * A.get(p, j);
          expect(out.get(i, j)).toBeCloseTo(sum, 12);
        }
      }
    }
  }
  const A = filled(3, 2, () => 1);
  expect(() => gramMatrix(A, A)).toThrow(/not fit/);
});

test.each([1, 2, 24, 25, 50, 101])('inverse and determinant of an M-matrix of %i rows', (n) => {
  const A = filled(n, n, () => (random.uniform() < 0.3 ? -random.uniform() : 0));
  for (let i = 0; i < n; i++) {
    // Row sums positive: strictly diagonally dominant.
    let sum = 0.1;
    for (let j = 0; j < n; j++) if (j !== i) sum -= A.get(i, j);
    A.set(i, i, sum);
  }
  const copy = DenseMatrix.fromColumnMajor(A.data, n, n);
  const logDet = invertMMatrix(A);
  const product = DenseMatrix.create(n, n);
  matrixProduct(copy, A, product);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      expect(Math.abs(product.get(i, j) - (i === j ? 1 : 0))).toBeLessThan(1e-9);
      expect(A.get(i, j)).toBeGreaterThanOrEqual(-1e-12);
    }
  }
  // The determinant by elimination with plain arrays.
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => copy.get(i, j)));
  let log = 0;
  for (let k = 0; k < n; k++) {
    log += Math.log(rows[k][k]);
    for (let i = k + 1; i < n; i++) {
      const f = rows[i][k] / rows[k][k];
      for (let j = k; j < n; j++) rows[i][j] -= f * rows[k][j];
    }
  }
  expect(logDet).toBeCloseTo(log, 8);
});

test.each([1, 2, 7, 40])('inverse and |determinant| of any matrix of %i rows', (n) => {
  // A permutation times a lower triangle: elimination without exchanges would meet a zero at once.
  const p = random.permutation(n);
  const A = DenseMatrix.create(n, n);
  let log = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) A.set(p[i], j, random.normal() / n);
    A.set(p[i], i, (i % 2 === 0 ? -1 : 1) * (1 + random.uniform()));
    log += Math.log(Math.abs(A.get(p[i], i)));
  }
  const copy = DenseMatrix.fromColumnMajor(A.data, n, n);
  expect(invert(A)).toBeCloseTo(log, 10);
  const product = DenseMatrix.create(n, n);
  matrixProduct(copy, A, product);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) expect(product.get(i, j)).toBeCloseTo(i === j ? 1 : 0, 10);
  // I − W of a graph: no exchange is needed.
  const B = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) B.set(p[i], p[j], random.normal() / n);
    B.set(p[i], p[i], 1);
  }
  const before = DenseMatrix.fromColumnMajor(B.data, n, n);
  expect(invert(B)).toBeCloseTo(0, 12);
  matrixProduct(before, B, product);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) expect(product.get(i, j)).toBeCloseTo(i === j ? 1 : 0, 10);
  expect(invert(filled(n, n, () => 0))).toBe(Number.NEGATIVE_INFINITY);
});

test.each([2, 40])('no M-matrix, no inverse: spectral radius above one, %i rows', (n) => {
  const A = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) {
    A.set(i, i, 1);
    A.set(i, (i + 1) % n, -1.01); // one cycle of weight above 1
  }
  expect(invertMMatrix(A)).toBeNaN();
});

test('exponentials: closed forms', () => {
  const A = DenseMatrix.fromRows([
    [0, 3],
    [5, 0],
  ]);
  const [E, spare] = [DenseMatrix.create(2, 2), DenseMatrix.create(2, 2)];
  nonnegativeExponential(A, E, spare);
  const r = Math.sqrt(15);
  expect(E.get(0, 0) / Math.cosh(r)).toBeCloseTo(1, 13);
  expect(E.get(0, 1) / ((3 * Math.sinh(r)) / r)).toBeCloseTo(1, 13);
  expect(E.get(1, 0) / ((5 * Math.sinh(r)) / r)).toBeCloseTo(1, 13);
  A.data.fill(1e9);
  nonnegativeExponential(A, E, spare);
  expect(E.get(0, 0)).toBe(Infinity);
});

test.each([
  ['weak', 0.02, 1e-6],
  ['of large norm, nearly acyclic', 8, 1e-6],
  ['of large norm with strong cycles', 8, 0.5],
])('exponentials %s: Taylor at A/2¹⁰ and ten squarings in plain loops', (_, up, down) => {
  const n = 30;
  const A = filled(n, n, () => 0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) A.set(i, j, (i < j ? up : down) * (random.uniform() < 0.2 ? random.uniform() : 0));
  }
  const product = (P: number[][], Q: number[][]) =>
    P.map((row) => Q[0].map((_v, j) => row.reduce((sum, v, k) => sum + v * Q[k][j], 0)));
  const scaled = Array.from({ length: n }, (_v, i) => Array.from({ length: n }, (_w, j) => A.get(i, j) / 1024));
  const eye: number[][] = scaled.map((row, i) => row.map((_v, j) => (i === j ? 1 : 0)));
  let expected = eye;
  for (let k = 14; k >= 1; k--) {
    expected = product(scaled, expected).map((row, i) => row.map((v, j) => v / k + eye[i][j]));
  }
  for (let k = 0; k < 10; k++) expected = product(expected, expected);
  const [E, spare] = [DenseMatrix.create(n, n), DenseMatrix.create(n, n)];
  nonnegativeExponential(A, E, spare);
  const size = Math.max(...expected.flat());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) expect(Math.abs(E.get(i, j) - expected[i][j])).toBeLessThan(1e-12 * size);
  }
});

test('refusals: sizes and arenas, whichever of the matrices is wrong, with code and sentence', () => {
  const [arena, other] = [new Arena(), new Arena()];
  const of = (rows: number, cols: number, where = arena) => DenseMatrix.create(rows, cols, { arena: where });
  const oneArena = 'The matrices of a product must lie in one arena; create them with the same `arena`.';
  const exponential = 'The exponential takes three square matrices of one size and arena.';
  const gram = (size: string) => `The Gram matrix of 3 × 2 does not fit into ${size}.`;
  const cases: [() => void, string][] = [
    [() => matrixProduct(of(2, 3), of(4, 5), of(2, 5)), 'A product of 2 × 3 and 4 × 5 does not fit into 2 × 5.'],
    [() => matrixProduct(of(2, 3), of(3, 5), of(3, 5)), 'A product of 2 × 3 and 3 × 5 does not fit into 3 × 5.'],
    [() => matrixProduct(of(2, 3), of(3, 5), of(2, 4)), 'A product of 2 × 3 and 3 × 5 does not fit into 2 × 4.'],
    [() => matrixProduct(of(2, 3, other), of(3, 5), of(2, 5)), oneArena],
    [() => matrixProduct(of(2, 3), of(3, 5, other), of(2, 5)), oneArena],
    [() => matrixProduct(of(2, 3), of(3, 5), of(2, 5, other)), oneArena],
    [() => gramMatrix(of(3, 2), of(3, 2)), gram('3 × 2')],
    [() => gramMatrix(of(3, 2), of(2, 3)), gram('2 × 3')],
    [() => gramMatrix(of(3, 2), of(3, 3)), gram('3 × 3')],
    [() => gramMatrix(of(3, 2), of(2, 2), { transpose: true }), gram('2 × 2')],
    [() => gramMatrix(of(3, 2), of(2, 2, other)), oneArena],
    [() => invertMMatrix(of(2, 3)), 'Only square matrices have inverses, not 2 × 3.'],
    [() => invert(of(2, 3)), 'Only square matrices have inverses, not 2 × 3.'],
    [() => nonnegativeExponential(of(2, 3), of(2, 2), of(2, 2)), exponential],
    [() => nonnegativeExponential(of(2, 2), of(3, 2), of(2, 2)), exponential],
    [() => nonnegativeExponential(of(2, 2), of(2, 2), of(2, 3)), exponential],
    [() => nonnegativeExponential(of(2, 2), of(2, 2), of(2, 2, other)), exponential],
  ];
  for (const [run, message] of cases) {
    expect(run).toThrow(expect.objectContaining({ constructor: SouthwellError, code: 'INVALID_SHAPE', message }));
  }
});

test.each([1, 12, 13, 40])('scratch is given back, %i rows', (n) => {
  const arena = new Arena();
  const [A, B, C] = [0, 1, 2].map(() => DenseMatrix.create(n, n, { arena }));
  const eye = () => {
    A.data.fill(0);
    for (let i = 0; i < n; i++) A.set(i, i, 2);
  };
  const before = arena.allocatedBytes;
  for (const run of [
    () => matrixProduct(A, A, B),
    () => gramMatrix(A, B),
    () => invert(A),
    () => invertMMatrix(A),
    () => nonnegativeExponential(A, B, C),
  ]) {
    eye();
    run();
    expect(arena.allocatedBytes).toBe(before);
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) expect(B.get(i, j)).toBeCloseTo(i === j ? Math.exp(2) : 0, 13);
});

test.each([1e-30, 1e30])('log-determinants whose determinant is no number: pivots of %d', (size) => {
  const n = 20;
  const diagonal = () => filled(n, n, () => 0);
  for (const inverse of [invert, invertMMatrix]) {
    const A = diagonal();
    for (let i = 0; i < n; i++) A.set(i, i, size);
    expect(inverse(A) / (n * Math.log(size))).toBeCloseTo(1, 13);
    expect(A.get(3, 3) * size).toBeCloseTo(1, 13);
  }
});

test('an M-matrix needs a positive pivot in every block', () => {
  for (const bad of [0, 11, 20, 39]) {
    for (const pivot of [0, -1, Number.NaN]) {
      const A = filled(40, 40, () => 0);
      for (let i = 0; i < 40; i++) A.set(i, i, i === bad ? pivot : 1);
      expect(invertMMatrix(A)).toBeNaN();
    }
  }
});

test('exponentials of multiples of ones: e^{tJ} = I + J(e^{nt} − 1)/n, infinite from a norm of 700 on', () => {
  const n = 5;
  const [E, spare] = [DenseMatrix.create(n, n), DenseMatrix.create(n, n)];
  for (const norm of [0, 1e-9, 0.3, 2, 9, 40, 300, 690]) {
    nonnegativeExponential(
      filled(n, n, () => norm / n),
      E,
      spare,
    );
    const off = Math.expm1(norm) / n;
    expect(Math.abs(E.get(1, 3) - off)).toBeLessThanOrEqual(1e-12 * off);
    expect(Math.abs(E.get(2, 2) - 1 - off)).toBeLessThanOrEqual(1e-12 * (1 + off));
  }
  // One heavy column is enough.
  const A = filled(n, n, () => 0);
  A.set(1, 3, 1e9);
  nonnegativeExponential(A, E, spare);
  expect(Array.from(E.data)).toEqual(new Array(n * n).fill(Number.POSITIVE_INFINITY));
});

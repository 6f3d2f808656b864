import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix } from '../arrays/index.ts';
import { equilibrate, equilibrateColumns, equilibrateRows, spreadOfSizes } from './equilibrate.ts';

const entries = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    values: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -9, max: 9 })), { minLength: n * n, maxLength: n * n }),
    scales: fc.array(fc.integer({ min: -90, max: 90 }), { minLength: 2 * n, maxLength: 2 * n }),
  }),
);

/** Largest absolute values of rows and columns that have entries. */
function sizesOf(A: CscMatrix): number[] {
  const [rows, cols] = [new Float64Array(A.rows), new Float64Array(A.cols)];
  for (let j = 0; j < A.cols; j++) {
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) {
      const v = Math.abs(A.values[k]);
      rows[A.rowIndices[k]] = Math.max(rows[A.rowIndices[k]], v);
      cols[j] = Math.max(cols[j], v);
    }
  }
  return [...rows, ...cols].filter((v) => v > 0);
}

const matrixOf = (n: number, value: (i: number, j: number) => number) => {
  const [rows, cols, values]: number[][] = [[], [], []];
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      if (value(i, j) === 0) continue;
      rows.push(i);
      cols.push(j);
      values.push(value(i, j));
    }
  }
  return CscMatrix.fromTriplets(n, n, rows, cols, values);
};

test('the scaled matrix is RAC to the last bit, its rows and columns are of similar size, and symmetry stays', () => {
  fc.assert(
    fc.property(entries, fc.boolean(), ({ n, values, scales }, symmetric) => {
      const at = (i: number, j: number) => values[symmetric ? Math.min(i, j) * n + Math.max(i, j) : i * n + j];
      const right = symmetric ? scales : scales.slice(n);
      const A = matrixOf(n, (i, j) => at(i, j) * 2 ** (scales[i] + right[j]));
      const { matrix, rows, cols } = equilibrate(A, symmetric);
      for (let j = 0; j < n; j++) {
        for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) {
          expect(matrix.values[k]).toBe(A.values[k] * rows[A.rowIndices[k]] * cols[j]);
        }
      }
      for (const v of [...rows, ...cols]) expect(Number.isInteger(Math.log2(v))).toBe(true);
      if (symmetric) expect(rows).toEqual(cols);
      // Sums of absolute values are near 1, so that the largest entries are hardly above 1, but for rounding to powers of two.
      for (const size of sizesOf(matrix)) expect(size).toBeLessThan(8);
    }),
    { numRuns: 300 },
  );
});

test('columns or rows alone: the largest entry of each is about 1', () => {
  const A = matrixOf(3, (i, j) => (i + j + 1) * 10 ** (6 * i - 9 * j));
  for (const scaled of [equilibrateColumns(A), equilibrateRows(A)]) {
    const byColumns = scaled.rows.every((v) => v === 1);
    expect((byColumns ? scaled.rows : scaled.cols).every((v) => v === 1)).toBe(true);
    const sizes = sizesOf(scaled.matrix);
    for (const size of byColumns ? sizes.slice(3) : sizes.slice(0, 3))
      expect(Math.abs(Math.log2(size))).toBeLessThan(1);
  }
});

test('the spread of sizes, also without rows, and of zeros', () => {
  expect(spreadOfSizes(matrixOf(2, (i, j) => (i === j ? [1, 1e-17][i] : 0)))).toBe(1e17);
  expect(spreadOfSizes(matrixOf(3, () => 0))).toBe(1);
  expect(spreadOfSizes(CscMatrix.fromTriplets(0, 0, [], [], []))).toBe(1);
  const { matrix } = equilibrate(matrixOf(2, () => 0));
  expect(matrix.nnz).toBe(0);
});

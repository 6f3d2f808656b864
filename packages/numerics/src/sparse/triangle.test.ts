import { expect, test } from 'vitest';
import { CscMatrix } from '../arrays/index.ts';
import { fromTriangle } from './index.ts';

test('either half of a symmetric matrix is all of it', () => {
  const dense = [
    [4, 1, 0],
    [1, 0, -2],
    [0, -2, 5],
  ];
  for (const half of ['lower', 'upper']) {
    const cells = dense.flatMap((row, i) => row.map((v, j) => [i, j, v]));
    const kept = cells.filter(([i, j, v]) => v !== 0 && (half === 'lower' ? i >= j : i <= j));
    const [rows, cols, values] = [0, 1, 2].map((at) => kept.map((cell) => cell[at]));
    const full = fromTriangle(CscMatrix.fromTriplets(3, 3, rows, cols, values)).toDense();
    dense.forEach((row, i) => {
      row.forEach((v, j) => {
        expect(full.get(i, j)).toBe(v);
      });
    });
  }
});

test('both halves, and matrices that are not square, are refused', () => {
  expect(() => fromTriangle(CscMatrix.fromTriplets(2, 2, [0, 1], [1, 0], [1, 1]))).toThrow(/one triangle/);
  expect(() => fromTriangle(CscMatrix.create(2, 3, 0))).toThrow(/2 × 3/);
});

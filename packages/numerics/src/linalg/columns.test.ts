import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { blockGram, columnDot, columnSquaredNorms, gramAbsoluteRowSums } from './columns.ts';
import { transpose } from './transpose.ts';

test('column operations agree with their definitions, dense and sparse', () => {
  const random = new Random(4);
  const [rows, cols] = [9, 6];
  const dense = DenseMatrix.create(rows, cols);
  for (let k = 0; k < rows * cols; k++) dense.data[k] = random.uniform() < 0.5 ? random.normal() : 0;
  dense.column(2).fill(0);
  const sparse = CscMatrix.fromDense(dense);
  const weights = Float64Array.from({ length: rows }, () => random.uniform());
  const entry = (i: number, j: number, w?: Float64Array) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += dense.get(r, i) * dense.get(r, j) * (w ? w[r] : 1);
    return sum;
  };
  const block = Int32Array.of(0, 2, 3, 5);
  for (const X of [dense, sparse]) {
    const scratch = new Float64Array(rows);
    for (const w of [undefined, weights]) {
      const out = new Float64Array(16);
      blockGram(X, block, out, scratch, w);
      for (let a = 0; a < 4; a++)
        for (let b = 0; b < 4; b++) expect(out[a * 4 + b]).toBeCloseTo(entry(block[a], block[b], w), 12);
      expect(scratch.every((v) => v === 0)).toBe(true);
    }
    const norms = columnSquaredNorms(X);
    const sums = gramAbsoluteRowSums(X, X.kind === 'csc' ? transpose(X) : X);
    for (let j = 0; j < cols; j++) {
      expect(norms[j]).toBeCloseTo(entry(j, j), 12);
      expect(columnDot(X, j, weights)).toBeCloseTo(
        weights.reduce((s, v, r) => s + v * dense.get(r, j), 0),
        12,
      );
      let sum = 0;
      for (let i = 0; i < cols; i++) sum += Math.abs(entry(i, j));
      expect(sums[j]).toBeCloseTo(sum, 12);
    }
  }
});

import { expect, test } from 'vitest';
import { DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { eigenSymmetric, exponential } from './index.ts';

const near = (found: DenseMatrix, expected: DenseMatrix, bar: number) => {
  const most = Math.max(...expected.data.map(Math.abs));
  found.data.forEach((v, k) => void expect(Math.abs(v - expected.data[k])).toBeLessThanOrEqual(bar * most));
};

test('rotations, shears and diagonals', () => {
  for (const t of [0, 0.1, 1, 40]) {
    const [c, s] = [Math.cos(t), Math.sin(t)];
    const turn = DenseMatrix.fromRows([
      [0, -t],
      [t, 0],
    ]);
    near(
      exponential(turn),
      DenseMatrix.fromRows([
        [c, -s],
        [s, c],
      ]),
      1e-13,
    );
    const e = Math.exp(t / 10);
    const shear = DenseMatrix.fromRows([
      [t / 10, 1e3],
      [0, t / 10],
    ]);
    near(
      exponential(shear),
      DenseMatrix.fromRows([
        [e, 1e3 * e],
        [0, e],
      ]),
      1e-13,
    );
  }
  expect(exponential(DenseMatrix.create(0, 0)).data).toHaveLength(0);
  expect([...exponential(DenseMatrix.fromRows([[-700]])).data][0]).toBeCloseTo(Math.exp(-700), 310);
});

test('symmetric matrices by their eigenvalues, and exp A · exp −A = I', () => {
  const random = new Random(1);
  for (const [n, scale] of [
    [1, 3],
    [4, 1],
    [17, 0.01],
    [40, 1],
  ]) {
    const A = DenseMatrix.create(n, n);
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        const v = scale * random.normal();
        A.set(i, j, v);
        A.set(j, i, v);
      }
    }
    const { values, vectors: V } = eigenSymmetric(A);
    const expected = DenseMatrix.create(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += V.get(i, k) * Math.exp(values[k]) * V.get(j, k);
        expected.set(i, j, sum);
      }
    }
    near(exponential(A), expected, 1e-12);
  }
});

test('what is not finite is a sentence', () => {
  expect(() => exponential(DenseMatrix.fromRows([[Number.NaN]]))).toThrow(/NaN in row 1/);
  expect(() => exponential(DenseMatrix.fromRows([[1000]]))).toThrow(/overflows/);
  expect(() => exponential(DenseMatrix.create(2, 3))).toThrow(/square/);
});

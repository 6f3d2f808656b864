import { DenseMatrix } from '@southwell/numerics/arrays';
import { qr, svd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { fold, hosvd, Tensor, tensorTrain, tuckerAls, unfold } from '../index.ts';
import { drawn, drawnMatrix } from '../testing.ts';
import { leadingOf } from './subspaces.ts';

/** Largest deviation of UᵀU from the identity. */
function offOrthonormal(U: DenseMatrix): number {
  let most = 0;
  for (let a = 0; a < U.cols; a++) {
    for (let b = 0; b <= a; b++) {
      const [x, y] = [U.column(a), U.column(b)];
      const inner = x.reduce((sum, v, i) => sum + v * y[i], 0);
      most = Math.max(most, Math.abs(inner - (a === b ? 1 : 0)));
    }
  }
  return most;
}

/** A tensor whose unfolding in a mode has given singular values. */
function withSpectrum(shape: readonly number[], mode: number, values: readonly number[]): Tensor {
  const [n, others] = [shape[mode], shape.reduce((p, m) => p * m, 1) / shape[mode]];
  const [P, Q] = [n, others].map((rows, k) => qr(drawnMatrix(rows, values.length, 60 + k)).thinQ());
  const M = DenseMatrix.create(n, others);
  for (const [a, v] of values.entries()) {
    for (let j = 0; j < others; j++)
      for (let i = 0; i < n; i++) M.set(i, j, M.get(i, j) + v * P.get(i, a) * Q.get(j, a));
  }
  return fold(M, mode, shape);
}

describe('leading vectors of an unfolding', () => {
  const shapes = [
    [[60, 4, 3], 0],
    [[4, 60, 3], 1],
    [[4, 3, 60], 2],
    [[3, 4, 5], 0],
    [[12, 12], 1],
    [[2, 50, 3, 2], 1],
  ] as const;

  test.each(shapes)('are those of its SVD: %j in mode %i', (shape, mode) => {
    const T = drawn(shape, 8);
    const rank = 3;
    const { values, vectors } = leadingOf(T, mode, { rank });
    const { U, singularValues } = svd(unfold(T, mode));
    for (let a = 0; a < rank; a++) {
      expect(values[a]).toBeCloseTo(singularValues[a], 10);
      const inner = U.column(a).reduce((sum, v, i) => sum + v * vectors.get(i, a), 0);
      expect(Math.abs(inner)).toBeCloseTo(1, 10);
    }
    expect(offOrthonormal(vectors)).toBeLessThan(1e-14);
  });

  test.each(shapes)(
    'are orthonormal where singular values fall by orders of magnitude: %j in mode %i',
    (shape, mode) => {
      for (const spectrum of [
        [1, 1e-2, 2e-6],
        [1, 1e-4, 1e-9],
        [1, 1e-3, 0],
      ]) {
        const T = withSpectrum(shape, mode, spectrum);
        for (const scale of [1, 1e150, 1e-150]) {
          const scaled = new Tensor(
            shape,
            T.data.map((v) => v * scale),
          );
          const { vectors, values } = leadingOf(scaled, mode, { rank: 3 });
          expect(offOrthonormal(vectors)).toBeLessThan(1e-13);
          expect(values[1] / scale).toBeCloseTo(spectrum[1], 10);
        }
      }
    },
  );

  test('are orthonormal for zero and constant tensors', () => {
    for (const value of [0, 7]) {
      const T = Tensor.fromFunction([40, 3, 2], () => value);
      for (const mode of [0, 1, 2]) expect(offOrthonormal(leadingOf(T, mode, { rank: 2 }).vectors)).toBeLessThan(1e-14);
    }
  });

  test('tolerances hold for tall unfoldings down to rounding', () => {
    const T = withSpectrum([80, 4, 3], 0, [1, 1e-1, 1e-3, 1e-6, 1e-9, 1e-12]);
    for (const tol of [0.3, 1e-2, 1e-4, 1e-7, 1e-10]) {
      const train = tensorTrain(T, { tol });
      expect(train.error).toBeLessThanOrEqual(tol);
      expect(hosvd(T, { tol }).error).toBeLessThanOrEqual(tol);
      expect(train.ranks[0]).toBe([1, 1e-1, 1e-3, 1e-6, 1e-9, 1e-12].filter((v) => v > tol / Math.SQRT2).length);
    }
  });

  test('factors of sweeps are orthonormal, whatever the spectrum of the tensor', () => {
    for (const shape of [
      [90, 4, 3],
      [4, 90, 3],
      [4, 3, 90],
      [9, 8, 7],
    ]) {
      const mode = shape.indexOf(Math.max(...shape));
      const T = withSpectrum(shape, mode, [1, 1e-2, 5e-6]);
      const { factors } = tuckerAls(T, { ranks: [3, 3, 3] });
      for (const U of factors) expect(offOrthonormal(U)).toBeLessThan(1e-13);
    }
  });
});

import { jacobiSvd, polarFactor } from '@southwell/numerics/linalg';
import { DenseMatrix, Random } from 'southwell';
import { orthogonalDictionary, recoveryError as theirError } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import { stream } from './lab.ts';
import { fromOrthogonal, msp, polar, recoveryError, spectralNorm } from './rival.ts';

const n = 8;
const random = new Random(2);
const A = Float64Array.from({ length: n * n }, () => random.normal());
const same = (x: ArrayLike<number>, y: ArrayLike<number>, digits: number) => {
  for (let k = 0; k < y.length; k++) expect(x[k]).toBeCloseTo(y[k], digits);
};

test('polar factor, spectral norm and distances are those of the library', () => {
  const Q = polar(A, n);
  same(Q, polarFactor(A, n), 12);
  expect(fromOrthogonal(Q, n)).toBeLessThan(1e-13);
  expect(
    fromOrthogonal(
      Q.map((v) => 2 * v),
      n,
    ),
  ).toBeCloseTo(3 * Math.sqrt(n), 12);
  expect(spectralNorm(A, n)).toBeCloseTo(jacobiSvd(A, n, n).sizes[0], 12);
  expect(spectralNorm(Q, n)).toBeCloseTo(1, 13);
  const [D, T] = [
    Q,
    polarFactor(
      A.map((v, k) => v + k / 9),
      n,
    ),
  ];
  const of = (M: Float64Array) => DenseMatrix.fromColumnMajor(M, n, n);
  expect(recoveryError(D, T, n)).toBeCloseTo(theirError(of(D), of(T)), 12);
});

test('matching, stretching and projection end where those of the library do', () => {
  const source = stream(n, 0.3, 5);
  const Y = source.next(500);
  for (const power of [3, 4] as const) {
    const theirs = orthogonalDictionary(Y, { power, init: DenseMatrix.fromColumnMajor(polar(A, n), n, n) });
    // The library's certificate is quadratic in the distance.
    same(msp(Y, polar(A, n), power, 500).D, theirs.point.values, 4);
  }
});

import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, Random } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { dctMatrix } from '@southwell/numerics/transforms';

/**
 * Fixed bases, from which some vectors are selected at each step, so that only indices need to be stored for a matrix.
 */
export const basisTitles = { dct: 'discrete cosines', hadamard: 'Hadamard', random: 'random' } as const;
export type FixedBasis = keyof typeof basisTitles;

/** @throws INVALID_PARAMETER if there is no such basis of n vectors. */
export function checkBasis(basis: FixedBasis, n: number, of: string): void {
  if (basis === 'hadamard' && (n & (n - 1)) !== 0) {
    fail(
      'INVALID_PARAMETER',
      `A Hadamard basis needs a power of two, but the smaller side of '${of}' is ${n}: use the basis 'dct'.`,
    );
  }
}

/**
 * The vectors of a basis as rows of an n × n row-major matrix; reproducible for a seed. O(n²), for random ones O(n³).
 */
export function basisRows(basis: FixedBasis, n: number, seed: number): Float64Array {
  if (basis === 'dct') return dctMatrix(n);
  if (basis === 'random') return orthonormalRows(n, n, new Random(seed).split(n));
  const scale = Math.sqrt(1 / n);
  return Float64Array.from({ length: n * n }, (_, at) => {
    // Sylvester's construction: the sign is the parity of the common bits of row and column.
    let bits = Math.floor(at / n) & (at % n);
    let sign = scale;
    for (; bits !== 0; bits &= bits - 1) sign = -sign;
    return sign;
  });
}

/** r orthonormal rows of n numbers in random directions, r ≤ n. O(nr²). */
export function orthonormalRows(r: number, n: number, random: Random): Float64Array {
  const factor = qr(
    DenseMatrix.fromColumnMajor(
      Float64Array.from({ length: n * r }, () => random.normal()),
      n,
      r,
    ),
  );
  try {
    // Columns of Q, stored contiguously.
    return factor.thinQ().data.slice();
  } finally {
    factor.free();
  }
}

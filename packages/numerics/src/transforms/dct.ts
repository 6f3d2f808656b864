import { fail, wholeNumber } from '../core/index.ts';
import { elementary } from '../special/index.ts';
import { Cosine } from './cosine.ts';

/**
 * The orthogonal matrix of the DCT-II of n numbers, n × n, row-major: row k is c_k·cos(π(2j + 1)k/2n), with c_0 =
 * √(1/n) and c_k = √(2/n) otherwise. Its columns are the basis vectors of the DCT-III. O(n²), with 4n cosines.
 * @throws INVALID_PARAMETER unless n is an integer from 1 to 16384.
 */
export function dctMatrix(n: number): Float64Array {
  wholeNumber('The size of a cosine matrix', n, 1, 16384);
  // Angles repeat after 4n steps: every entry is one of 4n cosines, so that large angles do not impair orthogonality.
  const cosines = Float64Array.from({ length: 4 * n }, (_, t) => elementary.cos((Math.PI * t) / (2 * n)));
  const Q = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
    for (let j = 0; j < n; j++) Q[k * n + j] = scale * cosines[((2 * j + 1) * k) % (4 * n)];
  }
  return Q;
}

/**
 * The orthonormal DCT-II of each row of `values` (row-major, n numbers per row), that is the product with the transpose
 * of {@link dctMatrix}, by one Fourier transform per row. O(rows · n log n).
 * @throws INVALID_PARAMETER for an invalid n; INVALID_SHAPE unless the length is a multiple of n.
 */
export function dct2Rows(values: Float64Array, n: number): Float64Array {
  const cosine = new Cosine(n);
  if (values.length % n !== 0) {
    fail('INVALID_SHAPE', `The number of values, ${values.length}, is not a multiple of the row length ${n}.`);
  }
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += n) {
    cosine.forward(values.subarray(at, at + n), out.subarray(at, at + n));
  }
  return out;
}

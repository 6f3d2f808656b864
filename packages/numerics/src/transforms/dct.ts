import { fail, wholeNumber } from '../core/index.ts';
import { elementary } from '../special/index.ts';
import { Cosine } from './cosine.ts';

/**
 * The orthogonal matrix of the cosine transform of type II of n numbers, n × n by rows: row k is c_k·cos(π(2j + 1)k/2n), with c_0 = √(1/n),
 * else √(2/n). Its columns are the vectors of type III. O(n²), 4n cosines.
 * @throws INVALID_PARAMETER unless n is a whole number from 1 to 16384.
 */
export function dctMatrix(n: number): Float64Array {
  wholeNumber('The size of a cosine matrix', n, 1, 16384);
  // Angles repeat after 4n: every entry is one of so many cosines, so that orthogonality does not suffer from large angles.
  const cosines = Float64Array.from({ length: 4 * n }, (_, t) => elementary.cos((Math.PI * t) / (2 * n)));
  const Q = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
    for (let j = 0; j < n; j++) Q[k * n + j] = scale * cosines[((2 * j + 1) * k) % (4 * n)];
  }
  return Q;
}

/**
 * The cosine transform (type II, orthonormal) of each row of `values`, rows of n numbers one after the other: the product with the
 * transpose of {@link dctMatrix}, by a Fourier transform a row. O(rows · n log n).
 * @throws INVALID_PARAMETER for an n that is none; INVALID_SHAPE unless the values are whole rows.
 */
export function dct2Rows(values: Float64Array, n: number): Float64Array {
  const cosine = new Cosine(n);
  if (values.length % n !== 0) {
    fail('INVALID_SHAPE', `Rows of ${n} numbers are wanted, but there are ${values.length} numbers.`);
  }
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += n) {
    cosine.forward(values.subarray(at, at + n), out.subarray(at, at + n));
  }
  return out;
}

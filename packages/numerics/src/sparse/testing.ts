// What the tests of sparse factors share. Not exported from the room.
import { CscMatrix } from '../arrays/index.ts';

/** −Δ on a grid of k points each way in two or three dimensions, with Dirichlet's conditions. */
export function poisson(dimensions: 2 | 3, k: number): CscMatrix {
  const n = k ** dimensions;
  const steps = dimensions === 2 ? [1, k] : [1, k, k * k];
  const pointers = new Int32Array(n + 1);
  const indices = new Int32Array(n * (2 * dimensions + 1));
  const values = new Float64Array(indices.length);
  let at = 0;
  for (let j = 0; j < n; j++) {
    const put = (i: number, v: number) => {
      indices[at] = i;
      values[at++] = v;
    };
    for (let d = dimensions - 1; d >= 0; d--) if (Math.floor(j / steps[d]) % k > 0) put(j - steps[d], -1);
    put(j, 2 * dimensions);
    for (let d = 0; d < dimensions; d++) if (Math.floor(j / steps[d]) % k < k - 1) put(j + steps[d], -1);
    pointers[j + 1] = at;
  }
  return CscMatrix.fromColumns(n, n, pointers, indices.subarray(0, at), values.subarray(0, at));
}

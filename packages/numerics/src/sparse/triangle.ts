import { CscMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';

/**
 * The symmetric n × n matrix whose lower or upper triangle, including the diagonal, is `triangle`. O(entries + n).
 * @throws INVALID_SHAPE unless the matrix is square; INVALID_PARAMETER if it has entries on both sides of the diagonal.
 */
export function fromTriangle(triangle: CscMatrix): CscMatrix {
  const { rows: n, cols, nnz, colPointers, rowIndices, values } = triangle;
  if (n !== cols) fail('INVALID_SHAPE', `A symmetric matrix is square, but this one is ${n} × ${cols}.`);
  const rowOf = new Int32Array(2 * nnz);
  const colOf = new Int32Array(2 * nnz);
  const entries = new Float64Array(2 * nnz);
  let [at, below, above] = [0, 0, 0];
  const push = (i: number, j: number, v: number) => {
    rowOf[at] = i;
    colOf[at] = j;
    entries[at++] = v;
  };
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      push(i, j, values[k]);
      if (i === j) continue;
      if (i > j) below++;
      else above++;
      push(j, i, values[k]);
    }
  }
  if (below > 0 && above > 0) {
    fail(
      'INVALID_PARAMETER',
      `Give one triangle: there are ${below} entries below the diagonal and ${above} above it.`,
    );
  }
  return CscMatrix.fromTriplets(n, n, rowOf.subarray(0, at), colOf.subarray(0, at), entries.subarray(0, at));
}

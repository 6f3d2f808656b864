import type { Arena } from '@southwell/kernels';
import { CscMatrix } from '../arrays/index.ts';

/** Aᵀ, by counting sort. O(nnz + rows + cols). */
export function transpose(A: CscMatrix, options: { readonly arena?: Arena } = {}): CscMatrix {
  const out = CscMatrix.create(A.cols, A.rows, A.nnz, options);
  // Views are taken afterwards, as the new matrix may have made the memory grow.
  const { colPointers, rowIndices, values } = A;
  const { colPointers: rowPointers, rowIndices: columns, values: entries } = out;
  for (let e = 0; e < A.nnz; e++) rowPointers[rowIndices[e] + 1]++;
  for (let i = 0; i < A.rows; i++) rowPointers[i + 1] += rowPointers[i];
  const next = rowPointers.slice(0, A.rows);
  for (let j = 0; j < A.cols; j++) {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      const at = next[rowIndices[e]]++;
      columns[at] = j;
      entries[at] = values[e];
    }
  }
  return out;
}

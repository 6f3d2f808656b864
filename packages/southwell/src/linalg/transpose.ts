import { CscMatrix } from '../arrays/index.ts';

/** Aᵀ, by counting sort. O(nnz + rows + cols). */
export function transpose(A: CscMatrix): CscMatrix {
  return CscMatrix.fromRows(A.cols, A.rows, A.colPointers, A.rowIndices, A.values);
}

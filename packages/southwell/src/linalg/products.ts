import type { Matrix } from '../arrays/index.ts';

/** out ← X v, with v of length cols and out of length rows. O(nnz). */
export function multiply(X: Matrix, v: Float64Array, out: Float64Array): void {
  out.fill(0);
  if (X.kind === 'dense') {
    const { data, rows, cols } = X;
    for (let j = 0; j < cols; j++) {
      const a = v[j];
      if (a === 0) continue;
      const at = j * rows;
      for (let i = 0; i < rows; i++) out[i] += a * data[at + i];
    }
  } else {
    const { colPointers, rowIndices, values, cols } = X;
    for (let j = 0; j < cols; j++) {
      const a = v[j];
      if (a === 0) continue;
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out[rowIndices[k]] += a * values[k];
    }
  }
}

/** out ← Xᵀ r, with r of length rows and out of length cols. O(nnz). */
export function multiplyTransposed(X: Matrix, r: Float64Array, out: Float64Array): void {
  if (X.kind === 'dense') {
    const { data, rows, cols } = X;
    for (let j = 0; j < cols; j++) {
      const at = j * rows;
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += data[at + i] * r[i];
      out[j] = sum;
    }
  } else {
    const { colPointers, rowIndices, values, cols } = X;
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) sum += values[k] * r[rowIndices[k]];
      out[j] = sum;
    }
  }
}

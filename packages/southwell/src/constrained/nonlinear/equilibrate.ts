import type { CscMatrix } from '@southwell/numerics/arrays';

/** Sweeps of the scaling. */
const SWEEPS = 3;

/**
 * Scales a symmetric matrix, given by its lower triangle, so that the largest entries of its rows are similar (Ruiz
 * 2001), by powers of two. Its signs of eigenvalues stay; fewer pivots have to wait and solutions are more accurate.
 * @param scale The factors of rows and columns: overwritten.
 */
export function equilibrate({ colPointers, rowIndices, values, cols }: CscMatrix, scale: Float64Array): void {
  scale.fill(1);
  const most = new Float64Array(cols);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    most.fill(0);
    for (let j = 0; j < cols; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        const size = Math.abs(values[k]) * scale[i] * scale[j];
        if (size > most[j]) most[j] = size;
        if (size > most[i]) most[i] = size;
      }
    }
    for (let j = 0; j < cols; j++) if (most[j] > 0) scale[j] *= 2 ** Math.round(-0.5 * Math.log2(most[j]));
  }
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) values[k] *= scale[rowIndices[k]] * scale[j];
  }
}

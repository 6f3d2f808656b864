import type { DenseMatrix, Matrix } from '../arrays/index.ts';

/** Σ_i X_ij v_i. O(non-zeros of the column). */
export function columnDot(X: Matrix, j: number, v: Float64Array): number {
  let sum = 0;
  if (X.kind === 'dense') {
    const { data, rows } = X;
    const at = j * rows;
    for (let i = 0; i < rows; i++) sum += data[at + i] * v[i];
  } else {
    const { colPointers, rowIndices, values } = X;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) sum += values[k] * v[rowIndices[k]];
  }
  return sum;
}

/** Σ_i X_ij² of every column. O(nnz). */
export function columnSquaredNorms(X: Matrix): Float64Array {
  const out = new Float64Array(X.cols);
  const values = X.kind === 'dense' ? X.data : X.values;
  for (let j = 0; j < X.cols; j++) {
    const from = X.kind === 'dense' ? j * X.rows : X.colPointers[j];
    const to = X.kind === 'dense' ? from + X.rows : X.colPointers[j + 1];
    let sum = 0;
    for (let k = from; k < to; k++) sum += values[k] * values[k];
    out[j] = sum;
  }
  return out;
}

/**
 * out ← X_bᵀ diag(weights) X_b, |b| × |b|; unit weights by default. Each column is scattered once into `scratch` (of
 * length rows, zero before and after) and multiplied with the later ones. O(|b| Σ_{j∈b} nnz_j).
 */
export function blockGram(
  X: Matrix,
  block: ArrayLike<number>,
  out: Float64Array,
  scratch: Float64Array,
  weights?: Float64Array,
): void {
  const t = block.length;
  if (X.kind === 'dense') {
    const { data, rows } = X;
    for (let a = 0; a < t; a++) {
      const at = block[a] * rows;
      for (let i = 0; i < rows; i++) scratch[i] = weights ? weights[i] * data[at + i] : data[at + i];
      for (let b = a; b < t; b++) {
        const bt = block[b] * rows;
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += scratch[i] * data[bt + i];
        out[a * t + b] = out[b * t + a] = sum;
      }
    }
    scratch.fill(0, 0, rows);
    return;
  }
  const { colPointers, rowIndices, values } = X;
  for (let a = 0; a < t; a++) {
    const from = colPointers[block[a]];
    const to = colPointers[block[a] + 1];
    for (let k = from; k < to; k++) {
      const i = rowIndices[k];
      scratch[i] = weights ? weights[i] * values[k] : values[k];
    }
    for (let b = a; b < t; b++) {
      const end = colPointers[block[b] + 1];
      let sum = 0;
      for (let k = colPointers[block[b]]; k < end; k++) sum += values[k] * scratch[rowIndices[k]];
      out[a * t + b] = out[b * t + a] = sum;
    }
    for (let k = from; k < to; k++) scratch[rowIndices[k]] = 0;
  }
}

/**
 * Σ_j |x_iᵀx_j| for every column i, without forming XᵀX: one sweep of sparse row products. `Xt` is the transpose of a
 * sparse X. O(Σ_rows nnz_row²) for sparse X, O(rows · cols²) for dense X.
 */
export function gramAbsoluteRowSums(X: Matrix, Xt: Matrix): Float64Array {
  const { cols } = X;
  const out = new Float64Array(cols);
  if (X.kind === 'dense' || Xt.kind === 'dense') {
    for (let i = 0; i < cols; i++) {
      const column = X.kind === 'dense' ? X.column(i) : X.toDense().column(i);
      for (let j = i; j < cols; j++) {
        const v = Math.abs(columnDot(X, j, column));
        out[i] += v;
        if (j > i) out[j] += v;
      }
    }
    return out;
  }
  const { colPointers, rowIndices, values } = X;
  const { colPointers: rowStart, rowIndices: colOf, values: byRow } = Xt;
  const sums = new Float64Array(cols);
  for (let i = 0; i < cols; i++) {
    for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
      const v = values[k];
      const end = rowStart[rowIndices[k] + 1];
      for (let m = rowStart[rowIndices[k]]; m < end; m++) sums[colOf[m]] += v * byRow[m];
    }
    let total = 0;
    for (let j = 0; j < cols; j++) {
      total += Math.abs(sums[j]);
      sums[j] = 0;
    }
    out[i] = total;
  }
  return out;
}

/** Layout of the values that {@link columnSpreads} returns for a column. */
export const SPREAD = { largest: 0, smallest: 1, filled: 2, sum: 3, squares: 4, width: 5 } as const;

/**
 * Statistics of every column of finite values, {@link SPREAD}.width numbers each: the largest and the smallest value,
 * the number of non-zeros, the sum, and the sum of squared deviations from the mean. O(entries).
 */
export function columnSpreads(X: DenseMatrix): Float64Array {
  const out = X.arena.f64Block(SPREAD.width * X.cols);
  try {
    X.arena.kernels.columnSpreads(X.rows, X.cols, X.pointer, X.rows, out.pointer);
    return out.view.slice();
  } finally {
    out.free();
  }
}

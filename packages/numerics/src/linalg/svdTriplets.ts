import type { DenseMatrix } from '../arrays/index.ts';

/** X ≈ U diag(s) Vᵀ. */
export interface Svd {
  /** rows × rank, orthonormal columns. */
  readonly U: DenseMatrix;
  /** Descending. */
  readonly singularValues: Float64Array;
  /** cols × rank, orthonormal columns; in each, the entry of largest size is positive. */
  readonly V: DenseMatrix;
  /** What was taken off every row first, where `centre` was asked for. */
  readonly mean?: Float64Array;
}

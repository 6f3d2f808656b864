import type { DenseMatrix } from '../arrays/index.ts';

/** X ≈ U diag(s) Vᵀ. */
export interface Svd {
  /** rows × rank, orthonormal columns. */
  readonly U: DenseMatrix;
  /** Descending. */
  readonly singularValues: Float64Array;
  /** cols × rank, orthonormal columns, each with its entry of largest magnitude positive. */
  readonly V: DenseMatrix;
  /** What was subtracted from every row, if `centre` was set. */
  readonly mean?: Float64Array;
}

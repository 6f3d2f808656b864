import type { CscMatrix } from '../../arrays/index.ts';
import { plainColumns, positiveDiagonal, type SparseColumns, symmetricRows } from '../rows.ts';
import { relaxation } from '../sor.ts';
import { TriangularPair, type TriangularRows } from '../triangularPair.ts';

/**
 * The rows of strictly triangular halves of a matrix, of which the columns are given; as the columns are those of a symmetric one.
 */
export function halves(A: SparseColumns): { lower: TriangularRows; upper: TriangularRows } {
  const { cols: n, colPointers, rowIndices, values } = A;
  const nnz = values.length;
  const [lp, lc, lv] = [new Int32Array(n + 1), new Int32Array(nnz), new Float64Array(nnz)];
  const [up, uc, uv] = [new Int32Array(n + 1), new Int32Array(nnz), new Float64Array(nnz)];
  let [below, above] = [0, 0];
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i < j) {
        lc[below] = i;
        lv[below++] = values[k];
      } else if (i > j) {
        uc[above] = i;
        uv[above++] = values[k];
      }
    }
    lp[j + 1] = below;
    up[j + 1] = above;
  }
  return {
    lower: { pointers: lp, columns: lc.subarray(0, below), values: lv.subarray(0, below) },
    upper: { pointers: up, columns: uc.subarray(0, above), values: uv.subarray(0, above) },
  };
}

/**
 * Symmetric successive over-relaxation as a preconditioner: P = (D + ωL)D⁻¹(D + ωL)ᵀ/(ω(2 − ω)) with D the diagonal of A and L
 * what is below it. Positive definite where D is and 0 < ω < 2. O(entries) to make and to apply, and as much memory as A.
 * @throws INVALID_PARAMETER where A is not symmetric, its diagonal not positive, or ω out of range; INVALID_SHAPE, NON_FINITE.
 */
export function ssor(A: CscMatrix, omega = 1): TriangularPair {
  relaxation(omega);
  symmetricRows(A);
  const n = A.rows;
  const columns = plainColumns(A);
  const diagonal = positiveDiagonal(columns, 'ssor');
  const { lower, upper } = halves(columns);
  // P⁻¹ = ω(2 − ω)(I + ωD⁻¹U)⁻¹·D⁻¹·(I + ωLD⁻¹)⁻¹.
  for (let i = 0; i < n; i++) {
    for (let k = lower.pointers[i]; k < lower.pointers[i + 1]; k++)
      lower.values[k] *= omega / diagonal[lower.columns[k]];
    for (let k = upper.pointers[i]; k < upper.pointers[i + 1]; k++) upper.values[k] *= omega / diagonal[i];
  }
  return new TriangularPair(
    A.arena,
    n,
    true,
    lower,
    diagonal.map((d) => (omega * (2 - omega)) / d),
    upper,
  );
}

import type { CscMatrix } from '../../arrays/index.ts';
import { plainColumns, positiveDiagonal, type SparseColumns, symmetricRows } from '../rows.ts';
import { relaxation } from '../sor.ts';
import { TriangularPair, type TriangularRows } from '../triangularPair.ts';

/**
 * The rows of strictly triangular halves of a matrix, of which the columns are given; as the columns are those of a symmetric one.
 */
export function halves(A: SparseColumns): { lower: TriangularRows; upper: TriangularRows } {
  const { cols: n, colPointers, rowIndices, values } = A;
  const make = (below: boolean): TriangularRows => {
    const pointers = new Int32Array(n + 1);
    for (let j = 0; j < n; j++) {
      let count = 0;
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++)
        if (below ? rowIndices[k] < j : rowIndices[k] > j) count++;
      pointers[j + 1] = pointers[j] + count;
    }
    const [columns, entries] = [new Int32Array(pointers[n]), new Float64Array(pointers[n])];
    let at = 0;
    for (let j = 0; j < n; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        if (below ? rowIndices[k] < j : rowIndices[k] > j) {
          columns[at] = rowIndices[k];
          entries[at++] = values[k];
        }
      }
    }
    return { pointers, columns, values: entries };
  };
  return { lower: make(true), upper: make(false) };
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

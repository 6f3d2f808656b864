import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '../../arrays/index.ts';
import { checkPositive, symmetricRows } from '../rows.ts';
import { relaxation } from '../sor.ts';
import { TriangularPair, triangles } from '../triangularPair.ts';

/**
 * Symmetric successive over-relaxation as a preconditioner: P = (D + ωL)D⁻¹(D + ωL)ᵀ/(ω(2 − ω)), where D is the
 * diagonal of A and L its strict lower triangle. Positive definite if D is and 0 < ω < 2. O(entries) to build and to
 * apply, and as much memory as A.
 * @throws INVALID_PARAMETER if A is not symmetric, its diagonal not positive, or ω out of range; INVALID_SHAPE,
 * NON_FINITE.
 */
export function ssor(A: CscMatrix, omega = 1): TriangularPair {
  relaxation(omega);
  symmetricRows(A);
  const { arena, rows: n, pointers } = A;
  const scratch = arena.scratch();
  try {
    const values = scratch.f64(A.nnz);
    values.view.set(A.values);
    const { lower, upper, diagonal, left, right } = triangles(arena, scratch, n, pointers, values.pointer);
    checkPositive(diagonal.view, 'ssor');
    // P⁻¹ = ω(2 − ω)(I + ωD⁻¹U)⁻¹·D⁻¹·(I + ωLD⁻¹)⁻¹.
    const { colPointers, rowIndices } = pointers;
    arena
      .use(systemKernels)
      .scaleTriangles(n, colPointers, rowIndices, values.pointer, left, right, diagonal.pointer, omega);
    return new TriangularPair(
      arena,
      n,
      true,
      lower,
      diagonal.view.map((d) => (omega * (2 - omega)) / d),
      upper,
    );
  } finally {
    scratch.release();
  }
}

import { ArenaMemoryError, type Block, denseKernels } from '@southwell/kernels';
import { sparseKernels } from '@southwell/kernels/sparse';
import { asMatrix, CscMatrix, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/** The matrix itself, or a sparse copy of a dense one. */
export function asSparse(given: MatrixLike): CscMatrix {
  const matrix = asMatrix(given);
  if (!(matrix instanceof DenseMatrix)) return matrix;
  const sparse = CscMatrix.fromDense(matrix);
  if (matrix !== given) matrix.free();
  return sparse;
}

/** A copy of b, checked. @throws INVALID_SHAPE, NON_FINITE. */
export function rightHandSide(b: ArrayLike<number>, rows: number): Float64Array {
  if (b === null || typeof b !== 'object' || typeof b.length !== 'number') {
    fail('INVALID_SHAPE', 'The right-hand side is an array of numbers.');
  }
  if (b.length !== rows) {
    fail('INVALID_SHAPE', `The right-hand side has ${b.length} values, and the matrix ${rows} rows.`);
  }
  const right = new Float64Array(b);
  for (let bad = 0; bad < rows; bad++) {
    if (Number.isFinite(right[bad])) continue;
    fail('NON_FINITE', `The right-hand side holds ${right[bad]} in row ${bad + 1}.`);
  }
  return right;
}

/**
 * Runs `work`; an exhausted memory gives an error with a sentence.
 * @throws NOT_SUPPORTED, and what work throws.
 */
export function withinMemory<T>({ rows, nnz }: CscMatrix, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ArenaMemoryError)) throw error;
    return fail(
      'NOT_SUPPORTED',
      `${what} of ${rows} rows with ${nnz} entries takes more than one memory holds, which ends at 4 GiB or at what the machine has: conjugate ` +
        'gradients without a preconditioner take least, else solve for fewer unknowns.',
    );
  }
}

/** ‖b − Ax‖/‖b‖, and ‖Aᵀr‖/(‖A‖‖r‖), scaled to avoid overflow. O(entries). */
export function residualsOf(A: CscMatrix, x: Float64Array, b: Float64Array): { residual: number; normal: number } {
  const { arena, rows, cols, nnz, pointers } = A;
  const kernels = arena.use(denseKernels, sparseKernels);
  const scratch = arena.scratch();
  try {
    const norm = (v: Block<Float64Array>): number => {
      const square = kernels.dot(v.length, v.pointer, v.pointer);
      return square > TINY && square < HUGE ? Math.sqrt(square) : safeNorm(v.view);
    };
    const [point, image, r] = [scratch.f64(cols), scratch.f64(rows), scratch.f64(rows)];
    point.view.set(x);
    r.view.set(b);
    const right = norm(r);
    const at = [pointers.colPointers, pointers.rowIndices, pointers.values] as const;
    kernels.cscGemv(rows, cols, ...at, point.pointer, image.pointer);
    kernels.axpy(rows, -1, image.pointer, r.pointer);
    const size = norm(r);
    if (size === 0) return { residual: 0, normal: 0 };
    const unit = r.view;
    for (let i = 0; i < rows; i++) unit[i] /= size;
    kernels.cscGemvT(cols, ...at, r.pointer, point.pointer);
    const squares = kernels.dot(nnz, pointers.values, pointers.values);
    const all = squares > TINY && squares < HUGE ? Math.sqrt(squares) : safeNorm(A.values);
    return { residual: right > 0 ? size / right : size, normal: all > 0 ? norm(point) / all : 0 };
  } finally {
    scratch.release();
  }
}

/** Squares outside this range lose digits, or underflow. */
const [TINY, HUGE] = [1e-280, 1e300];

function safeNorm(v: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < v.length; i++) largest = Math.max(largest, Math.abs(v[i]));
  if (!(largest > 0) || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

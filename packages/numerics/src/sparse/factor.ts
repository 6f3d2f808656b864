import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import { estimateOneNorm } from '../linalg/index.ts';

/** A right-hand side: one vector, or a matrix whose columns are several. */
export type Vectors = Float64Array | DenseMatrix;

/** A factorised square matrix, with solves and condition estimates. */
export abstract class SparseFactor {
  /** Number of rows and columns. */
  abstract readonly n: number;
  /** ‖A‖₁ of the factorised matrix. */
  abstract readonly oneNorm: number;
  /** The error message for solves with a singular matrix; undefined if the matrix is nonsingular. */
  protected abstract readonly flaw: string | undefined;
  /** x ← A⁻¹x for one vector. */
  protected abstract solveVector(x: Float64Array): void;
  /** x ← A⁻ᵀx for one vector. */
  protected abstract solveVectorTransposed(x: Float64Array): void;
  /** X ← A⁻¹X for the columns of a matrix allocated by this factor. */
  protected solveColumns(X: DenseMatrix): void {
    for (let c = 0; c < X.cols; c++) {
      const x = X.column(c).slice();
      this.solveVector(x);
      X.column(c).set(x);
    }
  }

  /**
   * Solves AX = B for a vector or matrix B with n rows. About two operations per entry of the factor and column of B.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR.
   */
  solve<T extends Vectors>(B: T): T {
    this.checkSolve(B);
    if (B instanceof Float64Array) {
      const x = B.slice();
      this.solveVector(x);
      return x as T;
    }
    const X = copyOf(B);
    this.solveColumns(X);
    return X as T;
  }

  /**
   * Solves AᵀX = B. About two operations per entry of the factor and column of B.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR.
   */
  solveTransposed<T extends Vectors>(B: T): T {
    this.checkSolve(B);
    const X = B instanceof Float64Array ? DenseMatrix.fromColumnMajor(B, B.length, 1) : copyOf(B);
    for (let c = 0; c < X.cols; c++) {
      const x = X.column(c).slice();
      this.solveVectorTransposed(x);
      X.column(c).set(x);
    }
    if (!(B instanceof Float64Array)) return X as T;
    const x = X.data.slice();
    X.free();
    return x as T;
  }

  /**
   * The reciprocal condition number 1/(‖A‖₁‖A⁻¹‖₁), estimated by about ten solves (Hager, Higham): 1 at best, 0 for a
   * singular A; if below 2⁻⁵², A is singular to working precision.
   */
  reciprocalCondition(): number {
    if (this.n === 0) return 1;
    if (this.flaw !== undefined) return 0;
    const guarded = (solve: (x: Float64Array) => void) => (x: Float64Array) => {
      if (x.every(Number.isFinite)) solve(x);
      else x.fill(Number.POSITIVE_INFINITY);
      return x;
    };
    const inverse = estimateOneNorm(
      this.n,
      guarded((x) => this.solveVector(x)),
      guarded((x) => this.solveVectorTransposed(x)),
    );
    const reciprocal = 1 / this.oneNorm / inverse;
    return Number.isFinite(reciprocal) ? Math.min(1, reciprocal) : 0;
  }

  private checkSolve(B: Vectors): void {
    checkRightHandSide(B, this.n);
    if (this.flaw !== undefined) fail('SINGULAR', this.flaw);
  }
}

/** The 1-norm condition number ‖A‖₁‖A⁻¹‖₁, estimated from below by about ten solves; infinite for a singular matrix. */
export function conditionEstimate(factor: SparseFactor): number {
  return 1 / factor.reciprocalCondition();
}

/** @throws INVALID_SHAPE, NON_FINITE. */
export function checkRightHandSide(B: Vectors, rows: number): void {
  if (!(B instanceof Float64Array || B instanceof DenseMatrix)) {
    fail('INVALID_SHAPE', 'A right-hand side is a Float64Array, or a DenseMatrix of several in its columns.');
  }
  const given = B instanceof Float64Array ? B.length : B.rows;
  if (given !== rows) {
    fail('INVALID_SHAPE', `The right-hand side has ${given} rows, but must have ${rows}.`);
  }
  const values = B instanceof Float64Array ? B : B.data;
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    fail(
      'NON_FINITE',
      `The right-hand side holds ${values[bad]} in row ${(bad % rows) + 1}. Solves need finite values.`,
    );
  }
}

export function copyOf(B: DenseMatrix): DenseMatrix {
  const copy = DenseMatrix.create(B.rows, B.cols, { fill: false });
  copy.data.set(B.data);
  return copy;
}

/**
 * O(entries).
 * @throws INVALID_SHAPE unless A is a sparse matrix, NON_FINITE naming row and column.
 */
export function checkEntries(A: CscMatrix, what: string): void {
  if (!(A instanceof CscMatrix)) {
    fail('INVALID_SHAPE', `${what} takes a CscMatrix; CscMatrix.fromTriplets and CscMatrix.fromDense make one.`);
  }
  const { values, rowIndices, colPointers } = A;
  let probe = 0;
  for (let k = 0; k < values.length; k++) probe += values[k] * 0;
  if (probe === 0) return;
  const k = values.findIndex((v) => !Number.isFinite(v));
  let column = 0;
  while (colPointers[column + 1] <= k) column++;
  fail(
    'NON_FINITE',
    `The matrix holds ${values[k]} in row ${rowIndices[k] + 1}, column ${column + 1}. Remove or impute missing values.`,
  );
}

/** ‖A‖₁; with `lower`, of the symmetric matrix whose lower triangle is A. */
export function oneNormOf({ cols, colPointers, rowIndices, values }: CscMatrix, lower = false): number {
  const sums = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const v = Math.abs(values[k]);
      if (!lower) sums[j] += v;
      else if (rowIndices[k] >= j) {
        sums[j] += v;
        if (rowIndices[k] > j) sums[rowIndices[k]] += v;
      }
    }
  }
  return sums.reduce((most, v) => Math.max(most, v), 0);
}

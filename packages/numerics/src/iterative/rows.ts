import type { Arena } from '@southwell/kernels';
import { sparseKernels } from '@southwell/kernels/sparse';
import { systemKernels } from '@southwell/kernels/systems';
import { type CscMatrix, checkFinite } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import { isMirrored, transpose } from '../linalg/index.ts';
import type { LinearOperator } from '../operators/index.ts';
import { onPointers } from './space.ts';

/**
 * A sparse matrix in compressed rows: products gather, and can be fused with an inner product or a residual in one
 * pass.
 */
export class RowOperator implements LinearOperator {
  readonly rows: number;
  readonly cols: number;

  /** @param byRows The transposed matrix, whose columns are the rows of this one. */
  constructor(
    readonly byRows: CscMatrix,
    private readonly owned: boolean,
  ) {
    this.rows = byRows.cols;
    this.cols = byRows.rows;
  }

  get arena(): Arena {
    return this.byRows.arena;
  }

  apply(x: Float64Array, y: Float64Array): void {
    const { byRows, arena } = this;
    const { colPointers, rowIndices, values } = byRows.pointers;
    onPointers(arena, x, y, (from, to) =>
      arena.use(sparseKernels).cscGemvT(this.rows, colPointers, rowIndices, values, from, to),
    );
  }

  applyTransposed(x: Float64Array, y: Float64Array): void {
    const { byRows, arena } = this;
    const { colPointers, rowIndices, values } = byRows.pointers;
    onPointers(arena, x, y, (from, to) =>
      arena.use(sparseKernels).cscGemv(this.cols, this.rows, colPointers, rowIndices, values, from, to),
    );
  }

  /** y ← Ax for pointers into the arena of a square A; returns xᵀAx. */
  productDot(x: number, y: number): number {
    const { colPointers, rowIndices, values } = this.byRows.pointers;
    return this.arena.use(systemKernels).rowsProductDot(this.rows, colPointers, rowIndices, values, x, y);
  }

  /** r ← b − Ax for pointers into the arena; returns ‖r‖². */
  residual(x: number, b: number, r: number): number {
    const { colPointers, rowIndices, values } = this.byRows.pointers;
    return this.arena.use(systemKernels).rowsResidual(this.rows, colPointers, rowIndices, values, x, b, r);
  }

  /** Frees the memory allocated for the rows. */
  free(): void {
    if (this.owned) this.byRows.free();
  }
}

/**
 * A in compressed rows: the operator with the fastest products, for many solves with one matrix. O(entries), and as
 * much additional memory until `free`.
 * @throws NON_FINITE.
 */
export function rowOperator(A: CscMatrix): RowOperator {
  checkFinite(A, 'A');
  return new RowOperator(transpose(A), true);
}

/**
 * A symmetric matrix by its columns, which are also its rows: like {@link rowOperator}, without additional memory.
 * O(entries).
 * @throws INVALID_SHAPE if A is not square, INVALID_PARAMETER if it is not symmetric, naming row and column;
 * NON_FINITE.
 */
export function symmetricRows(A: CscMatrix): RowOperator {
  square(A);
  checkFinite(A, 'A');
  const place = isMirrored(A, ROUNDING) ? undefined : asymmetry(plainColumns(A));
  if (place) {
    const [i, j, v, w] = place;
    fail(
      'INVALID_PARAMETER',
      `A is not symmetric: ${v} in row ${i + 1}, column ${j + 1}, but ${w} in row ${j + 1}, column ${i + 1}. gmres and ` +
        'bicgstab take any square matrix.',
    );
  }
  return new RowOperator(A, false);
}

/**
 * A symmetric matrix stored as one triangle including the diagonal: half the memory, and half the memory traffic of a
 * product.
 * @throws INVALID_SHAPE if it is not square, INVALID_PARAMETER if it has entries on both sides; NON_FINITE.
 */
export function symmetricOperator(triangle: CscMatrix): LinearOperator {
  const n = square(triangle);
  checkFinite(triangle, 'A');
  const { colPointers, rowIndices } = triangle;
  const found = [0, 0];
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (rowIndices[k] !== j) found[+(rowIndices[k] > j)]++;
  }
  if (found[0] > 0 && found[1] > 0) {
    fail(
      'INVALID_PARAMETER',
      `Give one triangle: there are ${found[1]} entries below the diagonal and ${found[0]} above it.`,
    );
  }
  const { arena } = triangle;
  const apply = (x: Float64Array, y: Float64Array): void => {
    const { pointers } = triangle;
    onPointers(arena, x, y, (from, to) =>
      arena.use(systemKernels).halfProduct(n, pointers.colPointers, pointers.rowIndices, pointers.values, from, to),
    );
  };
  return { rows: n, cols: n, arena, apply, applyTransposed: apply };
}

/**
 * The number of rows.
 * @throws INVALID_SHAPE unless A is square.
 */
export function square(A: { readonly rows: number; readonly cols: number }): number {
  if (A.rows !== A.cols) {
    fail('INVALID_SHAPE', `A must be square, but is ${A.rows} × ${A.cols}; lsqr and lsmr take other shapes.`);
  }
  return A.rows;
}

/** Compressed sparse columns in any kind of memory. */
export interface SparseColumns {
  readonly rows: number;
  readonly cols: number;
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly values: Float64Array;
}

/** A copy outside shared memory, which loops read several times as fast. */
export function plainColumns({ rows, cols, colPointers, rowIndices, values }: SparseColumns): SparseColumns {
  return { rows, cols, colPointers: colPointers.slice(), rowIndices: rowIndices.slice(), values: values.slice() };
}

/** Differences up to this fraction of the largest entry are considered rounding. */
const ROUNDING = 1e-12;

/**
 * The first position at which a square matrix is not symmetric, with the values there and at the transposed position.
 * O(entries).
 */
export function asymmetry(A: SparseColumns): [number, number, number, number] | undefined {
  const n = square(A);
  const { colPointers, rowIndices, values } = A;
  let largest = 0;
  for (let k = 0; k < values.length; k++) if (Math.abs(values[k]) > largest) largest = Math.abs(values[k]);
  const allowed = ROUNDING * largest;
  // Columns are traversed in order, so counterparts are met in storage order.
  const next = colPointers.slice(0, n);
  const differ = (i: number, j: number, v: number, w: number) => (Math.abs(v - w) > allowed ? [i, j, v, w] : undefined);
  for (let j = 0; j < n; j++) {
    // Entries above the diagonal that had no counterpart.
    for (; next[j] < colPointers[j + 1] && rowIndices[next[j]] < j; next[j]++) {
      const place = differ(rowIndices[next[j]], j, values[next[j]], 0);
      if (place) return place as [number, number, number, number];
    }
    for (let k = next[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i === j) continue;
      while (next[i] < colPointers[i + 1] && rowIndices[next[i]] < j) {
        const place = differ(rowIndices[next[i]], i, values[next[i]], 0);
        if (place) return place as [number, number, number, number];
        next[i]++;
      }
      const met = next[i] < colPointers[i + 1] && rowIndices[next[i]] === j;
      const place = differ(i, j, values[k], met ? values[next[i]] : 0);
      if (place) return place as [number, number, number, number];
      if (met) next[i]++;
    }
  }
  return undefined;
}

/**
 * The diagonal of a square matrix.
 * @throws INVALID_SHAPE; SINGULAR if `what` is given and the diagonal has a zero.
 */
export function diagonalOf(A: SparseColumns, what?: string): Float64Array {
  const n = square(A);
  const { colPointers, rowIndices, values } = A;
  const out = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (rowIndices[k] === j) out[j] = values[k];
  }
  if (what) {
    const zero = out.indexOf(0);
    if (zero >= 0) {
      fail(
        'SINGULAR',
        `${what} divides by the diagonal of A, which is 0 in row ${zero + 1}. Reorder the rows, or use gmres.`,
      );
    }
  }
  return out;
}

/**
 * Rejects a diagonal that is not positive, as `what` requires.
 * @throws INVALID_PARAMETER.
 */
export function checkPositive(diagonal: Float64Array, what: string): void {
  const row = diagonal.findIndex((d) => !(d > 0));
  if (row < 0) return;
  fail(
    'INVALID_PARAMETER',
    `${what} is for positive definite matrices, but the diagonal of A holds ${diagonal[row]} in row ${row + 1}; minres with jacobi ` +
      'of absolute values, or gmres with incompleteLu, takes others.',
  );
}

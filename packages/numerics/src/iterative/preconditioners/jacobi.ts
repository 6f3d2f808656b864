import type { Arena } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import { asMatrix, CscMatrix, checkFinite, DenseMatrix, type MatrixLike } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '../../core/index.ts';
import { choleskyInPlace, choleskySolveInPlace } from '../../linalg/index.ts';
import type { Preconditioner } from '../../operators/index.ts';
import { asymmetry, diagonalOf, square } from '../rows.ts';
import { onPointers } from '../space.ts';

/** Converts the input to a sparse matrix. */
function sparse(A: MatrixLike): CscMatrix {
  const matrix = asMatrix(A);
  const out = matrix.kind === 'csc' ? matrix : CscMatrix.fromDense(matrix);
  square(out);
  checkFinite(out, 'A');
  return out;
}

/** M⁻¹ of a diagonal M. */
export class Diagonal implements Preconditioner {
  readonly size: number;
  readonly symmetric: boolean;
  private readonly inverse: DenseMatrix;

  constructor(
    readonly arena: Arena,
    diagonal: Float64Array,
  ) {
    this.size = diagonal.length;
    this.symmetric = diagonal.every((d) => d > 0);
    // A DenseMatrix frees its memory when it is garbage-collected.
    this.inverse = DenseMatrix.create(this.size, 1, { arena, fill: false });
    this.inverse.data.set(diagonal.map((d) => 1 / d));
  }

  apply(r: Float64Array, z: Float64Array): void {
    onPointers(this.arena, r, z, (from, to) => {
      this.arena.use(systemKernels).scaleBy(this.size, from, this.inverse.pointer, to);
    });
  }

  applyTransposed(r: Float64Array, z: Float64Array): void {
    this.apply(r, z);
  }

  /** z ← M⁻¹r for pointers into the arena; returns rᵀz. */
  applyDot(r: number, z: number): number {
    return this.arena.use(systemKernels).scaleByDot(this.size, r, this.inverse.pointer, z);
  }

  /** Frees the memory; the object must not be used afterwards. */
  free(): void {
    this.inverse.free();
  }
}

/**
 * The diagonal of A as a preconditioner: positive definite if the diagonal is positive. O(n).
 * @throws INVALID_SHAPE, NON_FINITE; SINGULAR if the diagonal has a zero, naming its row.
 */
export function jacobi(A: MatrixLike): Diagonal {
  const matrix = sparse(A);
  const diagonal = diagonalOf(matrix, 'jacobi');
  return new Diagonal(matrix.arena, diagonal);
}

export interface BlockJacobiOptions {
  /** Number of consecutive rows per block. Default 8. */
  readonly blockSize?: number;
  /** The rows of each block, from 0; every row must be in exactly one block. */
  readonly blocks?: ReadonlyArray<ArrayLike<number>>;
}

const keys: OptionKeys<BlockJacobiOptions> = { blockSize: true, blocks: true };

/**
 * The diagonal blocks of A as a preconditioner, by dense factorisations: Cholesky if A is symmetric and the blocks are
 * positive definite, which makes the preconditioner so too, otherwise LU with row exchanges. O(Σ block³) to build, O(Σ
 * block²) to apply.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; SINGULAR for a singular block, naming its first row.
 */
export function blockJacobi(A: MatrixLike, options: BlockJacobiOptions = {}): Preconditioner {
  knownKeys('blockJacobi', options, keys);
  const matrix = sparse(A);
  const n = matrix.rows;
  const blocks = partition(n, options);
  const symmetric = asymmetry(matrix) === undefined;
  const { colPointers, rowIndices, values } = matrix;
  const local = new Int32Array(n).fill(-1);
  let positive = symmetric;
  const factors = blocks.map((rows) => {
    const k = rows.length;
    rows.forEach((i, a) => {
      local[i] = a;
    });
    const block = new Float64Array(k * k);
    rows.forEach((j, b) => {
      for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
        const a = local[rowIndices[e]];
        if (a >= 0) block[a * k + b] = values[e];
      }
    });
    for (const i of rows) local[i] = -1;
    if (symmetric) {
      const half = block.slice();
      if (choleskyInPlace(half, k)) return { rows, solve: (x: Float64Array) => choleskySolveInPlace(half, k, x) };
      positive = false;
    }
    const order = factorise(block, k, rows[0]);
    return { rows, solve: (x: Float64Array) => substitute(block, order, x) };
  });
  const most = blocks.reduce((size, rows) => Math.max(size, rows.length), 0);
  const work = new Float64Array(most);
  return {
    size: n,
    symmetric: positive,
    apply(r, z) {
      for (const { rows, solve } of factors) {
        const x = work.subarray(0, rows.length);
        for (let a = 0; a < rows.length; a++) x[a] = r[rows[a]];
        solve(x);
        for (let a = 0; a < rows.length; a++) z[rows[a]] = x[a];
      }
    },
  };
}

function partition(n: number, { blockSize, blocks }: BlockJacobiOptions): Int32Array[] {
  if (blockSize !== undefined && blocks) fail('INVALID_PARAMETER', 'Give blockSize or blocks, not both.');
  if (!blocks) {
    const size = blockSize ?? 8;
    wholeNumber('blockSize', size, 1);
    return Array.from({ length: Math.ceil(n / size) }, (_, k) =>
      Int32Array.from({ length: Math.min(size, n - k * size) }, (_, a) => k * size + a),
    );
  }
  const seen = new Uint8Array(n);
  const out = blocks.map((rows) => Int32Array.from(rows));
  for (const rows of out) {
    for (const i of rows) {
      if (!(i >= 0 && i < n)) fail('INVALID_PARAMETER', `blocks names row ${i + 1}, but A has ${n} rows.`);
      if (seen[i]++)
        fail('INVALID_PARAMETER', `blocks contains row ${i + 1} twice; additiveSchwarz accepts overlapping blocks.`);
    }
  }
  const missing = seen.indexOf(0);
  if (missing >= 0) fail('INVALID_PARAMETER', `blocks omits row ${missing + 1}; every row must be in one.`);
  return out.filter((rows) => rows.length > 0);
}

/** Overwrites a (k × k, row-major) by its LU factors with row exchanges; returns the row order. */
function factorise(a: Float64Array, k: number, first: number): Int32Array {
  const order = Int32Array.from({ length: k }, (_, i) => i);
  let largest = 0;
  for (const v of a) largest = Math.max(largest, Math.abs(v));
  for (let j = 0; j < k; j++) {
    let p = j;
    for (let i = j + 1; i < k; i++) if (Math.abs(a[i * k + j]) > Math.abs(a[p * k + j])) p = i;
    if (!(Math.abs(a[p * k + j]) > 1e-15 * k * largest)) {
      fail('SINGULAR', `The block with row ${first + 1} is singular: choose other blocks, or use incompleteLu.`);
    }
    if (p !== j) {
      for (let c = 0; c < k; c++) [a[j * k + c], a[p * k + c]] = [a[p * k + c], a[j * k + c]];
      [order[j], order[p]] = [order[p], order[j]];
    }
    for (let i = j + 1; i < k; i++) {
      a[i * k + j] /= a[j * k + j];
      const l = a[i * k + j];
      if (l !== 0) for (let c = j + 1; c < k; c++) a[i * k + c] -= l * a[j * k + c];
    }
  }
  return order;
}

function substitute(a: Float64Array, order: Int32Array, x: Float64Array): void {
  const k = order.length;
  const b = Float64Array.from(order, (i) => x[i]);
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) b[i] -= a[i * k + j] * b[j];
  for (let i = k - 1; i >= 0; i--) {
    for (let j = i + 1; j < k; j++) b[i] -= a[i * k + j] * b[j];
    b[i] /= a[i * k + i];
  }
  x.set(b);
}

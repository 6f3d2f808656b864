import type { Arena } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import { isMirrored } from '../../linalg/index.ts';
import { Rows } from './amgRows.ts';

/** A checked matrix, as rows in the arena of the hierarchy. */
export interface CheckedRows {
  /** A/scale. */
  readonly rows: Rows;
  /** A power of two close to the largest diagonal entry, so that no product overflows or underflows. */
  readonly scale: number;
  readonly symmetric: boolean;
}

/** Mirrored entries whose values differ by at most this fraction are considered equal. */
const SAME = 1e-12;

/**
 * Copies A to the arena, as compressed rows. O(entries).
 * @throws INVALID_SHAPE, NON_FINITE, SINGULAR for a zero on the diagonal, INVALID_PARAMETER for a negative one.
 */
export function checkedRows(A: CscMatrix, arena: Arena, symmetric: boolean | undefined): CheckedRows {
  const n = A.rows;
  const kernels = A.arena.use(systemKernels);
  const { colPointers: pointers, rowIndices: indices, values } = A.pointers;
  const scratch = A.arena.scratch();
  let largest = 0;
  try {
    const room = scratch.f64(1);
    const bad = kernels.positiveDiagonal(n, pointers, indices, values, room.pointer);
    if (bad >= 0) refuse(A, bad);
    largest = n > 0 ? room.view[0] : 0;
  } finally {
    scratch.release();
  }
  const scale = largest > 0 ? 2 ** Math.min(1000, Math.max(-1000, Math.round(Math.log2(largest)))) : 1;
  const copy = Rows.create(arena, n, n, A.nnz);
  const to = copy.views;
  to.pointers.set(A.colPointers);
  to.indices.set(A.rowIndices);
  to.values.set(A.values);
  if (scale !== 1) {
    const by = 1 / scale;
    for (let k = 0; k < to.values.length; k++) to.values[k] *= by;
  }
  // Most matrices that are meant to be symmetric are exactly so.
  if (symmetric ?? (isMirrored(A) || isSymmetric(A))) return { rows: copy, scale, symmetric: true };
  const rows = copy.transpose();
  copy.free();
  return { rows, scale, symmetric: false };
}

/** Throws for column j: it has a non-finite value, or an unsuitable diagonal entry. */
function refuse(A: CscMatrix, j: number): never {
  const { colPointers, rowIndices, values, rows: n } = A;
  for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
    if (Number.isFinite(values[k])) continue;
    fail(
      'NON_FINITE',
      `A has the value ${values[k]} in row ${rowIndices[k] + 1}, column ${j + 1}; replace it, or drop it.`,
    );
  }
  const diagonal = diagonalOf(A, j);
  if (diagonal < 0) {
    let negative = 0;
    for (let i = 0; i < n; i++) if (diagonalOf(A, i) < 0) negative++;
    fail(
      'INVALID_PARAMETER',
      negative === n
        ? 'The diagonal of A is negative throughout; if A is negative definite, give −A and negate the right-hand side.'
        : `A has ${diagonal} on the diagonal of row ${j + 1}; multigrid needs a positive diagonal, as positive definite matrices have.`,
    );
  }
  const empty = values.subarray(colPointers[j], colPointers[j + 1]).every((v) => v === 0);
  fail(
    'SINGULAR',
    empty
      ? `Row and column ${j + 1} of A hold nothing but zeros, or column ${j + 1} does; drop the unknown, or put 1 on its diagonal.`
      : `A has a zero on the diagonal of row ${j + 1}, which smoothing would divide by; reorder the rows, or use another preconditioner.`,
  );
}

function diagonalOf({ colPointers, rowIndices, values }: CscMatrix, i: number): number {
  for (let k = colPointers[i]; k < colPointers[i + 1]; k++) if (rowIndices[k] === i) return values[k];
  return 0;
}

/**
 * Whether A equals its transpose. Columns are traversed in order, so the mirrored entries of each row are also met in
 * order. Stored zeros need no counterpart. O(entries).
 */
function isSymmetric({ cols: n, colPointers, rowIndices, values }: CscMatrix): boolean {
  const next = colPointers.slice(0, n);
  for (let j = 0; j < n; j++) {
    const end = colPointers[j + 1];
    let k = next[j];
    while (k < end && values[k] === 0) k++;
    // The remaining entries of column j above the diagonal have no counterpart.
    if (k < end && rowIndices[k] < j) return false;
    for (; k < end; k++) {
      const i = rowIndices[k];
      const v = values[k];
      if (i === j || v === 0) continue;
      let at = next[i];
      const stop = colPointers[i + 1];
      while (at < stop && values[at] === 0) at++;
      next[i] = at + 1;
      if (at >= stop || rowIndices[at] !== j) return false;
      const w = values[at];
      if (v !== w && Math.abs(v - w) > SAME * (Math.abs(v) + Math.abs(w))) return false;
    }
  }
  return true;
}

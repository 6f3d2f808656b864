import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';

/** A B, or AᵀB, for matrices in any arenas. */
export function product(A: DenseMatrix, B: DenseMatrix, transA = false): DenseMatrix {
  const { arena } = A;
  const out = DenseMatrix.create(transA ? A.cols : A.rows, B.cols, { fill: false, arena });
  if (B.arena === arena) matrixProduct(A, B, out, { transA });
  else {
    const copy = copyOf(B, arena);
    matrixProduct(A, copy, out, { transA });
    copy.free();
  }
  return out;
}

export function copyOf(A: DenseMatrix, arena?: DenseMatrix['arena']): DenseMatrix {
  const out = DenseMatrix.create(A.rows, A.cols, { fill: false, ...(arena && { arena }) });
  out.data.set(A.data);
  return out;
}

/** @throws NON_FINITE, with the position. */
export function allFinite(what: string, A: DenseMatrix): void {
  const { data, rows } = A;
  for (let k = 0; k < data.length; k++) {
    if (!Number.isFinite(data[k])) {
      fail(
        'NON_FINITE',
        `The ${what} have ${data[k]} in row ${(k % rows) + 1}, column ${Math.floor(k / rows) + 1}; they must be finite.`,
      );
    }
  }
}

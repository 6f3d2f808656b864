import { gemmWorkBytes } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';
import type { Random, SplitRows } from '../core/index.ts';

/**
 * Products of wide matrices that have one column per row of the data; these rows may be distributed over ranks.
 * Computed piece by piece and summed over all ranks.
 */

const longest = ({ pieces }: SplitRows): number => pieces.reduce((most, [from, to]) => Math.max(most, to - from), 0);

/** out ← the sum over all pieces of what `write` stores in it; a single piece is written in place. */
export function sumWritten(rows: SplitRows, out: DenseMatrix, write: (from: number, to: number) => void): void {
  if (!rows.spread) {
    write(0, rows.own);
    return;
  }
  const sums = new Float64Array(out.rows * out.cols);
  rows.sum(sums, (_, from, to, part) => {
    write(from, to);
    part.set(out.data);
  });
  out.data.set(sums);
}

/** out ← AAᵀ. */
export function rowGram(A: DenseMatrix, out: DenseMatrix, rows: SplitRows): void {
  const k = A.rows;
  const { arena } = out;
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(k, k, longest(rows)) / 8)).pointer;
    sumWritten(rows, out, (from, to) =>
      arena.kernels.syrk(true, k, to - from, A.pointer + 8 * from * k, k, out.pointer, k, work),
    );
  } finally {
    scratch.release();
  }
}

/** out ← ABᵀ for the leading rows of A and B, as many as `out` has rows and columns. */
export function innerProducts(A: DenseMatrix, B: DenseMatrix, out: DenseMatrix, rows: SplitRows): void {
  const { rows: a, cols: b, arena } = out;
  const [lda, ldb] = [A.rows, B.rows];
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(a, b, longest(rows)) / 8)).pointer;
    sumWritten(rows, out, (from, to) => {
      const [x, y] = [A.pointer + 8 * from * lda, B.pointer + 8 * from * ldb];
      arena.kernels.gemm(false, true, a, b, to - from, 1, x, lda, y, ldb, 0, out.pointer, a, work);
    });
  } finally {
    scratch.release();
  }
}

/** out ← α·C·B + β·out for the leading rows of B, as many as C has columns; each rank computes its own columns. */
export function rowProduct(
  C: DenseMatrix,
  B: DenseMatrix,
  out: DenseMatrix,
  rows: SplitRows,
  { alpha = 1, beta = 0 } = {},
): void {
  const { rows: m, cols: k } = C;
  const { arena } = out;
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(m, longest(rows), k) / 8)).pointer;
    for (const [from, to] of rows.pieces) {
      const [b, o] = [B.pointer + 8 * from * B.rows, out.pointer + 8 * from * out.rows];
      arena.kernels.gemm(false, false, m, to - from, k, alpha, C.pointer, m, b, B.rows, beta, o, out.rows, work);
    }
  } finally {
    scratch.release();
  }
}

/**
 * Fills `into` with the normal variates of this rank's rows, `each` per row of the data, of the sequence for all rows.
 */
export function drawNormals(into: Float64Array, random: Random, each: number, rows: SplitRows): void {
  const before = each * rows.first;
  for (let at = 0; at < before; at++) random.normal();
  for (let at = 0; at < into.length; at++) into[at] = random.normal();
  const after = each * (rows.all - rows.first - rows.own);
  for (let at = 0; at < after; at++) random.normal();
}

/** Sum of squares of all entries. */
export function squaresOf(A: DenseMatrix, rows: SplitRows): number {
  const k = A.rows;
  const sums = new Float64Array(1);
  rows.sum(sums, (_, from, to, part) => {
    const at = A.pointer + 8 * from * k;
    part[0] = A.arena.kernels.dot((to - from) * k, at, at);
  });
  return sums[0];
}

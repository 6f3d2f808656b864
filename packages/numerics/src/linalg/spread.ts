import { gemmWorkBytes } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';
import type { Random, SplitRows } from '../core/index.ts';

/** Products of wide matrices whose columns are spread over ranks, one for each row of the data: by pieces, summed over all. */

const longest = ({ pieces }: SplitRows): number => pieces.reduce((most, [from, to]) => Math.max(most, to - from), 0);

/** out ← AAᵀ. */
export function rowGram(A: DenseMatrix, out: DenseMatrix, split: SplitRows): void {
  const k = A.rows;
  const { arena } = out;
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(k, k, longest(split)) / 8)).pointer;
    const sums = new Float64Array(k * k);
    split.sum(sums, (_, from, to, part) => {
      arena.kernels.syrk(true, k, to - from, A.pointer + 8 * from * k, k, out.pointer, k, work);
      part.set(out.data);
    });
    out.data.set(sums);
  } finally {
    scratch.release();
  }
}

/** out ← ABᵀ with the first rows of A and B, as many as `out` has rows and columns. */
export function innerProducts(A: DenseMatrix, B: DenseMatrix, out: DenseMatrix, split: SplitRows): void {
  const { rows: a, cols: b, arena } = out;
  const [lda, ldb] = [A.rows, B.rows];
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(a, b, longest(split)) / 8)).pointer;
    const sums = new Float64Array(a * b);
    split.sum(sums, (_, from, to, part) => {
      const [x, y] = [A.pointer + 8 * from * lda, B.pointer + 8 * from * ldb];
      arena.kernels.gemm(false, true, a, b, to - from, 1, x, lda, y, ldb, 0, out.pointer, a, work);
      part.set(out.data);
    });
    out.data.set(sums);
  } finally {
    scratch.release();
  }
}

/** out ← α·C·B + β·out with the first rows of B, as many as C has columns: each rank its own columns. */
export function rowProduct(
  C: DenseMatrix,
  B: DenseMatrix,
  out: DenseMatrix,
  split: SplitRows,
  { alpha = 1, beta = 0 } = {},
): void {
  const { rows: m, cols: k } = C;
  const { arena } = out;
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(Math.ceil(gemmWorkBytes(m, longest(split), k) / 8)).pointer;
    for (const [from, to] of split.pieces) {
      const [b, o] = [B.pointer + 8 * from * B.rows, out.pointer + 8 * from * out.rows];
      arena.kernels.gemm(false, false, m, to - from, k, alpha, C.pointer, m, b, B.rows, beta, o, out.rows, work);
    }
  } finally {
    scratch.release();
  }
}

/** Normal numbers, `each` for each row of the data, of which a rank keeps its own: those of one rank. */
export function drawNormals(into: Float64Array, random: Random, each: number, split?: SplitRows): void {
  const before = split ? each * split.first : 0;
  for (let at = 0; at < before; at++) random.normal();
  for (let at = 0; at < into.length; at++) into[at] = random.normal();
  const after = split ? each * (split.all - split.first - split.own) : 0;
  for (let at = 0; at < after; at++) random.normal();
}

/** Σ of squares of all entries. */
export function squaresOf(A: DenseMatrix, split: SplitRows): number {
  const k = A.rows;
  const sums = new Float64Array(1);
  split.sum(sums, (_, from, to, part) => {
    const at = A.pointer + 8 * from * k;
    part[0] = A.arena.kernels.dot((to - from) * k, at, at);
  });
  return sums[0];
}

import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { eigenSymmetric, qr, svd } from '@southwell/numerics/linalg';
import { Memory } from '../memory.ts';
import { normOf, type Shape, shapeText, sizeOf, stackOf, Tensor, unitOf } from '../tensor.ts';
import { unfoldTransposed } from '../unfold.ts';

/** Singular values of an unfolding, descending, and the corresponding left vectors, n × their number. */
export interface ModeSpectrum {
  readonly values: Float64Array;
  readonly vectors: DenseMatrix;
}

/**
 * Singular values below this fraction of the largest are not computed from a Gram matrix, whose eigenvalues are their
 * squares.
 */
export const SOUND = 1e-6;

/** out ← the n × n Gram matrix of the rows of an unfolding, at pointers. O(n · values). */
export function modeGramInto(memory: Memory, from: number, shape: Shape, mode: number, out: number): void {
  const { before, size: n, after } = stackOf(shape, mode);
  if (after === 1) memory.syrk(true, n, before, from, n, out);
  else if (before === 1) memory.syrk(false, n, after, from, after, out);
  else {
    for (let l = 0; l < before; l++) {
      const T = [from + 8 * l * n * after, after] as const;
      memory.gemm([true, false], [n, n, after], T, T, [out, n], l === 0 ? 0 : 1);
    }
  }
}

/** By the eigenvalues of the Gram matrix: small singular values lose half of their digits. */
function byGram(tensor: Tensor, mode: number): ModeSpectrum {
  const n = tensor.shape[mode];
  const memory = new Memory(tensor.data.length + n * n);
  try {
    const gram = memory.room(n * n);
    modeGramInto(memory, memory.hold(tensor.data).pointer, tensor.shape, mode, gram.pointer);
    return spectrumOfGram(gram.data, n);
  } finally {
    memory.free();
  }
}

/** Square roots of the eigenvalues of a Gram matrix, descending, and its eigenvectors. */
export function spectrumOfGram(gram: Float64Array, n: number): ModeSpectrum {
  const G = DenseMatrix.fromColumnMajor(gram.subarray(0, n * n), n, n);
  const { values, vectors } = eigenSymmetric(G);
  G.free();
  const descending = DenseMatrix.create(n, n, { fill: false });
  for (let j = 0; j < n; j++) descending.column(j).set(vectors.column(n - 1 - j));
  vectors.free();
  return {
    values: Float64Array.from(values, (_, j) => Math.sqrt(Math.max(0, values[n - 1 - j]))),
    vectors: descending,
  };
}

/** By QR of the transposed unfolding and the SVD of R: all singular values accurate to rounding of the largest. */
function byQr(tensor: Tensor, mode: number): ModeSpectrum {
  const M = unfoldTransposed(tensor, mode);
  try {
    if (M.rows < M.cols) {
      const { singularValues, U, V } = svd(M);
      U.free();
      return { values: singularValues, vectors: V };
    }
    const factor = qr(M);
    const R = factor.R();
    factor.free();
    const { singularValues, U, V } = svd(R);
    for (const spent of [R, U]) spent.free();
    return { values: singularValues, vectors: V };
  } finally {
    M.free();
  }
}

/** How many singular values are kept: a fixed number, or the smallest number that truncates at most `tail` in norm. */
export type Keep = { readonly rank: number } | { readonly tail: number };

export function rankFor(values: Float64Array, keep: Keep): number {
  if ('rank' in keep) return keep.rank;
  let rank = values.length;
  let squares = 0;
  while (rank > 1) {
    squares += values[rank - 1] ** 2;
    if (Math.sqrt(squares) > keep.tail) break;
    rank--;
  }
  return rank;
}

/**
 * The singular values of an unfolding and its leading left vectors, n × rank. By a Gram matrix if it resolves all
 * relevant values, otherwise by QR and SVD. `norm`: that of the tensor, if known.
 */
export function leadingOf(
  tensor: Tensor,
  mode: number,
  keep: Keep,
  norm = normOf(tensor.data),
): ModeSpectrum & { readonly rank: number } {
  const unit = unitOf(norm);
  if (unit !== 1) {
    const scaled = new Tensor(
      tensor.shape,
      tensor.data.map((v) => v / unit),
    );
    const found = leadingOf(scaled, mode, 'tail' in keep ? { tail: keep.tail / unit } : keep);
    return { ...found, values: found.values.map((v) => v * unit) };
  }
  const [n, others] = [tensor.shape[mode], tensor.data.length / tensor.shape[mode]];
  let found: ModeSpectrum | undefined;
  if (n <= others) {
    const gram = byGram(tensor, mode);
    const floor = SOUND * gram.values[0];
    const sound = 'rank' in keep ? gram.values[keep.rank - 1] >= floor : keep.tail >= floor;
    if (sound) found = gram;
    else gram.vectors.free();
  }
  found ??= byQr(tensor, mode);
  const rank = rankFor(found.values, keep);
  const vectors = firstColumns(found.vectors, rank);
  return { values: found.values, vectors, rank };
}

/** The first columns of a matrix, which is freed. */
export function firstColumns(matrix: DenseMatrix, rank: number): DenseMatrix {
  if (matrix.cols === rank) return matrix;
  const out = DenseMatrix.fromColumnMajor(matrix.data.subarray(0, matrix.rows * rank), matrix.rows, rank);
  matrix.free();
  return out;
}

/** Checks multilinear ranks, one for each mode. @throws INVALID_PARAMETER. */
export function checkRanks(ranks: readonly number[], shape: Shape): readonly number[] {
  if (ranks.length !== shape.length) {
    fail('INVALID_PARAMETER', `ranks must be ${shape.length} numbers, one for each mode, but are ${ranks.join(', ')}.`);
  }
  ranks.forEach((r, k) => {
    if (Number.isInteger(r) && r >= 1 && r <= shape[k]) return;
    fail(
      'INVALID_PARAMETER',
      `The rank of mode ${k + 1} must be a whole number from 1 to ${shape[k]}, the size of the mode, but is ${r}.`,
    );
  });
  ranks.forEach((r, k) => {
    const others = sizeOf(ranks) / r;
    if (r <= others) return;
    fail(
      'INVALID_PARAMETER',
      `The rank of mode ${k + 1} must be at most ${others}, the product of the other ranks, but ranks are ${shapeText(ranks)}.`,
    );
  });
  return ranks;
}

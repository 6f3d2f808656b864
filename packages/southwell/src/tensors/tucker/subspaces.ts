import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { eigenSymmetric, type QrFactor, qr, svd } from '@southwell/numerics/linalg';
import { Memory } from '../memory.ts';
import { manySmall } from '../products.ts';
import { normOf, type Shape, shapeText, sizeOf, stackOf, Tensor, unitOf } from '../tensor.ts';
import { unfold, unfoldTransposed } from '../unfold.ts';

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

/** out ← the n × n Gram matrix of the rows of an unfolding, of finite values, at pointers. O(n · values). */
export function modeGramInto(memory: Memory, from: number, shape: Shape, mode: number, out: number): void {
  const { before, size: n, after } = stackOf(shape, mode);
  if (after === 1) memory.syrk(true, n, before, from, n, out);
  else if (before === 1) memory.syrk(false, n, after, from, after, out);
  else if (manySmall(before, n * n, after)) {
    // The Gram matrix of all indices but those before, summed over those after.
    const size = n * after;
    const whole = memory.room(size * size);
    memory.syrk(true, size, before, from, size, whole.pointer);
    const [all, to] = [whole.data, memory.arena.f64];
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let r = 0; r < after; r++) sum += all[(j * after + r) * size + i * after + r];
        to[out / 8 + j * n + i] = sum;
      }
    }
    memory.give(whole);
  } else {
    for (let l = 0; l < before; l++) {
      const T = [from + 8 * l * n * after, after] as const;
      memory.gemm([true, false], [n, n, after], T, T, [out, n], l === 0 ? 0 : 1);
    }
  }
}

/** out ← the Gram matrix of the columns of an unfolding, `others` × `others`, at pointers. O(others · values). */
function othersGramInto(memory: Memory, from: number, shape: Shape, mode: number, out: number): void {
  const { before, size: n, after } = stackOf(shape, mode);
  const others = before * after;
  if (after === 1) memory.syrk(false, before, n, from, n, out);
  else if (before === 1) memory.syrk(true, after, n, from, after, out);
  else {
    const T = (l: number) => [from + 8 * l * n * after, after] as const;
    for (let l = 0; l < before; l++) {
      for (let k = 0; k < before; k++) {
        const C = [out + 8 * (k * after * others + l * after), others] as const;
        memory.gemm([false, true], [after, after, n], T(l), T(k), C);
      }
    }
  }
}

/** out ← unfolding · W at pointers, for W with row-major rows of shape (before, after). O(width · values). */
export function unfoldingTimesInto(
  memory: Memory,
  [from, shape, mode]: readonly [pointer: number, shape: Shape, mode: number],
  W: number,
  width: number,
  out: number,
): void {
  const { before, size: n, after } = stackOf(shape, mode);
  const others = before * after;
  if (after === 1) {
    memory.gemm([false, false], [n, width, before], [from, n], [W, others], [out, n]);
    return;
  }
  for (let l = 0; l < before; l++) {
    const [A, B] = [[from + 8 * l * n * after, after] as const, [W + 8 * l * after, others] as const];
    memory.gemm([true, false], [n, width, after], A, B, [out, n], l === 0 ? 0 : 1);
  }
}

/**
 * By the eigenvalues of the Gram matrix of the shorter side: small singular values lose half of their digits. Undefined
 * if it does not resolve those that are kept. Of an unfolding with more rows than columns the vectors are its products
 * with the right ones, orthonormalised by QR.
 */
export function leadingByGram(
  memory: Memory,
  [from, shape, mode]: readonly [pointer: number, shape: Shape, mode: number],
  keep: Keep,
): (ModeSpectrum & { readonly rank: number }) | undefined {
  const { before, size: n, after } = stackOf(shape, mode);
  const others = before * after;
  const short = Math.min(n, others);
  const gram = memory.room(short * short);
  (n <= others ? modeGramInto : othersGramInto)(memory, from, shape, mode, gram.pointer);
  const { values, vectors } = spectrumOfGram(gram.data, short);
  memory.give(gram);
  const floor = SOUND * values[0];
  const rank = rankFor(values, keep);
  const sound = 'rank' in keep ? values[rank - 1] >= floor : keep.tail >= floor;
  if (!sound) {
    vectors.free();
    return undefined;
  }
  if (n <= others) return { values, vectors: firstColumns(vectors, rank), rank };
  const V = memory.hold(vectors.data.subarray(0, others * rank));
  vectors.free();
  const room = memory.room(n * rank);
  unfoldingTimesInto(memory, [from, shape, mode], V.pointer, rank, room.pointer);
  const M = DenseMatrix.fromColumnMajor(room.data.subarray(0, n * rank), n, rank);
  memory.give(V);
  memory.give(room);
  return { values, vectors: orthonormal(M), rank };
}

/** An orthonormal basis of the columns of a matrix, which is freed; in their directions if they are orthogonal. */
function orthonormal(M: DenseMatrix): DenseMatrix {
  const factor = qr(M);
  const Q = factor.thinQ();
  for (let a = 0; a < Q.cols; a++) {
    if (factor.factors.get(a, a) >= 0) continue;
    const column = Q.column(a);
    for (let i = 0; i < column.length; i++) column[i] = -column[i];
  }
  M.free();
  factor.free();
  return Q;
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

/**
 * By QR of the unfolding or of its transpose, whichever is tall, and the SVD of R: all singular values accurate to
 * rounding of the largest.
 */
function byQr(tensor: Tensor, mode: number, keep: Keep): ModeSpectrum & { readonly rank: number } {
  const n = tensor.shape[mode];
  const tall = n > tensor.data.length / n;
  const M = tall ? unfold(tensor, mode) : unfoldTransposed(tensor, mode);
  const factor = qr(M);
  const R = factor.R();
  M.free();
  try {
    const { singularValues: values, U, V } = svd(R);
    const rank = rankFor(values, keep);
    const [wanted, other] = tall ? [U, V] : [V, U];
    other.free();
    const vectors = firstColumns(wanted, rank);
    if (!tall) return { values, vectors, rank };
    const out = timesQ(factor, vectors);
    vectors.free();
    return { values, vectors: out, rank };
  } finally {
    R.free();
    factor.free();
  }
}

/** Q U for U with as many rows as R; n × the columns of U. O(n · rows · columns). */
export function timesQ(factor: QrFactor, U: DenseMatrix): DenseMatrix {
  const padded = DenseMatrix.create(factor.rows, U.cols);
  for (let a = 0; a < U.cols; a++) padded.column(a).set(U.column(a));
  const out = factor.apply(padded);
  padded.free();
  return out;
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
  const short = Math.min(n, others);
  // The largest singular value is at least the norm over the square root of their number.
  if ('tail' in keep && keep.tail < (SOUND * norm) / Math.sqrt(short)) return byQr(tensor, mode, keep);
  const memory = new Memory(tensor.data.length + short * short);
  try {
    const found = leadingByGram(memory, [memory.hold(tensor.data).pointer, tensor.shape, mode], keep);
    if (found) return found;
  } finally {
    memory.free();
  }
  return byQr(tensor, mode, keep);
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

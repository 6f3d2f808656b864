import type { Arena } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { needTensors } from '../given.ts';
import { misfit } from '../op.ts';
import type { Calculus, Place } from '../primitive.ts';
import { sizeOf } from '../shapes.ts';
import { owning, type Tensor, zeros } from '../tensor.ts';

// Matrices are the last two axes, by rows; factorisations work in double precision, by columns.

/** The memory of a tensor as an array of its dtype. */
export const heap = (arena: Arena, p: Place): Float64Array | Float32Array =>
  p.dtype === 'f64' ? arena.f64 : arena.f32;
export const start = (p: Place): number => p.pointer / (p.dtype === 'f64' ? 8 : 4);

/** Rounds bytes of scratch up to the next aligned offset. */
export const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Number of matrices in a batch. */
export const batchOf = (p: { readonly shape: readonly number[] }): number => sizeOf(p.shape.slice(0, -2));

/** 1 below the diagonal, `diagonal` on it, 0 above. */
export function triangle(n: number, like: Tensor, diagonal: number): Tensor {
  const values = zeros(like.dtype, n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) values[i * n + j] = i === j ? diagonal : 1;
  return owning(values, like.dtype, [n, n]);
}

export function identity(n: number, like: Tensor): Tensor {
  const values = zeros(like.dtype, n * n);
  for (let i = 0; i < n; i++) values[i * n + i] = 1;
  return owning(values, like.dtype, [n, n]);
}

export const symmetric = (o: Calculus, x: Tensor): Tensor => o.mul(o.add(x, o.turned(x)), 0.5);

/** @throws INVALID_SHAPE unless x is a batch of floating-point matrices. */
export function matrices(name: string, x: Tensor): void {
  needTensors(name, { a: x });
  if (x.rank < 2 || x.dtype === 'i32') misfit(name, [x], 'it takes matrices of f32 or f64.');
}

/** @throws INVALID_SHAPE unless x is a batch of square floating-point matrices. */
export function square(name: string, x: Tensor): void {
  needTensors(name, { a: x });
  if (x.rank < 2 || x.shape[x.rank - 1] !== x.shape[x.rank - 2] || x.dtype === 'i32')
    misfit(name, [x], 'it takes square matrices of f32 or f64.');
}

/**
 * Copies matrix k of a batch to a column-major matrix; its transpose, with `turned`, needs no transposition.
 * @throws NON_FINITE, with row and column.
 */
export function loadMatrix(name: string, arena: Arena, p: Place, k: number, turned = false): DenseMatrix {
  const [rows, cols] = p.shape.slice(-2);
  const from = heap(arena, p);
  const at = start(p) + k * rows * cols;
  let probe = 0;
  for (let i = at; i < at + rows * cols; i++) probe += 0 * from[i];
  if (probe !== 0) {
    const bad = from.subarray(at, at + rows * cols).findIndex((v) => !Number.isFinite(v));
    const which = batchOf(p) > 1 ? `matrix ${k + 1}` : 'the matrix';
    const [i, j] = [Math.floor(bad / cols) + 1, (bad % cols) + 1];
    fail('NON_FINITE', `${name}: ${which} holds ${from[at + bad]} in row ${i}, column ${j}.`);
  }
  const values = from.subarray(at, at + rows * cols);
  return turned ? DenseMatrix.fromColumnMajor(values, cols, rows) : DenseMatrix.fromRowMajor(values, rows, cols);
}

/** Stores a matrix, or its transpose, as matrix k of a batch. */
export function storeMatrix(arena: Arena, p: Place, k: number, M: DenseMatrix, turned = false): void {
  const { rows, cols, data } = M;
  const to = heap(arena, p);
  const at = start(p) + k * rows * cols;
  if (turned) {
    to.set(data, at);
    return;
  }
  const B = 32;
  for (let j0 = 0; j0 < cols; j0 += B) {
    const j1 = Math.min(cols, j0 + B);
    for (let i0 = 0; i0 < rows; i0 += B) {
      const i1 = Math.min(rows, i0 + B);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) to[at + i * cols + j] = data[j * rows + i];
    }
  }
}

import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { makeReflector } from '../reflectors.ts';

/** Panel width. */
const PANEL = 32;

/** The result of the reduction, apart from the reflectors. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
  readonly tau: Float64Array;
}

/**
 * A = QTQᵀ with tridiagonal T, for the symmetric n × n matrix at `pointer`, whose lower triangle is read and
 * overwritten by the reflectors: vector j lies below row j + 1 of column j. Blocked: half of the work is in
 * matrix-vector products with A, half in matrix products (LAPACK's dsytrd and dlatrd; Dongarra, Sorensen and Hammarling
 * 1989). O(4n³/3).
 */
export function reduceToTridiagonal(arena: Arena, pointer: number, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const below = new Float64Array(Math.max(0, n - 1));
  const tau = new Float64Array(Math.max(0, n - 1));
  const scratch = arena.scratch();
  try {
    const W = scratch.f64(n * PANEL).pointer;
    const row = scratch.f64(PANEL).pointer;
    const work = scratch.f64(gemmWorkBytes(n, n, PANEL) / 8).pointer;
    const { kernels } = arena;
    const heap = arena.f64;
    const at = (i: number, j: number) => pointer + 8 * (j * n + i);
    for (let first = 0; first < n; first += PANEL) {
      const end = Math.min(n, first + PANEL);
      for (let j = first; j < end; j++) {
        const done = j - first;
        const w = (i: number, c = done) => W + 8 * (c * n + i);
        const rest = n - j - 1;
        if (done > 0) {
          for (let c = 0; c < done; c++) heap[row / 8 + c] = heap[w(j, c) / 8];
          kernels.gemv(n - j, done, -1, at(j, first), n, row, 1, at(j, j));
          for (let c = 0; c < done; c++) heap[row / 8 + c] = heap[at(j, first + c) / 8];
          kernels.gemv(n - j, done, -1, w(j, 0), n, row, 1, at(j, j));
        }
        diagonal[j] = heap[at(j, j) / 8];
        if (rest === 0) continue;
        const v = at(j + 1, j);
        tau[j] = makeReflector(kernels, heap, rest, v / 8);
        below[j] = heap[v / 8];
        heap[v / 8] = 1;
        kernels.symv(rest, at(j + 1, j + 1), n, v, w(j + 1));
        if (done > 0) {
          kernels.gemvT(rest, done, w(j + 1, 0), n, v, row);
          kernels.gemv(rest, done, -1, at(j + 1, first), n, row, 1, w(j + 1));
          kernels.gemvT(rest, done, at(j + 1, first), n, v, row);
          kernels.gemv(rest, done, -1, w(j + 1, 0), n, row, 1, w(j + 1));
        }
        const from = w(j + 1) / 8;
        for (let i = from; i < from + rest; i++) heap[i] *= tau[j];
        kernels.axpy(rest, -0.5 * tau[j] * kernels.dot(rest, w(j + 1), v), v, w(j + 1));
      }
      const rest = n - end;
      if (rest === 0) continue;
      const [V, U, C] = [at(end, first), W + 8 * end, at(end, end)];
      kernels.addLower(rest, PANEL, -1, V, n, U, n, C, n, work);
      kernels.addLower(rest, PANEL, -1, U, n, V, n, C, n, work);
    }
  } finally {
    scratch.release();
  }
  return { diagonal, below, tau };
}

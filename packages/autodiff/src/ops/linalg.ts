import { gemmWorkBytes } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { needTensors } from '../given.ts';
import { apply, misfit } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import { broadcastShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';
import { align, batchOf, heap, square, start, symmetric, triangle } from './matrices.ts';

// Computed in double precision for any dtype: small matrices by plain loops, which have no call overhead, larger ones
// by kernels and the factorisations of numerics/linalg. The choice depends on sizes only, and so do the bits.

type None = Record<never, never>;

/** Number of rows from which on kernels are faster. */
const FACTOR = 16;

const choleskyOp: Op<None> = defineOp<None>({
  name: 'cholesky',
  depends: inBlocks(2),
  infer: ([a]) => [{ shape: a.shape, dtype: a.dtype }],
  work: ([a]) => {
    const n = a.shape.at(-1)!;
    return n < FACTOR ? 0 : 2 * align(8 * n * n) + gemmWorkBytes(n, n, n);
  },
  bind: ({ arena, kernels, x: [a], y: [y], work }) => {
    const n = a.shape.at(-1)!;
    const count = batchOf(a);
    const refuse = (b: number, why: string): never =>
      fail('SINGULAR', `cholesky: the matrix${count > 1 ? ` ${b + 1}` : ''} is not positive definite: ${why}.`);
    if (n < FACTOR) {
      const L = new Float64Array(n * n);
      return () => {
        const [from, to] = [heap(arena, a), heap(arena, y)];
        for (let b = 0; b < count; b++) {
          const [p, q] = [start(a) + b * n * n, start(y) + b * n * n];
          for (let i = 0; i < n; i++) {
            for (let j = 0; j <= i; j++) {
              let s = from[p + i * n + j];
              for (let k = 0; k < j; k++) s -= L[i * n + k] * L[j * n + k];
              if (i === j && !(s > 0)) refuse(b, `pivot ${i + 1} is ${s}`);
              L[i * n + j] = i === j ? Math.sqrt(s) : s / L[j * n + j];
            }
          }
          for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) to[q + i * n + j] = j <= i ? L[i * n + j] : 0;
        }
      };
    }
    // Kernels are column-major: the matrix is transposed, factorised, and transposed back.
    const [rows, columns, scratch] = [work, work + align(8 * n * n), work + 2 * align(8 * n * n)];
    return () => {
      const [from, to, f64] = [heap(arena, a), heap(arena, y), arena.f64];
      for (let b = 0; b < count; b++) {
        const [p, q] = [start(a) + b * n * n, start(y) + b * n * n];
        for (let k = 0; k < n * n; k++) f64[rows / 8 + k] = from[p + k];
        kernels.transpose(n, n, rows, n, columns, n);
        const bad = kernels.potrf(n, columns, n, scratch);
        if (bad !== 0) refuse(b, `pivot ${bad} is not above 0`);
        kernels.transpose(n, n, columns, n, rows, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) to[q + i * n + j] = f64[rows / 8 + i * n + j];
          to.fill(0, q + i * n + i + 1, q + (i + 1) * n);
        }
      }
    };
  },
  // Murray, Differentiation of the Cholesky decomposition (2016): Ā = L⁻ᵀ Φ(LᵀL̄) L⁻¹, symmetrised.
  vjp: ({ o, y: [L], g: [g] }) => {
    if (!g) return [];
    const phi = o.mul(o.matmul(o.turned(L), g), triangle(L.shape.at(-1)!, L, 0.5));
    const half = lowerSolve(L, phi, true);
    return [symmetric(o, o.turned(lowerSolve(L, o.turned(half), true)))];
  },
});

/**
 * Cholesky factor L, L·Lᵀ = A, of symmetric positive definite matrices; only the lower triangle of A is read, and the
 * derivative is symmetric. O(n³) each.
 * @throws INVALID_SHAPE unless square; SINGULAR, at run time, if one is not positive definite.
 */
export function cholesky(a: Tensor): Tensor {
  square('cholesky', a);
  return apply(choleskyOp, [a], {})[0];
}

interface Side {
  readonly transposed: boolean;
}

const lowerOp: Op<Side> = defineOp<Side>({
  name: 'solveTriangular',
  depends: inBlocks(2, 2),
  infer: ([, b]) => [{ shape: b.shape, dtype: b.dtype }],
  work: ([, b]) => {
    const [n, m] = b.shape.slice(-2);
    return align(8 * n * n) + align(8 * n * m) + gemmWorkBytes(m, n, Math.max(m, n)) + 8448;
  },
  bind: ({ arena, kernels, x: [l, b], y: [y], attrs: { transposed }, work }) => {
    const [n, m] = b.shape.slice(-2);
    const count = batchOf(b);
    // In column-major order L is its upper triangular transpose, and LX = B becomes XᵀLᵀ = Bᵀ. Doubles are solved in
    // place.
    const double = b.dtype === 'f64';
    const [factor, sides, scratch] = [work, work + align(8 * n * n), work + align(8 * n * n) + align(8 * n * m)];
    return () => {
      const [L, from, to, f64] = [heap(arena, l), heap(arena, b), heap(arena, y), arena.f64];
      for (let k = 0; k < count; k++) {
        const [pl, pb, py] = [start(l) + k * n * n, start(b) + k * n * m, start(y) + k * n * m];
        if (double) {
          to.copyWithin(py, pb, pb + n * m);
          kernels.triangularSolve(true, false, transposed, false, m, n, 8 * pl, n, 8 * py, m, scratch);
          continue;
        }
        for (let i = 0; i < n * n; i++) f64[factor / 8 + i] = L[pl + i];
        for (let i = 0; i < n * m; i++) f64[sides / 8 + i] = from[pb + i];
        kernels.triangularSolve(true, false, transposed, false, m, n, factor, n, sides, m, scratch);
        for (let i = 0; i < n * m; i++) to[py + i] = f64[sides / 8 + i];
      }
    };
  },
  vjp: ({ o, x: [L], y: [x], g: [g], attrs: { transposed }, needs }) => {
    if (!g) return [];
    const db = lowerSolve(L, g, !transposed);
    const outer = needs[0] ? (transposed ? o.matmul(x, o.turned(db)) : o.matmul(db, o.turned(x))) : undefined;
    return [outer && o.neg(o.mul(outer, triangle(L.shape.at(-1)!, L, 1))), db];
  },
});

/** @internal */
export const lowerSolve = (L: Tensor, b: Tensor, transposed: boolean): Tensor =>
  apply(lowerOp, [L, b], { transposed })[0];

/** Broadcasts batches, and treats a vector as one column. @internal */
export function lined(name: string, o: Calculus, a: Tensor, b: Tensor, f: (a: Tensor, b: Tensor) => Tensor): Tensor {
  square(name, a);
  needTensors(name, { b });
  const n = a.shape.at(-1)!;
  const column = b.rank === 1 ? o.reshape(b, [...b.shape, 1]) : b;
  if (column.rank < 2 || column.shape[column.rank - 2] !== n || a.dtype !== b.dtype) {
    misfit(name, [a, b], `right-hand sides must be […, ${n}, m], or one vector of ${n}.`);
  }
  const batch = broadcastShape([a.shape.slice(0, -2), column.shape.slice(0, -2)]);
  if (!batch) return misfit(name, [a, b], 'their batches do not broadcast.');
  const x = f(o.broadcastTo(a, [...batch, n, n]), o.broadcastTo(column, [...batch, ...column.shape.slice(-2)]));
  return b.rank === 1 ? o.reshape(x, x.shape.slice(0, -1)) : x;
}

/** @internal */
export const triangularSolve = (o: Calculus, L: Tensor, b: Tensor, transposed: boolean): Tensor =>
  lined('solveTriangular', o, L, b, (p, q) => lowerSolve(p, q, transposed));

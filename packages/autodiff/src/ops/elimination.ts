import { gemmWorkBytes } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { lu } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { apply } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';
import { lined } from './linalg.ts';
import { align, batchOf, heap, identity, loadMatrix, square, start } from './matrices.ts';

// Elimination is an operation of its own, so that solves, inverses and determinants of a matrix share it, as do their
// derivatives. Kernels are column-major, in which a row-major A is Aᵀ; that is factorised in place: PAᵀ = LU.

type None = Record<never, never>;

/** Number of rows from which on kernels are faster. */
const ELIMINATION = 20;

// Outputs: L and U in double precision, and the pivots: row pivots[k] ≥ k of Aᵀ was exchanged with row k.
const eliminationOp: Op<None> = defineOp<None>({
  name: 'elimination',
  depends: inBlocks(2),
  infer: ([a]) => [
    { shape: a.shape, dtype: 'f64' },
    { shape: a.shape.slice(0, -1), dtype: 'i32' },
  ],
  bind: ({ arena, x: [a], y: [f, p] }) => {
    const n = a.shape.at(-1)!;
    const count = batchOf(a);
    return () => {
      for (let k = 0; k < count; k++) {
        const A = loadMatrix('elimination', arena, a, k, true);
        const [at, pivots] = [f.pointer / 8 + k * n * n, p.pointer / 4 + k * n];
        if (n < ELIMINATION) {
          arena.f64.set(A.data, at);
          eliminate(n, arena.f64, at, arena.i32, pivots);
        } else {
          const factor = lu(A);
          arena.f64.set(factor.factors.data, at);
          arena.i32.set(factor.pivots, pivots);
          factor.free();
        }
        A.free();
      }
    };
  },
  // Operations that use it are differentiated with respect to the matrix itself.
  vjp: () => [],
});

/** PM = LU of the column-major matrix at `at`, with partial pivoting. */
function eliminate(n: number, m: Float64Array, at: number, pivots: Int32Array, to: number): void {
  for (let k = 0; k < n; k++) {
    const column = at + k * n;
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(m[column + i]) > Math.abs(m[column + p])) p = i;
    pivots[to + k] = p;
    if (p !== k) {
      for (let j = at; j < at + n * n; j += n) {
        const v = m[j + k];
        m[j + k] = m[j + p];
        m[j + p] = v;
      }
    }
    const pivot = m[column + k];
    if (pivot === 0) continue;
    for (let i = k + 1; i < n; i++) m[column + i] /= pivot;
    for (let j = at + (k + 1) * n; j < at + n * n; j += n) {
      const factor = m[j + k];
      if (factor !== 0) for (let i = k + 1; i < n; i++) m[j + i] -= m[column + i] * factor;
    }
  }
}

interface Side {
  readonly transposed: boolean;
}

// Inputs: the matrix (not read), its elimination, and right-hand sides.
const solveOp: Op<Side> = defineOp<Side>({
  name: 'solve',
  depends: inBlocks(2, 2, 1, 2),
  infer: ([, , , b]) => [{ shape: b.shape, dtype: b.dtype }],
  work: ([, , , b]) => {
    const [n, m] = b.shape.slice(-2);
    return align(8 * n * m) + gemmWorkBytes(m, n, Math.max(m, n)) + 8448;
  },
  bind: ({ arena, kernels, x: [, f, p, b], y: [y], attrs: { transposed }, work }) => {
    const [n, m] = b.shape.slice(-2);
    const count = batchOf(b);
    const scratch = work + align(8 * n * m);
    const double = b.dtype === 'f64';
    return () => {
      const { f64, i32 } = arena;
      const [from, to] = [heap(arena, b), heap(arena, y)];
      for (let k = 0; k < count; k++) {
        const factor = f.pointer + 8 * k * n * n;
        for (let i = 0; i < n; i++) {
          if (f64[factor / 8 + i * (n + 1)] !== 0) continue;
          const which = count > 1 ? `matrix ${k + 1}` : 'the matrix';
          fail('SINGULAR', `solve: ${which} is singular: row ${i + 1} depends linearly on the preceding ones.`);
        }
        const [pb, py] = [start(b) + k * n * m, start(y) + k * n * m];
        const sides = double ? 8 * py : work;
        const at = sides / 8;
        if (double) to.copyWithin(py, pb, pb + n * m);
        else for (let i = 0; i < n * m; i++) f64[at + i] = from[pb + i];
        const exchange = (i: number) => {
          const other = i32[p.pointer / 4 + k * n + i];
          if (other === i) return;
          for (let c = 0; c < m; c++) {
            const v = f64[at + i * m + c];
            f64[at + i * m + c] = f64[at + other * m + c];
            f64[at + other * m + c] = v;
          }
        };
        // A = UᵀLᵀP, and row-major right-hand sides are their transposes in column-major order: XᵀP = BᵀU⁻¹L⁻¹.
        if (transposed) {
          for (let i = 0; i < n; i++) exchange(i);
          kernels.triangularSolve(true, true, true, true, m, n, factor, n, sides, m, scratch);
          kernels.triangularSolve(true, false, true, false, m, n, factor, n, sides, m, scratch);
        } else {
          kernels.triangularSolve(true, false, false, false, m, n, factor, n, sides, m, scratch);
          kernels.triangularSolve(true, true, false, true, m, n, factor, n, sides, m, scratch);
          for (let i = n - 1; i >= 0; i--) exchange(i);
        }
        if (!double) for (let i = 0; i < n * m; i++) to[py + i] = f64[at + i];
      }
    };
  },
  vjp: ({ o, x: [a, f, p], y: [x], g: [g], attrs: { transposed }, needs }) => {
    if (!g) return [];
    const db = apply(solveOp, [a, f, p, g], { transposed: !transposed })[0];
    const outer = needs[0] ? (transposed ? o.matmul(x, o.turned(db)) : o.matmul(db, o.turned(x))) : undefined;
    return [outer && o.neg(outer), undefined, undefined, db];
  },
});

/** @internal */
export function generalSolve(o: Calculus, a: Tensor, b: Tensor): Tensor {
  return lined('solve', o, a, b, (p, q) => {
    // A matrix with many right-hand sides is eliminated once.
    const [f, pivots] = apply(eliminationOp, [a], {});
    const batch = p.shape.slice(0, -2);
    const n = p.shape.at(-1)!;
    const all = [p, o.broadcastTo(f, p.shape), o.broadcastTo(pivots, [...batch, n]), q];
    return apply(solveOp, all, { transposed: false })[0];
  });
}

const identityLike = (o: Calculus, a: Tensor): Tensor => o.broadcastTo(identity(a.shape.at(-1)!, a), a.shape);

/** @internal */
export function inverseOf(o: Calculus, a: Tensor): Tensor {
  square('inverse', a);
  const [f, p] = apply(eliminationOp, [a], {});
  return apply(solveOp, [a, f, p, identityLike(o, a)], { transposed: false })[0];
}

// Outputs: the sign of the determinant, which has no derivative, and the logarithm of its absolute value.
const determinantOp: Op<None> = defineOp<None>({
  name: 'slogdet',
  depends: inBlocks(2, 2, 1),
  infer: ([a]) => [0, 1].map(() => ({ shape: a.shape.slice(0, -2), dtype: a.dtype })),
  bind: ({ arena, x: [a, f, p], y: [s, y] }) => {
    const n = a.shape.at(-1)!;
    const count = batchOf(a);
    return () => {
      const { f64, i32 } = arena;
      for (let k = 0; k < count; k++) {
        let [sign, log] = [1, 0];
        for (let i = 0; i < n; i++) {
          const v = f64[f.pointer / 8 + k * n * n + i * (n + 1)];
          sign *= Math.sign(v) * (i32[p.pointer / 4 + k * n + i] === i ? 1 : -1);
          log += v === 0 ? Number.NEGATIVE_INFINITY : elementary.log(Math.abs(v));
        }
        heap(arena, s)[start(s) + k] = sign;
        heap(arena, y)[start(y) + k] = log;
      }
    };
  },
  vjp: ({ o, x: [a, f, p], g: [, g] }) => {
    if (!g) return [];
    const turned = apply(solveOp, [a, f, p, identityLike(o, a)], { transposed: true })[0];
    return [o.mul(o.reshape(g, [...g.shape, 1, 1]), turned)];
  },
});

/**
 * Sign and log |det| of square matrices: `[sign […], log […]]`; 0 and −∞ for a singular matrix, which has no
 * derivative. O(n³) each.
 * @throws INVALID_SHAPE unless square; NON_FINITE, at run time.
 */
export function slogdet(a: Tensor): [sign: Tensor, log: Tensor] {
  square('slogdet', a);
  return apply(determinantOp, [a, ...apply(eliminationOp, [a], {})], {}) as [Tensor, Tensor];
}

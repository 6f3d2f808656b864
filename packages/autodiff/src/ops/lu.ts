import { lu as factorised } from '@southwell/numerics/linalg';
import { apply } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';
import { binary } from './elementwise.ts';
import { lowerSolve } from './linalg.ts';
import { batchOf, identity, loadMatrix, square, storeMatrix, triangle } from './matrices.ts';
import { oneHot } from './rows.ts';
import { turned } from './views.ts';

type None = Record<never, never>;

// Outputs: L below the diagonal and U above it; and the rows of A in the order of PᵀA.
const luOp: Op<None> = defineOp<None>({
  name: 'lu',
  depends: inBlocks(2),
  infer: ([a]) => [
    { shape: a.shape, dtype: a.dtype },
    { shape: a.shape.slice(0, -1), dtype: 'i32' },
  ],
  bind: ({ arena, x: [a], y: [f, p] }) => {
    const n = a.shape.at(-1)!;
    const count = batchOf(a);
    return () => {
      for (let k = 0; k < count; k++) {
        const A = loadMatrix('lu', arena, a, k);
        const factor = factorised(A);
        const { factors, pivots } = factor;
        storeMatrix(arena, f, k, factors);
        const at = p.pointer / 4 + k * n;
        const order = arena.i32.subarray(at, at + n);
        for (let i = 0; i < n; i++) order[i] = i;
        for (let i = 0; i < n; i++) [order[i], order[pivots[i]]] = [order[pivots[i]], order[i]];
        factor.free();
        A.free();
      }
    };
  },
  // PᵀA = LU: Ā = P·L⁻ᵀ(tril(LᵀL̄, −1) + triu(ŪUᵀ))U⁻ᵀ.
  vjp: ({ o, x: [a], y: [f, order], g: [g] }) => {
    if (!g) return [];
    const [L, U, below, above] = parts(f);
    const down = o.mul(o.matmul(o.turned(L), o.mul(g, below)), below);
    const up = o.mul(o.matmul(o.mul(g, above), o.turned(U)), above);
    const left = lowerSolve(L, o.add(down, up), true);
    const both = o.turned(lowerSolve(o.turned(U), o.turned(left), true));
    return [o.matmul(o.turned(permutation(order, a)), both)];
  },
});

/** The permutation of rows in this order. */
const permutation = (order: Tensor, { dtype }: Tensor): Tensor =>
  oneHot(order, order.shape.at(-1)!, dtype === 'f64' ? 'f64' : 'f32');

/** L with ones on the diagonal, U, and the masks of both. */
function parts(f: Tensor): [L: Tensor, U: Tensor, below: Tensor, above: Tensor] {
  const n = f.shape.at(-1)!;
  const below = triangle(n, f, 0);
  const above = turned(triangle(n, f, 1));
  const mul = binary('mul');
  return [binary('add')(mul(f, below), identity(n, f)), mul(f, above), below, above];
}

/**
 * LU factorisation with partial pivoting of square matrices: A = P·L·U, `[P, L, U]`, P a permutation, L lower triangular
 * with ones on the diagonal, U upper triangular. The derivative requires a regular matrix. O(n³) each.
 * @throws INVALID_SHAPE unless square; NON_FINITE, at run time.
 */
export function lu(a: Tensor): [P: Tensor, L: Tensor, U: Tensor] {
  square('lu', a);
  const [f, order] = apply(luOp, [a], {});
  const [L, U] = parts(f);
  return [turned(permutation(order, a)), L, U];
}

import { DenseMatrix } from '@southwell/numerics/arrays';
import { lu as factorised } from '@southwell/numerics/linalg';
import { apply } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { inBlocks } from './dependence.ts';
import { binary } from './elementwise.ts';
import { lowerSolve } from './linalg.ts';
import { matmul } from './matmul.ts';
import { batchOf, identity, loadMatrix, matrices, storeMatrix, triangle } from './matrices.ts';
import { oneHot } from './rows.ts';
import { slice, turned } from './views.ts';

type None = Record<never, never>;

/** A range of rows of matrices. */
const rowsOf = (x: Tensor, from: number, to?: number): Tensor =>
  slice(x, ...x.shape.slice(0, -2).map(() => undefined), [from, to]);
const columnsOf = (x: Tensor, from: number, to?: number): Tensor =>
  slice(x, ...x.shape.slice(0, -1).map(() => undefined), [from, to]);

// Of matrices with at least as many rows as columns. Outputs: L below the diagonal and U above it; and the rows of A in
// the order of PᵀA.
const luOp: Op<None> = defineOp<None>({
  name: 'lu',
  depends: inBlocks(2),
  infer: ([a]) => [
    { shape: a.shape, dtype: a.dtype },
    { shape: a.shape.slice(0, -1), dtype: 'i32' },
  ],
  bind: ({ arena, x: [a], y: [f, p] }) => {
    const [m, n] = a.shape.slice(-2);
    const count = batchOf(a);
    return () => {
      for (let k = 0; k < count; k++) {
        const A = loadMatrix('lu', arena, a, k);
        // Columns of zeros, in which nothing is eliminated, make a square matrix.
        const whole = m === n ? A : DenseMatrix.fromColumnMajor(padded(A.data, m * m), m, m);
        const factor = factorised(whole);
        const { factors, pivots } = factor;
        const own = m === n ? factors : DenseMatrix.fromColumnMajor(factors.data.subarray(0, m * n), m, n);
        storeMatrix(arena, f, k, own);
        const at = p.pointer / 4 + k * m;
        const order = arena.i32.subarray(at, at + m);
        for (let i = 0; i < m; i++) order[i] = i;
        for (let i = 0; i < n; i++) [order[i], order[pivots[i]]] = [order[pivots[i]], order[i]];
        factor.free();
        A.free();
        if (m === n) continue;
        whole.free();
        own.free();
      }
    };
  },
  // PᵀA = [L; M]·U with L and U square: with W = tril(LᵀL̄, −1) + triu(ŪUᵀ − MᵀM̄), Ā = P·[L⁻ᵀW; M̄]·U⁻ᵀ.
  vjp: ({ o, x: [a], y: [f, order], g: [g] }) => {
    if (!g) return [];
    const [m, n] = a.shape.slice(-2);
    const [gTop, gRest] = [rowsOf(g, 0, n), rowsOf(g, n)];
    const [L, U] = parts(rowsOf(f, 0, n));
    const below = triangle(n, f, 0);
    const above = turned(triangle(n, f, 1));
    const down = o.matmul(o.turned(L), o.mul(gTop, below));
    let up = o.matmul(o.mul(gTop, above), o.turned(U));
    if (m > n) up = o.sub(up, o.matmul(o.turned(rowsOf(f, n)), gRest));
    const left = lowerSolve(L, o.add(o.mul(down, below), o.mul(up, above)), true);
    const all = m > n ? concat([left, gRest], -2) : left;
    const both = o.turned(lowerSolve(o.turned(U), o.turned(all), true));
    return [o.matmul(o.turned(permutation(order, a)), both)];
  },
});

/** Values, and zeros up to a length. */
function padded(values: Float64Array, length: number): Float64Array {
  const out = new Float64Array(length);
  out.set(values);
  return out;
}

/** The permutation of rows in this order. */
const permutation = (order: Tensor, { dtype }: Tensor): Tensor =>
  oneHot(order, order.shape.at(-1)!, dtype === 'f64' ? 'f64' : 'f32');

/** L with ones on the diagonal, and U. */
function parts(f: Tensor): [L: Tensor, U: Tensor] {
  const [m, n] = f.shape.slice(-2);
  const mul = binary('mul');
  const top = rowsOf(f, 0, n);
  const L = binary('add')(mul(top, triangle(n, f, 0)), identity(n, f));
  return [m > n ? concat([L, rowsOf(f, n)], -2) : L, mul(top, turned(triangle(n, f, 1)))];
}

/**
 * LU factorisation with partial pivoting of matrices […, m, n]: A = P·L·U, `[P […, m, m], L […, m, k], U […, k, n]]`, k =
 * min(m, n), P a permutation, L lower triangular with ones on the diagonal, U upper triangular. The derivative requires
 * that the first k rows of PᵀA and its first k columns are independent. O(mn·k) each.
 * @throws INVALID_SHAPE unless matrices; NON_FINITE, at run time.
 */
export function lu(a: Tensor): [P: Tensor, L: Tensor, U: Tensor] {
  matrices('lu', a);
  const [m, n] = a.shape.slice(-2);
  // The leading columns determine the permutation and L.
  const [f, order] = apply(luOp, [m < n ? columnsOf(a, 0, m) : a], {});
  const [L, U] = parts(f);
  const Pt = permutation(order, a);
  if (m >= n) return [turned(Pt), L, U];
  return [turned(Pt), L, concat([U, lowerSolve(L, matmul(Pt, columnsOf(a, m)), false)], -1)];
}

import { qr as householder, jacobiSvd, symmetricEigen, svd as thinSvd } from '@southwell/numerics/linalg';
import { apply } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { inBlocks } from './dependence.ts';
import { lowerSolve } from './linalg.ts';
import { matmul } from './matmul.ts';
import {
  batchOf,
  heap,
  identity,
  loadMatrix,
  matrices,
  square,
  start,
  storeMatrix,
  symmetric,
  triangle,
} from './matrices.ts';
import { slice, turned } from './views.ts';

type None = Record<never, never>;

/** 1/(dⱼ − dᵢ), and 0 for equal values, whose vectors have undefined derivatives within their span. */
function inverseGaps(o: Calculus, d: Tensor): Tensor {
  const n = d.shape.at(-1)!;
  const batch = d.shape.slice(0, -1);
  const gap = o.sub(o.reshape(d, [...batch, 1, n]), o.reshape(d, [...batch, n, 1]));
  const same = o.equal(gap, 0);
  return o.div(o.sub(1, same), o.where(same, 1, gap));
}

/** Diagonal matrices with the given diagonals. */
const diagonalOf = (o: Calculus, d: Tensor): Tensor =>
  o.mul(o.reshape(d, [...d.shape, 1]), identity(d.shape.at(-1)!, d));

const plus = (o: Calculus, a: Tensor | undefined, b: Tensor): Tensor => (a ? o.add(a, b) : b);

// Outputs: eigenvalues in ascending order, and eigenvectors as columns.
const eigenOp: Op<None> = defineOp<None>({
  name: 'symmetricEigen',
  depends: inBlocks(2),
  infer: ([a]) => [
    { shape: a.shape.slice(0, -1), dtype: a.dtype },
    { shape: a.shape, dtype: a.dtype },
  ],
  bind: ({ arena, x: [a], y: [w, v] }) => {
    const n = a.shape.at(-1)!;
    const count = batchOf(a);
    return () => {
      for (let k = 0; k < count; k++) {
        const A = heap(arena, a);
        const own = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++)
            own[j * n + i] = (A[start(a) + (k * n + i) * n + j] + A[start(a) + (k * n + j) * n + i]) / 2;
        }
        const { values, vectors } = symmetricEigen(own, n);
        const order = Array.from(values.keys()).sort((p, q) => values[p] - values[q] || p - q);
        const [W, V] = [heap(arena, w), heap(arena, v)];
        order.forEach((from, j) => {
          W[start(w) + k * n + j] = values[from];
          for (let i = 0; i < n; i++) V[start(v) + (k * n + i) * n + j] = vectors[i * n + from];
        });
      }
    };
  },
  vjp: ({ o, y: [w, v], g: [gw, gv] }) => {
    let inner = gw && diagonalOf(o, gw);
    if (gv) inner = plus(o, inner, o.mul(inverseGaps(o, w), o.matmul(o.turned(v), gv)));
    return inner ? [symmetric(o, o.matmul(o.matmul(v, inner), o.turned(v)))] : [];
  },
});

/**
 * Eigendecomposition of symmetric matrices, eigenvalues in ascending order, unit eigenvectors as columns: `[values […, n], vectors […, n, n]]`. Vectors of
 * equal eigenvalues have no derivative. O(n³) each.
 * @throws INVALID_SHAPE unless square.
 */
export function eigh(a: Tensor): [values: Tensor, vectors: Tensor] {
  square('eigh', a);
  return apply(eigenOp, [a], {}) as [Tensor, Tensor];
}

// For matrices with at least as many rows as columns.
const qrOp: Op<None> = defineOp<None>({
  name: 'qr',
  depends: inBlocks(2),
  infer: ([a]) => [
    { shape: a.shape, dtype: a.dtype },
    { shape: [...a.shape.slice(0, -2), a.shape.at(-1)!, a.shape.at(-1)!], dtype: a.dtype },
  ],
  bind: ({ arena, x: [a], y: [q, r] }) => {
    const count = batchOf(a);
    return () => {
      for (let k = 0; k < count; k++) {
        const A = loadMatrix('qr', arena, a, k);
        const factor = householder(A);
        const [Q, R] = [factor.thinQ(), factor.R()];
        // A non-negative diagonal makes the factors unique.
        for (let j = 0; j < R.rows; j++) {
          if (R.get(j, j) >= 0) continue;
          for (let i = j; i < R.cols; i++) R.set(j, i, -R.get(j, i));
          const column = Q.column(j);
          for (let i = 0; i < column.length; i++) column[i] = -column[i];
        }
        storeMatrix(arena, q, k, Q);
        storeMatrix(arena, r, k, R);
        for (const used of [A, factor, Q, R]) used.free();
      }
    };
  },
  // Walter and Lehmann 2018: with M = RR̄ᵀ − Q̄ᵀQ, Ā = (Q̄ + Q·(lower triangle of M, mirrored))R⁻ᵀ.
  vjp: ({ o, y: [Q, R], g: [gq, gr] }) => {
    if (!gq && !gr) return [];
    const n = R.shape.at(-1)!;
    let M = gr && o.matmul(R, o.turned(gr));
    if (gq) M = plus(o, M, o.neg(o.matmul(o.turned(gq), Q)));
    const mirrored = o.add(o.mul(M!, triangle(n, R, 1)), o.turned(o.mul(M!, triangle(n, R, 0))));
    const B = plus(o, gq, o.matmul(Q, mirrored));
    return [o.turned(lowerSolve(o.turned(R), o.turned(B), true))];
  },
});

/**
 * QR factorisation of matrices […, m, n]: `[Q […, m, k], R […, k, n]]`, k = min(m, n), Q with orthonormal columns, R
 * upper triangular with a non-negative diagonal, which makes them unique. The derivative requires k independent leading
 * columns. O(mn²) each.
 * @throws INVALID_SHAPE unless matrices; NON_FINITE, at run time.
 */
export function qr(a: Tensor): [Q: Tensor, R: Tensor] {
  matrices('qr', a);
  const [m, n] = a.shape.slice(-2);
  if (m >= n) return apply(qrOp, [a], {}) as [Tensor, Tensor];
  // Q is determined by the leading columns; the others are expressed in it.
  const batch = a.shape.slice(0, -2).map(() => undefined);
  const [Q, R] = apply(qrOp, [slice(a, ...batch, undefined, [0, m])], {});
  return [Q, concat([R, matmul(turned(Q), slice(a, ...batch, undefined, [m]))], -1)];
}

/** Smaller dimension up to which Jacobi rotations are faster than a reduction to bidiagonal form. */
const ROTATED = 8;

/** 1, or −1 if the entry of largest magnitude is negative: the sign convention of numerics. */
function signOf(v: Float64Array): number {
  let at = 0;
  for (let i = 1; i < v.length; i++) if (Math.abs(v[i]) > Math.abs(v[at])) at = i;
  return v[at] < 0 ? -1 : 1;
}

// Outputs: U, singular values in descending order, V; thin.
const svdOp: Op<None> = defineOp<None>({
  name: 'svd',
  depends: inBlocks(2),
  infer: ([a]) => {
    const batch = a.shape.slice(0, -2);
    const [m, n] = a.shape.slice(-2);
    const k = Math.min(m, n);
    return [
      [...batch, m, k],
      [...batch, k],
      [...batch, n, k],
    ].map((shape) => ({ shape, dtype: a.dtype }));
  },
  bind: ({ arena, x: [a], y: [u, s, v] }) => {
    const count = batchOf(a);
    const width = s.shape.at(-1)!;
    const [m, n] = a.shape.slice(-2);
    return () => {
      for (let k = 0; k < count; k++) {
        const A = loadMatrix('svd', arena, a, k, width <= ROTATED);
        if (width <= ROTATED) {
          const { sizes, left, right } = jacobiSvd(A.data, m, n);
          A.free();
          heap(arena, s).set(sizes, start(s) + k * width);
          for (let j = 0; j < width; j++) {
            const sign = signOf(right[j]);
            const [toU, toV] = [heap(arena, u), heap(arena, v)];
            for (let i = 0; i < m; i++) toU[start(u) + (k * m + i) * width + j] = sign * left[j][i];
            for (let i = 0; i < n; i++) toV[start(v) + (k * n + i) * width + j] = sign * right[j][i];
          }
          continue;
        }
        const { U, singularValues, V } = thinSvd(A);
        storeMatrix(arena, u, k, U);
        storeMatrix(arena, v, k, V);
        heap(arena, s).set(singularValues, start(s) + k * width);
        for (const used of [A, U, V]) used.free();
      }
    };
  },
  // Townsend, Differentiating the singular value decomposition (2016).
  vjp: ({ o, x: [a], y: [U, s, V], g: [gu, gs, gv] }) => {
    const [m, n] = a.shape.slice(-2);
    const k = s.shape.at(-1)!;
    const batch = s.shape.slice(0, -1);
    const [row, column] = [o.reshape(s, [...batch, 1, k]), o.reshape(s, [...batch, k, 1])];
    const skew = (w: Tensor, g: Tensor) => {
      const p = o.matmul(o.turned(w), g);
      return o.mul(inverseGaps(o, o.square(s)), o.sub(p, o.turned(p)));
    };
    /** The component of g outside the column space of w, divided by the singular values. */
    const outside = (w: Tensor, g: Tensor) => o.div(o.sub(g, o.matmul(w, o.matmul(o.turned(w), g))), row);
    let inner = gs && diagonalOf(o, gs);
    if (gu) inner = plus(o, inner, o.mul(skew(U, gu), row));
    if (gv) inner = plus(o, inner, o.mul(column, skew(V, gv)));
    let d = inner && o.matmul(o.matmul(U, inner), o.turned(V));
    if (gu && m > k) d = plus(o, d, o.matmul(outside(U, gu), o.turned(V)));
    if (gv && n > k) d = plus(o, d, o.matmul(U, o.turned(outside(V, gv))));
    return [d];
  },
});

/**
 * Thin SVD of matrices […, m, n]: A = U·diag(s)·Vᵀ, `[U […, m, k], s […, k], V […, n, k]]`, k = min(m, n), singular
 * values in descending order, vectors as columns, with the largest entry of each column of V positive. Vectors of equal
 * singular values have no derivative, nor do those of zero singular values of a rectangular matrix. O(mn² + n³) each.
 * @throws INVALID_SHAPE unless matrices; NON_FINITE, at run time.
 */
export function svd(a: Tensor): [U: Tensor, s: Tensor, V: Tensor] {
  matrices('svd', a);
  return apply(svdOp, [a], {}) as [Tensor, Tensor, Tensor];
}

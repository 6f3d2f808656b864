import { fail } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';
import { apply, misfit } from '../op.ts';
import { type Calculus, defineOp, type Op, type Place } from '../primitive.ts';
import { broadcastShape, sizeOf } from '../shapes.ts';
import { owning, type Tensor } from '../tensor.ts';

// Matrices are the last two axes, by rows. These run in TypeScript, in double precision whatever the kind: O(n³) each.

type None = Record<never, never>;

const heap = (arena: { f64: Float64Array; f32: Float32Array }, p: Place): Float64Array | Float32Array =>
  p.dtype === 'f64' ? arena.f64 : arena.f32;
const start = (p: Place): number => p.pointer / (p.dtype === 'f64' ? 8 : 4);

/** 1 on and below the diagonal (or without it), ½ on it where asked, else 0. */
function triangle(n: number, like: Tensor, diagonal: number): Tensor {
  const values = like.dtype === 'f32' ? new Float32Array(n * n) : new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) values[i * n + j] = i === j ? diagonal : 1;
  return owning(values, like.dtype, [n, n]);
}
const symmetric = (o: Calculus, x: Tensor): Tensor => o.mul(o.add(x, o.turned(x)), 0.5);

function square(name: string, x: Tensor): void {
  if (x.rank < 2 || x.shape[x.rank - 1] !== x.shape[x.rank - 2] || x.dtype === 'i32')
    misfit(name, [x], 'it takes square matrices of f32 or f64.');
}

const choleskyOp: Op<None> = defineOp<None>({
  name: 'cholesky',
  infer: ([a]) => [{ shape: a.shape, dtype: a.dtype }],
  bind: ({ arena, x: [a], y: [y] }) => {
    const n = a.shape.at(-1)!;
    const count = sizeOf(a.shape.slice(0, -2));
    const L = new Float64Array(n * n);
    return () => {
      const [from, to] = [heap(arena, a), heap(arena, y)];
      for (let b = 0; b < count; b++) {
        const [p, q] = [start(a) + b * n * n, start(y) + b * n * n];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            let s = from[p + i * n + j];
            for (let k = 0; k < j; k++) s -= L[i * n + k] * L[j * n + k];
            if (i === j && !(s > 0)) {
              fail(
                'SINGULAR',
                `cholesky: the matrix${count > 1 ? ` ${b + 1}` : ''} is not positive definite: pivot ${i + 1} is ${s}.`,
              );
            }
            L[i * n + j] = i === j ? Math.sqrt(s) : s / L[j * n + j];
          }
        }
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) to[q + i * n + j] = j <= i ? L[i * n + j] : 0;
      }
    };
  },
  // Murray, Differentiation of the Cholesky decomposition (2016): Ā = L⁻ᵀ Φ(LᵀL̄) L⁻¹, made symmetric.
  vjp: ({ o, y: [L], g: [g] }) => {
    if (!g) return [];
    const phi = o.mul(o.matmul(o.turned(L), g), triangle(L.shape.at(-1)!, L, 0.5));
    const half = solveLower(L, phi, true);
    return [symmetric(o, o.turned(solveLower(L, o.turned(half), true)))];
  },
});

/**
 * The lower triangular L with L·Lᵀ = A of symmetric positive definite matrices; only the lower triangle of A is read, and its derivative is
 * symmetric. O(n³) each.
 * @throws INVALID_SHAPE unless square; SINGULAR, when it runs, where one is not positive definite.
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
  infer: ([, b]) => [{ shape: b.shape, dtype: b.dtype }],
  bind: ({ arena, x: [l, b], y: [y], attrs: { transposed } }) => {
    const [n, m] = b.shape.slice(-2);
    const count = sizeOf(b.shape.slice(0, -2));
    const x = new Float64Array(n * m);
    return () => {
      const [L, from, to] = [heap(arena, l), heap(arena, b), heap(arena, y)];
      for (let k = 0; k < count; k++) {
        const [pl, pb, py] = [start(l) + k * n * n, start(b) + k * n * m, start(y) + k * n * m];
        for (let step = 0; step < n; step++) {
          const i = transposed ? n - 1 - step : step;
          const pivot = L[pl + i * n + i];
          for (let c = 0; c < m; c++) {
            let s = from[pb + i * m + c];
            if (transposed) for (let j = i + 1; j < n; j++) s -= L[pl + j * n + i] * x[j * m + c];
            else for (let j = 0; j < i; j++) s -= L[pl + i * n + j] * x[j * m + c];
            x[i * m + c] = s / pivot;
          }
        }
        to.set(x, py);
      }
    };
  },
  vjp: ({ o, x: [L], y: [x], g: [g], attrs: { transposed }, needs }) => {
    if (!g) return [];
    const db = solveLower(L, g, !transposed);
    const outer = needs[0] ? (transposed ? o.matmul(x, o.turned(db)) : o.matmul(db, o.turned(x))) : undefined;
    return [outer && o.neg(o.mul(outer, triangle(L.shape.at(-1)!, L, 1))), db];
  },
});

const solveLower = (L: Tensor, b: Tensor, transposed: boolean): Tensor => apply(lowerOp, [L, b], { transposed })[0];

/** Batches lined up; a vector as one column, and back. */
function lined(name: string, o: Calculus, a: Tensor, b: Tensor, f: (a: Tensor, b: Tensor) => Tensor): Tensor {
  square(name, a);
  const n = a.shape.at(-1)!;
  const column = b.rank === 1 ? o.reshape(b, [...b.shape, 1]) : b;
  if (column.rank < 2 || column.shape[column.rank - 2] !== n || a.dtype !== b.dtype) {
    misfit(
      name,
      [a, b],
      `the right-hand sides are columns of ${n} numbers: […, ${n}, how many], or one vector of ${n}.`,
    );
  }
  const batch = broadcastShape([a.shape.slice(0, -2), column.shape.slice(0, -2)]);
  if (!batch) return misfit(name, [a, b], 'their batches do not broadcast.');
  const x = f(o.broadcastTo(a, [...batch, n, n]), o.broadcastTo(column, [...batch, ...column.shape.slice(-2)]));
  return b.rank === 1 ? o.reshape(x, x.shape.slice(0, -1)) : x;
}

/** @internal */
export const triangularSolve = (o: Calculus, L: Tensor, b: Tensor, transposed: boolean): Tensor =>
  lined('solveTriangular', o, L, b, (p, q) => solveLower(p, q, transposed));

const solveOp: Op<None> = defineOp<None>({
  name: 'solve',
  infer: ([, b]) => [{ shape: b.shape, dtype: b.dtype }],
  bind: ({ arena, x: [a, b], y: [y] }) => {
    const [n, m] = b.shape.slice(-2);
    const count = sizeOf(b.shape.slice(0, -2));
    const [lu, x] = [new Float64Array(n * n), new Float64Array(n * m)];
    return () => {
      const [A, from, to] = [heap(arena, a), heap(arena, b), heap(arena, y)];
      for (let k = 0; k < count; k++) {
        lu.set(A.subarray(start(a) + k * n * n, start(a) + (k + 1) * n * n));
        x.set(from.subarray(start(b) + k * n * m, start(b) + (k + 1) * n * m));
        eliminate(n, m, lu, x);
        to.set(x, start(y) + k * n * m);
      }
    };
  },
  vjp: ({ o, x: [a], y: [x], g: [g], needs }) => {
    if (!g) return [];
    const db = apply(solveOp, [o.turned(a), g], {})[0];
    return [needs[0] ? o.neg(o.matmul(db, o.turned(x))) : undefined, db];
  },
});

/** x ← A⁻¹x by elimination with the largest pivot of each column; A is lost. */
function eliminate(n: number, m: number, a: Float64Array, x: Float64Array): void {
  const swap = (v: Float64Array, w: number, i: number, j: number): void => {
    for (let c = 0; c < w; c++) [v[i * w + c], v[j * w + c]] = [v[j * w + c], v[i * w + c]];
  };
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r * n + i]) > Math.abs(a[best * n + i])) best = r;
    if (a[best * n + i] === 0) fail('SINGULAR', `solve: the matrix is singular: column ${i + 1} has no pivot.`);
    if (best !== i) {
      swap(a, n, i, best);
      swap(x, m, i, best);
    }
    for (let r = i + 1; r < n; r++) {
      const factor = a[r * n + i] / a[i * n + i];
      if (factor === 0) continue;
      for (let c = i + 1; c < n; c++) a[r * n + c] -= factor * a[i * n + c];
      for (let c = 0; c < m; c++) x[r * m + c] -= factor * x[i * m + c];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < m; c++) {
      let s = x[i * m + c];
      for (let j = i + 1; j < n; j++) s -= a[i * n + j] * x[j * m + c];
      x[i * m + c] = s / a[i * n + i];
    }
  }
}

/** @internal */
export const generalSolve = (o: Calculus, a: Tensor, b: Tensor): Tensor =>
  lined('solve', o, a, b, (p, q) => apply(solveOp, [p, q], {})[0]);

// Outputs: eigenvalues in rising order, and eigenvectors as columns.
const eigenOp: Op<None> = defineOp<None>({
  name: 'symmetricEigen',
  infer: ([a]) => [
    { shape: a.shape.slice(0, -1), dtype: a.dtype },
    { shape: a.shape, dtype: a.dtype },
  ],
  bind: ({ arena, x: [a], y: [w, v] }) => {
    const n = a.shape.at(-1)!;
    const count = sizeOf(a.shape.slice(0, -2));
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
    const n = w.shape.at(-1)!;
    const eye = identity(n, w);
    let inner = gw ? o.mul(o.reshape(gw, [...w.shape, 1]), eye) : undefined;
    if (gv) {
      const gap = o.sub(o.reshape(w, [...w.shape.slice(0, -1), 1, n]), o.reshape(w, [...w.shape, 1]));
      // Equal eigenvalues have no derivatives of vectors: nothing is said of their own plane.
      const same = o.equal(gap, 0);
      const F = o.div(o.sub(1, same), o.where(same, 1, gap));
      const turn = o.mul(F, o.matmul(o.turned(v), gv));
      inner = inner ? o.add(inner, turn) : turn;
    }
    return inner ? [symmetric(o, o.matmul(o.matmul(v, inner), o.turned(v)))] : [];
  },
});

function identity(n: number, like: Tensor): Tensor {
  const values = like.dtype === 'f32' ? new Float32Array(n * n) : new Float64Array(n * n);
  for (let i = 0; i < n; i++) values[i * n + i] = 1;
  return owning(values, like.dtype, [n, n]);
}

/**
 * Eigenvalues of symmetric matrices, the least first, and unit eigenvectors as columns: `[values […, n], vectors […, n, n]]`. Vectors of
 * equal eigenvalues have no derivative. O(n³) each.
 * @throws INVALID_SHAPE unless square.
 */
export function eigh(a: Tensor): [values: Tensor, vectors: Tensor] {
  square('eigh', a);
  return apply(eigenOp, [a], {}) as [Tensor, Tensor];
}

import { DenseMatrix } from '@southwell/numerics/arrays';
import { estimateOneNorm, qr } from '@southwell/numerics/linalg';
import { needTensors } from '../given.ts';
import { apply, misfit } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import { broadcastShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { inBlocks } from './dependence.ts';
import { batchOf, loadMatrix, matrices, storeMatrix } from './matrices.ts';
import { slice } from './views.ts';

interface Sides {
  /** Whether the system is that of the transposes. */
  readonly transposed: boolean;
}

/** Solves R·x = b, or Rᵀ·x = b, in place for the leading r rows and columns of an upper triangular R. */
function solveUpper(R: DenseMatrix, r: number, x: Float64Array, transposed: boolean): Float64Array {
  const { data, rows } = R;
  for (let s = 0; s < r; s++) {
    const k = transposed ? s : r - 1 - s;
    const column = k * rows;
    if (transposed) {
      let sum = x[k];
      for (let i = 0; i < k; i++) sum -= data[column + i] * x[i];
      x[k] = sum / data[column + k];
    } else {
      x[k] /= data[column + k];
      for (let i = 0; i < k; i++) x[i] -= data[column + i] * x[k];
    }
  }
  return x;
}

/** Whether the columns of a matrix with this factor are independent by a margin beyond the tolerance of the rank. */
function surelyIndependent(R: DenseMatrix, tolerance: number): boolean {
  const n = R.rows;
  let norm = 0;
  for (let j = 0; j < n; j++) {
    if (R.get(j, j) === 0) return false;
    norm = Math.max(
      norm,
      R.column(j).reduce((s, v) => s + Math.abs(v), 0),
    );
  }
  const inverse = estimateOneNorm(
    n,
    (x) => solveUpper(R, n, x, false),
    (x) => solveUpper(R, n, x, true),
  );
  return norm * inverse * tolerance < 0.01;
}

/**
 * The solution of least norm for a column of numbers: of T·x = b for a T with at least as many rows as columns, or of
 * Tᵀ·x = b. By the QR factorisation T = Q·R, or, if columns are dependent, the complete orthogonal one T·P = Q·SᵀZᵀ.
 */
function solver(T: DenseMatrix, tall: boolean, tolerance: number) {
  const { rows: m, cols: n } = T;
  const long = (x: Float64Array, length: number): Float64Array => {
    const out = new Float64Array(length);
    out.set(x.subarray(0, length));
    return out;
  };
  const factor = qr(T);
  const R = factor.R();
  if (surelyIndependent(R, tolerance)) {
    const solve = (b: Float64Array): Float64Array =>
      tall
        ? solveUpper(R, n, factor.applyTransposed(b).slice(0, n), false)
        : factor.apply(long(solveUpper(R, n, b.slice(), true), m));
    return { solve, used: [factor, R] };
  }
  const pivoted = qr(T, { pivoting: true });
  const rank = pivoted.rank(tolerance);
  const { permutation } = pivoted;
  const top = pivoted.R();
  const turned = DenseMatrix.create(n, rank);
  for (let i = 0; i < rank; i++) for (let j = i; j < n; j++) turned.set(j, i, top.get(i, j));
  const second = qr(turned);
  const S = second.R();
  const solve = (b: Float64Array): Float64Array => {
    if (rank === 0) return new Float64Array(tall ? n : m);
    if (tall) {
      const inner = solveUpper(S, rank, pivoted.applyTransposed(b).slice(0, rank), true);
      const z = second.apply(long(inner, n));
      const x = new Float64Array(n);
      for (let k = 0; k < n; k++) x[permutation[k]] = z[k];
      return x;
    }
    const u = second.applyTransposed(Float64Array.from(permutation, (k) => b[k]));
    return pivoted.apply(long(solveUpper(S, rank, u.slice(0, rank), false), m));
  };
  return { solve, used: [factor, R, pivoted, top, turned, second, S] };
}

const lstsqOp: Op<Sides> = defineOp<Sides>({
  name: 'lstsq',
  depends: inBlocks(2, 2),
  infer: ([a, b], { transposed }) => [
    {
      shape: [...a.shape.slice(0, -2), a.shape[a.rank - (transposed ? 2 : 1)], b.shape[b.rank - 1]],
      dtype: a.dtype,
    },
  ],
  bind: ({ arena, x: [a, b], y: [y], attrs: { transposed } }) => {
    const [m, n] = a.shape.slice(-2);
    const count = batchOf(a);
    const tall = m >= n !== transposed;
    const tolerance = Math.max(m, n) * (a.dtype === 'f64' ? 2 ** -52 : 2 ** -23);
    return () => {
      for (let k = 0; k < count; k++) {
        const [T, B] = [loadMatrix('lstsq', arena, a, k, m < n), loadMatrix('lstsq', arena, b, k)];
        const X = DenseMatrix.create(y.shape[y.shape.length - 2], B.cols);
        const { solve, used } = solver(T, tall, tolerance);
        for (let j = 0; j < B.cols; j++) X.column(j).set(solve(B.column(j)));
        storeMatrix(arena, y, k, X);
        for (const one of [T, B, X, ...used]) one.free();
      }
    };
  },
  // x = A⁺b, at constant rank (Golub and Pereyra 1973): b̄ = A⁺ᵀx̄ and Ā = (b − Ax)(A⁺b̄)ᵀ − b̄xᵀ + A⁺ᵀx·((I − A⁺A)x̄)ᵀ.
  vjp: ({ o, x: [a, b], y: [x], g: [g], attrs: { transposed }, needs }) => {
    if (!g) return [];
    const back = (t: Tensor): Tensor => apply(lstsqOp, [a, t], { transposed: !transposed })[0];
    if (!needs[0]) return [undefined, back(g)];
    const A = transposed ? o.turned(a) : a;
    const [gb, w] = halves(back(concat([g, x], -1)));
    const [inner, kept] = halves(apply(lstsqOp, [a, concat([gb, o.matmul(A, g)], -1)], { transposed })[0]);
    const outer = (u: Tensor, v: Tensor): Tensor => o.matmul(u, o.turned(v));
    const rest = o.sub(b, o.matmul(A, x));
    const dA = o.add(o.sub(outer(rest, inner), outer(gb, x)), outer(w, o.sub(g, kept)));
    return [transposed ? o.turned(dA) : dA, gb];
  },
});

/** The columns of two concatenated matrices of the same shape. */
function halves(x: Tensor): [Tensor, Tensor] {
  const n = x.shape.at(-1)! / 2;
  const before = x.shape.slice(0, -1).map(() => undefined);
  return [slice(x, ...before, [0, n]), slice(x, ...before, [n])];
}

/** @internal See lstsq in linalg.ts. */
export function leastSquares(o: Calculus, a: Tensor, b: Tensor): Tensor {
  matrices('lstsq', a);
  needTensors('lstsq', { b });
  const [m, n] = a.shape.slice(-2);
  const column = b.rank === 1 ? o.reshape(b, [...b.shape, 1]) : b;
  if (column.rank < 2 || column.shape[column.rank - 2] !== m || a.dtype !== b.dtype)
    misfit('lstsq', [a, b], `b must have ${m} rows, in ${a.dtype}.`);
  const batch = broadcastShape([a.shape.slice(0, -2), column.shape.slice(0, -2)]);
  if (!batch) return misfit('lstsq', [a, b], 'their batches do not broadcast.');
  const all = [o.broadcastTo(a, [...batch, m, n]), o.broadcastTo(column, [...batch, ...column.shape.slice(-2)])];
  const [x] = apply(lstsqOp, all, { transposed: false });
  return b.rank === 1 ? o.reshape(x, x.shape.slice(0, -1)) : x;
}

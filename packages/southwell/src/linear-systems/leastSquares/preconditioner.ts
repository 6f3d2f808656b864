import type { DenseMatrix } from '@southwell/numerics/arrays';
import { qr, svd } from '@southwell/numerics/linalg';

/**
 * Preconditioner from the factorisation of a sketch B = SA with d columns: P with BP orthonormal, which is R⁻¹ if the
 * columns are independent, and otherwise VΣ⁻¹ of the singular values above rounding.
 */
export interface Preconditioner {
  readonly rank: number;
  /** Singular values of B, descending. */
  readonly singularValues: Float64Array;
  /** z = P y. */
  apply(y: Float64Array): Float64Array;
  /** Pᵀ g. */
  applyTransposed(g: Float64Array): Float64Array;
  /** ‖Bz − c‖ is minimal at z = P·start(c), where c has as many rows as B. */
  start(c: Float64Array): { readonly y: Float64Array; readonly residual: number };
  /** Norms of the rows of P: how far each coordinate moves for an error of norm 1. */
  rowLengths(): Float64Array;
  /** Orthonormal basis of the null space of B; empty if the columns are independent. */
  readonly nullSpace: readonly Float64Array[];
  /** Frees memory; {@link Preconditioner.start} must not be called afterwards. */
  free(): void;
}

/** Singular values below this fraction of the largest, for each column, count as rounding. */
const ROUNDING = 8 * Number.EPSILON;

/** O(2md²) for an m × d matrix with m ≥ d, which is freed. */
export function preconditionerOf(B: DenseMatrix): Preconditioner {
  const { cols: d } = B;
  const factor = qr(B);
  B.free();
  const R = factor.R();
  const values = R.data.slice();
  const { singularValues } = svd(R, { vectors: false });
  const tolerance = ROUNDING * d * singularValues[0];
  let rank = 0;
  while (rank < d && singularValues[rank] > tolerance) rank++;
  const head = (c: Float64Array) => {
    const rotated = factor.applyTransposed(c);
    return { top: rotated.slice(0, d), rest: rotated.subarray(d) };
  };
  if (rank === d) {
    R.free();
    return {
      ...{ rank, singularValues, nullSpace: [], free: () => factor.free() },
      apply: (y) => solveUpper(values, d, y),
      applyTransposed: (g) => solveUpperTransposed(values, d, g),
      start(c) {
        const { top, rest } = head(c);
        return { y: top, residual: length(rest) };
      },
      rowLengths: () => inverseRowLengths(values, d),
    };
  }
  const { U, V } = svd(R);
  R.free();
  const columns = (M: DenseMatrix, from: number, to: number) =>
    Array.from({ length: to - from }, (_, k) => M.column(from + k).slice());
  const [left, right, nullSpace] = [columns(U, 0, rank), columns(V, 0, rank), columns(V, rank, d)];
  U.free();
  V.free();
  return {
    ...{ rank, singularValues, nullSpace, free: () => factor.free() },
    apply(y) {
      const z = new Float64Array(d);
      for (let k = 0; k < rank; k++) addTo(z, y[k] / singularValues[k], right[k]);
      return z;
    },
    applyTransposed: (g) => Float64Array.from(right, (v, k) => dot(v, g) / singularValues[k]),
    start(c) {
      const { top, rest } = head(c);
      const y = Float64Array.from(left, (u) => dot(u, top));
      const out = top.slice();
      for (const [k, u] of left.entries()) addTo(out, -y[k], u);
      return { y, residual: Math.hypot(length(rest), length(out)) };
    },
    rowLengths() {
      const squares = new Float64Array(d);
      for (const [k, v] of right.entries()) {
        for (let j = 0; j < d; j++) squares[j] += (v[j] / singularValues[k]) ** 2;
      }
      return squares.map(Math.sqrt);
    },
  };
}

/** R⁻¹y, where R is upper triangular, stored by columns. */
function solveUpper(R: Float64Array, d: number, y: Float64Array): Float64Array {
  const z = y.slice();
  for (let j = d - 1; j >= 0; j--) {
    z[j] /= R[j * d + j];
    const v = z[j];
    for (let i = 0; i < j; i++) z[i] -= v * R[j * d + i];
  }
  return z;
}

/** R⁻ᵀg. */
function solveUpperTransposed(R: Float64Array, d: number, g: Float64Array): Float64Array {
  const y = g.slice();
  for (let j = 0; j < d; j++) {
    let sum = y[j];
    for (let i = 0; i < j; i++) sum -= R[j * d + i] * y[i];
    y[j] = sum / R[j * d + j];
  }
  return y;
}

/** O(d³/3). */
function inverseRowLengths(R: Float64Array, d: number): Float64Array {
  const squares = new Float64Array(d);
  const e = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    // Column k of R⁻¹ has its last entry in row k.
    e.fill(0);
    e[k] = 1;
    for (let j = k; j >= 0; j--) {
      e[j] /= R[j * d + j];
      const v = e[j];
      for (let i = 0; i < j; i++) e[i] -= v * R[j * d + i];
    }
    for (let j = 0; j <= k; j++) squares[j] += e[j] * e[j];
  }
  return squares.map(Math.sqrt);
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const length = (v: Float64Array): number => Math.sqrt(dot(v, v));

/** to ← to + by·v. */
export function addTo(to: Float64Array, by: number, v: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += by * v[i];
}

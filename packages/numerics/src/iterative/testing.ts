// Shared by the tests of iterative solvers. Not exported from the package.
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';

/** −∂²/∂x² on n points. */
export const line = (n: number): CscMatrix => grid(n, 1);

/**
 * The five-point stencil on nx × ny points: cx and cy are the conductivities, drift is the strength of an upwind
 * convection term.
 */
export function grid(nx: number, ny = nx, { cx = 1, cy = 1, drift = 0, shift = 0 } = {}): CscMatrix {
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  const push = (i: number, j: number, v: number) => {
    rows.push(i);
    cols.push(j);
    values.push(v);
  };
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      const i = y * nx + x;
      push(i, i, 2 * cx + (ny > 1 ? 2 * cy : 0) + shift);
      if (x > 0) push(i, i - 1, -cx - drift);
      if (x < nx - 1) push(i, i + 1, -cx + drift);
      if (y > 0) push(i, i - nx, -cy);
      if (y < ny - 1) push(i, i + nx, -cy);
    }
  }
  return CscMatrix.fromTriplets(nx * ny, nx * ny, rows, cols, values);
}

export const sparse = (rows: number[][]): CscMatrix => CscMatrix.fromDense(DenseMatrix.fromRows(rows));

/** Ax by plain loops. */
export function times(A: CscMatrix | DenseMatrix, x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(A.rows);
  if (A.kind === 'dense') {
    for (let j = 0; j < A.cols; j++) for (let i = 0; i < A.rows; i++) out[i] += A.get(i, j) * x[j];
    return out;
  }
  const { colPointers, rowIndices, values } = A;
  for (let j = 0; j < A.cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out[rowIndices[k]] += values[k] * x[j];
  }
  return out;
}

/** ‖b − Ax‖/‖b‖ by plain loops, for values of any magnitude. */
export function trueResidual(A: CscMatrix | DenseMatrix, x: ArrayLike<number>, b: ArrayLike<number>): number {
  const r = times(A, x).map((v, i) => b[i] - v);
  const size = norm(Array.from(b));
  return size === 0 ? norm(r) : norm(r) / size;
}

export const norm = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));
export const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  Array.from(x).reduce((sum, v, i) => sum + v * y[i], 0);

/** Reproducible numbers in (−1, 1). */
export function draws(n: number, seed = 1): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

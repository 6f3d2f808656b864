// Shared by the tests of sparse factorisations. Not exported from this folder.
import fc from 'fast-check';
import { CscMatrix } from '../arrays/index.ts';

/**
 * The negative Laplacian on a grid with k points per axis in two or three dimensions, with Dirichlet boundary
 * conditions.
 */
export function poisson(dimensions: 2 | 3, k: number): CscMatrix {
  const n = k ** dimensions;
  const steps = dimensions === 2 ? [1, k] : [1, k, k * k];
  const pointers = new Int32Array(n + 1);
  const indices = new Int32Array(n * (2 * dimensions + 1));
  const values = new Float64Array(indices.length);
  let at = 0;
  for (let j = 0; j < n; j++) {
    const put = (i: number, v: number) => {
      indices[at] = i;
      values[at++] = v;
    };
    for (let d = dimensions - 1; d >= 0; d--) if (Math.floor(j / steps[d]) % k > 0) put(j - steps[d], -1);
    put(j, 2 * dimensions);
    for (let d = 0; d < dimensions; d++) if (Math.floor(j / steps[d]) % k < k - 1) put(j + steps[d], -1);
    pointers[j + 1] = at;
  }
  return CscMatrix.fromColumns(n, n, pointers, indices.subarray(0, at), values.subarray(0, at));
}

/** An entry of a generated matrix. */
export type Cell = readonly [row: number, column: number, value: number];

export function fromCells(rows: number, cols: number, cells: readonly Cell[]): CscMatrix {
  const [r, c, v] = [0, 1, 2].map((at) => cells.map((cell) => cell[at]));
  const A = CscMatrix.fromTriplets(rows, cols, r, c, v);
  // Counterexamples should show cells rather than the memory that stores them.
  Object.defineProperty(A, fc.toStringMethod, { value: () => JSON.stringify({ rows, cols, cells }) });
  return A;
}

/** Sparse matrices of all shapes up to `most` rows and columns, including repeated entries and integer values. */
export function matrices(most: number, square = false): fc.Arbitrary<CscMatrix> {
  // Underflow has tests of its own; ratios of errors are meaningless there.
  const real = fc.double({ min: -1, max: 1, noNaN: true }).map((v) => (Math.abs(v) < 1e-60 ? 0 : v));
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), real);
  return fc.tuple(fc.integer({ min: 0, max: most }), fc.integer({ min: 0, max: most })).chain(([m, k]) => {
    const n = square ? m : k;
    if (m === 0 || n === 0) return fc.constant(fromCells(m, n, []));
    const cell = fc.tuple(fc.nat(m - 1), fc.nat(n - 1), value);
    return fc.array(cell, { maxLength: 4 * Math.max(m, n) }).map((cells) => fromCells(m, n, cells));
  });
}

/** Symmetric matrices: generated cells plus their transposes. */
export function symmetricMatrices(most: number): fc.Arbitrary<CscMatrix> {
  return matrices(most, true).map((A) => {
    const cells: Cell[] = [];
    for (const [i, j, v] of cellsOf(A)) cells.push([i, j, v], [j, i, v]);
    return fromCells(A.rows, A.cols, cells);
  });
}

export function* cellsOf(A: CscMatrix): Generator<Cell> {
  for (let j = 0; j < A.cols; j++) {
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) yield [A.rowIndices[k], j, A.values[k]];
  }
}

/** A with `shift` added to its diagonal. */
export function shifted(A: CscMatrix, shift: number): CscMatrix {
  const diagonal = Array.from({ length: Math.min(A.rows, A.cols) }, (_, i): Cell => [i, i, shift]);
  return fromCells(A.rows, A.cols, [...cellsOf(A), ...diagonal]);
}

/** Ax, or Aᵀx. */
export function times(A: CscMatrix, x: ArrayLike<number>, transposed = false): Float64Array {
  const y = new Float64Array(transposed ? A.cols : A.rows);
  for (const [i, j, v] of cellsOf(A)) {
    if (transposed) y[j] += v * x[i];
    else y[i] += v * x[j];
  }
  return y;
}

export const norm1 = (x: ArrayLike<number>): number => Array.from(x).reduce((s, v) => s + Math.abs(v), 0);

export const normInf = (x: ArrayLike<number>): number => Array.from(x).reduce((s, v) => Math.max(s, Math.abs(v)), 0);

/** The largest absolute row sum. */
export function rowNorm(A: CscMatrix): number {
  const sums = new Float64Array(A.rows);
  for (const [i, , v] of cellsOf(A)) sums[i] += Math.abs(v);
  return normInf(sums);
}

/** LAPACK's test ratio of a solution: ‖b − Ax‖ / (‖A‖‖x‖ n ε); values below 30 are acceptable. */
export function solveRatio(A: CscMatrix, x: ArrayLike<number>, b: ArrayLike<number>, transposed = false): number {
  const r = times(A, x, transposed).map((v, i) => v - b[i]);
  const scale = (transposed ? A.cols : A.rows) * Number.EPSILON * (rowNorm(A) + columnNorm(A)) * normInf(x);
  const most = normInf(r);
  return most === 0 ? 0 : most / scale;
}

export function columnNorm(A: CscMatrix): number {
  const sums = new Float64Array(A.cols);
  for (const [, j, v] of cellsOf(A)) sums[j] += Math.abs(v);
  return normInf(sums);
}

/** Parses the Matrix Market coordinate format (real, integer or pattern; general or symmetric). */
export function parseMarket(text: string): CscMatrix {
  const lines = text.split('\n');
  const [, , , field, symmetry] = lines[0].trim().toLowerCase().split(/\s+/);
  const data = lines
    .filter((line) => line.trim() !== '' && !line.startsWith('%'))
    .map((line) => line.trim().split(/\s+/));
  const [rows, cols] = data[0].map(Number);
  const cells: Cell[] = [];
  for (const [i, j, v] of data.slice(1)) {
    const value = field === 'pattern' ? 1 : Number(v);
    cells.push([Number(i) - 1, Number(j) - 1, value]);
    if (symmetry === 'symmetric' && i !== j) cells.push([Number(j) - 1, Number(i) - 1, value]);
  }
  return fromCells(rows, cols, cells);
}

import { CscMatrix } from '../arrays/index.ts';
import { productScales } from './productMatching.ts';

/** A matrix with rows and columns of similar size: RAC, where R and C are diagonal matrices of powers of two. */
export interface Equilibrated {
  readonly matrix: CscMatrix;
  /** The diagonal of R. */
  readonly rows: Float64Array;
  /** The diagonal of C; that of R if scaled alike. */
  readonly cols: Float64Array;
}

/** Sweeps in the sum norm, each of which halves the logarithms of the sizes. */
const SWEEPS = 12;
/** Exponents of scales are at most this in magnitude, so that products of two scales do not overflow. */
const FURTHEST = 500;

/**
 * Scales the rows and columns of a matrix: first so that no entry exceeds 1 and those of a matching with the largest
 * product are 1 ({@link productScales}), then so that sums of absolute values are similar (Ruiz 2001; Knight, Ruiz and
 * Uçar 2014). Scales are powers of two: entries keep their digits, unless they underflow. The cost is that of
 * {@link productScales} and a dozen passes over the entries.
 * @param symmetric Whether to scale rows and columns alike, by the geometric means of their scales (Duff and Pralet
 * 2005), so that a symmetric matrix stays symmetric.
 */
export function equilibrate(A: CscMatrix, symmetric = false): Equilibrated {
  const at = plain(A);
  const found = productScales(at);
  const means = symmetric ? found.rows.map((r, i) => (r + found.cols[i]) / 2) : undefined;
  const [rows, cols] = [means ?? found.rows, means ?? found.cols].map((logs) =>
    logs.map((v) => 2 ** Math.max(-FURTHEST, Math.min(FURTHEST, v))),
  );
  for (let k = 0; k < SWEEPS; k++) {
    sweep(at, rows, cols);
    // Sums of a row and of its column, in another order, may differ by rounding.
    if (symmetric) cols.set(rows);
  }
  for (const scales of [rows, cols]) for (let i = 0; i < scales.length; i++) scales[i] = powerOfTwo(scales[i]);
  return { matrix: scaledMatrix(A, rows, cols), rows, cols };
}

/** The columns of A scaled by powers of two to largest entries between 1 and 2. O(entries). */
export function equilibrateColumns(A: CscMatrix): Equilibrated {
  const rows = new Float64Array(A.rows).fill(1);
  const cols = sizes(A).cols.map((v) => (v === 0 ? 1 : powerOfTwo(1 / v)));
  return { matrix: scaledMatrix(A, rows, cols), rows, cols };
}

/** The rows of A scaled by powers of two to largest entries between 1 and 2. O(entries). */
export function equilibrateRows(A: CscMatrix): Equilibrated {
  const cols = new Float64Array(A.cols).fill(1);
  const rows = sizes(A).rows.map((v) => (v === 0 ? 1 : powerOfTwo(1 / v)));
  return { matrix: scaledMatrix(A, rows, cols), rows, cols };
}

/** The ratio of the largest to the smallest size of nonzero rows or columns, by their largest entries. O(entries). */
export function spreadOfSizes(A: CscMatrix): number {
  const { rows, cols } = sizes(A);
  const ratio = (values: Float64Array) => {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const v of values) {
      if (v > 0 && v < least) least = v;
      if (v > most) most = v;
    }
    return most > 0 ? most / least : 1;
  };
  return Math.max(ratio(rows), ratio(cols));
}

type Columns = Pick<CscMatrix, 'rows' | 'cols' | 'colPointers' | 'rowIndices' | 'values'>;

/** A copy outside shared memory, which loops read several times as fast. */
const plain = ({ rows, cols, colPointers, rowIndices, values }: CscMatrix): Columns => ({
  ...{ rows, cols },
  ...{ colPointers: colPointers.slice(), rowIndices: rowIndices.slice(), values: values.slice() },
});

/** The largest entries of rows and of columns. */
function sizes(A: CscMatrix): { rows: Float64Array; cols: Float64Array } {
  const { colPointers, rowIndices, values } = A;
  const [rows, cols] = [new Float64Array(A.rows), new Float64Array(A.cols)];
  for (let j = 0; j < A.cols; j++) {
    let most = 0;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const v = Math.abs(values[k]);
      if (v > most) most = v;
      if (v > rows[rowIndices[k]]) rows[rowIndices[k]] = v;
    }
    cols[j] = most;
  }
  return { rows, cols };
}

/** Divides the scales by the square roots of the sizes of the scaled rows and columns. */
function sweep(A: Columns, rows: Float64Array, cols: Float64Array): void {
  const { colPointers, rowIndices, values } = A;
  const [rowSizes, colSizes] = [new Float64Array(rows.length), new Float64Array(cols.length)];
  for (let j = 0; j < cols.length; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      const v = Math.abs(values[k]) * rows[i] * cols[j];
      rowSizes[i] += v;
      colSizes[j] += v;
    }
  }
  divide(rows, rowSizes);
  divide(cols, colSizes);
}

function divide(scales: Float64Array, sizes: Float64Array): void {
  const [least, most] = [2 ** -FURTHEST, 2 ** FURTHEST];
  for (let i = 0; i < scales.length; i++) {
    if (sizes[i] > 0) scales[i] = Math.max(least, Math.min(most, scales[i] / Math.sqrt(sizes[i])));
  }
}

const powerOfTwo = (v: number): number => 2 ** Math.max(-FURTHEST, Math.min(FURTHEST, Math.round(Math.log2(v))));

function scaledMatrix(A: CscMatrix, rows: Float64Array, cols: Float64Array): CscMatrix {
  const { colPointers, rowIndices } = A;
  const values = A.values.slice();
  for (let j = 0; j < A.cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) values[k] *= rows[rowIndices[k]] * cols[j];
  }
  return CscMatrix.fromColumns(A.rows, A.cols, colPointers, rowIndices, values);
}

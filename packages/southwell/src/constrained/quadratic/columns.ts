import { asMatrix, CscMatrix, type DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';

/**
 * A matrix by compressed columns in ordinary memory: unlike those of a CscMatrix, its arrays stay valid when kernel
 * memory grows.
 */
export interface Columns {
  readonly rows: number;
  readonly cols: number;
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/**
 * A copy of a matrix without its zeros.
 * @throws INVALID_SHAPE.
 */
export function columnsOf(matrix: MatrixLike): Columns {
  const given = asMatrix(matrix);
  return given instanceof CscMatrix ? ofSparse(given) : ofDense(given);
}

function ofDense({ rows, cols, data }: DenseMatrix): Columns {
  let kept = 0;
  for (let k = 0; k < data.length; k++) if (data[k] !== 0) kept++;
  const [start, index, value] = [new Int32Array(cols + 1), new Int32Array(kept), new Float64Array(kept)];
  let at = 0;
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) {
      const v = data[j * rows + i];
      if (v === 0) continue;
      index[at] = i;
      value[at++] = v;
    }
    start[j + 1] = at;
  }
  return { rows, cols, start, index, value };
}

function ofSparse({ rows, cols, colPointers, rowIndices, values }: CscMatrix): Columns {
  let kept = 0;
  for (let k = 0; k < values.length; k++) if (values[k] !== 0) kept++;
  const [start, index, value] = [new Int32Array(cols + 1), new Int32Array(kept), new Float64Array(kept)];
  let at = 0;
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (values[k] === 0) continue;
      index[at] = rowIndices[k];
      value[at++] = values[k];
    }
    start[j + 1] = at;
  }
  return { rows, cols, start, index, value };
}

export const emptyColumns = (rows: number, cols: number): Columns => ({
  ...{ rows, cols },
  start: new Int32Array(cols + 1),
  index: new Int32Array(0),
  value: new Float64Array(0),
});

export function transposed({ rows, cols, start, index, value }: Columns): Columns {
  const next = new Int32Array(rows + 1);
  for (let k = 0; k < index.length; k++) next[index[k] + 1]++;
  for (let i = 0; i < rows; i++) next[i + 1] += next[i];
  const to = { start: next.slice(), index: new Int32Array(index.length), value: new Float64Array(index.length) };
  for (let j = 0; j < cols; j++) {
    for (let k = start[j]; k < start[j + 1]; k++) {
      const at = next[index[k]]++;
      to.index[at] = j;
      to.value[at] = value[k];
    }
  }
  return { rows: cols, cols: rows, ...to };
}

/** Matrices with as many columns, one above the other. */
export function stacked(parts: readonly Columns[]): Columns {
  const { cols } = parts[0];
  const count = parts.reduce((sum, { value }) => sum + value.length, 0);
  const [start, index, value] = [new Int32Array(cols + 1), new Int32Array(count), new Float64Array(count)];
  let at = 0;
  for (let j = 0; j < cols; j++) {
    let first = 0;
    for (const M of parts) {
      for (let k = M.start[j]; k < M.start[j + 1]; k++, at++) [index[at], value[at]] = [first + M.index[k], M.value[k]];
      first += M.rows;
    }
    start[j + 1] = at;
  }
  return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), cols, start, index, value };
}

/** Two matrices with as many rows, side by side. */
export function beside(left: Columns, right: Columns): Columns {
  const first = left.value.length;
  return {
    ...{ rows: left.rows, cols: left.cols + right.cols },
    start: Int32Array.from([...left.start, ...right.start.subarray(1).map((at) => first + at)]),
    index: Int32Array.from([...left.index, ...right.index]),
    value: Float64Array.from([...left.value, ...right.value]),
  };
}

/** y ← y + scale · Mx. */
export function addProduct({ cols, start, index, value }: Columns, x: Float64Array, y: Float64Array, scale = 1): void {
  for (let j = 0; j < cols; j++) {
    const v = scale * x[j];
    if (v === 0) continue;
    for (let k = start[j]; k < start[j + 1]; k++) y[index[k]] += value[k] * v;
  }
}

/** y ← y + scale · Mᵀx. */
export function addTransposed(
  { cols, start, index, value }: Columns,
  x: Float64Array,
  y: Float64Array,
  scale = 1,
): void {
  for (let j = 0; j < cols; j++) {
    let sum = 0;
    for (let k = start[j]; k < start[j + 1]; k++) sum += value[k] * x[index[k]];
    y[j] += scale * sum;
  }
}

/** Columns of `keep` in the rows of `rowTo`, where −1 drops one. */
export function submatrix(M: Columns, keep: Int32Array, rowTo: Int32Array, rows: number): Columns {
  const start = new Int32Array(keep.length + 1);
  const [index, value]: [number[], number[]] = [[], []];
  for (let c = 0; c < keep.length; c++) {
    for (let k = M.start[keep[c]]; k < M.start[keep[c] + 1]; k++) {
      const to = rowTo[M.index[k]];
      if (to < 0) continue;
      index.push(to);
      value.push(M.value[k]);
    }
    start[c + 1] = index.length;
  }
  return { rows, cols: keep.length, start, index: Int32Array.from(index), value: Float64Array.from(value) };
}

/** 1 for rows without entries. */
export function emptyRowsOf({ rows, index }: Columns): Uint8Array {
  const empty = new Uint8Array(rows).fill(1);
  for (let k = 0; k < index.length; k++) empty[index[k]] = 0;
  return empty;
}

export const toCsc = ({ rows, cols, start, index, value }: Columns): CscMatrix =>
  CscMatrix.fromColumns(rows, cols, start, index, value);

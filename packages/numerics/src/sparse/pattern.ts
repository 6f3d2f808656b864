import { fail } from '../core/index.ts';

/** The sparsity pattern of a matrix, by columns; a `CscMatrix` is one. */
export interface Pattern {
  readonly rows: number;
  readonly cols: number;
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
}

/** Adjacency lists of an undirected graph without loops. */
export interface Graph {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly neighbours: Int32Array;
}

/** @throws INVALID_SHAPE. */
export function checkSquare({ rows, cols }: Pattern, what: string): number {
  if (rows !== cols) {
    fail('INVALID_SHAPE', `${what} takes a square matrix, not ${rows} × ${cols}; for others there is sparseQr.`);
  }
  return rows;
}

export function copyPattern({ rows, cols, colPointers, rowIndices }: Pattern): Pattern {
  return { rows, cols, colPointers: colPointers.slice(), rowIndices: rowIndices.slice() };
}

/** @throws INVALID_SHAPE if A does not have the pattern that was analysed. */
export function checkPattern(A: Pattern, analysed: Pattern): void {
  const same = (a: Int32Array, b: Int32Array) => {
    if (a.length !== b.length) return false;
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
    return true;
  };
  const alike = A.rows === analysed.rows && same(A.colPointers, analysed.colPointers);
  if (!alike || !same(A.rowIndices, analysed.rowIndices)) {
    fail(
      'INVALID_SHAPE',
      'The matrix has another sparsity pattern than the one that was analysed (stored zeros count): analyse it again.',
    );
  }
}

/** The transpose of a pattern, with the index of the original of each entry. O(entries). */
export function transposed(A: Pattern): Pattern & { readonly source: Int32Array } {
  const { rows, cols, colPointers, rowIndices } = A;
  const count = colPointers[cols];
  const pointers = new Int32Array(rows + 1);
  for (let k = 0; k < count; k++) pointers[rowIndices[k] + 1]++;
  for (let i = 0; i < rows; i++) pointers[i + 1] += pointers[i];
  const next = pointers.slice(0, rows);
  const indices = new Int32Array(count);
  const source = new Int32Array(count);
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const at = next[rowIndices[k]]++;
      indices[at] = j;
      source[at] = k;
    }
  }
  return { rows: cols, cols: rows, colPointers: pointers, rowIndices: indices, source };
}

/** The graph of A + Aᵀ. O(entries). */
export function symmetricGraph(A: Pattern): Graph {
  const n = A.cols;
  const T = transposed(A);
  const pointers = new Int32Array(n + 1);
  const neighbours = new Int32Array(2 * A.colPointers[n]);
  const seen = new Int32Array(n).fill(-1);
  let at = 0;
  for (let j = 0; j < n; j++) {
    seen[j] = j;
    for (const half of [A, T]) {
      const { colPointers, rowIndices } = half;
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        if (seen[i] === j) continue;
        seen[i] = j;
        neighbours[at++] = i;
      }
    }
    pointers[j + 1] = at;
  }
  return { n, pointers, neighbours: neighbours.subarray(0, at) };
}

/** The graph of the lower triangle and its transpose, with the entry of A to which each edge belongs. O(entries). */
export function lowerGraph(A: Pattern): Graph & { readonly source: Int32Array } {
  const { cols: n, colPointers, rowIndices } = A;
  const pointers = new Int32Array(n + 1);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i <= j) continue;
      pointers[i + 1]++;
      pointers[j + 1]++;
    }
  }
  for (let j = 0; j < n; j++) pointers[j + 1] += pointers[j];
  const next = pointers.slice(0, n);
  const neighbours = new Int32Array(pointers[n]);
  const source = new Int32Array(pointers[n]);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i <= j) continue;
      const p = next[i]++;
      const q = next[j]++;
      neighbours[p] = j;
      neighbours[q] = i;
      source[p] = k;
      source[q] = k;
    }
  }
  return { n, pointers, neighbours, source };
}

/**
 * A copy with capacity for at least `size` values, and half as many again as before.
 * @throws NOT_SUPPORTED if memory is exhausted.
 */
export function grown<T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(array: T, size: number): T {
  const make = array.constructor as new (length: number) => T;
  // Indices are 32-bit integers.
  if (size <= 0x7fffffff) {
    try {
      const copy = new make(Math.min(0x7fffffff, Math.max(size, Math.ceil(1.5 * array.length))));
      copy.set(array);
      return copy;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return fail(
    'NOT_SUPPORTED',
    `The factor has more than ${array.length} entries and exceeds the memory: solve by an iterative method.`,
  );
}

/** The inverse of a permutation. O(n). */
export function inverted(permutation: Int32Array): Int32Array {
  const inverse = new Int32Array(permutation.length);
  for (let k = 0; k < permutation.length; k++) inverse[permutation[k]] = k;
  return inverse;
}

/** @throws INVALID_PARAMETER unless `order` is a permutation of 0 … n − 1. */
export function checkPermutation(order: ArrayLike<number>, n: number): Int32Array {
  const seen = new Uint8Array(n);
  for (let k = 0; k < order.length; k++) {
    if (!(Number.isInteger(order[k]) && order[k] >= 0 && order[k] < n) || seen[order[k]]++) {
      fail('INVALID_PARAMETER', `An ordering must contain each of 0 … ${n - 1} once; entry ${k + 1} is ${order[k]}.`);
    }
  }
  if (order.length !== n)
    fail('INVALID_PARAMETER', `An ordering of ${n} rows or columns must have ${n} entries, not ${order.length}.`);
  return Int32Array.from(order);
}

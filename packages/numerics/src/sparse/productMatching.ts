import type { Pattern } from './pattern.ts';

/** Scales of rows and columns, as binary logarithms. */
export interface ProductScales {
  readonly rows: Float64Array;
  readonly cols: Float64Array;
}

/**
 * Scales by which all entries are at most 1 in magnitude and those of a matching with the largest product are 1 (Duff
 * and Koster, SIAM J. Matrix Anal. Appl. 22(4), 2001): the dual variables of an assignment problem with the costs
 * log₂(maxᵢ|aᵢⱼ|) − log₂|aᵢⱼ|, solved by shortest augmenting paths. Columns that cannot be matched, as the structural
 * rank is deficient, are scaled by what the others imply. At worst O(n · entries · log n), in practice far less.
 */
export function productScales(A: Pattern & { readonly values: ArrayLike<number> }): ProductScales {
  // Long because the search for a path is one loop over the state of all columns and rows.
  const { rows, cols, colPointers, rowIndices, values } = A;
  const cost = new Float64Array(values.length);
  const largest = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) largest[j] = Math.max(largest[j], Math.abs(values[k]));
    const top = Math.log2(largest[j]);
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      cost[k] = values[k] === 0 ? Number.POSITIVE_INFINITY : top - Math.log2(Math.abs(values[k]));
    }
  }
  // Costs less u and v are at least 0, and 0 for matched entries.
  const u = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const v = new Float64Array(cols);
  for (let k = 0; k < cost.length; k++) u[rowIndices[k]] = Math.min(u[rowIndices[k]], cost[k]);
  for (let i = 0; i < rows; i++) if (!Number.isFinite(u[i])) u[i] = 0;
  const rowOf = new Int32Array(cols).fill(-1);
  const colOf = new Int32Array(rows).fill(-1);
  /** The cost of entry k, in column j, less the dual variables. */
  const reduced = (k: number, j: number) => cost[k] - u[rowIndices[k]] - v[j];
  for (let j = 0; j < cols; j++) {
    let least = Number.POSITIVE_INFINITY;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) least = Math.min(least, cost[k] - u[rowIndices[k]]);
    if (!Number.isFinite(least)) continue;
    v[j] = least;
    for (let k = colPointers[j]; k < colPointers[j + 1] && rowOf[j] < 0; k++) {
      const i = rowIndices[k];
      if (colOf[i] >= 0 || cost[k] - u[i] > least) continue;
      rowOf[j] = i;
      colOf[i] = j;
    }
  }
  const distance = new Float64Array(rows);
  const from = new Int32Array(rows);
  const state = new Uint8Array(rows);
  const queue = new Queue();
  for (let start = 0; start < cols; start++) {
    if (rowOf[start] >= 0 || !(largest[start] > 0)) continue;
    const reached: number[] = [];
    const done: number[] = [];
    queue.clear();
    let j = start;
    let length = 0;
    let end = -1;
    for (;;) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        if (state[i] === 2) continue;
        const d = length + Math.max(0, reduced(k, j));
        if (!(d < (state[i] === 0 ? Number.POSITIVE_INFINITY : distance[i]))) continue;
        if (state[i] === 0) reached.push(i);
        [state[i], distance[i], from[i]] = [1, d, j];
        queue.push(d, i);
      }
      let next = -1;
      while (next < 0 && queue.size > 0) {
        const i = queue.pop();
        if (state[i] === 1) next = i;
      }
      if (next < 0) break;
      length = distance[next];
      if (colOf[next] < 0) {
        end = next;
        break;
      }
      state[next] = 2;
      done.push(next);
      j = colOf[next];
    }
    if (end >= 0) {
      for (const i of done) {
        u[i] += distance[i] - length;
        v[colOf[i]] += length - distance[i];
      }
      v[start] += length;
      for (let i = end; ; ) {
        const column = from[i];
        const before = rowOf[column];
        [rowOf[column], colOf[i]] = [i, column];
        if (column === start) break;
        i = before;
      }
    }
    for (const i of reached) state[i] = 0;
  }
  return { rows: u, cols: v.map((value, j) => (largest[j] > 0 ? value - Math.log2(largest[j]) : 0)) };
}

/** A binary heap of rows by distance; a row may be in it several times. */
class Queue {
  private readonly keys: number[] = [];
  private readonly items: number[] = [];

  get size(): number {
    return this.items.length;
  }

  clear(): void {
    this.keys.length = 0;
    this.items.length = 0;
  }

  push(key: number, item: number): void {
    const { keys, items } = this;
    let at = items.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (keys[up] <= key) break;
      [keys[at], items[at]] = [keys[up], items[up]];
      at = up;
    }
    [keys[at], items[at]] = [key, item];
  }

  pop(): number {
    const { keys, items } = this;
    const top = items[0];
    const key = keys.pop()!;
    const item = items.pop()!;
    const size = items.length;
    if (size === 0) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= size) break;
      if (down + 1 < size && keys[down + 1] < keys[down]) down++;
      if (keys[down] >= key) break;
      [keys[at], items[at]] = [keys[down], items[down]];
      at = down;
    }
    [keys[at], items[at]] = [key, item];
    return top;
  }
}

import type { CscMatrix } from '../../arrays/index.ts';
import { grown } from '../pattern.ts';
import { type LuParts, SparseLuFactor } from './luFactor.ts';

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainColumnLu extends LuParts {
  readonly kind: 'sparse lu, columns';
  readonly lowerPointers: Int32Array;
  readonly lowerRows: Int32Array;
  readonly lowerValues: Float64Array;
  readonly upperPointers: Int32Array;
  readonly upperRows: Int32Array;
  readonly upperValues: Float64Array;
}

/** L and U by columns. */
export class ColumnLuFactor extends SparseLuFactor<PlainColumnLu> {
  get factorEntries(): number {
    return this.plain.lowerRows.length + this.plain.upperRows.length + this.n;
  }

  free(): void {
    // Nothing to free: the arrays are ordinary JavaScript arrays.
  }

  protected solveVector(x: Float64Array): void {
    const { n } = this;
    const { rowOrder, columnOrder, scales, diagonal } = this.plain;
    const { lowerPointers, lowerRows, lowerValues, upperPointers, upperRows, upperValues } = this.plain;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[rowOrder[k]] * scales[rowOrder[k]];
    for (let k = 0; k < n; k++) {
      const v = y[k];
      if (v === 0) continue;
      for (let p = lowerPointers[k], end = lowerPointers[k + 1]; p < end; p++) y[lowerRows[p]] -= lowerValues[p] * v;
    }
    for (let k = n - 1; k >= 0; k--) {
      const v = y[k] / diagonal[k];
      y[k] = v;
      for (let p = upperPointers[k], end = upperPointers[k + 1]; p < end; p++) y[upperRows[p]] -= upperValues[p] * v;
    }
    for (let k = 0; k < n; k++) x[columnOrder[k]] = y[k];
  }

  protected solveVectorTransposed(x: Float64Array): void {
    const { n } = this;
    const { rowOrder, columnOrder, scales, diagonal } = this.plain;
    const { lowerPointers, lowerRows, lowerValues, upperPointers, upperRows, upperValues } = this.plain;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[columnOrder[k]];
    for (let k = 0; k < n; k++) {
      let v = y[k];
      for (let p = upperPointers[k], end = upperPointers[k + 1]; p < end; p++) v -= upperValues[p] * y[upperRows[p]];
      y[k] = v / diagonal[k];
    }
    for (let k = n - 1; k >= 0; k--) {
      let v = y[k];
      for (let p = lowerPointers[k], end = lowerPointers[k + 1]; p < end; p++) v -= lowerValues[p] * y[lowerRows[p]];
      y[k] = v;
    }
    for (let k = 0; k < n; k++) x[rowOrder[k]] = y[k] * scales[rowOrder[k]];
  }
}

/** A growing store for the entries of columns appended one after the other. */
class Store {
  readonly pointers: Int32Array;
  rows = new Int32Array(1024);
  values = new Float64Array(1024);
  size = 0;

  constructor(n: number) {
    this.pointers = new Int32Array(n + 1);
  }

  reserve(more: number): void {
    if (this.size + more <= this.rows.length) return;
    this.rows = grown(this.rows, this.size + more);
    this.values = grown(this.values, this.size + more);
  }
}

/** LU factorisation one column at a time (Gilbert and Peierls 1988). */
export class ColumnElimination {
  private readonly n: number;
  private readonly L: Store;
  private readonly U: Store;
  private readonly diagonal: Float64Array;
  /** The step at which a row was the pivot row; −1 for rows that have not been pivots. */
  private readonly step: Int32Array;
  private readonly x: Float64Array;
  private readonly seen: Int32Array;
  /**
   * Columns of L that reach the current one, in reverse topological order from `top` on; before that, the rows that
   * have not been pivots.
   */
  private readonly found: Int32Array;
  private readonly path: Int32Array;
  private readonly at: Int32Array;
  /** End of the part of each column of L that searches need to visit. */
  private readonly pruned: Int32Array;

  constructor(
    private readonly A: CscMatrix,
    private readonly order: Int32Array,
    private readonly scales: Float64Array,
    private readonly threshold: number,
  ) {
    const n = A.rows;
    this.n = n;
    this.L = new Store(n);
    this.U = new Store(n);
    this.diagonal = new Float64Array(n);
    this.step = new Int32Array(n).fill(-1);
    this.x = new Float64Array(n);
    this.seen = new Int32Array(n).fill(-1);
    this.found = new Int32Array(n);
    this.path = new Int32Array(n);
    this.at = new Int32Array(n);
    this.pruned = new Int32Array(n).fill(-1);
  }

  run() {
    const { n, L, U, step, diagonal } = this;
    const rowOrder = new Int32Array(n);
    let spare = 0;
    for (let k = 0; k < n; k++) {
      L.reserve(n - k);
      U.reserve(k);
      const pivot = this.column(k);
      // If nothing remains in a column, its pivot is zero and may be in any row.
      while (pivot === -1 && step[spare] !== -1) spare++;
      const row = pivot === -1 ? spare : pivot;
      step[row] = k;
      rowOrder[k] = row;
      L.pointers[k + 1] = L.size;
      U.pointers[k + 1] = U.size;
      if (pivot !== -1) this.prune(k, pivot);
    }
    const lowerRows = L.rows.slice(0, L.size);
    for (let p = 0; p < lowerRows.length; p++) lowerRows[p] = step[lowerRows[p]];
    return {
      rowOrder,
      lowerPointers: L.pointers,
      lowerRows,
      lowerValues: L.values.slice(0, L.size),
      upperPointers: U.pointers,
      upperRows: U.rows.slice(0, U.size),
      upperValues: U.values.slice(0, U.size),
      diagonal,
    };
  }

  /** Eliminates column k and appends it to L and U. Returns the pivot row, or −1 if nothing remains in the column. */
  private column(k: number): number {
    const { A, n, L, U, step, x, found, scales, threshold } = this;
    const column = this.order[k];
    const { colPointers, rowIndices, values } = A;
    let top = n;
    let free = 0;
    for (let p = colPointers[column]; p < colPointers[column + 1]; p++) {
      const i = rowIndices[p];
      if (this.seen[i] !== k) [top, free] = this.search(i, k, top, free);
      x[i] = values[p] * scales[i];
    }
    // Rows of `found` from `top` on have been pivots; each precedes those that it modifies.
    for (let t = top; t < n; t++) {
      const row = found[t];
      const j = step[row];
      const v = x[row];
      x[row] = 0;
      U.rows[U.size] = j;
      U.values[U.size++] = v;
      if (v === 0) continue;
      const { rows, values } = L;
      for (let p = L.pointers[j], end = L.pointers[j + 1]; p < end; p++) x[rows[p]] -= values[p] * v;
    }
    let pivot = -1;
    let most = 0;
    for (let t = 0; t < free; t++) {
      const v = Math.abs(x[found[t]]);
      if (v > most) {
        most = v;
        pivot = found[t];
      }
    }
    if (pivot === -1) {
      for (let t = 0; t < free; t++) x[found[t]] = 0;
      return -1;
    }
    if (step[column] === -1 && this.seen[column] === k && Math.abs(x[column]) >= threshold * most) pivot = column;
    const d = x[pivot];
    this.diagonal[k] = d;
    for (let t = 0; t < free; t++) {
      const row = found[t];
      const v = x[row];
      x[row] = 0;
      // Zeros are stored, since pruning relies on the pattern.
      if (row === pivot) continue;
      L.rows[L.size] = row;
      L.values[L.size++] = v / d;
    }
    return pivot;
  }

  /** Adds what row i reaches: rows that have been pivots before `top`, others at the front. */
  private search(i: number, k: number, top: number, free: number): [number, number] {
    const { L, step, seen, found, path, at, pruned } = this;
    seen[i] = k;
    if (step[i] === -1) {
      found[free++] = i;
      return [top, free];
    }
    const { rows } = L;
    let depth = 0;
    path[0] = i;
    at[0] = L.pointers[step[i]];
    while (depth >= 0) {
      const j = step[path[depth]];
      const end = pruned[j] >= 0 ? pruned[j] : L.pointers[j + 1];
      let p = at[depth];
      let down = -1;
      for (; p < end; p++) {
        const row = rows[p];
        if (seen[row] === k) continue;
        seen[row] = k;
        if (step[row] === -1) found[free++] = row;
        else {
          down = row;
          p++;
          break;
        }
      }
      at[depth] = p;
      if (down === -1) found[--top] = path[depth--];
      else {
        path[++depth] = down;
        at[depth] = L.pointers[step[down]];
      }
    }
    return [top, free];
  }

  /**
   * Symmetric pruning: if L has the new pivot row in column j, and U has the entry (j, k), searches of column j need
   * not go beyond rows that have been pivots, since column k reaches the others.
   */
  private prune(k: number, pivot: number): void {
    const { L, U, step, pruned } = this;
    const { rows, values } = L;
    for (let q = U.pointers[k]; q < U.pointers[k + 1]; q++) {
      const j = U.rows[q];
      if (pruned[j] >= 0 || U.values[q] === 0) continue;
      let has = false;
      for (let p = L.pointers[j], end = L.pointers[j + 1]; p < end && !has; p++) has = rows[p] === pivot;
      if (!has) continue;
      let [head, tail] = [L.pointers[j], L.pointers[j + 1]];
      while (head < tail) {
        if (step[rows[head]] !== -1) head++;
        else {
          tail--;
          const [row, value] = [rows[head], values[head]];
          rows[head] = rows[tail];
          values[head] = values[tail];
          rows[tail] = row;
          values[tail] = value;
        }
      }
      pruned[j] = tail;
    }
  }
}

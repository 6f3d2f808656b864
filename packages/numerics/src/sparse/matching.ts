import { type Pattern, transposed } from './pattern.ts';

/**
 * A maximum matching of rows and columns: a largest set of entries no two of which share a row or a column, given as
 * the row of each column, −1 for unmatched columns (Hopcroft and Karp 1973). About O(entries · √n).
 */
export function maximumMatching(A: Pattern): Int32Array {
  const { rows, cols, colPointers, rowIndices } = A;
  const rowOf = new Int32Array(cols).fill(-1);
  const colOf = new Int32Array(rows).fill(-1);
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (colOf[rowIndices[k]] !== -1) continue;
      colOf[rowIndices[k]] = j;
      rowOf[j] = rowIndices[k];
      break;
    }
  }
  const level = new Int32Array(cols);
  const next = new Int32Array(cols);
  const queue = new Int32Array(cols);
  const path = new Int32Array(cols);
  for (;;) {
    // Distance of each column from an unmatched one along alternating paths.
    let from = 0;
    let to = 0;
    level.fill(-1);
    for (let j = 0; j < cols; j++) {
      if (rowOf[j] !== -1) continue;
      level[j] = 0;
      queue[to++] = j;
    }
    let found = false;
    while (from < to) {
      const j = queue[from++];
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const other = colOf[rowIndices[k]];
        if (other === -1) found = true;
        else if (level[other] === -1) {
          level[other] = level[j] + 1;
          queue[to++] = other;
        }
      }
    }
    if (!found) return rowOf;
    next.set(colPointers.subarray(0, cols));
    for (let root = 0; root < cols; root++) {
      if (rowOf[root] !== -1) continue;
      let depth = 0;
      path[0] = root;
      while (depth >= 0) {
        const j = path[depth];
        if (next[j] === colPointers[j + 1]) {
          depth--;
          // The edge to a dead end need not be tried again.
          if (depth >= 0) next[path[depth]]++;
          continue;
        }
        const other = colOf[rowIndices[next[j]]];
        if (other === -1) {
          for (; depth >= 0; depth--) {
            const column = path[depth];
            const row = rowIndices[next[column]++];
            colOf[row] = column;
            rowOf[column] = row;
          }
          break;
        }
        if (level[other] === level[j] + 1) path[++depth] = other;
        else next[j]++;
      }
    }
  }
}

/** The structural rank: the largest rank of a matrix with this pattern, over all values. About O(entries · √n). */
export function structuralRank(A: Pattern): number {
  return maximumMatching(A).reduce((rank, row) => (row === -1 ? rank : rank + 1), 0);
}

/** Permutations of rows and columns to block upper triangular form. */
export interface BlockTriangular {
  /** Row k of the reordered matrix is row rowOrder[k] of A. */
  readonly rowOrder: Int32Array;
  readonly columnOrder: Int32Array;
  /**
   * Ends of the wide part (more columns than rows) and of the square part, in rows and in columns. The rest has more
   * rows than columns. The wide and the tall part are empty for a matrix of full structural rank.
   */
  readonly rowParts: readonly [wide: number, square: number];
  readonly columnParts: readonly [wide: number, square: number];
  /** Offsets of the irreducible blocks of the square part, in columns, and the end of the last one. */
  readonly blocks: Int32Array;
}

/**
 * The Dulmage–Mendelsohn decomposition (Pothen and Fan, ACM TOMS 16(4), 1990): all entries below the diagonal blocks
 * are zero, so a square system of full structural rank can be solved block by block, from the last one on. About
 * O(entries · √n).
 */
export function blockTriangular(A: Pattern): BlockTriangular {
  const { rows, cols } = A;
  const rowOf = maximumMatching(A);
  const colOf = new Int32Array(rows).fill(-1);
  for (let j = 0; j < cols; j++) if (rowOf[j] !== -1) colOf[rowOf[j]] = j;
  const T = transposed(A);
  // The wide part consists of the unmatched columns and everything reached from them by alternating paths; the tall
  // part likewise of the unmatched rows.
  const wideColumn = reach(A, rowOf, colOf);
  const tallRow = reach(T, colOf, rowOf);
  const wideRow = (i: number) => colOf[i] !== -1 && wideColumn[colOf[i]] === 1;
  const tallColumn = (j: number) => rowOf[j] !== -1 && tallRow[rowOf[j]] === 1;
  const square = Int32Array.from({ length: cols }, (_, j) => j).filter((j) => !wideColumn[j] && !tallColumn(j));
  const { order, starts } = components(A, square, colOf);
  const allRows = Int32Array.from({ length: rows }, (_, i) => i);
  const allColumns = Int32Array.from({ length: cols }, (_, j) => j);
  const wide = { rows: allRows.filter(wideRow), columns: allColumns.filter((j) => wideColumn[j] === 1) };
  const tall = { rows: allRows.filter((i) => tallRow[i] === 1), columns: allColumns.filter(tallColumn) };
  const inner = order.map((j) => rowOf[j]);
  const [w, v] = [wide.rows.length, wide.columns.length];
  return {
    rowOrder: join(wide.rows, inner, tall.rows),
    columnOrder: join(wide.columns, order, tall.columns),
    rowParts: [w, w + order.length],
    columnParts: [v, v + order.length],
    blocks: starts.map((at) => v + at),
  };
}

function join(...parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Columns reached by alternating paths from unmatched ones. */
function reach({ cols, colPointers, rowIndices }: Pattern, rowOf: Int32Array, colOf: Int32Array): Uint8Array {
  const seen = new Uint8Array(cols);
  const queue = new Int32Array(cols);
  let to = 0;
  for (let j = 0; j < cols; j++) {
    if (rowOf[j] !== -1) continue;
    seen[j] = 1;
    queue[to++] = j;
  }
  for (let from = 0; from < to; from++) {
    const j = queue[from];
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const other = colOf[rowIndices[k]];
      if (other === -1 || seen[other]) continue;
      seen[other] = 1;
      queue[to++] = other;
    }
  }
  return seen;
}

/**
 * Strongly connected components of the graph in which a column points to the columns matched to its rows, in reverse
 * topological order (Tarjan 1972): the columns, and the offset of each component.
 */
function components(
  { cols, colPointers, rowIndices }: Pattern,
  nodes: Int32Array,
  colOf: Int32Array,
): { order: Int32Array; starts: Int32Array } {
  const inside = new Uint8Array(cols);
  for (const j of nodes) inside[j] = 1;
  const number = new Int32Array(cols);
  const low = new Int32Array(cols);
  const next = new Int32Array(cols);
  const open = new Int32Array(cols);
  const path = new Int32Array(cols);
  const done = new Uint8Array(cols);
  const order = new Int32Array(nodes.length);
  const starts: number[] = [];
  let [counter, opened, at] = [0, 0, 0];
  const enter = (j: number, depth: number): void => {
    number[j] = low[j] = ++counter;
    next[j] = colPointers[j];
    open[opened++] = j;
    path[depth] = j;
  };
  for (const root of nodes) {
    if (number[root] !== 0) continue;
    let depth = 0;
    enter(root, 0);
    while (depth >= 0) {
      const j = path[depth];
      if (next[j] < colPointers[j + 1]) {
        const other = colOf[rowIndices[next[j]++]];
        if (other === -1 || !inside[other]) continue;
        if (number[other] === 0) enter(other, ++depth);
        else if (!done[other]) low[j] = Math.min(low[j], number[other]);
        continue;
      }
      depth--;
      if (depth >= 0) low[path[depth]] = Math.min(low[path[depth]], low[j]);
      if (low[j] !== number[j]) continue;
      starts.push(at);
      for (;;) {
        const member = open[--opened];
        done[member] = 1;
        order[at++] = member;
        if (member === j) break;
      }
    }
  }
  starts.push(at);
  return { order, starts: Int32Array.from(starts) };
}

/** Sign of a permutation. O(n). */
export function signOf(permutation: Int32Array): number {
  const seen = new Uint8Array(permutation.length);
  let sign = 1;
  for (let k = 0; k < permutation.length; k++) {
    for (let j = permutation[k], first = true; !seen[j]; j = permutation[j], first = false) {
      seen[j] = 1;
      if (!first) sign = -sign;
    }
  }
  return sign;
}

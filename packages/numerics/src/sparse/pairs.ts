import { fail } from '../core/index.ts';
import { maximumMatching } from './matching.ts';
import { type Graph, type Pattern, transposed } from './pattern.ts';

/** The graph of groups of rows, each a pair or a single row, with the first row of each and its mate or −1. */
export interface PairedGraph extends Graph {
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/**
 * Joins the rows of pairs to nodes of a smaller graph. O(edges).
 * @param mates The row that each row is paired with, −1 for none.
 * @throws INVALID_PARAMETER unless the mate of the mate of each row is that row.
 */
export function pairedGraph({ n, pointers, neighbours }: Graph, mates: ArrayLike<number>): PairedGraph {
  const wrong = mates.length !== n ? 0 : Array.prototype.findIndex.call(mates, (k, i) => k !== -1 && mates[k] !== i);
  if (wrong >= 0) fail('INVALID_PARAMETER', `Pairs must be mutual, one entry per row; entry ${wrong + 1} is not.`);
  const group = new Int32Array(n).fill(-1);
  const first = new Int32Array(n);
  const second = new Int32Array(n).fill(-1);
  let count = 0;
  for (let k = 0; k < n; k++) {
    if (group[k] >= 0) continue;
    group[k] = count;
    first[count] = k;
    if (mates[k] >= 0) {
      group[mates[k]] = count;
      second[count] = mates[k];
    }
    count++;
  }
  const joined = new Int32Array(count + 1);
  const list = new Int32Array(pointers[n]);
  const seen = new Int32Array(count).fill(-1);
  let at = 0;
  for (let g = 0; g < count; g++) {
    seen[g] = g;
    for (const k of second[g] < 0 ? [first[g]] : [first[g], second[g]]) {
      for (let q = pointers[k]; q < pointers[k + 1]; q++) {
        const other = group[neighbours[q]];
        if (seen[other] === g) continue;
        seen[other] = g;
        list[at++] = other;
      }
    }
    joined[g + 1] = at;
  }
  return { n: count, pointers: joined, neighbours: list.subarray(0, at), first, second };
}

/** The ordering of the rows that an ordering of groups stands for. */
export function unpaired({ first, second }: PairedGraph, order: Int32Array, n: number): Int32Array {
  const rows = new Int32Array(n);
  let at = 0;
  for (const g of order) {
    rows[at++] = first[g];
    if (second[g] >= 0) rows[at++] = second[g];
  }
  return rows;
}

/**
 * Pairs for the matrix (H Jᵀ; J D) of an optimality system, where D is zero or small: each row of J with a column in
 * which it has an entry, as large as possible, and no two with the same one. Elimination in pairs keeps the pivots of
 * such rows, whose diagonal is no pivot by itself, from being delayed (Duff & Pralet 2005).
 *
 * About O(entries · √rows).
 * @param values Of the entries of J, at a typical point.
 * @returns The mate of each of the columns and then the rows, −1 for none: the option `pairs` of `analyse`.
 */
export function saddlePairs(J: Pattern, values: ArrayLike<number>): Int32Array {
  const { source, ...byRow } = transposed(J);
  const { colPointers, rowIndices } = byRow;
  const entries: number[] = [];
  for (let i = 0; i < byRow.cols; i++) {
    // The matching prefers entries that come first.
    entries.length = 0;
    for (let k = colPointers[i]; k < colPointers[i + 1]; k++) entries.push(k);
    entries.sort((a, b) => Math.abs(values[source[b]]) - Math.abs(values[source[a]]));
    const columns = entries.map((k) => rowIndices[k]);
    rowIndices.set(columns, colPointers[i]);
  }
  const matched = maximumMatching(byRow);
  const mates = new Int32Array(J.cols + J.rows).fill(-1);
  for (let i = 0; i < J.rows; i++) {
    if (matched[i] < 0) continue;
    mates[matched[i]] = J.cols + i;
    mates[J.cols + i] = matched[i];
  }
  return mates;
}

import type { Pattern } from '../sparse/index.ts';

/**
 * The pattern that holds all given entries, which may repeat, and the place of each of them in it. O(entries + rows +
 * cols).
 */
export function patternOfEntries(
  rows: number,
  cols: number,
  rowOf: Int32Array,
  colOf: Int32Array,
): { readonly pattern: Pattern; readonly places: Int32Array } {
  const byRow = stableOrder(rowOf, rows, undefined);
  const order = stableOrder(colOf, cols, byRow);
  const places = new Int32Array(rowOf.length);
  const rowIndices = new Int32Array(rowOf.length);
  const colPointers = new Int32Array(cols + 1);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const k = order[i];
    const before = i > 0 ? order[i - 1] : -1;
    if (before < 0 || rowOf[before] !== rowOf[k] || colOf[before] !== colOf[k]) {
      rowIndices[count++] = rowOf[k];
      colPointers[colOf[k] + 1]++;
    }
    places[k] = count - 1;
  }
  for (let j = 0; j < cols; j++) colPointers[j + 1] += colPointers[j];
  return { pattern: { rows, cols, colPointers, rowIndices: rowIndices.slice(0, count) }, places };
}

/** The given order (default: as they are) of entries, sorted by keys below `most` such that equal ones keep it. */
function stableOrder(keys: Int32Array, most: number, order: Int32Array | undefined): Int32Array {
  const next = new Int32Array(most + 1);
  for (let k = 0; k < keys.length; k++) next[keys[k] + 1]++;
  for (let i = 0; i < most; i++) next[i + 1] += next[i];
  const sorted = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const k = order === undefined ? i : order[i];
    sorted[next[keys[k]]++] = k;
  }
  return sorted;
}

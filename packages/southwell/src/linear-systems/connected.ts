import type { CscMatrix } from '@southwell/numerics/arrays';

/** Compressed columns, wherever they are. */
export type Columns = Pick<CscMatrix, 'rows' | 'cols' | 'colPointers' | 'rowIndices' | 'values'>;

/** Which part each row is of. */
export interface Parts {
  readonly of: Int32Array;
  readonly count: number;
}

/** Connected parts, by entries in either direction. @param byRows A itself where its pattern is symmetric. */
export function connectedParts(A: Columns, byRows: Columns): Parts {
  const n = A.cols;
  const of = new Int32Array(n).fill(-1);
  const stack = new Int32Array(n);
  let count = 0;
  const sides = (A === byRows ? [A] : [A, byRows]).map(({ colPointers, rowIndices }) => ({ colPointers, rowIndices }));
  for (let root = 0; root < n; root++) {
    if (of[root] >= 0) continue;
    let depth = 0;
    stack[depth++] = root;
    of[root] = count;
    while (depth > 0) {
      const j = stack[--depth];
      for (const { colPointers, rowIndices } of sides) {
        for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
          const i = rowIndices[k];
          if (of[i] >= 0) continue;
          of[i] = count;
          stack[depth++] = i;
        }
      }
    }
    count++;
  }
  return { of, count };
}

/**
 * How many entries lead from one row to the farthest, about: of the part that the middle row is of, with a symmetric pattern, twice from
 * the row that was last reached (Gibbs, Poole & Stockmeyer 1976). O(entries).
 */
export function diameter({
  cols: n,
  colPointers,
  rowIndices,
}: Pick<Columns, 'cols' | 'colPointers' | 'rowIndices'>): number {
  const depth = new Int32Array(n);
  const queue = new Int32Array(n);
  let from = n >> 1;
  for (let sweep = 0; sweep < 2; sweep++) {
    depth.fill(-1);
    depth[from] = 0;
    queue[0] = from;
    let count = 1;
    for (let at = 0; at < count; at++) {
      const j = queue[at];
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        if (depth[i] >= 0) continue;
        depth[i] = depth[j] + 1;
        queue[count++] = i;
      }
    }
    from = queue[count - 1];
  }
  return depth[from];
}

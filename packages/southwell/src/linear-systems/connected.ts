import type { CscMatrix } from '@southwell/numerics/arrays';

/** Which part each row is of. */
export interface Parts {
  readonly of: Int32Array;
  readonly count: number;
}

/** Connected parts, by entries in either direction. */
export function connectedParts(A: CscMatrix, byRows: CscMatrix): Parts {
  const n = A.cols;
  const of = new Int32Array(n).fill(-1);
  const stack = new Int32Array(n);
  let count = 0;
  const sides = [A, byRows].map(({ colPointers, rowIndices }) => ({ colPointers, rowIndices }));
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

/** Strongly connected parts (Tarjan 1972), without recursion. */
export function stronglyConnectedParts(byRows: CscMatrix): Parts {
  const { cols: n, colPointers, rowIndices } = byRows;
  const of = new Int32Array(n).fill(-1);
  const order = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const next = colPointers.slice(0, n);
  const path = new Int32Array(n);
  const open = new Int32Array(n);
  let [seen, count, opened] = [0, 0, 0];
  for (let root = 0; root < n; root++) {
    if (order[root] >= 0) continue;
    let depth = 0;
    path[depth] = root;
    order[root] = low[root] = seen++;
    open[opened++] = root;
    while (depth >= 0) {
      const i = path[depth];
      if (next[i] < colPointers[i + 1]) {
        const j = rowIndices[next[i]++];
        if (order[j] < 0) {
          order[j] = low[j] = seen++;
          open[opened++] = j;
          path[++depth] = j;
        } else if (of[j] < 0) low[i] = Math.min(low[i], order[j]);
        continue;
      }
      if (low[i] === order[i]) {
        let j: number;
        do {
          j = open[--opened];
          of[j] = count;
        } while (j !== i);
        count++;
      }
      if (--depth >= 0) low[path[depth]] = Math.min(low[path[depth]], low[i]);
    }
  }
  return { of, count };
}

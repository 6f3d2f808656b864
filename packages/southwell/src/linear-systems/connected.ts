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

import { CscMatrix } from '@southwell/numerics/arrays';
import type { Problem } from './problems.ts';

/** The lower triangle of the system, with its whole diagonal. */
export function lowerKkt({ functions, start, lambda }: Problem): CscMatrix {
  const { variables: n, constraints: m, jacobian, hessian } = functions;
  const [J, W] = [new Float64Array(jacobian.rowIndices.length), new Float64Array(hessian!.rowIndices.length)];
  functions.jacobianValues(start, J);
  functions.hessianValues!(start, 1, lambda, W);
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  const put = (i: number, j: number, v: number) => {
    rows.push(i);
    cols.push(j);
    values.push(v);
  };
  for (let j = 0; j < n; j++) {
    for (let k = hessian!.colPointers[j]; k < hessian!.colPointers[j + 1]; k++) put(hessian!.rowIndices[k], j, W[k]);
    for (let k = jacobian.colPointers[j]; k < jacobian.colPointers[j + 1]; k++)
      put(n + jacobian.rowIndices[k], j, J[k]);
  }
  for (let i = n; i < n + m; i++) put(i, i, 0);
  return CscMatrix.fromTriplets(n + m, n + m, rows, cols, values);
}

/** Entries of a symmetric matrix that are not zero, from its lower triangle. */
export function entriesOf({ cols, colPointers, rowIndices, values }: CscMatrix): number {
  let entries = 0;
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (values[k] !== 0) entries += rowIndices[k] === j ? 1 : 2;
    }
  }
  return entries;
}

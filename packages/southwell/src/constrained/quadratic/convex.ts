import { CscMatrix } from '@southwell/numerics/arrays';
import { sparseLdlt } from '@southwell/numerics/sparse';
import type { Columns } from './columns.ts';

/** Negative curvature relative to the diagonal that is put down to rounding of the entries. */
const ROUNDING = 1e-9;

/** Why P is not positive semidefinite, beyond rounding; undefined if it is. */
export function negativeCurvature(P: Columns): string | undefined {
  const { cols: n, start, index, value } = P;
  const diagonal = new Float64Array(n);
  let [coupled, below] = [false, 0];
  for (let j = 0; j < n; j++) {
    for (let k = start[j]; k < start[j + 1]; k++) {
      if (index[k] === j) diagonal[j] = value[k];
      else coupled = true;
      if (index[k] > j) below++;
    }
  }
  for (let j = 0; j < n; j++) {
    if (diagonal[j] < 0) return `its diagonal entry ${j + 1} is ${diagonal[j]}`;
    if (diagonal[j] > 0) continue;
    if (start[j + 1] > start[j]) return `its diagonal entry ${j + 1} is 0, but its row has other entries`;
  }
  if (!coupled) return undefined;
  // With a diagonal of ones, so that the shift means the same for all variables.
  const lower = CscMatrix.create(n, n, below + n);
  const { colPointers, rowIndices, values } = lower;
  let at = 0;
  for (let j = 0; j < n; j++) {
    rowIndices[at] = j;
    values[at++] = 1 + ROUNDING;
    for (let k = start[j]; k < start[j + 1]; k++) {
      if (index[k] <= j) continue;
      rowIndices[at] = index[k];
      values[at++] = value[k] / Math.sqrt(diagonal[j] * diagonal[index[k]]);
    }
    colPointers[j + 1] = at;
  }
  const factor = sparseLdlt(lower);
  const { negative } = factor.inertia();
  factor.free();
  lower.free();
  return negative > 0 ? `it has ${negative} negative eigenvalue${negative === 1 ? '' : 's'}` : undefined;
}

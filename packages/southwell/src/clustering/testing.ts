import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';

/** Normal points about k centres that are `spread` apart in each coordinate, with their cluster labels. */
export function blobs(n: number, d: number, k: number, spread: number, seed: number) {
  const random = new Random(seed);
  const centres = Array.from({ length: k }, () => Array.from({ length: d }, () => spread * random.normal()));
  const groups = Int32Array.from({ length: n }, (_, p) => p % k);
  const rows = Array.from(groups, (c) => centres[c].map((v) => v + random.normal()));
  return { X: DenseMatrix.fromRows(rows), rows, groups };
}

export const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, j) => sum + (v - b[j]) ** 2, 0);

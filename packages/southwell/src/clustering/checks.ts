import { fail } from '@southwell/numerics/core';

/** @throws INVALID_PARAMETER unless k is a whole number from 1 to n. */
export function checkClusters(k: number, n: number): void {
  if (!Number.isInteger(k) || k < 1) fail('INVALID_PARAMETER', `k must be a whole number of at least 1, not ${k}.`);
  if (k > n)
    fail('INVALID_PARAMETER', `${k} clusters need at least ${k} points, but there are ${n}. Choose a smaller k.`);
}

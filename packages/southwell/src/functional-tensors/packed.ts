/** Symmetric R × R matrices are stored packed: the lower triangle by rows, entry (r, s ≤ r) at r(r + 1)/2 + s. */

export const packedSize = (R: number): number => (R * (R + 1)) / 2;

/**
 * Replaces the packed positive semi-definite matrix from `at` on by U with U Uᵀ equal to it. A pivot at rounding level
 * is a direction without information: its column is zero. False if a pivot is negative beyond rounding.
 */
export function semidefiniteRoot(a: Float64Array, at: number, R: number): boolean {
  let largest = 0;
  for (let r = 0; r < R; r++) largest = Math.max(largest, Math.abs(a[at + packedSize(r) + r]));
  const threshold = 8 * R * Number.EPSILON * largest;
  let sound = true;
  for (let j = 0; j < R; j++) {
    const jt = at + packedSize(j);
    let pivot = a[jt + j];
    for (let k = 0; k < j; k++) pivot -= a[jt + k] * a[jt + k];
    if (pivot < -1e3 * threshold) sound = false;
    const root = pivot > threshold ? Math.sqrt(pivot) : 0;
    a[jt + j] = root;
    for (let i = j + 1; i < R; i++) {
      const it = at + packedSize(i);
      if (root === 0) {
        a[it + j] = 0;
        continue;
      }
      let sum = a[it + j];
      for (let k = 0; k < j; k++) sum -= a[it + k] * a[jt + k];
      a[it + j] = sum / root;
    }
  }
  return sound;
}

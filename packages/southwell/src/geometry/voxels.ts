import { fail } from '@southwell/numerics/core';
import { boundsOf, type PointsLike, pointsOf } from './points.ts';

export interface Voxels {
  /** The mean of the points of each cell that has any, in the order in which cells are first met. */
  readonly points: Float64Array;
  /** How many points each is the mean of. */
  readonly counts: Int32Array;
  /** The cell of each point that was given. */
  readonly cells: Int32Array;
}

/** Cells along an axis, at most: their numbers are hashed as 32-bit integers. */
const MOST = 2 ** 30;

/**
 * One point, the mean, for each cube of side `size` of a grid through the origin. O(n).
 * @throws INVALID_PARAMETER where `size` is not above 0 or cells are too many to count; what {@link pointsOf} throws.
 */
export function voxelDownsample(given: PointsLike, size: number): Voxels {
  const points = pointsOf(given);
  if (!(size > 0 && Number.isFinite(size)))
    fail('INVALID_PARAMETER', `The side of a voxel must be above 0, but is ${size}.`);
  const n = points.length / 3;
  const { low, high } = boundsOf(points);
  const [ox, oy, oz] = Array.from(low, (v) => Math.floor(v / size));
  if (n > 0 && high.some((v, k) => !(Math.floor(v / size) - [ox, oy, oz][k] < MOST))) {
    fail(
      'INVALID_PARAMETER',
      `Voxels of side ${size} are more than 2³⁰ along one side of the cloud: make them larger.`,
    );
  }
  let bits = 4;
  while (2 ** bits < 2 * n) bits++;
  const mask = 2 ** bits - 1;
  // Open addressing: 0 is free.
  const slots = new Int32Array(mask + 1);
  const cells = new Int32Array(n);
  const keys = new Int32Array(3 * n);
  const sums = new Float64Array(3 * n);
  const counts = new Int32Array(n);
  let used = 0;
  const inverse = 1 / size;
  for (let i = 0, at = 0; i < n; i++, at += 3) {
    const x = Math.floor(points[at] * inverse) - ox;
    const y = Math.floor(points[at + 1] * inverse) - oy;
    const z = Math.floor(points[at + 2] * inverse) - oz;
    let hash = Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    let cell = -1;
    for (;;) {
      cell = slots[slot] - 1;
      if (cell < 0) {
        cell = used++;
        slots[slot] = used;
        keys[3 * cell] = x;
        keys[3 * cell + 1] = y;
        keys[3 * cell + 2] = z;
        break;
      }
      if (keys[3 * cell] === x && keys[3 * cell + 1] === y && keys[3 * cell + 2] === z) break;
      slot = (slot + 1) & mask;
    }
    cells[i] = cell;
    sums[3 * cell] += points[at];
    sums[3 * cell + 1] += points[at + 1];
    sums[3 * cell + 2] += points[at + 2];
    counts[cell]++;
  }
  const means = sums.slice(0, 3 * used);
  for (let c = 0; c < used; c++) {
    for (let k = 3 * c; k < 3 * c + 3; k++) means[k] /= counts[c];
  }
  return { points: means, counts: counts.slice(0, used), cells };
}

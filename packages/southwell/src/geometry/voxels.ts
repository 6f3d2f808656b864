import { fail } from '@southwell/numerics/core';
import { boundsOf, type PointsLike, pointsOf } from './points.ts';

export interface Voxels {
  /** Centroid of the points of each non-empty voxel, in order of first occurrence. */
  readonly points: Float64Array;
  /** Number of points in each voxel. */
  readonly counts: Int32Array;
  /** Voxel index of each input point. */
  readonly cells: Int32Array;
}

/** Maximum number of cells along an axis, since their indices are hashed as 32-bit integers. */
const MOST = 2 ** 30;

/**
 * Cells found so far: open addressing in a table that grows with them, since there may be few cells for many points.
 */
class Cells {
  used = 0;
  private bits = 12;
  /** 0 marks a free slot. */
  private slots = new Int32Array(2 ** this.bits);
  private keys = new Int32Array(3 * 2 ** (this.bits - 1));

  /** The index of a cell, a new one at its first occurrence. */
  of(x: number, y: number, z: number): number {
    const { slots, keys } = this;
    const mask = slots.length - 1;
    let slot = hashOf(x, y, z) & mask;
    for (;;) {
      const cell = slots[slot] - 1;
      if (cell < 0) break;
      if (keys[3 * cell] === x && keys[3 * cell + 1] === y && keys[3 * cell + 2] === z) return cell;
      slot = (slot + 1) & mask;
    }
    const cell = this.used++;
    slots[slot] = this.used;
    keys[3 * cell] = x;
    keys[3 * cell + 1] = y;
    keys[3 * cell + 2] = z;
    if (2 * this.used === slots.length) this.grow();
    return cell;
  }

  private grow(): void {
    this.bits++;
    const keys = new Int32Array(3 * 2 ** (this.bits - 1));
    keys.set(this.keys);
    const slots = new Int32Array(2 ** this.bits);
    const mask = slots.length - 1;
    for (let cell = 0; cell < this.used; cell++) {
      let slot = hashOf(keys[3 * cell], keys[3 * cell + 1], keys[3 * cell + 2]) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = cell + 1;
    }
    [this.keys, this.slots] = [keys, slots];
  }
}

function hashOf(x: number, y: number, z: number): number {
  let hash = Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** The first cell of the grid along each axis. @throws INVALID_PARAMETER. */
function originOf(points: Float64Array, size: number): readonly [number, number, number] {
  if (!(size > 0 && Number.isFinite(size)))
    fail('INVALID_PARAMETER', `The side of a voxel must be above 0, but is ${size}.`);
  const { low, high } = boundsOf(points);
  const origin = [0, 1, 2].map((k) => Math.floor(low[k] / size)) as [number, number, number];
  if (points.length > 0 && high.some((v, k) => !(Math.floor(v / size) - origin[k] < MOST))) {
    fail(
      'INVALID_PARAMETER',
      `Voxels of side ${size} are more than 2³⁰ along one side of the cloud: make them larger.`,
    );
  }
  return origin;
}

/**
 * Voxel-grid downsampling: the centroid of the points in each cube of side `size`. O(n), and memory for non-empty
 * voxels in addition to `cells`.
 * @throws INVALID_PARAMETER if `size` is not above 0 or there are too many cells; what {@link pointsOf} throws.
 */
export function voxelDownsample(given: PointsLike, size: number): Voxels {
  const points = pointsOf(given);
  const [ox, oy, oz] = originOf(points, size);
  const n = points.length / 3;
  const met = new Cells();
  const cells = new Int32Array(n);
  const inverse = 1 / size;
  for (let i = 0, at = 0; i < n; i++, at += 3) {
    const x = Math.floor(points[at] * inverse) - ox;
    const y = Math.floor(points[at + 1] * inverse) - oy;
    cells[i] = met.of(x, y, Math.floor(points[at + 2] * inverse) - oz);
  }
  const { used } = met;
  const means = new Float64Array(3 * used);
  const counts = new Int32Array(used);
  for (let i = 0, at = 0; i < n; i++, at += 3) {
    const cell = cells[i];
    means[3 * cell] += points[at];
    means[3 * cell + 1] += points[at + 1];
    means[3 * cell + 2] += points[at + 2];
    counts[cell]++;
  }
  for (let c = 0; c < used; c++) {
    for (let k = 3 * c; k < 3 * c + 3; k++) means[k] /= counts[c];
  }
  return { points: means, counts, cells };
}

/**
 * Whether points lie in at most a given number of cubes of side `size`; stops as soon as there are more. O(n) at most.
 * @throws as {@link voxelDownsample}.
 */
export function fitsVoxels(given: PointsLike, size: number, most: number): boolean {
  const points = given instanceof Float64Array ? given : pointsOf(given);
  const [ox, oy, oz] = originOf(points, size);
  const met = new Cells();
  const inverse = 1 / size;
  for (let at = 0; at < points.length; at += 3) {
    const x = Math.floor(points[at] * inverse) - ox;
    const y = Math.floor(points[at + 1] * inverse) - oy;
    met.of(x, y, Math.floor(points[at + 2] * inverse) - oz);
    if (met.used > most) return false;
  }
  return true;
}

import { fail } from '@southwell/numerics/core';

/** n points: x, y, z consecutively in one array, or a list of triples. */
export type PointsLike = Float64Array | ReadonlyArray<readonly number[]>;

/**
 * The points in one array, three numbers each. O(n).
 * @throws INVALID_SHAPE and NON_FINITE, naming the point.
 */
export function pointsOf(given: PointsLike, what = 'The cloud'): Float64Array {
  const points = given instanceof Float64Array ? given : flat(given, what);
  if (points.length % 3 !== 0) {
    fail('INVALID_SHAPE', `${what} has ${points.length} numbers, and points have three each.`);
  }
  if (isFinite3(points)) return points;
  for (let k = 0; k < points.length; k++) {
    if (Number.isFinite(points[k])) continue;
    const axis = 'xyz'[k % 3];
    fail(
      'NON_FINITE',
      `${what}: ${axis} of point ${Math.floor(k / 3) + 1} is ${points[k]}; finitePoints leaves such points out.`,
    );
  }
  return points;
}

/** Whether all coordinates are finite: only NaN and infinities times zero are not zero. */
export function isFinite3(points: Float64Array): boolean {
  let sum = 0;
  for (let k = 0; k < points.length; k++) sum += points[k] - points[k];
  return sum === 0;
}

function flat(rows: ReadonlyArray<readonly number[]>, what: string): Float64Array {
  if (!Array.isArray(rows))
    fail('INVALID_PARAMETER', `${what} is a Float64Array of x, y, z after each other, or a list of triples.`);
  const points = new Float64Array(3 * rows.length);
  for (const [i, row] of rows.entries()) {
    if (row?.length !== 3)
      fail('INVALID_SHAPE', `${what}: point ${i + 1} has ${row?.length ?? 'no'} coordinates, and points have three.`);
    points.set(row, 3 * i);
  }
  return points;
}

/** The points whose coordinates are all finite, and their indices. O(n). */
export function finitePoints(given: Float64Array): { readonly points: Float64Array; readonly rows: Int32Array } {
  const n = Math.floor(given.length / 3);
  if (isFinite3(given)) return { points: given.slice(0, 3 * n), rows: Int32Array.from({ length: n }, (_, i) => i) };
  const points = new Float64Array(3 * n);
  const rows = new Int32Array(n);
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const [x, y, z] = [given[3 * i], given[3 * i + 1], given[3 * i + 2]];
    // Only NaN and infinities times zero are not zero.
    if (x - x + (y - y) + (z - z) !== 0) continue;
    points[3 * kept] = x;
    points[3 * kept + 1] = y;
    points[3 * kept + 2] = z;
    rows[kept++] = i;
  }
  return { points: points.slice(0, 3 * kept), rows: rows.slice(0, kept) };
}

/** The bounding box of the points; without points, inverted infinities. O(n). */
export function boundsOf(points: Float64Array): { readonly low: Float64Array; readonly high: Float64Array } {
  let [x0, y0, z0] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [x1, y1, z1] = [-x0, -y0, -z0];
  for (let k = 0; k < points.length; k += 3) {
    const x = points[k];
    const y = points[k + 1];
    const z = points[k + 2];
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
    if (z < z0) z0 = z;
    if (z > z1) z1 = z;
  }
  const [low, high] = [Float64Array.of(x0, y0, z0), Float64Array.of(x1, y1, z1)];
  return { low, high };
}

/** The diagonal of the bounding box of the points. */
export function diagonalOf(points: Float64Array): number {
  const { low, high } = boundsOf(points);
  return Math.sqrt(high.reduce((sum, v, k) => sum + (v - low[k]) ** 2, 0));
}

/** The origin if it lies among the points, as for a sensor; otherwise the centre of the bounding box. O(n). */
export function centreOf(points: Float64Array): { readonly centre: readonly number[]; readonly inside: boolean } {
  const { low, high } = boundsOf(points);
  const inside = low.every((v, k) => v <= 0 && high[k] >= 0);
  return { inside, centre: inside ? [0, 0, 0] : Array.from(low, (v, k) => (v + high[k]) / 2) };
}

import { asMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, wholeNumber } from '@southwell/numerics/core';
import type { Cells } from './cells.ts';
import { Cells3 } from './cells3.ts';
import { CellsAny } from './cellsAny.ts';

/**
 * A balanced k-d tree over n points with d coordinates (Bentley 1975; incremental distances to cells, Arya & Mount
 * 1993). It keeps a copy of the points in its own order, so that leaves are contiguous. O(d·n·log n) to build. A search
 * takes O(log n) if points are evenly distributed in few dimensions; from about twenty dimensions on it visits most
 * points, and `NeighbourIndex` is faster. Duplicate points are kept. Ties in distance are broken arbitrarily. Loops are
 * unrolled in three dimensions.
 *
 * Squared distances must be within the range of doubles. Searches that return positions check nothing and use buffers
 * of the tree, so only one may run at a time.
 */
export class KdTree {
  readonly size: number;
  /** The index of the point at each position of the tree's order; points close in this order are close in space. */
  readonly order: Int32Array;
  /** The points in this order, d numbers each. */
  readonly sorted: Float64Array;
  private readonly cells: Cells;

  /**
   * @param points d numbers each, point after point; they are copied.
   * @param dimension d, at least 1.
   * @throws INVALID_PARAMETER; EMPTY; INVALID_SHAPE; NON_FINITE, naming the point.
   */
  constructor(
    points: Float64Array,
    readonly dimension: number,
  ) {
    wholeNumber('dimension', dimension, 1);
    if (points.length % dimension !== 0) {
      fail(
        'INVALID_SHAPE',
        `The number of coordinates, ${points.length}, is not a multiple of the dimension ${dimension}.`,
      );
    }
    const n = points.length / dimension;
    if (n === 0) fail('EMPTY', 'There are no points to search among.');
    checkPoints(points, dimension);
    this.size = n;
    this.order = new Int32Array(n);
    for (let i = 0; i < n; i++) this.order[i] = i;
    this.sorted = points.slice();
    this.cells =
      dimension === 3 ? new Cells3(this.sorted, this.order) : new CellsAny(this.sorted, this.order, dimension);
  }

  /**
   * The tree over the rows of X (n × d, any matrix).
   * @throws EMPTY, INVALID_SHAPE and NON_FINITE.
   */
  static of(X: MatrixLike): KdTree {
    const given = asMatrix(X);
    const { rows: n, cols: d } = given;
    if (n === 0 || d === 0) fail('EMPTY', 'There are no points to search among.');
    checkFinite(given);
    const { data } = given.kind === 'dense' ? given : given.toDense();
    const points = new Float64Array(n * d);
    for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) points[i * d + j] = data[j * n + i];
    return new KdTree(points, d);
  }

  /**
   * Squared distances found by the last {@link nearestPlace}: to the nearest and to the second nearest point, or
   * `bound` if there is none.
   */
  get found(): Float64Array {
    return this.cells.found;
  }

  /**
   * The position in `order` of the nearest point with a squared distance below `bound`, or −1. Leaves its squared
   * distance in `found[0]`, and in `found[1]` that of the second nearest, or `bound`.
   */
  nearestPlace(query: Float64Array, bound: number): number {
    return this.cells.nearestPlace(query, bound);
  }

  /**
   * The `k` nearest points with squared distances below `bound`, nearest first: writes their positions in `order` and
   * their squared distances to arrays of at least k entries. Returns how many were found.
   */
  nearestPlaces(query: Float64Array, k: number, places: Int32Array, squares: Float64Array, bound: number): number {
    return this.cells.nearestPlaces(query, k, places, squares, bound);
  }

  /**
   * The index of the point nearest to the query, or −1 if none is nearer than `radius` (default: infinite).
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  nearest(query: ArrayLike<number>, radius = Number.POSITIVE_INFINITY): number {
    const place = this.nearestPlace(this.checked(query), radius * radius);
    return place < 0 ? -1 : this.order[place];
  }

  /**
   * The indices of the `k` nearest points, nearest first; fewer if there are not as many within `radius`.
   * @throws INVALID_PARAMETER unless k is an integer; INVALID_SHAPE, NON_FINITE.
   */
  nearestOf(query: ArrayLike<number>, k: number, radius = Number.POSITIVE_INFINITY): number[] {
    wholeNumber('k', k, 0);
    const most = Math.min(k, this.size);
    const places = new Int32Array(most);
    const at = this.checked(query);
    const count = most === 0 ? 0 : this.nearestPlaces(at, most, places, new Float64Array(most), radius * radius);
    return Array.from(places.subarray(0, count), (place) => this.order[place]);
  }

  private checked(query: ArrayLike<number>): Float64Array {
    if (query.length !== this.dimension) {
      fail('INVALID_SHAPE', `A query has ${query.length} numbers, but the points of the tree have ${this.dimension}.`);
    }
    for (let j = 0; j < query.length; j++) {
      if (!Number.isFinite(query[j])) fail('NON_FINITE', `Number ${j + 1} of a query is ${query[j]}.`);
    }
    return query instanceof Float64Array ? query : Float64Array.from(query);
  }
}

function checkPoints(points: Float64Array, d: number): void {
  // v − v is non-zero only for NaN and infinities.
  let sum = 0;
  for (let k = 0; k < points.length; k++) sum += points[k] - points[k];
  if (sum === 0) return;
  const k = points.findIndex((v) => !Number.isFinite(v));
  fail('NON_FINITE', `Number ${(k % d) + 1} of point ${Math.floor(k / d) + 1} is ${points[k]}.`);
}

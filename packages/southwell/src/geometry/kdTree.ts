import { KdTree as Tree } from '@southwell/numerics/neighbours';
import { type PointsLike, pointsOf } from './points.ts';

/**
 * The k-d tree of `numerics/neighbours` over n points in space, queried by x, y and z. O(n log n) to build; a search
 * takes O(log n) for evenly spread points. Duplicates are kept.
 */
export class KdTree {
  readonly size: number;
  /** Index of the point at each position of the tree's order: neighbours in it are neighbours in space. */
  readonly order: Int32Array;
  /** The points in that order. */
  readonly sorted: Float64Array;
  /** Squared distances of the last search: the nearest, and the second nearest or the bound. */
  readonly found: Float64Array;
  private readonly tree: Tree;
  private readonly query = new Float64Array(3);

  /** @throws EMPTY, INVALID_SHAPE and NON_FINITE. */
  constructor(given: PointsLike) {
    this.tree = new Tree(pointsOf(given), 3);
    this.size = this.tree.size;
    this.order = this.tree.order;
    this.sorted = this.tree.sorted;
    this.found = this.tree.found;
  }

  /**
   * The position in `order` of the point nearest to (x, y, z) among those with squared distance below `bound`, or −1.
   * Writes its squared distance to `found[0]`, and to `found[1]` that of the second nearest, or `bound`.
   */
  nearestPlace(x: number, y: number, z: number, bound: number): number {
    const { query } = this;
    query[0] = x;
    query[1] = y;
    query[2] = z;
    return this.tree.nearestPlace(query, bound);
  }

  /** Index of the point nearest to (x, y, z), or −1 if none is nearer than `radius` (default: unlimited). */
  nearest(x: number, y: number, z: number, radius = Number.POSITIVE_INFINITY): number {
    const place = this.nearestPlace(x, y, z, radius * radius);
    return place < 0 ? -1 : this.order[place];
  }

  /**
   * The `k` points nearest to (x, y, z), by increasing distance, among those below the squared distance `bound`: writes
   * their positions in `order` and squared distances to arrays of length at least k. Returns their number.
   */
  nearestPlaces(
    x: number,
    y: number,
    z: number,
    k: number,
    places: Int32Array,
    squares: Float64Array,
    bound: number,
  ): number {
    const { query } = this;
    query[0] = x;
    query[1] = y;
    query[2] = z;
    return this.tree.nearestPlaces(query, k, places, squares, bound);
  }

  /** Indices of the `k` nearest points, nearest first; fewer if there are not so many within `radius`. */
  nearestOf(x: number, y: number, z: number, k: number, radius = Number.POSITIVE_INFINITY): number[] {
    const most = Math.min(k, this.size);
    const places = new Int32Array(most);
    const count = most === 0 ? 0 : this.nearestPlaces(x, y, z, most, places, new Float64Array(most), radius * radius);
    return Array.from(places.subarray(0, count), (place) => this.order[place]);
  }
}

import { KdTree as Tree } from '@southwell/numerics/neighbours';
import { type PointsLike, pointsOf } from './points.ts';

/**
 * The k-d tree of `numerics/neighbours` over n points in space, asked by x, y and z. O(n log n) to build; a search takes O(log n)
 * where points are spread evenly. Points at the same place are all kept.
 */
export class KdTree {
  readonly size: number;
  /** Which point stands at each place of the tree's order: neighbours in it are neighbours in space. */
  readonly order: Int32Array;
  /** The points in that order. */
  readonly sorted: Float64Array;
  /** Squared distances of the last search: nearest, and the second or the bound. */
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
   * The place in `order` of the point nearest to (x, y, z) among those whose squared distance is below `bound`, or −1. Leaves
   * its squared distance in `found[0]`, and in `found[1]` that of the second nearest, or `bound`.
   */
  nearestPlace(x: number, y: number, z: number, bound: number): number {
    const { query } = this;
    query[0] = x;
    query[1] = y;
    query[2] = z;
    return this.tree.nearestPlace(query, bound);
  }

  /** The point nearest to (x, y, z) by its number, or −1 where none is nearer than `radius` (default: any distance). */
  nearest(x: number, y: number, z: number, radius = Number.POSITIVE_INFINITY): number {
    const place = this.nearestPlace(x, y, z, radius * radius);
    return place < 0 ? -1 : this.order[place];
  }

  /**
   * The `k` points nearest to (x, y, z), by rising distance, among those below the squared distance `bound`: their places in
   * `order` and squared distances, of which there is room for k in both. Gives how many there are.
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

  /** The `k` nearest points by their numbers, nearest first, fewer where there are not so many within `radius`. */
  nearestOf(x: number, y: number, z: number, k: number, radius = Number.POSITIVE_INFINITY): number[] {
    const most = Math.min(k, this.size);
    const places = new Int32Array(most);
    const count = most === 0 ? 0 : this.nearestPlaces(x, y, z, most, places, new Float64Array(most), radius * radius);
    return Array.from(places.subarray(0, count), (place) => this.order[place]);
  }
}

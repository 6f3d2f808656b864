/** Maximum number of points in a leaf. */
const LEAF = 8;
/** Maximum depth of a tree. */
export const DEPTH = 64;

/**
 * Number of inner nodes (1, 3, 7 …) of a balanced tree over n points: with as many levels of halving, leaves have at
 * most {@link LEAF} points.
 */
export function innerNodes(n: number): number {
  let levels = 0;
  while (n > LEAF * 2 ** levels) levels++;
  return 2 ** levels - 1;
}

/** The order of points in a tree, with searches that return positions in this order; see `KdTree`. */
export interface Cells {
  readonly found: Float64Array;
  nearestPlace(query: Float64Array, bound: number): number;
  nearestPlaces(query: Float64Array, k: number, places: Int32Array, squares: Float64Array, bound: number): number;
}

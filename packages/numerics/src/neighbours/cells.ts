/** Points of a leaf, at most. */
const LEAF = 8;
/** No tree has more levels. */
export const DEPTH = 64;

/** Inner nodes of a balanced tree over n points, which are 1, 3, 7 …: halving ranges so often leaves at most {@link LEAF}. */
export function innerNodes(n: number): number {
  let levels = 0;
  while (n > LEAF * 2 ** levels) levels++;
  return 2 ** levels - 1;
}

/** A tree's order of points, and searches by places in it; see `KdTree`. */
export interface Cells {
  readonly found: Float64Array;
  nearestPlace(query: Float64Array, bound: number): number;
  nearestPlaces(query: Float64Array, k: number, places: Int32Array, squares: Float64Array, bound: number): number;
}

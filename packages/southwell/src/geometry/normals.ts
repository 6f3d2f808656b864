import { wholeNumber } from '@southwell/numerics/core';
import { eigen3 } from './eigen3.ts';
import { KdTree } from './kdTree.ts';
import type { PointsLike } from './points.ts';

export interface Neighbourhoods {
  /** Unit normals, of arbitrary sign; zeros where the neighbours are collinear or coincide. */
  readonly normals: Float64Array;
  /** Covariances of the neighbours, xx, xy, xz, yy, yz, zz for each point. */
  readonly covariances: Float64Array;
  /** Smallest eigenvalue over trace: 0 on a plane, at most a third. */
  readonly curvatures: Float64Array;
  /** Number of points without a normal. */
  readonly without: number;
}

/**
 * The second eigenvalue of a plane must exceed this fraction of the first; otherwise rounding of coordinates would
 * determine the normal.
 */
const LINE = 1e-9;

/** Where points coincide, at most this many times as many neighbours are looked at until they span a plane. */
const WIDER = 8;

/** The plane through the nearest points of a point, itself included. */
export class LocalPlane {
  /** Covariance xx, xy, xz, yy, yz, zz of the neighbours of the last point. */
  readonly covariance = new Float64Array(6);
  /** Its eigenvalues, ascending, and eigenvectors by rows: the first is the normal. */
  readonly values = new Float64Array(3);
  readonly vectors = new Float64Array(9);
  private readonly places: Int32Array;
  private readonly squares: Float64Array;
  private readonly k: number;
  private readonly most: number;

  constructor(
    private readonly tree: KdTree,
    neighbours: number,
  ) {
    this.most = Math.min(WIDER * neighbours, tree.size);
    this.places = new Int32Array(this.most);
    this.squares = new Float64Array(this.most);
    this.k = Math.min(neighbours, tree.size);
  }

  /** Looks at the point at a position of the tree's order. Returns whether its neighbours span a plane. */
  at(place: number): boolean {
    const { covariance, values, vectors, squares, most } = this;
    for (let k = this.k; ; k = Math.min(2 * k, most)) {
      this.measure(place, k);
      eigen3(covariance, values, vectors);
      if (values[1] > LINE * values[2]) return true;
      // Points that are given several times have themselves as neighbours.
      if (k === most || squares[1] > 0) return false;
    }
  }

  private measure(place: number, k: number): void {
    const { tree, places, squares, covariance: a } = this;
    const { sorted } = tree;
    const px = sorted[3 * place];
    const py = sorted[3 * place + 1];
    const pz = sorted[3 * place + 2];
    const count = tree.nearestPlaces(px, py, pz, k, places, squares, Number.POSITIVE_INFINITY);
    let sx = 0;
    let sy = 0;
    let sz = 0;
    let xx = 0;
    let xy = 0;
    let xz = 0;
    let yy = 0;
    let yz = 0;
    let zz = 0;
    for (let j = 0; j < count; j++) {
      const at = 3 * places[j];
      // Relative to the point itself: coordinates may be large compared with the distances.
      const x = sorted[at] - px;
      const y = sorted[at + 1] - py;
      const z = sorted[at + 2] - pz;
      sx += x;
      sy += y;
      sz += z;
      xx += x * x;
      xy += x * y;
      xz += x * z;
      yy += y * y;
      yz += y * z;
      zz += z * z;
    }
    a[0] = (xx - (sx * sx) / count) / count;
    a[1] = (xy - (sx * sy) / count) / count;
    a[2] = (xz - (sx * sz) / count) / count;
    a[3] = (yy - (sy * sy) / count) / count;
    a[4] = (yz - (sy * sz) / count) / count;
    a[5] = (zz - (sz * sz) / count) / count;
  }
}

/**
 * Covariances of the `neighbours` nearest points of each point, itself included, and their normals (Hoppe et al. 1992).
 * O(n log n).
 * @throws INVALID_PARAMETER unless neighbours is at least 3; what {@link KdTree} throws.
 */
export function neighbourhoods(given: PointsLike | KdTree, neighbours = 10): Neighbourhoods {
  wholeNumber('neighbours', neighbours, 3);
  const tree = given instanceof KdTree ? given : new KdTree(given);
  const { size, order } = tree;
  const local = new LocalPlane(tree, neighbours);
  const normals = new Float64Array(3 * size);
  const covariances = new Float64Array(6 * size);
  const curvatures = new Float64Array(size);
  const { covariance, values, vectors } = local;
  let without = 0;
  for (let place = 0; place < size; place++) {
    // In the tree's order, for cache locality.
    const plane = local.at(place);
    const i = order[place];
    for (let j = 0; j < 6; j++) covariances[6 * i + j] = covariance[j];
    const trace = values[0] + values[1] + values[2];
    if (plane) {
      for (let j = 0; j < 3; j++) normals[3 * i + j] = vectors[j];
      curvatures[i] = Math.max(0, values[0]) / trace;
    } else without++;
  }
  return { normals, covariances, curvatures, without };
}

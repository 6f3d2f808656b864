import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { KdTree } from './kdTree.ts';
import { type Neighbourhoods, neighbourhoods } from './normals.ts';
import { type PointsLike, pointsOf } from './points.ts';
import { voxelDownsample } from './voxels.ts';

export interface PrepareOptions {
  /** Side of the cubes of which one mean point is kept each. Default: all points are kept. */
  readonly voxel?: number;
  /** Points of which normals are made. Default 10. */
  readonly neighbours?: number;
}
const prepareKeys: OptionKeys<PrepareOptions> = { voxel: true, neighbours: true };

/** A cloud made ready for registration: thinned out, with a tree, and with normals once they are asked for. */
export class PreparedCloud {
  readonly points: Float64Array;
  readonly tree: KdTree;
  /** How many points were given. */
  readonly given: number;
  private around: Neighbourhoods | undefined;
  private ordered: Float64Array | undefined;

  constructor(
    points: Float64Array,
    given: number,
    /** Points of which normals are made. */
    readonly neighbours: number,
  ) {
    this.points = points;
    this.given = given;
    this.tree = new KdTree(points);
  }

  get size(): number {
    return this.tree.size;
  }

  get neighbourhoods(): Neighbourhoods {
    this.around ??= neighbourhoods(this.tree, this.neighbours);
    return this.around;
  }

  /** In the order of the tree. */
  get sortedNormals(): Float64Array {
    if (!this.ordered) {
      const { normals } = this.neighbourhoods;
      const { order } = this.tree;
      this.ordered = new Float64Array(normals.length);
      for (let k = 0; k < order.length; k++) {
        this.ordered[3 * k] = normals[3 * order[k]];
        this.ordered[3 * k + 1] = normals[3 * order[k] + 1];
        this.ordered[3 * k + 2] = normals[3 * order[k] + 2];
      }
    }
    return this.ordered;
  }
}

/**
 * A cloud made ready for {@link registerClouds}, for as many registrations as one likes. O(n log n).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function prepareCloud(given: PointsLike, options: PrepareOptions = {}, what = 'The cloud'): PreparedCloud {
  knownKeys('prepareCloud', options, prepareKeys);
  const points = pointsOf(given, what);
  if (points.length === 0) fail('EMPTY', `${what} has no points.`);
  const { voxel, neighbours = 10 } = options;
  const kept = voxel === undefined ? points : voxelDownsample(points, voxel).points;
  return new PreparedCloud(kept, points.length / 3, neighbours);
}

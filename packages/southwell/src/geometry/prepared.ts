import { checkOptions, fail, integerOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { KdTree } from './kdTree.ts';
import { type Neighbourhoods, neighbourhoods } from './normals.ts';
import { type PointsLike, pointsOf } from './points.ts';
import { voxelDownsample } from './voxels.ts';

export const prepareRecords = {
  /** Side of the voxels, each of which is replaced by the centroid of its points. Default: all points are kept. */
  voxel: numberOption({ min: 0, open: true, finite: true }),
  /** Number of neighbours for normal estimation. Default 10. */
  neighbours: integerOption(
    { min: 3 },
    {
      title: 'Neighbours',
      about: 'number of neighbours for normal estimation',
      argument: 'count',
      default: 10,
    },
  ),
};

export interface PrepareOptions extends OptionsOf<typeof prepareRecords> {}

/** A cloud prepared for registration: downsampled, with a tree, and with normals computed on demand. */
export class PreparedCloud {
  readonly points: Float64Array;
  readonly tree: KdTree;
  /** Number of points before downsampling. */
  readonly given: number;
  private around: Neighbourhoods | undefined;
  private ordered: Float64Array | undefined;

  constructor(
    points: Float64Array,
    given: number,
    /** Number of neighbours for normal estimation. */
    readonly neighbours: number,
  ) {
    this.points = points;
    this.given = given;
    this.tree = new KdTree(points);
  }

  get size(): number {
    return this.tree.size;
  }

  /** The neighbourhoods, if they have been computed. */
  get knownNeighbourhoods(): Neighbourhoods | undefined {
    return this.around;
  }

  get neighbourhoods(): Neighbourhoods {
    this.around ??= neighbourhoods(this.tree, this.neighbours);
    return this.around;
  }

  /** Normals in the order of the tree. */
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
 * A cloud prepared for {@link registerClouds}, for any number of registrations. O(n log n).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function prepareCloud(given: PointsLike, options: PrepareOptions = {}, what = 'The cloud'): PreparedCloud {
  checkOptions('prepareCloud', prepareRecords, options);
  const points = pointsOf(given, what);
  if (points.length === 0) fail('EMPTY', `${what} has no points.`);
  const { voxel, neighbours = 10 } = options;
  const kept = voxel === undefined ? points : voxelDownsample(points, voxel).points;
  return new PreparedCloud(kept, points.length / 3, neighbours);
}

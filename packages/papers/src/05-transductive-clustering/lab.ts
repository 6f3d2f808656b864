import { DenseMatrix } from 'southwell';
import {
  type Affinity,
  fewShotClassify,
  laplacianIterates,
  neighbourAffinity,
  neighbourIterates,
  neighbourScale,
  Points,
} from 'southwell/clustering';
import type { Images } from '../material/images.ts';
import { type Pause, pointOf } from '../pauses.ts';
import { locked } from './locked.ts';
import type { Rows } from './rival.ts';

/** The methods under test; a test replaces them with negative controls. */
export interface Method {
  readonly classify: typeof fewShotClassify;
  readonly iterates: typeof laplacianIterates;
}

export const libraryMethod: Method = { classify: fewShotClassify, iterates: laplacianIterates };

/** One per digit. */
export const { clusters: CLUSTERS, neighbours: NEIGHBOURS } = locked.claims.clustering.sizes.quick;

/** A whole data set to be clustered. */
export interface Prepared {
  readonly name: string;
  readonly images: Images;
  readonly points: Points;
  /** The points again, for the rivals. */
  readonly rows: Rows;
  readonly W: Affinity;
}

/** Features scaled so that the mean squared distance to the fifth neighbour is 1, and the graph of five neighbours. */
export async function prepare(name: string, images: Images, X: DenseMatrix, pause: Pause): Promise<Prepared> {
  const unscaled = Points.from(X);
  const neighbours = await pointOf(neighbourIterates(unscaled, NEIGHBOURS), pause);
  unscaled.matrix.free();
  const scale = neighbourScale(neighbours);
  const scaled = DenseMatrix.fromColumnMajor(
    X.data.map((v) => scale * v),
    X.rows,
    X.cols,
  );
  const rows = Array.from({ length: X.rows }, (_, p) =>
    Float64Array.from({ length: X.cols }, (_, j) => scaled.get(p, j)),
  );
  return { name, images, points: Points.from(scaled), rows, W: neighbourAffinity(neighbours) };
}

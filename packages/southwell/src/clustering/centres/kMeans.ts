import type { DenseMatrix, MatrixLike } from '@southwell/numerics/arrays';
import {
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  type SplitRows,
  seedOption,
} from '@southwell/numerics/core';
import { type LloydState, lloydIterates, Points } from '@southwell/numerics/neighbours';
import { checkClusters } from '../checks.ts';
import { bestOf, type RestartState } from './restarts.ts';
import { kMeansPlusPlus } from './seeding.ts';

/** Result of a clustering method. */
export interface Clustering {
  /** The cluster of every point, 0 … k−1. */
  readonly assignments: Int32Array;
  /** k × d. */
  readonly prototypes: DenseMatrix;
  /** n × k: rows are probabilities. Absent for methods with hard assignments. */
  readonly soft?: DenseMatrix;
}

/** Seed and number of initialisations, options of all methods with centres. */
export const restartRecords = {
  /** Number of initialisations, of which the best is kept. Default 10 (mixtures 3), or 1 with given prototypes. */
  restarts: limitOption(1, {
    title: 'Initialisations',
    about: 'number of initialisations, of which the best is kept',
    otherwise: '10; mixture 3; 1 with {labels}',
    form: { advanced: true },
  }),
  /** Seed of the random initialisations. Default 0. */
  seed: seedOption('seed of the random initialisations'),
};

export const startRecords = {
  /** Initial prototypes (k × d), or greedy k-means++ seeds, or distinct random points. Default 'k-means++'. */
  init: otherOption<'k-means++' | 'random' | MatrixLike>("'k-means++', 'random' or k prototypes"),
  seed: restartRecords.seed,
};

export interface KMeansStart extends OptionsOf<typeof startRecords> {}

export interface KMeansOptions extends KMeansStart, OptionsOf<typeof restartRecords>, RunOptions<Clustering> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: RestartState;
  /**
   * Distribution of the rows over ranks: X and the assignments then have the rows of this rank. Default: all rows are
   * here.
   */
  readonly rows?: SplitRows;
}

export const kMeansKeys: OptionKeys<KMeansOptions> = {
  ...keysOf({ ...startRecords, ...restartRecords }),
  ...runKeys,
  resume: true,
  rows: true,
};

const iteratesKeys: OptionKeys<KMeansStart & { resume?: LloydState }> = { ...keysOf(startRecords), resume: true };

/**
 * Initial centres of a run, relative to the origin of the points.
 * @throws INVALID_PARAMETER.
 */
export function seedsOf(points: Points, k: number, options: KMeansStart): Float64Array {
  const { init = 'k-means++', seed = 0 } = options;
  const random = new Random(seed);
  if (init === 'k-means++') return kMeansPlusPlus(points, k, random);
  if (init === 'random') {
    return points.copies(random.sample(points.rows.all, k));
  }
  if (typeof init === 'string') {
    fail('INVALID_PARAMETER', `init must be 'k-means++', 'random' or k prototypes, not '${init}'.`);
  }
  return points.adopt(init, k);
}

/**
 * k-means on prepared points from one initialisation: {@link lloydIterates} from its seeds.
 * @throws INVALID_PARAMETER and INVALID_SHAPE.
 */
export function* kMeansIterates(
  points: Points,
  k: number,
  options: KMeansStart & { readonly resume?: LloydState } = {},
): Generator<Iterate<Clustering>> {
  knownKeys('kMeansIterates', options, iteratesKeys);
  checkClusters(k, points.rows.all);
  yield* lloydIterates(points, k, options.resume ?? seedsOf(points, k, options));
}

/**
 * k-means on the rows of X (n × d, any matrix): the best of several runs of {@link kMeansIterates}. The objective is
 * the sum of squared distances to the prototypes. Defaults: `tol` 1e-4, `maxIter` 300, ten k-means++ starts.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER (k outside 1 … n), INVALID_SHAPE (prototypes of another shape).
 */
export function kMeans(X: MatrixLike, k: number, options: KMeansOptions = {}): Solution<Clustering> {
  knownKeys('kMeans', options, kMeansKeys);
  const { init, seed = 0, restarts, tol = 1e-4, maxIter = 300, rows, ...rest } = options;
  const watch = only<RunOptions<Clustering>>(rest, runKeys);
  const starts = restarts ?? (init === undefined || typeof init === 'string' ? 10 : 1);
  const points = Points.from(X, undefined, rows);
  try {
    return bestOf<Clustering, LloydState>(
      starts,
      seed,
      { ...rest, rows: points.rows },
      ({ seed, resume, checkpoint }) =>
        run(kMeansIterates(points, k, { init, seed, resume }), { ...watch, tol, maxIter, checkpoint }),
    );
  } finally {
    points.matrix.free();
  }
}

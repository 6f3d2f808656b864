import type { MatrixLike } from '../arrays/index.ts';
import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  type SplitRows,
  wholeNumber,
} from '../core/index.ts';
import type { Svd } from '../linalg/index.ts';
import { type Operator, operator } from '../operators/index.ts';
import { krylov, type SvdState, tripletResiduals } from './blockSvd.ts';
import { randomProjection } from './randomProjection.ts';

export interface RandomizedSvdOptions {
  readonly rank: number;
  /** Number of additional random directions beyond the rank. Default 10. */
  readonly oversample?: number;
  /** Number of products with XXᵀ after the first. Default 2. */
  readonly powerIterations?: number;
  /** Centres the columns implicitly, without forming the difference. Default false. */
  readonly centre?: boolean;
  /** Default 0. */
  readonly seed?: number;
  /** Distribution of the rows over ranks; X and U then hold the rows of this rank. Default: all rows are local. */
  readonly rows?: SplitRows;
}

const randomizedKeys: OptionKeys<RandomizedSvdOptions> = {
  rank: true,
  oversample: true,
  powerIterations: true,
  centre: true,
  seed: true,
  rows: true,
};

/**
 * The leading singular triplets by random projection: Halko, Martinsson and Tropp (SIAM Review 2011), Algorithms 4.4
 * and 5.1, keeping every power in the basis (Musco and Musco, NeurIPS 2015), so that few iterations suffice. Errors
 * decrease with the decay of the singular values beyond `rank` and with powerIterations; {@link svdResiduals} measures
 * them, {@link truncatedSvd} iterates until they are small. If the shorter side of dense data is not much larger than
 * the basis, its Gram matrix is formed once and used for the products. Singular values below 1e-8 of the largest are
 * noise unless the basis spans that side. O((powerIterations + 1)(rank + oversample) · values of X) time, and
 * (powerIterations + 1)(rank + oversample) · shorter side memory.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER.
 */
export function randomizedSvd(X: MatrixLike, options: RandomizedSvdOptions): Svd {
  knownKeys('randomizedSvd', options, randomizedKeys);
  const A = operator(X, options);
  try {
    const { rank, oversample = 10, powerIterations = 2, seed = 0 } = options;
    wholeNumber('oversample', oversample, 0);
    wholeNumber('powerIterations', powerIterations, 0);
    const block = Math.min(A.rows, A.cols, rank + oversample);
    return randomProjection(A, { rank, block, powers: powerIterations, seed });
  } finally {
    A.end();
  }
}

export interface TruncatedSvdOptions extends Omit<RunOptions<Svd>, 'tol' | 'onIterate'> {
  readonly rank: number;
  /** Stops when all residuals are at most this fraction of the largest singular value. Default 1e-8. */
  readonly tol?: number;
  /** Centres the columns implicitly, without forming the difference. Default false. */
  readonly centre?: boolean;
  /** Maximum number of cycles. Default 100. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onIterate?: (iterate: Iterate<Svd>) => void;
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: SvdState;
  /** Distribution of the rows over ranks; X and U then hold the rows of this rank. Default: all rows are local. */
  readonly rows?: SplitRows;
}

const truncatedKeys: OptionKeys<TruncatedSvdOptions> = {
  ...runKeys,
  rank: true,
  centre: true,
  seed: true,
  resume: true,
  rows: true,
};

/** An SVD computed to a tolerance, with the data that certify it. */
export interface TruncatedSvd extends Svd {
  /** ‖Xᵀu − σv‖ of each triplet, or ‖Xv − σu‖ if X has fewer rows than columns; the other one is at rounding level. */
  readonly residuals: Float64Array;
  readonly solution: Solution<Svd>;
}

/**
 * The leading singular triplets to a tolerance: block Lanczos for XXᵀ of the shorter side, with blocks of four or eight
 * vectors (Golub, Luk and Overton 1981), one orthogonalisation against the whole basis per block, on that side alone
 * (Simon and Zha 2000), and thick restarts (Baglama and Reichel 2005). A final cycle from random directions, more of
 * them each time something is found, confirms the result, so that no copy of a multiple singular value is missed. At
 * most about O(8 · rank · values of X) per cycle, plus 32 · rank² · shorter side; memory for 4 · rank + 64 vectors of
 * the shorter side.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER.
 */
export function truncatedSvd(X: MatrixLike, options: TruncatedSvdOptions): TruncatedSvd {
  knownKeys('truncatedSvd', options, truncatedKeys);
  const A = operator(X, options);
  try {
    return withResiduals(A, run(svdIterates(A, options), settings(options)));
  } finally {
    A.end();
  }
}

/** Like {@link truncatedSvd}, yielding to the event loop between cycles. */
export async function truncatedSvdAsync(X: MatrixLike, options: TruncatedSvdOptions): Promise<TruncatedSvd> {
  knownKeys('truncatedSvd', options, truncatedKeys);
  const A = operator(X, options);
  try {
    return withResiduals(A, await runAsync(svdIterates(A, options), settings(options)));
  } finally {
    A.end();
  }
}

/** Iterates of {@link truncatedSvd}, one per cycle, up to its tolerance. */
export function* truncatedSvdIterates(
  X: MatrixLike,
  options: TruncatedSvdOptions,
): Generator<Iterate<Svd>, void, undefined> {
  knownKeys('truncatedSvd', options, truncatedKeys);
  const A = operator(X, options);
  try {
    yield* svdIterates(A, options);
  } finally {
    A.end();
  }
}

/** ‖Xᵀu − σv‖ and ‖Xv − σu‖ of each triplet. O(rank · values of X). */
export function svdResiduals(X: MatrixLike, svd: Svd): { readonly left: Float64Array; readonly right: Float64Array } {
  const A = operator(X, { rank: svd.singularValues.length, centre: svd.mean !== undefined });
  try {
    return {
      left: A.residuals(svd.U, svd.V, svd.singularValues, false),
      right: A.residuals(svd.V, svd.U, svd.singularValues, true),
    };
  } finally {
    A.end();
  }
}

/** Shorter sides up to this length are computed completely: one dense SVD. */
const WHOLE = 64;

function svdIterates(A: Operator, options: TruncatedSvdOptions): Generator<Iterate<Svd>, void, undefined> {
  const { rank, tol = 1e-8, seed = 0 } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const small = Math.min(A.rows, A.cols);
  // Small blocks, because a Krylov space of a given size then contains higher powers; the cost of a pass over the data
  // sets the limit.
  const block = Math.min(small, A.matrix.kind === 'dense' ? 8 : 4);
  const most = Math.min(small, 4 * rank + WHOLE);
  const kept = rank + Math.ceil((most - rank) / 4);
  return krylov(A, { rank, tol, seed, block, most, kept }, options.resume);
}

/** tol is handled by the method itself. */
const settings = ({ maxIter = 100, ...options }: TruncatedSvdOptions): RunOptions<Svd> =>
  only<RunOptions<Svd>>({ ...options, maxIter, tol: undefined }, runKeys);

function withResiduals(A: Operator, solution: Solution<Svd>): TruncatedSvd {
  const { residuals = tripletResiduals(A, solution.point) } = solution.point as Svd & { residuals?: Float64Array };
  return { ...solution.point, residuals, solution };
}

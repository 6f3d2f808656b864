import type { AnyMatrix } from '@southwell/numerics/arrays';
import { fail, type SplitRows, sumOfRows } from '@southwell/numerics/core';
import type { Family } from '../family.ts';
import type { FitOptions } from '../fit.ts';
import type { FittedModel } from '../model.ts';
import type { Scoring } from './scoring.ts';

/** Everything needed to fit one fold. */
export interface FoldJob<Y, M extends FittedModel, P> {
  readonly estimator: Family<Y, M, P>;
  readonly matrix: AnyMatrix;
  readonly y: Y;
  readonly options: FitOptions<P>;
  readonly rows: SplitRows;
  /** Weights that sum to 1. */
  readonly weights: Float64Array;
  readonly foldOf: Int32Array;
  readonly alphas: Float64Array;
  readonly scoring: Scoring;
  readonly foldMatrix?: (fold: number, foldOf: Int32Array) => AnyMatrix;
}

/** The scores of one fold along the alphas. */
export interface FoldScores {
  readonly fold: number;
  readonly scores: Float64Array;
}

/**
 * Milliseconds of fitting between yields to the event loop: short enough for smooth rendering, long compared to the
 * cost of a yield.
 */
const TURN_EVERY = 16;

/** Yields to the event loop. */
export const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Splits weights by fold: those of all other rows, and those of the rows of the fold, each with zeros elsewhere. */
function parted(weights: Float64Array, foldOf: Int32Array, fold: number): [rest: Float64Array, held: Float64Array] {
  const [rest, held] = [weights.slice(), new Float64Array(weights.length)];
  for (let i = 0; i < weights.length; i++) {
    if (foldOf[i] !== fold) continue;
    held[i] = weights[i];
    rest[i] = 0;
  }
  return [rest, held];
}

/**
 * Scores along alphas (for relaxed fits, of every gamma at each) on one held-out fold; undefined if the fit was
 * aborted.
 * @throws INVALID_PARAMETER.
 */
export async function foldScores<Y, M extends FittedModel, P>(
  job: FoldJob<Y, M, P>,
  fold: number,
  step: () => void,
): Promise<Float64Array | undefined> {
  const { estimator, matrix, y, options, weights, foldOf, alphas, scoring } = job;
  const [training, held] = parted(weights, foldOf, fold);
  const heldWeight = sumOfRows(job.rows, held);
  if (heldWeight === 0) fail('INVALID_PARAMETER', `Fold ${fold} has no rows with positive weight; use fewer folds.`);
  for (let i = 0; i < held.length; i++) held[i] /= heldWeight;
  const own = job.foldMatrix?.(fold, foldOf);
  const part = estimator.prepare(own ?? matrix, y, {
    ...options,
    // Products of the matrix of all rows are not those of its own.
    ...(own && { products: undefined }),
    sampleWeight: training,
  });
  try {
    part.plan?.(alphas.length);
    const gammas = part.gammas ?? [undefined];
    const scores = new Float64Array(alphas.length * gammas.length);
    let turned = performance.now();
    for (let k = 0; k < alphas.length; k++) {
      const status = part.advance ? part.advance(alphas[k], options) : part.model(alphas[k], options).status;
      if (status === 'aborted' || options.signal?.aborted) return undefined;
      for (let g = 0; g < gammas.length; g++) scores[k * gammas.length + g] = part.score(scoring, held, gammas[g]);
      step();
      if (performance.now() - turned > TURN_EVERY) {
        await turn();
        turned = performance.now();
      }
    }
    return scores;
  } finally {
    part.release();
    if (own && 'free' in own) own.free();
  }
}

import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys } from '@southwell/numerics/core';
import { applyMask, checkPattern, maskByScores, type Pattern } from './masks.ts';
import { checkMoments, type InputMoments } from './moments.ts';
import { magnitudeScores, nowagScores, wandaScores } from './scores.ts';
import { sweepColumns } from './sweep.ts';

/** How the weights that stay are chosen. */
export type PruneMethod = 'magnitude' | 'wanda' | 'nowag' | 'sparsegpt';

/** Options of {@link pruneWeights}. */
export interface PruneOptions {
  readonly method: PruneMethod;
  readonly pattern: Pattern;
  /** Of `sparsegpt`: added to the diagonal of the moments, as a share of its mean. Default 0.01. */
  readonly damping?: number;
}

/** A matrix of which some weights are 0. */
export interface PrunedWeights {
  readonly weights: DenseMatrix;
  /** 1 where a weight stays, column after column. */
  readonly mask: Uint8Array;
}

const scorers: Readonly<Record<string, (W: DenseMatrix, moments: InputMoments) => Float64Array>> = {
  magnitude: magnitudeScores,
  wanda: wandaScores,
  nowag: nowagScores,
};

/**
 * Removes weights of a layer with `rows` outputs and `cols` inputs. The weights that stay are the greatest in magnitude, in
 * magnitude times the norm of their input (`wanda`: Sun et al. 2024), in that after normalisation of rows and columns
 * (`nowag`: Liu et al. 2025), or are chosen and changed column by column (`sparsegpt`: Frantar & Alistarh 2023). Equal
 * scores: the lower input stays. O(n log n) for n weights; `sparsegpt` O(rows·cols² + cols³).
 * @throws INVALID_PARAMETER for unknown options, and for `sparsegpt` without full moments; INVALID_SHAPE if the moments are
 * those of other inputs; NON_FINITE for weights that are NaN or infinite.
 */
export function pruneWeights(W: DenseMatrix, moments: InputMoments, options: PruneOptions): PrunedWeights {
  knownKeys('pruneWeights', options, { method: true, pattern: true, damping: true });
  const { method, pattern, damping = 0.01 } = options;
  checkPattern('pruneWeights', pattern);
  checkMoments('pruneWeights', W, moments);
  checkWeights('pruneWeights', W);
  if (!(typeof damping === 'number' && damping >= 0 && Number.isFinite(damping)))
    fail('INVALID_PARAMETER', `pruneWeights: damping must be a finite number of at least 0, not ${String(damping)}.`);
  const weights = DenseMatrix.fromColumnMajor(W.data, W.rows, W.cols);
  if (method === 'sparsegpt') return { weights, mask: sparseGpt(weights, moments, pattern, damping) };
  if (!Object.hasOwn(scorers, method))
    fail(
      'INVALID_PARAMETER',
      `pruneWeights: method must be magnitude, wanda, nowag or sparsegpt, not ${String(method)}.`,
    );
  const mask = maskByScores(scorers[method](W, moments), W.rows, W.cols, pattern);
  applyMask(weights, mask);
  return { weights, mask };
}

/** @throws NON_FINITE, with the place of the first such weight. */
export function checkWeights(name: string, W: DenseMatrix): void {
  const { data, rows } = W;
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      fail('NON_FINITE', `${name}: weight [${i % rows}, ${Math.floor(i / rows)}] is ${data[i]}.`);
}

/** Chooses by w²/pivot² within blocks of columns, or within groups of the pattern, with the weights as corrected so far. */
function sparseGpt(W: DenseMatrix, moments: InputMoments, pattern: Pattern, damping: number): Uint8Array {
  const { rows, cols } = W;
  const mask = new Uint8Array(rows * cols);
  const choose = (from: number, to: number, pivots: Float64Array): void => {
    const scores = new Float64Array(rows * (to - from));
    for (let j = from, at = 0; j < to; j++) {
      const [column, pivot] = [W.column(j), pivots[j]];
      for (let i = 0; i < rows; i++) scores[at++] = (column[i] / pivot) ** 2;
    }
    mask.set(maskByScores(scores, rows, to - from, partOf(pattern, rows, from, to)), rows * from);
  };
  const grouped = 'keep' in pattern;
  for (let j = 0; j < cols; j++) if (moments.diagonal[j] === 0) W.column(j).fill(0);
  sweepColumns('pruneWeights with sparsegpt', W, moments, damping, {
    group: grouped ? pattern.of : 1,
    block: (from, to, pivots) => {
      if (!grouped) choose(from, to, pivots);
    },
    before: (j, pivots) => {
      if (grouped && j % pattern.of === 0) choose(j, Math.min(cols, j + pattern.of), pivots);
    },
    round: (column, j) => {
      for (let i = 0; i < rows; i++) if (mask[j * rows + i] === 0) column[i] = 0;
    },
  });
  return mask;
}

/** The pattern for some of the columns, such that all of them together have the density of the whole. */
function partOf(pattern: Pattern, rows: number, from: number, to: number): Pattern {
  if ('keep' in pattern) return pattern;
  const { density, scope } = pattern;
  const size = scope === 'row' ? 1 : rows;
  const kept = Math.round(density * size * to) - Math.round(density * size * from);
  return { density: kept / (size * (to - from)), scope };
}

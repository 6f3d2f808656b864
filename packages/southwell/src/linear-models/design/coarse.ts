import { ArenaMemoryError } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import {
  largestOf,
  rowsAmong,
  type Solution,
  SouthwellError,
  type SplitRows,
  sumOverRows,
} from '@southwell/numerics/core';
import type { LinearPoint, LinearState } from '../solvers/state.ts';
import type { Design } from './design.ts';

/** The first RUN of every PERIOD rows are taken: they are adjacent, so that whole cache lines are used. */
const LOG_PERIOD = 6;
const PERIOD = 2 ** LOG_PERIOD;
const RUN = 8;
export const SHARE = RUN / PERIOD;
/** Minimum number of rows, and of rows per column, at which a coarse start pays off. */
const ROWS = 10_000;
const ROWS_A_COLUMN = 16;
/** Ratio of penalty to gradient noise, so that few columns enter because of noise alone. */
const ABOVE_NOISE = 1.5;

/** Tolerance of the coarse solution. */
export const COARSE_TOL = 1e-2;

/** Whether the solution for a subset of the rows is a good approximation at a fraction of the cost. */
export const servesCoarsely = ({ X, all, p }: Pick<Design, 'X' | 'all' | 'p'>): boolean =>
  X.kind !== 'parts' && all >= ROWS && all >= ROWS_A_COLUMN * p;

/**
 * The alpha for the subset of rows. Its gradients are noisier by a factor of √(1 / SHARE), and columns that enter
 * because of noise cost more than they are worth. `thresholds` are at alpha 1 and v is at the null model.
 */
export function coarseAlpha(
  alpha: number,
  { norms, rows, all }: Pick<Design, 'norms' | 'rows' | 'all'>,
  thresholds: Float64Array,
  v: Float64Array,
): number {
  const squares = sumOverRows(rows, (i) => v[i] * v[i]);
  const noise = Math.sqrt(squares / all / SHARE);
  let sum = 0;
  let count = 0;
  for (let j = 0; j < norms.length; j++) {
    if (!(thresholds[j] > 0 && thresholds[j] < Number.POSITIVE_INFINITY)) continue;
    sum += (noise * norms[j]) / thresholds[j];
    count++;
  }
  return count === 0 ? alpha : Math.max(alpha, (ABOVE_NOISE * sum) / count);
}

const taken = (row: number): boolean => row % PERIOD < RUN;
/** How many of the first `row` rows are taken, and hence the index of a taken row in the subset. */
const place = (row: number): number => Math.floor(row / PERIOD) * RUN + Math.min(row % PERIOD, RUN);

/** The taken rows, distributed as `rows` is. Which rows are taken does not depend on the number of ranks. */
export function takenRows(rows: SplitRows): SplitRows {
  const { first, own } = rows;
  const list = new Int32Array(place(first + own) - place(first));
  for (let i = 0, at = 0; i < own; i++) if (taken(first + i)) list[at++] = i;
  return rowsAmong(rows, list);
}

/** Whether any row, on any rank, has positive weight. */
export const hasWeight = (weights: Float64Array, rows: SplitRows): boolean =>
  largestOf(rows, weights.some((w) => w > 0) ? 1 : 0) > 0;

/** The entries of the taken rows; `before` is the number of rows on the ranks before this one. */
export function someEntries(values: ArrayLike<number>, before = 0): Float64Array {
  const out = new Float64Array(place(before + values.length) - place(before));
  const whole = values instanceof Float64Array ? values : Float64Array.from(values);
  for (let i = -(before % PERIOD), at = 0; i < whole.length; i += PERIOD) {
    const run = whole.subarray(Math.max(0, i), Math.max(0, i + RUN));
    out.set(run, at);
    at += run.length;
  }
  return out;
}

/** The taken rows as a new matrix, which the caller must free. O(np · SHARE), or O(nnz) for sparse data. */
export function someRows(X: Matrix, before = 0): Matrix {
  const { rows: n, cols: p } = X;
  const first = place(before);
  const rows = place(before + n) - first;
  if (X.kind === 'dense') {
    const out = DenseMatrix.create(rows, p, { fill: false });
    const [from, to] = [X.data, out.data];
    for (let j = 0; j < p; j++) {
      for (let i = -(before % PERIOD), at = j * rows; i < n; i += PERIOD) {
        const end = Math.min(n, i + RUN);
        for (let k = Math.max(0, i); k < end; k++) to[at++] = from[j * n + k];
      }
    }
    return out;
  }
  const { colPointers, rowIndices, values } = X.pointers;
  const kernels = X.arena.use(modelKernels);
  const starts = X.arena.i32Block(p + 1);
  const taking = [p, colPointers, rowIndices, values, before, LOG_PERIOD, RUN, first] as const;
  const count = kernels.cscSomeRows(...taking, starts.pointer, 0, 0);
  const out = CscMatrix.create(rows, p, count, { arena: X.arena });
  const to = out.pointers;
  kernels.cscSomeRows(...taking, to.colPointers, to.rowIndices, to.values);
  starts.free();
  return out;
}

/**
 * Moves a state from the null model to the solution for the taken rows, if that has a lower objective.
 * @throws what `solve` throws, except INVALID_TARGET.
 */
export function startAtPart(state: LinearState, solve: (rows: Matrix) => Solution<LinearPoint>): void {
  const { intercept } = state;
  let rows: Matrix | undefined;
  try {
    rows = someRows(state.design.X as Matrix, state.rows.first);
    const { point, status } = solve(rows);
    if (status !== 'converged') return;
    state.moveTo(point);
    if (state.value + state.penaltySum().sum >= state.nullValue)
      state.moveTo({ coef: new Float64Array(state.p), intercept });
  } catch (error) {
    // The subset has no valid target for this loss (e.g. only one class), or there is not enough memory.
    const none = error instanceof SouthwellError && error.code === 'INVALID_TARGET';
    if (!none && !(error instanceof ArenaMemoryError)) throw error;
  } finally {
    rows?.free();
  }
}

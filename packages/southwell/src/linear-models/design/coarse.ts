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

/** Of every PERIOD rows the first RUN are taken: neighbours, which memory gives together. */
const LOG_PERIOD = 6;
const PERIOD = 2 ** LOG_PERIOD;
const RUN = 8;
export const SHARE = RUN / PERIOD;
/** Rows below which a start is not worth its cost, and rows for each column that all rows must have. */
const ROWS = 10_000;
const ROWS_A_COLUMN = 16;
/** How far above the noise of a gradient a penalty must be, so that few columns enter for noise alone. */
const ABOVE_NOISE = 1.5;

/** The tolerance at which a coarse solution has served. */
export const COARSE_TOL = 1e-2;

/** Whether the solution for a part of the rows is near enough to that for all, and had in a small part of the time. */
export const servesCoarsely = ({ X, all, p }: Pick<Design, 'X' | 'all' | 'p'>): boolean =>
  X.kind !== 'parts' && all >= ROWS && all >= ROWS_A_COLUMN * p;

/**
 * The alpha at which fewer rows stand for all: gradients over them have √(1 / SHARE) times the noise, and columns that enter for
 * noise cost more than they are worth. `thresholds` at alpha 1; v at the null model.
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
/** How many of the first rows are taken, and so the place of a row that is. */
const place = (row: number): number => Math.floor(row / PERIOD) * RUN + Math.min(row % PERIOD, RUN);

/** Of rows that are spread over ranks each takes those that one rank would. */
export function takenRows(rows: SplitRows): SplitRows {
  const { first, own } = rows;
  const list = new Int32Array(place(first + own) - place(first));
  for (let i = 0, at = 0; i < own; i++) if (taken(first + i)) list[at++] = i;
  return rowsAmong(rows, list);
}

/** Whether any of the rows, of all ranks, has weight. */
export const hasWeight = (weights: Float64Array, rows: SplitRows): boolean =>
  largestOf(rows, weights.some((w) => w > 0) ? 1 : 0) > 0;

/** The entries of the rows that are taken; `before`: rows of other ranks before those. */
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

/** The rows that are taken: a matrix of its own, for the caller to free. O(np · SHARE), of sparse data O(nnz). */
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
 * Moves a state at the null model to the solution for the rows that are taken, if that is better.
 * @throws what `solve` throws, but for INVALID_TARGET.
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
    // The targets there are none for this loss: all of one class, say. Or there is no room beside the data.
    const none = error instanceof SouthwellError && error.code === 'INVALID_TARGET';
    if (!none && !(error instanceof ArenaMemoryError)) throw error;
  } finally {
    rows?.free();
  }
}

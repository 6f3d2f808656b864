import type { Certifier } from '../certificate.ts';
import { descend } from '../columnDescent.ts';
import type { LinearState } from '../state.ts';
import { GRAM_LIMIT, type Members } from './members.ts';

/** Number of entering features from which a few epochs of descent pay off before Gram columns are computed. */
const SCREEN_FROM = 100;
const DESCENT_EPOCHS = 10;
/**
 * How much faster products are in matrix multiplication than in descent on columns, which is bound by memory latency.
 */
const GEMM_ADVANTAGE = 6;

/**
 * If many entering features would need Gram columns of dense data: descends on the columns of list[0 … size) first, and
 * drops the entering features that are zero afterwards. Returns how many remain: none while the support still grows
 * fast, or if that many more `rounds` of descent are expected to cost less than the Gram matrix and its factorisation.
 */
export function screen(state: LinearState, members: Members, size: number, tol: number, rounds: number): number {
  const { design } = state;
  if (
    !design.columnsDescend ||
    state.moments ||
    design.kind !== 'dense' ||
    !state.penalty.penalty.convex ||
    size > GRAM_LIMIT
  )
    return size;
  const entering = members.entering(state.list.view, size);
  return entering < SCREEN_FROM ? size : screened(state, members, size, tol, rounds);
}

/**
 * {@link screen} if that many features enter: a separate function, as it is rarely needed and engines compile what they
 * run.
 */
function screened(state: LinearState, members: Members, size: number, tol: number, rounds: number): number {
  const { beta, n } = state;
  const support = supportOf(beta, state.list.view, size);
  state.stepped();
  descend(state, state.list, size, tol, DESCENT_EPOCHS);
  const list = state.list.view; // descent may have grown the memory
  let kept = 0;
  let entering = 0;
  for (let t = 0; t < size; t++) {
    const j = list[t];
    if (!members.has(j)) {
      if (beta[j] === 0) continue;
      entering++;
    }
    list[kept++] = j;
  }
  const descent = rounds * DESCENT_EPOCHS * n * size;
  const gram = n * entering * (kept - entering / 2) + kept ** 3 / 6;
  const growing = kept > 1.1 * support;
  const worthwhile = rounds > 0 && descent * GEMM_ADVANTAGE > gram * (state.loss.quadratic ? 1 : 3);
  return entering < SCREEN_FROM || (worthwhile && !growing) ? kept : 0;
}

/** How many of list[0 … size) are non-zero. */
function supportOf(beta: Float64Array, list: Int32Array, size: number): number {
  let count = 0;
  for (let t = 0; t < size; t++) if (beta[list[t]] !== 0) count++;
  return count;
}

/** Epochs per step of descent on columns. */
const STEP_EPOCHS = 10;
/**
 * The overhead of a step equals two or three epochs: it ends early only if those gain less than this fraction of the
 * tolerance.
 */
const STEP_SHARE = 1e-3;
/**
 * Seconds per entry in an epoch, per product in a Gram matrix of sparse columns, per product in its factorisation, and
 * per entry of an existing Gram matrix in the descent that precedes a Newton step.
 */
const COSTS = { entry: 4e-9, product: 1.5e-9, factor: 1e-10, descent: 1e-8 };

/**
 * The number of descent steps on sparse columns that cost as much as the Gram matrix of the columns that are not
 * members yet, its factorisation, and descent on it: as many are tried on list[0 … size). O(size).
 */
export function worthTrying(state: LinearState, members: Members, size: number): number {
  const { design, n, loss } = state;
  const { X } = design;
  if (!design.columnsDescend || state.moments || X.kind !== 'csc' || !state.penalty.penalty.convex) return 0;
  const list = state.list.view;
  let [stored, entering, fresh] = [0, 0, 0];
  for (let t = 0; t < size; t++) {
    const length = X.colPointers[list[t] + 1] - X.colPointers[list[t]];
    stored += length;
    if (members.has(list[t])) continue;
    entering++;
    fresh += length;
  }
  const known = loss.quadratic ? size - entering : 0;
  const products = ((loss.quadratic ? fresh : stored) * stored) / n;
  const descent = loss.quadratic ? COSTS.descent * size ** 2 : 0;
  const gram = COSTS.product * products + (COSTS.factor * (size ** 3 - known ** 3)) / 6 + descent;
  // For other losses the matrix is recomputed as curvatures change.
  return Math.floor(((loss.quadratic ? 1 : 3) * gram) / (COSTS.entry * STEP_EPOCHS * stored));
}

/**
 * Descent on the columns themselves, for working sets too large for a Gram matrix or for which that costs more, to a
 * restricted certificate of `tol`; false if `steps` were not enough.
 */
export function descendOn(
  state: LinearState,
  members: Members,
  certifier: Certifier,
  size: number,
  tol: number,
  steps = 500,
): boolean {
  const { design } = state;
  const scratch = design.arena.scratch();
  try {
    const columns = scratch.i32(size);
    columns.view.set(state.list.view.subarray(0, size));
    const g = scratch.f64(size);
    members.reset();
    for (let step = 0; ; step++) {
      state.gradientOn(columns, size, g);
      if (certifier.restricted(size, columns.view, g.view, tol) <= tol) return true;
      if (step === steps) return false;
      state.counts.newtonSteps++;
      if (!descend(state, columns, size, STEP_SHARE * tol, STEP_EPOCHS)) return false;
    }
  } finally {
    scratch.release();
  }
}

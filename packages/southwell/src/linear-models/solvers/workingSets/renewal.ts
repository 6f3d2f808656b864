import type { LinearState } from '../state.ts';
import type { Members } from './members.ts';

/**
 * A step with old curvatures that reduces the gap to less than this fraction is as good as one with current curvatures.
 */
const CONTRACTS = 0.2;
/** A step that reduces the gap to no less than this fraction makes no progress. */
const SLOW = 0.9;
/**
 * Cost of a new Gram matrix, in steps, below which it is recomputed even after the first step, where curvatures change
 * most.
 */
const DEAR = 4;
/** Old curvatures whose ratio to the current ones exceeds this factor are not treated as a multiple of them. */
const MOST_SHIFT = 2;

/**
 * Seconds per product in a dense Gram matrix, in a sparse one, and in a factorisation; per entry of dense and of sparse
 * data in a step; per row in the loss and its conjugate; per entry of the Gram matrix in the quadratic model.
 */
const COSTS = {
  dense: 0.1e-9,
  sparse: 3e-9,
  factor: 0.1e-9,
  entry: 0.8e-9,
  stored: 2e-9,
  row: 50e-9,
  quadratic: 4e-9,
};

/** The number of steps with the present Gram matrix that cost as much as a new one. O(m). */
function stepsFor({ design }: LinearState, { quadratic }: Members): number {
  const { X, all: n, rows } = design;
  const { m } = quadratic;
  const factor = (COSTS.factor * m ** 3) / 6;
  const rest = COSTS.row * n + COSTS.quadratic * m * m;
  if (X.kind !== 'csc') return ((COSTS.dense * n * m * m) / 2 + factor) / (COSTS.entry * n * m + rest);
  const columns = quadratic.columns.view;
  let stored = 0;
  for (let t = 0; t < m; t++) stored += X.colPointers[columns[t] + 1] - X.colPointers[columns[t]];
  stored = rows.tell(stored).reduce((sum, here) => sum + here, 0);
  return ((COSTS.sparse * stored * stored) / n / 2 + factor) / (COSTS.stored * stored + rest);
}

/**
 * Whether a new Gram matrix, under the curvatures of here, is expected to cost less than the steps that the old one would still take
 * from `gap`, after `step` of them, to `tol`. The first of them goes the whole way to the next alpha, along which curvatures change:
 * it tells little of the next, whichever curvatures it was taken under.
 */
export function outlived(
  state: LinearState,
  members: Members,
  gap: number,
  previous: number,
  tol: number,
  step: number,
): boolean {
  if (gap <= CONTRACTS * previous) return false;
  const affordable = state.loss.kinks ? 0 : stepsFor(state, members);
  if (affordable < DEAR) return true;
  if (step <= 1) return false;
  const rate = gap / previous;
  return rate > SLOW || Math.log(tol / gap) / Math.log(rate) > affordable;
}

/**
 * The ratio of the current curvatures to those under which the Gram matrix was computed, along the last step: near
 * separation, or as a model saturates, they all decrease together. O(n).
 */
export function curvatureShift({ rows, d: now, direction, penalty, loss }: LinearState, members: Members): number {
  const { a2 } = penalty;
  const { quadratic, taken } = members;
  if (!taken || loss.kinks || !penalty.penalty.convex || !penalty.penalty.quadraticFaces) return 1;
  // The stored factorisation belongs to the Gram matrix and these.
  const columns = quadratic.columns.view;
  for (let t = 0; t < quadratic.m; t++) if (a2[columns[t]] !== 0) return 1;
  const [d, e] = [now.view, direction.view];
  const sums = new Float64Array(2);
  rows.sum(sums, (_, from, to, part) => {
    for (let i = from; i < to; i++) {
      const square = e[i] * e[i];
      part[0] += d[i] * square;
      part[1] += taken[i] * square;
    }
  });
  const shift = sums[0] / sums[1];
  return shift > 0 ? Math.min(Math.max(shift, 1 / MOST_SHIFT), MOST_SHIFT) : 1;
}

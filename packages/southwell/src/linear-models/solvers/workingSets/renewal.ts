import type { LinearState } from '../state.ts';
import type { Members } from './members.ts';

/** A step under old curvatures that leaves less than this part of the gap is as good as one under those of here. */
const CONTRACTS = 0.2;
/** One that leaves more than this leads nowhere. */
const SLOW = 0.9;
/** Steps that a new Gram matrix must cost before the first step, which bends most, is not held against the old one. */
const DEAR = 4;
/** Old curvatures that differ more from those of here are no multiple of them. */
const MOST_SHIFT = 2;

/**
 * Seconds of a product in a dense Gram matrix, of one in a sparse one, of one in a factor; of an entry of the data in a step, dense and
 * sparse, of a row in the loss and its conjugate, of an entry of the Gram matrix in the quadratic model.
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

/** Steps on the present Gram matrix that cost as much as a new one. O(m). */
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
 * How many times the curvatures under which the Gram matrix was taken those of here are, along the last step: near separation, or as a
 * model saturates, they fall together. O(n).
 */
export function curvatureShift({ rows, d: now, direction, penalty, loss }: LinearState, members: Members): number {
  const { a2 } = penalty;
  const { quadratic, taken } = members;
  if (!taken || loss.kinks || !penalty.penalty.convex || !penalty.penalty.quadraticFaces) return 1;
  // The kept factor is of the Gram matrix and these.
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

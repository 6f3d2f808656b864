import type { Certifier } from '../certificate.ts';
import { lineSearch } from '../lineSearch.ts';
import type { LinearState } from '../state.ts';
import { GRAM_LIMIT, type Members } from './members.ts';
import { curvatureShift, outlived } from './renewal.ts';

/**
 * Proximal Newton on the state's list[0 … size) and the members: quadratic models whose Gram matrix is reused while it
 * is good enough (always under squared loss), with a line search on the true objective, until the restricted
 * certificate is at most `tol`. With `warm` the smooth face of the current point is tried first.
 */
export function proximalNewton(
  state: LinearState,
  members: Members,
  certifier: Certifier,
  size: number,
  warm: boolean,
  tol: number,
): void {
  const { penalty, loss } = state;
  const { quadratic } = members;
  const { convex } = penalty.penalty;
  let majorize = false;
  let fresh = admit(state, members, size);
  let previous = Number.POSITIVE_INFINITY;
  for (let step = 0; step < (convex ? 200 : 1000); step++) {
    state.gradientOn(quadratic.columns, quadratic.m, quadratic.q);
    const gap = certifier.restricted(quadratic.m, quadratic.columns.view, quadratic.q.view, tol);
    if (gap <= tol || (convex && step > 50 && gap > (1 - 1e-6) * previous)) break;
    if (loss.quadratic && step > 6 && gap > 0.9 * previous) break; // rounding: as exact as it gets
    if (!loss.quadratic && (majorize || (!fresh && outlived(state, members, gap, previous, tol, step)))) {
      // The model is outdated: drop inactive members, and use the curvatures at the current point.
      const q = quadratic.q.view;
      members.prune((j, t) => state.beta[j] !== 0 || Math.abs(q[t]) > 0.8 * penalty.threshold[j]);
      members.takeCurvatures(majorize);
      members.gram(0);
      fresh = true;
    } else fresh = loss.quadratic;
    previous = gap;
    const shift = fresh ? 1 : curvatureShift(state, members);
    members.load(shift);
    state.counts.newtonSteps++;
    const exact = !loss.quadratic || warm || step > 0;
    state.phases.during('quadratic models', () =>
      quadratic.solve(penalty.penalty, (1e-2 * tol) / (shift * quadratic.m), exact, warm && step === 0),
    );
    const moved = takeStep(state, members, majorize);
    if (loss.quadratic) continue;
    if (moved === 0 && majorize) break;
    if (moved < 1) {
      // Newton's model fails for losses with kinks in their slope and for concave penalties: use a majorising one.
      majorize = true;
      state.evaluate(true);
    } else if (convex && majorize) {
      majorize = false;
      state.evaluate();
    }
  }
}

/**
 * Makes list[0 … size) members; returns whether the model has the current curvatures: one from another point may be
 * kept for a new working set while it still contracts.
 */
function admit(state: LinearState, members: Members, size: number): boolean {
  const list = state.list.view;
  const entering = members.entering(list, size);
  if (members.count + entering > Math.min(1.5 * size, GRAM_LIMIT)) {
    const wanted = new Set(list.subarray(0, size));
    members.prune((j) => wanted.has(j));
  }
  const fresh = members.count === 0;
  if (fresh) members.takeCurvatures();
  members.extend(state.list, size);
  return fresh;
}

/** Moves to the minimiser of the quadratic model, or part of the way; returns the step length. */
function takeStep(state: LinearState, { quadratic }: Members, majorize: boolean): number {
  const { m } = quadratic;
  const [b, columns, means] = [quadratic.b.view, quadratic.columns.view, quadratic.means.view];
  if (state.loss.quadratic) {
    state.place(quadratic.columns, m, b, means);
    return 1;
  }
  const delta = new Float64Array(m);
  let shift = 0;
  for (let t = 0; t < m; t++) {
    delta[t] = b[t] - state.beta[columns[t]];
    if (state.centred) shift -= delta[t] * means[t];
  }
  return lineSearch(state, quadratic.columns, m, delta, shift, majorize);
}

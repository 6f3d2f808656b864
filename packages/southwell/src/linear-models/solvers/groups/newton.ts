import { restrictedGap } from './certificate.ts';
import { stepTowards } from './lineSearch.ts';
import type { GroupMembers } from './members.ts';
import { softNorm } from './penalty.ts';
import type { GroupState } from './state.ts';

/**
 * Proximal Newton on the listed groups and the members, at most `limit` coordinates in all: quadratic models whose Gram
 * matrix is reused while it is good enough (always under squared loss), with a line search, until the restricted gap is
 * at most `tol`. With `warm` the smooth face of the current point is tried first.
 */
export function proximalNewton(
  state: GroupState,
  members: GroupMembers,
  list: readonly number[],
  limit: number,
  warm: boolean,
  tol: number,
): void {
  const { loss, penalty } = state;
  const { quadratic } = members;
  let fresh = admit(state, members, list, limit);
  let previous = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 200; step++) {
    const gradients = members.loadGradient();
    const gap = restrictedGap(state, gradients);
    if (gap <= tol || (step > 50 && gap > (1 - 1e-6) * previous)) break;
    if (loss.quadratic && step > 6 && gap > 0.9 * previous) break; // rounding: as exact as it gets
    if (!loss.quadratic && !fresh && gap > 0.2 * previous) {
      // The model is outdated: drop inactive members, and use the curvatures at the current point.
      const { q, starts } = gradients;
      const idle = (u: number, t: number) =>
        state.isZero(u) && softNorm(q, starts[t], starts[t + 1], penalty.l1[u]) <= 0.8 * penalty.l2[u];
      members.prune((u, t) => !idle(u, t) || penalty.l2[u] === 0);
      loss.freeze();
      members.gram(0, 0);
      members.loadGradient();
      fresh = true;
    } else fresh = loss.quadratic;
    previous = gap;
    members.loadPoint();
    state.counts.newtonSteps++;
    quadratic.solve(
      (1e-2 * tol) / Math.max(1, members.list.length),
      !loss.quadratic || warm || step > 0,
      warm && step === 0,
    );
    const b = quadratic.b.view.slice();
    if (stepTowards(state, members.list, b, members.shiftTo(b)) === 0 && fresh && !loss.quadratic) break;
  }
}

/** Makes the listed groups members; returns whether the model has the current curvatures. */
function admit(state: GroupState, members: GroupMembers, list: readonly number[], limit: number): boolean {
  let wanted = 0;
  let entering = 0;
  for (const u of list) {
    wanted += state.sizeOf(u);
    if (!members.has(u)) entering += state.sizeOf(u);
  }
  if (members.quadratic.m + entering > Math.min(1.5 * wanted, limit)) {
    const set = new Set(list);
    members.prune((u) => set.has(u));
  }
  const fresh = members.quadratic.m === 0;
  if (fresh) state.loss.freeze();
  members.extend(list);
  return fresh;
}

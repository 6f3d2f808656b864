import type { Block } from '@southwell/kernels';
import { halvingSearch } from '../../optimisers/index.ts';
import { valueAt } from './scaledPenalty.ts';
import type { LinearState } from './state.ts';

/** Halvings down to a step of 1e-10. */
const TRIALS = 34;

/**
 * The first t = 1, ½, ¼ … at which the change of the objective, of magnitude `start`, is at most a fraction of the
 * `promised` one, or negative if none is promised; 0 if there is none.
 */
export function compositeSearch(start: number, promised: number | undefined, change: (t: number) => number): number {
  const noise = 1e-15 * Math.abs(start);
  const accepts = (t: number): boolean => {
    const by = change(t);
    if (promised === undefined ? by < 0 : by <= 1e-4 * t * promised) return true;
    // Near the solution the change is lost in rounding: then a full step is accepted if the model predicts a decrease.
    return t === 1 && Math.abs(promised ?? 0) <= 1e3 * noise && by <= 10 * noise;
  };
  return halvingSearch(accepts, TRIALS);
}

/**
 * Moves b by t·delta at the listed columns, and the intercept by t·shift, with the first t = 1, ½, ¼ … that gives
 * sufficient decrease; returns t, or 0 if there is none down to 1e-10. O(n + nnz of the columns), and O(n + k) per
 * trial.
 */
export function lineSearch(
  state: LinearState,
  list: Block<Int32Array>,
  k: number,
  delta: Float64Array,
  shift: number,
  majorize: boolean,
): number {
  const { design, penalty, beta, loss } = state;
  state.direction.view.fill(shift);
  design.add(list, delta, k, state.direction);
  const columns = list.view;
  const v = state.v.view;
  const slope = -state.productOfRows(state.v, state.direction);
  const at = (t: number): number => {
    let sum = 0;
    for (let a = 0; a < k; a++) {
      const j = columns[a];
      sum += valueAt(penalty, j, beta[j] + t * delta[a]) - valueAt(penalty, j, beta[j]);
    }
    return sum;
  };
  if (slope === 0 && delta.every((t) => t === 0)) return 0;
  const start = state.value;
  const eta = state.eta.view;
  const trial = state.trial.view;
  let value = start;
  const whole = at(1);
  // ≤ 0 for a convex penalty; for a concave one there is no such bound.
  const promised = penalty.penalty.convex ? slope + whole : undefined;
  const t = compositeSearch(start, promised, (t) => {
    trial.set(eta);
    design.arena.kernels.axpy(state.n, t, state.direction.pointer, state.trial.pointer);
    value = loss.derivatives(trial, v, state.d.view, majorize);
    return value - start + (t === 1 ? whole : at(t));
  });
  if (t > 0) {
    eta.set(trial);
    for (let a = 0; a < k; a++) beta[columns[a]] += t * delta[a];
    state.intercept += t * shift;
    state.stepped();
    state.value = value;
    state.centre(majorize);
    return t;
  }
  state.evaluate(majorize);
  return 0;
}

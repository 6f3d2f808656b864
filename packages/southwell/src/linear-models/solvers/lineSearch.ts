import type { Block } from '@southwell/kernels';
import { valueAt } from './scaledPenalty.ts';
import type { LinearState } from './state.ts';

/**
 * Moves b by t·delta at the listed columns, and the intercept by t·shift, with the first t = 1, ½, ¼ … that lowers the
 * objective by a part of what its slope promises; returns t, 0 if none down to 1e-10 does. O(n + nnz of the columns) and
 * O(n + k) a trial.
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
  const direction = state.direction.view;
  const columns = list.view;
  const v = state.v.view;
  let slope = 0;
  for (let i = 0; i < v.length; i++) slope -= v[i] * direction[i];
  const at = (t: number): number => {
    let sum = 0;
    for (let a = 0; a < k; a++) {
      const j = columns[a];
      sum += valueAt(penalty, j, beta[j] + t * delta[a]) - valueAt(penalty, j, beta[j]);
    }
    return sum;
  };
  const { convex } = penalty.penalty;
  const promised = convex ? slope + at(1) : 0; // ≤ 0 for a convex penalty
  if (slope === 0 && delta.every((t) => t === 0)) return 0;
  const start = state.value;
  const eta = state.eta.view;
  const trial = state.trial.view;
  for (let t = 1; t > 1e-10; t /= 2) {
    for (let i = 0; i < eta.length; i++) trial[i] = eta[i] + t * direction[i];
    const value = loss.derivatives(trial, v, state.d.view, majorize);
    const change = value - start + at(t);
    // Near the solution the change drowns in rounding: a full step that the model approves of is then taken.
    const noise = 1e-15 * Math.abs(start);
    const enough = convex ? change <= 1e-4 * t * promised : change < 0;
    if (enough || (t === 1 && Math.abs(promised) <= 1e3 * noise && change <= 10 * noise)) {
      eta.set(trial);
      for (let a = 0; a < k; a++) beta[columns[a]] += t * delta[a];
      state.intercept += t * shift;
      state.stepped();
      state.value = value;
      state.centre(majorize);
      return t;
    }
  }
  state.evaluate(majorize);
  return 0;
}

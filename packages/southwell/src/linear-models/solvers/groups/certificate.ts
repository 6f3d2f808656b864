import { sumOverRows } from '@southwell/numerics/core';
import { outside } from './passes.ts';
import { dualScale, type GroupPenalty, softNorm } from './penalty.ts';
import type { GroupState } from './state.ts';

/** Some groups and their gradients: group list[t] has q[starts[t]] … q[starts[t + 1] − 1]. */
export interface GroupGradients {
  readonly list: readonly number[];
  readonly q: Float64Array;
  readonly starts: Int32Array;
}

/** Duality gap from the priced gradient (all groups), or of the problem restricted to some of them. */
export function dualityGap(state: GroupState, primal: number, some?: GroupGradients): number {
  const { penalty, loss, coef } = state;
  const work = new Float64Array(state.largest);
  const at = (t: number): [number, ArrayLike<number>, number, number] => {
    if (some) return [some.list[t], some.q, some.starts[t], some.starts[t + 1]];
    return [t, work, 0, state.gather(t, state.g, work)];
  };
  // Of all groups, nearly all are within their thresholds, and add nothing.
  const considered = some ? undefined : outside(state.sizes, penalty);
  const count = some ? some.list.length : considered!.length;
  let scale = 1;
  let shrunk = 1;
  let free = 0;
  const b = new Float64Array(work.length);
  for (let i = 0; i < count; i++) {
    const [u, x, from, to] = at(considered ? considered[i] : i);
    const [l1, l2, ridge] = [penalty.l1[u], penalty.l2[u], penalty.ridge[u]];
    if (l1 === 0 && l2 === 0) {
      if (ridge > 0) continue;
      // Dual feasibility is an equation here; violating it by rounding costs |g·b| to first order.
      state.gather(u, coef, b);
      for (let a = from; a < to; a++) free += 2 * Math.abs(x[a] * b[a - from]) + x[a] * x[a];
      continue;
    }
    if (softNorm(x, from, to, l1) <= l2) continue;
    const s = dualScale(x, from, to, l1, l2);
    shrunk = Math.min(shrunk, s);
    if (ridge === 0) scale = Math.min(scale, s);
  }
  const v = state.v;
  let offset = 0;
  if (state.offset) {
    const of = state.offset;
    offset = sumOverRows(state.design.rows, (i) => v[0][i] * of[i]);
  }
  const dual = (s: number): number => {
    let sum = loss.conjugate(v, s, state.eta) + s * offset;
    for (let i = 0; i < count; i++) {
      const t = considered ? considered[i] : i;
      if (penalty.ridge[some ? some.list[t] : t] === 0) continue; // feasible by the scaling
      const [u, x, from, to] = at(t);
      const e = s * softNorm(x, from, to, penalty.l1[u] / s) - penalty.l2[u];
      if (e > 0) sum += (e * e) / (2 * penalty.ridge[u]);
    }
    return -sum;
  };
  let best = dual(scale);
  if (shrunk < scale && shrunk > 0) best = Math.max(best, dual(shrunk));
  const gap = primal - best + free;
  return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(gap, 0);
}

/** {@link dualityGap} of the problem restricted to some groups, with all others zero. */
export function restrictedGap(state: GroupState, some: GroupGradients): number {
  let primal = state.value;
  for (const u of some.list) primal += state.penaltyAt(u);
  return dualityGap(state, primal, some);
}

/** The smallest alpha at which every penalised group is zero, for penalties alpha·(l1‖·‖₁ + l2‖·‖₂) at unit alpha. */
export function criticalAlpha(state: GroupState, unit: GroupPenalty): number {
  let largest = 0;
  const u = new Float64Array(state.largest);
  for (let t = 0; t < state.count; t++) {
    if (unit.l1[t] === 0 && unit.l2[t] === 0) continue;
    const k = state.gather(t, state.nullGradient, u);
    largest = Math.max(largest, 1 / dualScale(u, 0, k, unit.l1[t], unit.l2[t]));
  }
  return largest;
}

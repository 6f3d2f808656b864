import type { Block } from '@southwell/kernels';
import { sumOverRows } from '@southwell/numerics/core';
import { compositeSearch } from '../lineSearch.ts';
import type { GroupState } from './state.ts';

/**
 * Moves the coefficients of the listed groups towards b, and the intercepts by t·shift, with the first t = 1, ½, ¼ …
 * that gives sufficient decrease (a full step if the loss is quadratic); returns t, or 0 if there is none.
 */
export function stepTowards(state: GroupState, list: readonly number[], b: Float64Array, shift: Float64Array): number {
  const { K, coef, loss, design, intercepts } = state;
  const m = state.listFeatures(list);
  const features = state.features.view.slice(0, m);
  const delta = Float64Array.from({ length: m * K }, (_, a) => b[a] - coef[features[Math.floor(a / K)] * K + (a % K)]);
  if (delta.every((change) => change === 0)) return 0;
  const column = new Float64Array(m);
  const addTo = (k: number, block: Block<Float64Array>) => {
    for (let t = 0; t < m; t++) column[t] = delta[t * K + k];
    design.add(state.features, column, m, block);
  };
  if (loss.quadratic) {
    for (let k = 0; k < K; k++) {
      addTo(k, state.etaBlocks[k]);
      const eta = state.etaBlocks[k].view;
      intercepts[k] += shift[k];
      if (shift[k] !== 0) for (let i = 0; i < eta.length; i++) eta[i] += shift[k];
    }
    for (let t = 0; t < m; t++) for (let k = 0; k < K; k++) coef[features[t] * K + k] = b[t * K + k];
    state.stepped();
    state.evaluate();
    return 1;
  }
  let slope = 0;
  for (let k = 0; k < K; k++) {
    state.directionBlocks[k].view.fill(shift[k]);
    addTo(k, state.directionBlocks[k]);
    const [direction, v] = [state.directionBlocks[k].view, state.v[k]];
    slope -= sumOverRows(design.rows, (i) => v[i] * direction[i]);
  }
  return search(state, list, features, delta, shift, slope);
}

/** The line search along `delta` at the listed features, and the corresponding directions of the predictors. */
function search(
  state: GroupState,
  list: readonly number[],
  features: Int32Array,
  delta: Float64Array,
  shift: Float64Array,
  slope: number,
): number {
  const { K, coef, loss, intercepts, trial } = state;
  const m = features.length;
  const old = Float64Array.from(delta, (_, a) => coef[features[Math.floor(a / K)] * K + (a % K)]);
  const penaltySum = (): number => list.reduce((sum, u) => sum + state.penaltyAt(u), 0);
  const place = (t: number) => {
    for (let a = 0; a < m; a++) {
      for (let k = 0; k < K; k++) coef[features[a] * K + k] = old[a * K + k] + t * delta[a * K + k];
    }
  };
  const penaltyBefore = penaltySum();
  place(1);
  const promised = slope + penaltySum() - penaltyBefore;
  const start = state.value;
  const eta = state.eta;
  const t = compositeSearch(start, promised, (t) => {
    for (let k = 0; k < K; k++) {
      const direction = state.directionBlocks[k].view;
      for (let i = 0; i < trial[k].length; i++) trial[k][i] = eta[k][i] + t * direction[i];
    }
    place(t);
    return loss.value(trial) - start + penaltySum() - penaltyBefore;
  });
  if (t === 0) {
    place(0);
    return 0;
  }
  for (let k = 0; k < K; k++) {
    eta[k].set(trial[k]);
    intercepts[k] += t * shift[k];
  }
  state.stepped();
  state.evaluate();
  return t;
}

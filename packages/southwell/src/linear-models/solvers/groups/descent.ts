import { restrictedGap } from './certificate.ts';
import { GroupColumns } from './columns.ts';
import { stepTowards } from './lineSearch.ts';
import type { GroupState } from './state.ts';

/** Number of steps (of five epochs each) after which descent on columns is considered slow. */
const SLOW = 40;

/**
 * Descent on the columns of the listed groups, without a Gram matrix, to a restricted gap of `tol`; returns false if
 * convergence is too slow. With `patient` it continues as long as there is progress.
 *
 * @param kept cache of {@link GroupColumns}, reused between calls. @param addEpochs is called with the number of
 * epochs.
 */
export function descendOn(
  state: GroupState,
  list: readonly number[],
  tol: number,
  patient: boolean,
  kept: Map<number, Float64Array>,
  addEpochs: (epochs: number) => void,
): boolean {
  const { design, loss, K, groups, centred } = state;
  const starts = new Int32Array(list.length + 1);
  list.forEach((u, t) => {
    starts[t + 1] = starts[t] + groups.starts[u + 1] - groups.starts[u];
  });
  const m = state.listFeatures(list);
  const columns = state.features.view.slice(0, m);
  const solve = (H: (k: number, l: number) => number, rhs: Float64Array) => state.solveIntercepts(H, rhs);
  const model = new GroupColumns(design, loss, centred, list, columns, starts, state.penalty, kept, solve);
  try {
    const q = new Float64Array(m * K);
    const gradients = { list, q, starts: starts.map((at) => at * K) };
    let previous = Number.POSITIVE_INFINITY;
    let known = false;
    for (let step = 0; step < 300; step++) {
      state.features.view.set(columns);
      state.read(m, (t, k, value) => {
        q[t * K + k] = value;
      });
      const gap = restrictedGap(state, gradients);
      if (gap <= tol) return true;
      if (step > 50 && gap > (1 - 1e-6) * previous) return false;
      if (step >= SLOW && !patient) return false;
      previous = gap;
      if (!known) {
        loss.freeze();
        model.setCurvatures();
        known = loss.quadratic;
      }
      const b = model.b.view;
      for (let t = 0; t < m; t++) for (let k = 0; k < K; k++) b[t * K + k] = state.coef[columns[t] * K + k];
      model.descend(state.v);
      state.counts.newtonSteps++;
      if (stepTowards(state, list, model.b.view.slice(), model.shift.slice()) === 0) return false;
    }
    return false;
  } finally {
    addEpochs(model.epochs);
    model.release();
  }
}

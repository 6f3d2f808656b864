import type { Block } from '@southwell/kernels';
import { lineSearch } from './lineSearch.ts';
import { gather } from './lists.ts';
import type { LinearState } from './state.ts';

/**
 * Up to `epochs` epochs of coordinate descent over list[0 … k), on the quadratic model of the loss at the present curvatures
 * and the penalty, with the intercept eliminated; then a step towards where they end. No Gram matrix. Ends early where no
 * step of an epoch gains more than 1e-3·tol/k. Returns whether anything moved. O(nnz of the columns) an epoch.
 */
export function descend(
  state: LinearState,
  list: Block<Int32Array>,
  k: number,
  tol: number,
  epochs: number,
  majorize = false,
): boolean {
  const { design, beta, n } = state;
  const { arena } = design;
  const scratch = arena.scratch();
  try {
    const columns = scratch.i32(k);
    columns.view.set(list.view.subarray(0, k));
    const rd = scratch.f64(n);
    const curvatures = scratch.f64(k);
    const sums = scratch.f64(k);
    const shift = scratch.f64(1);
    const b = scratch.f64(k);
    const penalty = scratch.f64(5 * k);
    const sumD = design.weights(state.d).sum;
    const c = columns.view;
    design.weightedStats(state.d, columns, k, sums, curvatures);
    if (state.centred) centreCurvatures(curvatures.view, sums.view, sumD, k);
    gather(beta, c, k, b.view);
    layOut(state, c, k, penalty.view, k);
    rd.view.set(state.v.view);
    shift.view[0] = 0;
    const rest = [
      state.d.pointer,
      rd.pointer,
      curvatures.pointer,
      sums.pointer,
      sumD,
      state.centred ? 1 : 0,
      shift.pointer,
      b.pointer,
      state.penalty.penalty.code,
      penalty.pointer,
      k,
      epochs,
      (1e-3 * tol) / k,
    ] as const;
    state.counts.epochs += epochs;
    const { X, columns: at, scale } = design.at(columns, k);
    if (X.kind === 'dense') {
      arena.kernels.denseDescent(n, k, at.pointer, X.pointer, n, scale.pointer, ...rest);
    } else {
      const { colPointers, rowIndices, values } = X.pointers;
      arena.kernels.cscDescent(k, at.pointer, colPointers, rowIndices, values, scale.pointer, ...rest);
    }
    const delta = new Float64Array(k);
    let any = false;
    for (let t = 0; t < k; t++) {
      delta[t] = b.view[t] - beta[c[t]];
      if (delta[t] !== 0) any = true;
    }
    if (!any) return false;
    // The shift of the kernel moves the residual; the intercept moves the other way.
    return lineSearch(state, columns, k, delta, -shift.view[0], majorize) > 0;
  } finally {
    scratch.release();
  }
}

/** Curvatures once the intercept follows; 0 for columns that are constant but for rounding. */
function centreCurvatures(curvatures: Float64Array, sums: Float64Array, sumD: number, k: number): void {
  for (let t = 0; t < k; t++) {
    const centred = curvatures[t] - sums[t] ** 2 / sumD;
    curvatures[t] = centred <= 1e-13 * curvatures[t] ? 0 : centred;
  }
}

/** The penalty at columns[0 … k) as kernels take it: five arrays of `stride`. */
export function layOut(state: LinearState, columns: Int32Array, k: number, out: Float64Array, stride: number): void {
  const { a1, a2, gamma, lower, upper } = state.penalty;
  for (let t = 0; t < k; t++) {
    const j = columns[t];
    out[t] = a1[j];
    out[stride + t] = a2[j];
    out[2 * stride + t] = gamma[j];
    out[3 * stride + t] = lower[j];
    out[4 * stride + t] = upper[j];
  }
}

import type { Block, Scratch } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import type { CscMatrix } from '@southwell/numerics/arrays';
import { lineSearch } from './lineSearch.ts';
import { gather } from './lists.ts';
import type { LinearState } from './state.ts';

/** Number of epochs from which it pays to pack sparse columns, which costs as much as half an epoch. */
const PACKED_FROM = 3;

/**
 * Up to `epochs` epochs of coordinate descent over list[0 … k), on the quadratic model of the loss at the current
 * curvatures plus the penalty, with the intercept eliminated; then a line search towards the result. Uses no Gram
 * matrix. Ends early if no step of an epoch gains more than 1e-3·tol/k. Returns whether anything moved. O(nnz of the
 * columns) per epoch.
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
    const curvatures = scratch.f64(k);
    const sums = scratch.f64(k);
    const shift = scratch.f64(1);
    const b = scratch.f64(k);
    const penalty = scratch.f64(5 * k);
    const sumD = state.centred ? design.vectors.weights(state.d).sum : 1;
    gather(beta, columns.view, k, b.view);
    layOut(state, columns.view, k, penalty.view, k);
    shift.view[0] = 0;
    state.counts.epochs += epochs;
    const rest = [
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
    if (design.kind === 'csc' && epochs >= PACKED_FROM) {
      const packed = pack(state, columns, k, sums, curvatures, scratch);
      if (state.centred) centreCurvatures(curvatures.view, sums.view, sumD, k);
      arena.use(modelKernels).packedDescent(k, ...packed, ...rest);
    } else {
      design.weightedStats(state.d, columns, k, sums, curvatures);
      if (state.centred) centreCurvatures(curvatures.view, sums.view, sumD, k);
      const rd = scratch.f64(n);
      rd.view.set(state.v.view);
      const { X, columns: at, scale } = design.at(columns, k);
      const model = [scale.pointer, state.d.pointer, rd.pointer, ...rest] as const;
      if (X.kind === 'dense') arena.use(modelKernels).denseDescent(n, k, at.pointer, X.pointer, n, ...model);
      else {
        const { colPointers, rowIndices, values } = X.pointers;
        arena.use(modelKernels).cscDescent(k, at.pointer, colPointers, rowIndices, values, ...model);
      }
    }
    // Views are read again, as allocation may have moved the memory.
    const c = columns.view;
    const delta = new Float64Array(k);
    let any = false;
    for (let t = 0; t < k; t++) {
      delta[t] = b.view[t] - beta[c[t]];
      if (delta[t] !== 0) any = true;
    }
    if (!any) return false;
    // The shift of the kernel applies to the residual, so that the intercept has the opposite sign.
    return lineSearch(state, columns, k, delta, -shift.view[0], majorize) > 0;
  } finally {
    scratch.release();
  }
}

/**
 * Packs the k columns, with their sums and curvatures, for descent; returns their location for kernels. O(n + nnz of
 * the columns).
 */
function pack(
  { design, d, v, n }: LinearState,
  list: Block<Int32Array>,
  k: number,
  sums: Block<Float64Array>,
  curvatures: Block<Float64Array>,
  scratch: Scratch,
): readonly [starts: number, places: number, entries: number] {
  const located = design.at(list, k);
  const { colPointers, rowIndices, values } = (located.X as CscMatrix).pointers;
  const [stored, at] = [(located.X as CscMatrix).colPointers, located.columns.view];
  let count = 0;
  for (let t = 0; t < k; t++) count += stored[at[t] + 1] - stored[at[t]];
  const [root, z] = [scratch.f64(n), scratch.f64(n)];
  const [starts, places, entries] = [scratch.i32(k + 1), scratch.i32(count), scratch.f64(count)];
  const kernels = design.arena.use(modelKernels);
  kernels.rootsOfWeights(n, d.pointer, v.pointer, root.pointer, z.pointer);
  kernels.packSparseColumns(
    k,
    located.columns.pointer,
    colPointers,
    rowIndices,
    values,
    located.scale.pointer,
    root.pointer,
    z.pointer,
    starts.pointer,
    places.pointer,
    entries.pointer,
    sums.pointer,
    curvatures.pointer,
  );
  return [starts.pointer, places.pointer, entries.pointer];
}

/** Curvatures after elimination of the intercept; 0 for columns that are constant up to rounding. */
function centreCurvatures(curvatures: Float64Array, sums: Float64Array, sumD: number, k: number): void {
  for (let t = 0; t < k; t++) {
    const centred = curvatures[t] - sums[t] ** 2 / sumD;
    curvatures[t] = centred <= 1e-13 * curvatures[t] ? 0 : centred;
  }
}

/** The penalty at columns[0 … k) in the form that kernels take: five arrays of length `stride`. */
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

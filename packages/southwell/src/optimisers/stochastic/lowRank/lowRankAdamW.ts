import { networkKernels } from '@southwell/kernels/networks';
import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  flagOption,
  integerOption,
  numberOption,
  type OptionsNeeding,
  Random,
  seedOption,
} from '@southwell/numerics/core';
import { eigenSymmetric, gramMatrix } from '@southwell/numerics/linalg';
import { advance, momentRecords } from '../adamW.ts';
import { type TrainingOptimiser, trainingOptimiser } from '../optimiser.ts';
import type { ResolvedRange } from '../ranges.ts';
import { rateRecords } from '../schedules/schedules.ts';
import type { OptimiserState, SlotSpec } from '../state.ts';
import { basisTitles, type FixedBasis, orthonormalRows } from './bases.ts';
import { addRows, feedbackOption, feedbackSlots, quantiseRows } from './feedback.ts';
import { geometryOf, isLow, momentsOf } from './geometry.ts';
import { alignmentOption, heapOf, type Layout, type Plan, planBytes, planner } from './projection.ts';
import { moveMoments, turnMoments } from './rotation.ts';
import { topIndices } from './topIndices.ts';

const subspaceTitles = {
  ...basisTitles,
  ...({ first: 'the first cosines', svd: 'singular vectors', fresh: 'random, drawn anew' } as const),
};
/** See {@link LowRankAdamWOptions.subspace}. */
export type Subspace = keyof typeof subspaceTitles;

const lowRankRecords = {
  ...rateRecords,
  ...momentRecords,
  /** Rank r of the projection of each matrix's smaller side. Matrices whose smaller side is at most r use AdamW. */
  rank: integerOption({ min: 1 }),
  /**
   * Projection basis. The vectors of a fixed basis that are best aligned with the gradient: cosines ('dct', DCT-AdamW),
   * Hadamard or random directions; always the 'first' cosines; the leading singular vectors ('svd', as in GaLore); or
   * random vectors drawn anew ('fresh'). The first three store only indices, the last two the vectors. Default 'dct'.
   */
  subspace: choiceOption(subspaceTitles),
  /** Update interval of the projection in steps. Default 1. */
  updateEvery: integerOption({ min: 1 }),
  /** Whether moments are rotated into the new subspace when the projection changes. Default true. */
  rotate: flagOption(),
  /** Error feedback: adds the residual of the projection to the next gradient, stored in full or quantised. Default 'none'. */
  errorFeedback: feedbackOption,
  /** Norm that ranks basis vectors by alignment; 'l2' minimises the projection error. Default 'l1'. */
  norm: alignmentOption,
  /** Decoupled weight decay. Default 0.01. */
  weightDecay: numberOption({ min: 0, finite: true }),
  /** Seed of random bases. Default 0. */
  seed: seedOption(),
};

export interface LowRankAdamWOptions extends OptionsNeeding<typeof lowRankRecords, 'rate' | 'rank'> {}

/**
 * AdamW with the moments of matrices in a low-rank projection of their gradient; with the discrete cosine basis this is
 * DCT-AdamW (Modoranu et al., ICLR 2026, arXiv 2505.17967). For an n × m matrix, n ≥ m, the state is 2nr numbers and r
 * indices instead of 2nm numbers; error feedback adds nm numbers, of full size or 8 or 4 bits each. Matrices are ranges
 * as for {@link muon}; all other parameters, and ranges with `orthogonal: false`, use AdamW at the same rate. The
 * moments of a newly selected vector start at zero, although the bias corrections count all steps.
 *
 * O(nm²) for a step that updates the projection by a product with the basis, O(nm² + m³) for singular vectors,
 * otherwise O(nmr).
 * @throws INVALID_PARAMETER; at init also if there is no Hadamard basis for a matrix's smaller side.
 */
export function lowRankAdamW(options: LowRankAdamWOptions): TrainingOptimiser {
  checkOptions('lowRankAdamW', lowRankRecords, options, ['rate', 'rank']);
  const { rate, rank, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, seed = 0 } = options;
  const { subspace = 'dct', updateEvery = 1, rotate = true, errorFeedback = 'none', norm = 'l1' } = options;

  const low = (range: ResolvedRange): boolean => isLow(range, rank);
  const fixed = Object.hasOwn(basisTitles, subspace) ? (subspace as FixedBasis) : undefined;
  const basis = subspace === 'first' ? 'dct' : fixed;
  const moment = (name: string): SlotSpec => ({
    name,
    uses: () => true,
    size: (range) => (low(range) ? momentsOf(range, rank) : range.to - range.from),
  });
  const slots: SlotSpec[] = [
    moment('mean'),
    moment('square'),
    ...(fixed ? [{ name: 'places', uses: low, whole: true, size: () => rank }] : []),
    ...(basis ? [] : [{ name: 'vectors', uses: low, size: (range: ResolvedRange) => rank * geometryOf(range).side }]),
    ...feedbackSlots(errorFeedback, low),
  ];
  const planOf = planner(rank, (range) => low(range) && !range.frozen, basis, seed);

  const settings: Settings = {
    ...{ rank, subspace, fixed, updateEvery, rotate, norm, seed, errorFeedback, beta1, beta2, epsilon },
    slot: (name) => slots.findIndex((one) => one.name === name),
  };
  return trainingOptimiser({
    ...{ name: 'lowRankAdamW', rate, weightDecay, scalars: [1, 1], slots },
    scratch: (ranges, bytes) =>
      planBytes(
        ranges.filter((range) => low(range) && !range.frozen),
        rank,
        bytes,
        basis,
      ),
    begin: (state) => advance(state, beta1, beta2),
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const { bytes, scratch, single } = state;
      const kernels = state.arena.use(networkKernels);
      if (low(state.ranges[index])) {
        heapOf(state).copyWithin(scratch / bytes + at, g / bytes, g / bytes + n);
        return;
      }
      const [m, v] = [state.place(0, index, at), state.place(1, index, at)];
      const [step, c2] = [length / (1 - state.scalars[0]), 1 / (1 - state.scalars[1])];
      const keep = 1 - length * decay;
      if (single) kernels.sadamStep(n, beta1, beta2, step, c2, epsilon, keep, 0, g, m, v, 0, p);
      else kernels.adamStep(n, beta1, beta2, step, c2, epsilon, keep, 0, g, m, v, 0, p);
    },
    second: {
      wanted: low,
      between: (state, index) => lowStep(settings, planOf(state), state, index),
      update: ({ state, index, at, n, p, rate: length, decay }) => {
        const kernels = state.arena.use(networkKernels);
        const direction = state.scratch + planOf(state).layouts[index]!.whole + at * state.bytes;
        const keep = 1 - length * decay;
        if (state.single) kernels.ssgdStep(n, length, 0, 0, keep, false, direction, 0, p);
        else kernels.sgdStep(n, length, 0, 0, keep, false, direction, 0, p);
      },
    },
  });
}

/** Everything that a step depends on. */
interface Settings
  extends Required<
    Pick<
      LowRankAdamWOptions,
      'rank' | 'subspace' | 'updateEvery' | 'rotate' | 'norm' | 'seed' | 'errorFeedback' | 'beta1' | 'beta2' | 'epsilon'
    >
  > {
  readonly fixed: FixedBasis | undefined;
  /** The index of the slot with that name. */
  readonly slot: (name: string) => number;
}

/** Selects the vectors of this step, projects the matrix in scratch, and transforms the moments accordingly. */
function choose(settings: Settings, plan: Plan, state: OptimiserState, index: number, layout: Layout): void {
  const { rank, subspace, fixed, updateEvery, rotate, norm, seed, slot } = settings;
  const { scratch, bytes } = state;
  const t = state.steps + 1;
  const anew = t === 1 || t % updateEvery === 0;
  const moments = [state.place(0, index, 0), state.place(1, index, 0)];
  if (subspace === 'first') {
    plan.vectors(
      layout.side,
      layout.vectors,
      Int32Array.from({ length: rank }, (_, k) => k),
    );
    plan.project(layout, scratch);
    return;
  }
  if (fixed) {
    const kept = state.place(slot('places'), index, 0) / 4;
    const before = state.arena.i32.slice(kept, kept + rank);
    if (!anew) {
      plan.vectors(layout.side, layout.vectors, before);
      plan.project(layout, scratch);
      return;
    }
    plan.transform(layout, scratch);
    const places = topIndices(plan.scores(layout, norm), rank);
    plan.take(layout, places);
    state.arena.i32.set(places, kept);
    if (t === 1 || !rotate) return;
    const room = { state, rank, room: scratch + layout.other2 };
    for (const at of moments) moveMoments(room, layout, at, before, places);
    return;
  }
  const kept = state.place(slot('vectors'), index, 0) / bytes;
  const size = rank * layout.side;
  const [now, before] = [(scratch + layout.vectors) / bytes, (scratch + layout.before) / bytes];
  heapOf(state).copyWithin(now, kept, kept + size);
  if (anew) {
    heapOf(state).copyWithin(before, kept, kept + size);
    const rows =
      subspace === 'svd'
        ? leadingVectors(state, layout, rank)
        : orthonormalRows(rank, layout.side, new Random(seed).split(t).split(index));
    const heap = heapOf(state);
    for (let k = 0; k < rank; k++) {
      for (let j = 0; j < layout.side; j++) heap[now + k + j * rank] = rows[k * layout.side + j];
    }
    heap.copyWithin(kept, now, now + size);
    if (t > 1 && rotate) for (const [k, at] of moments.entries()) turnMoments(plan, state, layout, at, k === 1);
  }
  plan.project(layout, scratch);
}

/**
 * Computes the update of a matrix whose gradient is in scratch: its projected moments, and the residual for error
 * feedback.
 */
function lowStep(settings: Settings, plan: Plan, state: OptimiserState, index: number): void {
  const { rank, errorFeedback, beta1, beta2, epsilon, slot } = settings;
  const layout = plan.layouts[index]!;
  const { scratch, bytes, single } = state;
  const { rows, cols } = layout;
  const view = (from: number, count: number) => heapOf(state).subarray(from / bytes, from / bytes + count);
  const codes = () => {
    const perWord = errorFeedback === 8 ? 4 : 8;
    const from = state.place(slot('error codes'), index, 0) / 4;
    return state.arena.i32.subarray(from, from + rows * Math.ceil(cols / perWord));
  };
  const limits = () => view(state.place(slot('error ranges'), index, 0), 2 * rows);
  const error = () => view(state.place(slot('error'), index, 0), rows * cols);
  const matrix = view(scratch, rows * cols);
  if (errorFeedback === 'full') {
    const waiting = error();
    for (let k = 0; k < matrix.length; k++) matrix[k] += waiting[k];
  } else if (errorFeedback !== 'none') addRows(matrix, cols, errorFeedback, codes(), limits());
  choose(settings, plan, state, index, layout);
  const kernels = state.arena.use(networkKernels);
  const seen = scratch + layout.low;
  if (errorFeedback !== 'none') {
    plan.back(layout, seen, scratch, -1, 1);
    const left = view(scratch, rows * cols);
    if (errorFeedback === 'full') error().set(left);
    else quantiseRows(left, cols, errorFeedback, codes(), limits());
  }
  const count = rank * layout.other;
  const [m, v, u] = [state.place(0, index, 0), state.place(1, index, 0), scratch + layout.other2];
  // u ← m̂/(√v̂ + ε): a step of −1 from 0. Filled with 0 first, as the memory may contain NaN.
  view(u, count).fill(0);
  const [step, c2] = [-1 / (1 - state.scalars[0]), 1 / (1 - state.scalars[1])];
  if (single) kernels.sadamStep(count, beta1, beta2, step, c2, epsilon, 0, 0, seen, m, v, 0, u);
  else kernels.adamStep(count, beta1, beta2, step, c2, epsilon, 0, 0, seen, m, v, 0, u);
  plan.back(layout, u, scratch + layout.whole, 1, 0);
}

/**
 * The leading singular vectors of the smaller side, as rows, of the matrix at the beginning of scratch. O(nm² + m³).
 */
export function leadingVectors(state: OptimiserState, { rows, cols, left, side }: Layout, r: number): Float64Array {
  const from = state.scratch / state.bytes;
  const values = Float64Array.from(heapOf(state).subarray(from, from + rows * cols));
  const most = values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  // Normalised, as squares of very large or small numbers would overflow or underflow: only directions matter.
  for (let k = 0; most > 0 && k < values.length; k++) values[k] /= most;
  const transposed = DenseMatrix.fromColumnMajor(values, cols, rows);
  const gram = DenseMatrix.create(side, side, { arena: transposed.arena });
  gramMatrix(transposed, gram, { transpose: !left });
  const { vectors } = eigenSymmetric(gram);
  const out = new Float64Array(r * side);
  for (let k = 0; k < r; k++) for (let j = 0; j < side; j++) out[k * side + j] = vectors.get(j, side - 1 - k);
  for (const matrix of [transposed, gram, vectors]) matrix.free();
  return out;
}

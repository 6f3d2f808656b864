import { gemmWorkBytes } from '@southwell/kernels';
import { knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { type AdamMoments, advance, checkMoments } from './adamW.ts';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import { atLeastZero, belowOne, type ResolvedRange } from './ranges.ts';
import type { Schedule } from './schedules.ts';
import type { OptimiserState } from './state.ts';

export interface MuonOptions {
  /** The length of a step of matrices, or a schedule. */
  readonly rate: number | Schedule;
  /** In [0, 1). Default 0.95. */
  readonly momentum?: number;
  /** Default true. */
  readonly nesterov?: boolean;
  /** What a step takes off the parameters, times the rate. Default 0. */
  readonly weightDecay?: number;
  /** Steps of Newton and Schulz. Default 5. */
  readonly iterations?: number;
  /** AdamW for whatever is no matrix. */
  readonly others?: MuonOthers;
}

export interface MuonOthers extends AdamMoments {
  /** Its rate as a part of that of matrices. Default 0.015. */
  readonly rateFactor?: number;
}
const muonKeys: OptionKeys<MuonOptions> = {
  rate: true,
  momentum: true,
  nesterov: true,
  weightDecay: true,
  iterations: true,
  others: true,
};
const othersKeys: OptionKeys<MuonOthers> = { beta1: true, beta2: true, epsilon: true, rateFactor: true };

/** The published coefficients of a step: singular values go to between 0.7 and 1.2, small ones fast. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

const isMatrix = ({ cols }: ResolvedRange): boolean => cols > 0;
const smaller = ({ rows, cols }: ResolvedRange): number => Math.min(rows, cols);
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/): momentum of matrices, made nearly orthogonal by five
 * steps of Newton and Schulz with a quintic, and AdamW with beta2 0.95 and ε 1e-10 for the rest. Matrices are ranges with a
 * shape of two axes or more, the last one being that of outputs, the others together that of inputs: a step's length is the rate
 * times √max(1, outputs/inputs). The authors keep embeddings and last layers out of it: `orthogonal: false`. The state is one number
 * for a parameter of a matrix, two for others.
 *
 * Products are by the kernels, in the precision of the parameters. O(5·(4mn² + 2n³)) for m × n, n ≤ m.
 * @throws INVALID_PARAMETER.
 */
export function muon(options: MuonOptions): TrainingOptimiser {
  knownKeys('muon', options, muonKeys);
  const { rate, momentum = 0.95, nesterov = true, weightDecay = 0, iterations = 5, others = {} } = options;
  knownKeys('others of muon', others, othersKeys);
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-10, rateFactor = 0.015 } = others;
  belowOne('momentum', momentum);
  checkMoments({ beta1, beta2, epsilon });
  atLeastZero('rateFactor', rateFactor);
  wholeNumber('iterations', iterations, 1, 100);
  const rest = (range: ResolvedRange) => !isMatrix(range);
  return trainingOptimiser({
    ...{ name: 'muon', rate, weightDecay, scalars: [1, 1] },
    slots: [
      { name: 'momentum', uses: isMatrix },
      { name: 'mean', uses: rest },
      { name: 'square', uses: rest },
    ],
    // The step, another one, two squares, and what products need.
    scratch: (ranges, bytes) =>
      Math.max(
        0,
        ...ranges
          .filter((range) => isMatrix(range) && !range.frozen)
          .map(
            (range) =>
              layout(range, bytes).work +
              gemmWorkBytes(range.cols, range.rows, Math.max(smaller(range), range.rows, range.cols)),
          ),
      ),
    begin: (state) => advance(state, beta1, beta2),
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const { kernels } = state.arena;
      if (isMatrix(state.ranges[index])) {
        const [v, step] = [state.place(0, index, at), state.scratch + at * state.bytes];
        // step ← v, or g + momentum·v: a step of −1 that keeps nothing of what was there, which may be no number.
        (state.single ? state.arena.f32 : state.arena.f64).fill(0, step / state.bytes, step / state.bytes + n);
        if (state.single) kernels.ssgdStep(n, -1, momentum, 0, 0, nesterov, g, v, step);
        else kernels.sgdStep(n, -1, momentum, 0, 0, nesterov, g, v, step);
        return;
      }
      const [m, v] = [state.place(1, index, at), state.place(2, index, at)];
      const own = length * rateFactor;
      const [step, c2] = [own / (1 - state.scalars[0]), 1 / (1 - state.scalars[1])];
      const keep = 1 - own * decay;
      if (state.single) kernels.sadamStep(n, beta1, beta2, step, c2, epsilon, keep, 0, g, m, v, 0, p);
      else kernels.adamStep(n, beta1, beta2, step, c2, epsilon, keep, 0, g, m, v, 0, p);
    },
    second: {
      wanted: isMatrix,
      between: (state, index) => orthogonalise(state, state.ranges[index], momentum, iterations),
      update: ({ state, index, at, n, p, rate: length, decay }) => {
        const { kernels } = state.arena;
        const { rows, cols } = state.ranges[index];
        const [step, keep] = [state.scratch + at * state.bytes, 1 - length * decay];
        const own = length * Math.sqrt(Math.max(1, cols / rows));
        if (state.single) kernels.ssgdStep(n, own, 0, 0, keep, false, step, 0, p);
        else kernels.sgdStep(n, own, 0, 0, keep, false, step, 0, p);
      },
    },
  });
}

/** Where in scratch things lie, in bytes: the step at 0, another one, two squares, what products need. */
function layout(range: ResolvedRange, bytes: number) {
  const whole = align((range.to - range.from) * bytes);
  const square = align(smaller(range) ** 2 * bytes);
  return { other: whole, first: 2 * whole, second: 2 * whole + square, work: 2 * (whole + square) };
}

/** The step at the beginning of scratch ← nearly the orthogonal matrix nearest to it. */
function orthogonalise(state: OptimiserState, range: ResolvedRange, momentum: number, iterations: number): void {
  const { arena, bytes, single, scratch } = state;
  const { kernels } = arena;
  // By columns, as kernels have it, the matrix is its transpose.
  const { cols: m, rows: n } = range;
  const gemm = single ? kernels.sgemm : kernels.gemm;
  const heap = single ? arena.f32 : arena.f64;
  const { other, first, second, work: offset } = layout(range, bytes);
  const [P, Q, work] = [scratch + first, scratch + second, scratch + offset];
  let [X, Y] = [scratch, scratch + other];
  const norm = Math.sqrt(single ? kernels.ssumOfSquares(m * n, X) : kernels.sumOfSquares(m * n, X));
  // The published momentum is 1 − momentum times this one, and so is its guard against division by 0.
  const unit = 1 / (norm + 1e-7 / (1 - momentum));
  if (single) kernels.ssgdStep(m * n, 0, 0, 0, unit, false, X, 0, X);
  else kernels.sgdStep(m * n, 0, 0, 0, unit, false, X, 0, X);
  const copy = (from: number, to: number, count: number) =>
    heap.copyWithin(to / bytes, from / bytes, from / bytes + count);
  const wide = m <= n;
  const k = wide ? m : n;
  for (let t = 0; t < iterations; t++) {
    // P = XXᵀ (or XᵀX), Q = bP + cP², Y = aX + QX (or aX + XQ).
    if (wide) gemm(false, true, m, m, n, 1, X, m, X, m, 0, P, m, work);
    else gemm(true, false, n, n, m, 1, X, m, X, m, 0, P, n, work);
    copy(P, Q, k * k);
    gemm(false, false, k, k, k, C, P, k, P, k, B, Q, k, work);
    copy(X, Y, m * n);
    if (wide) gemm(false, false, m, n, m, 1, Q, m, X, m, A, Y, m, work);
    else gemm(false, false, m, n, n, 1, X, m, Q, n, A, Y, m, work);
    [X, Y] = [Y, X];
  }
  if (X !== scratch) copy(X, scratch, m * n);
}

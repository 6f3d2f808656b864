import { networkKernels } from '@southwell/kernels/networks';
import { checkOptions, choiceOption, integerOption, type OptionsNeeding, seedOption } from '@southwell/numerics/core';
import { advance } from '../adamW.ts';
import { orthogonalisingRecords, othersRecords } from '../muon.ts';
import { align, newtonSchulzBytes, newtonSchulzInPlace } from '../newtonSchulz.ts';
import { type TrainingOptimiser, trainingOptimiser } from '../optimiser.ts';
import type { ResolvedRange } from '../ranges.ts';
import type { OptimiserState } from '../state.ts';
import { basisTitles, type FixedBasis } from './bases.ts';
import { geometryOf, isLow } from './geometry.ts';
import { alignmentOption, heapOf, planBytes, planner } from './projection.ts';
import { topIndices } from './topIndices.ts';

/** Scale factors of the update of a matrix by its numbers of outputs and inputs; see {@link TrionOptions.scaling}. */
const scalings = {
  muon: (outputs: number, inputs: number) => Math.sqrt(Math.max(1, outputs / inputs)),
  adam: (outputs: number, inputs: number) => 0.2 * Math.sqrt(Math.max(outputs, inputs)),
  spectral: (outputs: number, inputs: number) => Math.sqrt(outputs / inputs),
  none: () => 1,
};
export type StepScaling = keyof typeof scalings;

const trionRecords = {
  ...orthogonalisingRecords,
  /** Learning rate of matrices, or a schedule. The authors use 0.02 initially. */
  rate: orthogonalisingRecords.rate,
  /** Rank r of each matrix's update; at most its smaller side. */
  rank: integerOption({ min: 1 }),
  /** Momentum of the projected part, in [0, 1). Default 0.95. */
  momentum: orthogonalisingRecords.momentum,
  /**
   * Scaling of a matrix's update: 'muon', √max(1, outputs/inputs); 'adam', 0.2·√(the longer side), which makes updates
   * about as large as Adam's; 'spectral', √(outputs/inputs); 'none'. Default 'muon'.
   */
  scaling: choiceOption({
    muon: '√max(1, outputs/inputs)',
    adam: '0.2·√(the longer side)',
    spectral: '√(outputs/inputs)',
    none: 'none',
  } satisfies Record<StepScaling, string>),
  /** Basis of the projection. Default 'dct'. */
  basis: choiceOption(basisTitles),
  /** Norm that ranks basis vectors by alignment. Default 'l1'. */
  norm: alignmentOption,
  /** Seed of random bases. Default 0. */
  seed: seedOption(),
};

export interface TrionOptions extends OptionsNeeding<typeof trionRecords, 'rate' | 'rank'> {}

const isMatrix = ({ cols }: ResolvedRange): boolean => cols > 0;
const rest = (range: ResolvedRange): boolean => !isMatrix(range);

/** Workspace of Newton–Schulz for a matrix of this range, after that of the plans. */
function roomBytes(range: ResolvedRange, rank: number, bytes: number): number {
  const { side, other } = geometryOf(range);
  return newtonSchulzBytes(Math.min(rank, side), other, bytes);
}

/** Offset of that workspace. */
function startOfRoom(ranges: readonly ResolvedRange[], rank: number, bytes: number, basis: FixedBasis): number {
  const moving = ranges.filter((range) => isLow(range, rank) && !range.frozen);
  const whole = ranges.map((range) => (isMatrix(range) ? align((range.to - range.from) * bytes) : 0));
  return Math.max(align(planBytes(moving, rank, bytes, basis)), ...whole);
}

/**
 * Trion (Modoranu et al., ICLR 2026, arXiv 2505.17967), a low-rank Muon: from the momentum of a matrix, the components
 * along the r best aligned vectors of a fixed basis are approximately orthogonalised by Newton–Schulz. Only these
 * components decay, so that the rest is used in later steps. The state is one number per parameter of a matrix, two for
 * others. Ranges and all else are as for {@link muon}.
 *
 * O(nm² + 20·nr²) per step of an n × m matrix, n ≥ m.
 * @throws INVALID_PARAMETER; at init also if there is no Hadamard basis for a matrix's smaller side.
 */
export function trion(options: TrionOptions): TrainingOptimiser {
  checkOptions('trion', trionRecords, options, ['rate', 'rank']);
  const { rate, rank, momentum = 0.95, weightDecay = 0, iterations = 5, others = {}, seed = 0 } = options;
  const { scaling = 'muon', basis = 'dct', norm = 'l1' } = options;
  checkOptions('others of trion', othersRecords, others);
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-10, rateFactor = 0.015 } = others;

  const low = (range: ResolvedRange): boolean => isLow(range, rank);
  const planOf = planner(rank, (range) => low(range) && !range.frozen, basis, seed);
  const rooms = new WeakMap<OptimiserState, number>();

  const between = (state: OptimiserState, index: number): void => {
    const range = state.ranges[index];
    const { scratch, bytes, single } = state;
    const kernels = state.arena.use(networkKernels);
    const { rows, cols } = range;
    const size = rows * cols;
    let room = rooms.get(state);
    if (room === undefined) rooms.set(state, (room = scratch + startOfRoom(state.ranges, rank, bytes, basis)));
    const M = state.place(0, index, 0);
    const guard = 1e-7;
    const fade = () => {
      if (single) kernels.ssgdStep(size, 0, 0, 0, momentum, false, M, 0, M);
      else kernels.sgdStep(size, 0, 0, 0, momentum, false, M, 0, M);
    };
    if (!low(range)) {
      const heap = heapOf(state);
      heap.copyWithin(scratch / bytes, M / bytes, M / bytes + size);
      newtonSchulzInPlace(state, cols, rows, scratch, room, iterations, guard);
      fade();
      return;
    }
    const plan = planOf(state);
    const layout = plan.layouts[index]!;
    plan.transform(layout, M);
    plan.take(layout, topIndices(plan.scores(layout, norm), rank));
    const seen = scratch + layout.low;
    plan.back(layout, seen, M, momentum - 1, 1);
    const [m, n] = layout.left ? [layout.other, rank] : [rank, layout.other];
    newtonSchulzInPlace(state, m, n, seen, room, iterations, guard);
    plan.back(layout, seen, scratch, 1, 0);
  };

  return trainingOptimiser({
    ...{ name: 'trion', rate, weightDecay, scalars: [1, 1] },
    slots: [
      { name: 'momentum', uses: isMatrix },
      { name: 'mean', uses: rest },
      { name: 'square', uses: rest },
    ],
    scratch: (ranges, bytes) => {
      const moving = ranges.filter((range) => isMatrix(range) && !range.frozen);
      return (
        startOfRoom(ranges, rank, bytes, basis) + Math.max(0, ...moving.map((range) => roomBytes(range, rank, bytes)))
      );
    },
    begin: (state) => advance(state, beta1, beta2),
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const kernels = state.arena.use(networkKernels);
      if (isMatrix(state.ranges[index])) {
        const M = state.place(0, index, at);
        // M ← M + g.
        if (state.single) kernels.ssgdStep(n, -1, 0, 0, 1, false, g, 0, M);
        else kernels.sgdStep(n, -1, 0, 0, 1, false, g, 0, M);
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
      between,
      update: ({ state, index, at, n, p, rate: length, decay }) => {
        const kernels = state.arena.use(networkKernels);
        const { outputs, inputs } = state.ranges[index];
        const [step, keep] = [state.scratch + at * state.bytes, 1 - length * decay];
        const own = length * scalings[scaling](outputs, inputs);
        if (state.single) kernels.ssgdStep(n, own, 0, 0, keep, false, step, 0, p);
        else kernels.sgdStep(n, own, 0, 0, keep, false, step, 0, p);
      },
    },
  });
}

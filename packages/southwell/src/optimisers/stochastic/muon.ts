import { networkKernels } from '@southwell/kernels/networks';
import {
  checkOptions,
  flagOption,
  integerOption,
  numberOption,
  type OptionsNeeding,
  type OptionsOf,
  otherOption,
} from '@southwell/numerics/core';
import { advance, momentRecords } from './adamW.ts';
import { align, newtonSchulzBytes, newtonSchulzInPlace } from './newtonSchulz.ts';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import type { ResolvedRange } from './ranges.ts';
import { rateRecords } from './schedules/schedules.ts';
import type { OptimiserState } from './state.ts';

export const othersRecords = {
  ...momentRecords,
  /** The learning rate of these parameters relative to that of matrices. Default 0.015. */
  rateFactor: numberOption({ min: 0, finite: true }),
};

export interface MuonOthers extends OptionsOf<typeof othersRecords> {}

/** Options of {@link muon} and `trion`. */
export const orthogonalisingRecords = {
  /** Learning rate of matrices, or a schedule. */
  rate: rateRecords.rate,
  /** In [0, 1). Default 0.95. */
  momentum: numberOption({ min: 0, below: 1 }),
  /** Decoupled weight decay. Default 0. */
  weightDecay: numberOption({ min: 0, finite: true }),
  /** Newton–Schulz iterations. Default 5. */
  iterations: integerOption({ min: 1, max: 100 }),
  /** AdamW options for parameters that are not matrices. */
  others: otherOption<MuonOthers>('options of AdamW'),
};

const muonRecords = {
  ...orthogonalisingRecords,
  /** Default true. */
  nesterov: flagOption(),
};

export interface MuonOptions extends OptionsNeeding<typeof muonRecords, 'rate'> {}

const isMatrix = ({ cols }: ResolvedRange): boolean => cols > 0;

/**
 * Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/): momentum of matrices, approximately
 * orthogonalised by five quintic Newton–Schulz iterations, and AdamW with beta2 0.95 and ε 1e-10 for the rest. Matrices
 * are ranges with a shape of two or more axes. One axis (`outputs`, by default the last) is that of outputs, the others
 * together that of inputs; the step length is the rate times √max(1, outputs/inputs). The authors exclude embeddings
 * and output layers: `orthogonal: false`. The state is one number per parameter of a matrix, two for others.
 *
 * Products are computed by the kernels, in the precision of the parameters. O(5·(4mn² + 2n³)) for m × n, n ≤ m.
 * @throws INVALID_PARAMETER.
 */
export function muon(options: MuonOptions): TrainingOptimiser {
  checkOptions('muon', muonRecords, options, ['rate']);
  const { rate, momentum = 0.95, nesterov = true, weightDecay = 0, iterations = 5, others = {} } = options;
  checkOptions('others of muon', othersRecords, others);
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-10, rateFactor = 0.015 } = others;
  const rest = (range: ResolvedRange) => !isMatrix(range);
  return trainingOptimiser({
    ...{ name: 'muon', rate, weightDecay, scalars: [1, 1] },
    slots: [
      { name: 'momentum', uses: isMatrix },
      { name: 'mean', uses: rest },
      { name: 'square', uses: rest },
    ],
    scratch: (ranges, bytes) =>
      Math.max(
        0,
        ...ranges
          .filter((range) => isMatrix(range) && !range.frozen)
          .map(({ from, to, rows, cols }) => align((to - from) * bytes) + newtonSchulzBytes(cols, rows, bytes)),
      ),
    begin: (state) => advance(state, beta1, beta2),
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const kernels = state.arena.use(networkKernels);
      if (isMatrix(state.ranges[index])) {
        const [v, step] = [state.place(0, index, at), state.scratch + at * state.bytes];
        // step ← v, or g + momentum·v, by a step of −1 from 0. Filled with 0 first, as the memory may contain NaN.
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
        const kernels = state.arena.use(networkKernels);
        const { outputs, inputs } = state.ranges[index];
        const [step, keep] = [state.scratch + at * state.bytes, 1 - length * decay];
        const own = length * Math.sqrt(Math.max(1, outputs / inputs));
        if (state.single) kernels.ssgdStep(n, own, 0, 0, keep, false, step, 0, p);
        else kernels.sgdStep(n, own, 0, 0, keep, false, step, 0, p);
      },
    },
  });
}

/** Replaces the matrix at the beginning of scratch by approximately its nearest orthogonal matrix. */
function orthogonalise(state: OptimiserState, range: ResolvedRange, momentum: number, iterations: number): void {
  // Kernels are column-major, so that the matrix is seen as its transpose.
  const { cols: m, rows: n } = range;
  const size = (range.to - range.from) * state.bytes;
  // The published momentum is this one times 1 − momentum, and so the guard against division by 0 is scaled as well.
  const guard = 1e-7 / (1 - momentum);
  newtonSchulzInPlace(state, m, n, state.scratch, state.scratch + align(size), iterations, guard);
}

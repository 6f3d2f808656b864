import { type DenseMatrix, Random } from 'southwell';
import {
  adamW,
  type LowRankAdamWOptions,
  type SelectColumnsOptions,
  type SelectedColumns,
  type TrainingOptimiser,
} from 'southwell/optimisers';
import { nulls } from '../verdicts/nulls.ts';
import { randomRows } from './gradients.ts';
import { record } from './record.ts';

type Choose = (scores: Float64Array, r: number) => Int32Array;
type LowRank = (options: LowRankAdamWOptions) => TrainingOptimiser;
type Select = (G: DenseMatrix, r: number, options?: SelectColumnsOptions) => SelectedColumns;
type Rows = (basis: string, n: number, seed: number) => Float64Array;

const optimiser = { module: 'southwell/optimisers/stochastic/lowRank/lowRankAdamW', name: 'lowRankAdamW' } as const;
const choice = { module: 'southwell/optimisers/stochastic/lowRank/topIndices', name: 'topIndices' } as const;
const selection = {
  module: 'southwell/optimisers/stochastic/lowRank/selectBasisColumns',
  name: 'selectBasisColumns',
} as const;

/** DCT-AdamW as it is tested; the other arms name what is different. */
const isOurs = ({ subspace, rotate, errorFeedback }: LowRankAdamWOptions): boolean =>
  subspace === undefined && rotate === undefined && errorFeedback === undefined;

/** Matrices that would have moments of few vectors stay as they are. */
const still = (made: TrainingOptimiser): TrainingOptimiser => ({
  ...made,
  init: (x, ranges = []) =>
    made.init(
      x,
      ranges.map((range) => ({ ...range, frozen: range.shape!.length > 1 && range.orthogonal! })),
    ),
  step: (state, x, gradient, rate) => made.step(state, x, gradient, rate),
});

const worst =
  (original: Choose): Choose =>
  (scores, r) =>
    original(
      scores.map((score) => -score),
      r,
    );
const first = (): Choose => (_, r) => Int32Array.from({ length: r }, (__, k) => k);

export default nulls(record, [
  {
    ...optimiser,
    id: 'matrices-stay',
    says: 'with the matrices in blocks left as they are',
    kinds: ['nothing'],
    claims: ['quality', 'alignment', 'rotation'],
    by:
      (original: LowRank): LowRank =>
      (options) =>
        isOurs(options) ? still(original(options)) : original(options),
  },
  {
    ...optimiser,
    id: 'first-cosines',
    says: 'with the first cosines in place of the best aligned ones',
    kinds: ['baseline', 'ingredient'],
    claims: ['quality', 'alignment'],
    by:
      (original: LowRank): LowRank =>
      (options) =>
        original(isOurs(options) ? { ...options, subspace: 'first' } : options),
  },
  {
    ...choice,
    id: 'worst-aligned',
    says: 'with the vectors that are aligned worst',
    kinds: ['ingredient'],
    claims: ['quality', 'projection', 'trion'],
    by: worst,
  },
  {
    module: 'southwell/optimisers/stochastic/lowRank/bases',
    name: 'basisRows',
    id: 'axes',
    says: 'with the identity in place of the cosine basis',
    kinds: ['ingredient'],
    claims: ['quality'],
    by:
      (original: Rows): Rows =>
      (basis, n, seed) =>
        basis === 'dct'
          ? Float64Array.from({ length: n * n }, (_, k) => Number(k % (n + 1) === 0))
          : original(basis, n, seed),
  },
  {
    module: 'southwell/optimisers/stochastic/lowRank/rotation',
    name: 'moveMoments',
    id: 'moments-stay',
    says: 'with moments that stay where they are',
    kinds: ['baseline', 'ingredient'],
    claims: ['rotation'],
    by: () => () => {},
  },
  {
    ...selection,
    id: 'nothing-captured',
    says: 'with nothing captured',
    kinds: ['nothing'],
    claims: ['projection', 'cosines'],
    by:
      (original: Select): Select =>
      (G, r, options) => {
        const found = original(G, r, options);
        return options?.basis === undefined ? { ...found, error: 1 } : found;
      },
  },
  {
    ...choice,
    id: 'first-vectors',
    says: 'with always the first vectors',
    kinds: ['baseline'],
    claims: ['projection', 'trion'],
    by: first,
  },
  {
    ...selection,
    id: 'random-basis',
    says: 'with a basis of no structure in place of the cosines',
    kinds: ['baseline', 'ingredient'],
    claims: ['cosines'],
    by:
      (original: Select): Select =>
      (G, r, options) =>
        original(
          G,
          r,
          options?.basis === undefined ? { ...options, basis: randomRows(G.cols, G.cols, new Random(99)) } : options,
        ),
  },
  {
    ...optimiser,
    id: 'adamw',
    says: 'with AdamW in its place',
    kinds: ['baseline'],
    claims: ['memory'],
    by:
      (original: LowRank): LowRank =>
      (options) => {
        if (!isOurs(options)) return original(options);
        const { rate, weightDecay, beta1, beta2, epsilon } = options;
        return adamW({ rate, weightDecay, beta1, beta2, epsilon });
      },
  },
  {
    module: 'southwell/optimisers/stochastic/lowRank/geometry',
    name: 'momentsOf',
    id: 'whole-moments',
    says: 'with moments of all vectors',
    kinds: ['ingredient'],
    claims: ['memory'],
    by: () => (range: { readonly rows: number; readonly cols: number }) => range.rows * range.cols,
  },
  {
    ...optimiser,
    id: 'decomposition',
    says: 'with singular vectors in place of chosen cosines',
    kinds: ['baseline', 'ingredient'],
    claims: ['time'],
    by:
      (original: LowRank): LowRank =>
      (options) =>
        original(isOurs(options) ? { ...options, subspace: 'svd' } : options),
  },
  {
    module: 'southwell/optimisers/stochastic/lowRank/trion',
    name: 'trion',
    id: 'trion-stays',
    says: 'with the matrices in blocks left as they are',
    kinds: ['nothing'],
    claims: ['trion'],
    by:
      (original: (options: object) => TrainingOptimiser) =>
      (options: object): TrainingOptimiser =>
        still(original(options)),
  },
]);

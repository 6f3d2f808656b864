import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Filter = (
  s: ArrayLike<number>,
  options: { readonly iterations: number; readonly momentum?: number },
) => Float64Array;
interface Fit {
  readonly solver: string;
  readonly iterations?: number;
  readonly momentum?: number;
}
type Fits = (problem: object, options: Fit) => Generator<object>;
type Sgd = (options: { readonly rate: unknown }) => unknown;

const filter = { module: 'southwell/training/modelSize/spectralFilter', name: 'gdSpectralFilter' } as const;
const fits = { module: 'southwell/training/modelSize/fitLinear', name: 'fitIterates' } as const;
const zero: Fit = { solver: 'gd-closed', iterations: 0 };
const fast = ({ solver }: Fit) => solver === 'momentum' || solver === 'adam';

export default nulls(record, [
  {
    id: 'nothing-fitted',
    says: 'with no direction fitted, whatever the budget',
    kinds: ['nothing'],
    claims: ['budget', 'loss-and-height'],
    ...filter,
    by: (): Filter => (s) => new Float64Array(s.length),
  },
  {
    id: 'no-filter',
    says: 'with every direction fitted, whatever the budget',
    kinds: ['baseline'],
    claims: ['budget', 'loss-and-height'],
    ...filter,
    by: (): Filter => (s) => Float64Array.from(s, (v) => (v > 0 ? 1 : 0)),
  },
  {
    id: 'tenth',
    says: 'with a tenth of the steps',
    kinds: ['ingredient'],
    claims: ['budget'],
    ...filter,
    by:
      (original: Filter): Filter =>
      (s, options) =>
        original(s, { ...options, iterations: Math.round(options.iterations / 10) }),
  },
  {
    id: 'one-budget',
    says: 'with a thousand steps for every budget',
    kinds: ['ingredient'],
    claims: ['loss-and-height'],
    ...filter,
    by:
      (original: Filter): Filter =>
      (s, options) =>
        original(s, { ...options, iterations: 1000 }),
  },
  {
    id: 'no-steps',
    says: 'without any step of momentum and Adam',
    kinds: ['nothing'],
    claims: ['optimisers'],
    ...fits,
    by:
      (original: Fits): Fits =>
      (problem, options) =>
        original(problem, fast(options) ? zero : options),
  },
  {
    id: 'no-steps-at-all',
    says: 'without any step of any optimiser',
    kinds: ['nothing'],
    claims: ['if-and-only-if'],
    ...fits,
    by:
      (original: Fits): Fits =>
      (problem) =>
        original(problem, zero),
  },
  {
    id: 'descent',
    says: 'with gradient descent in place of momentum and Adam',
    kinds: ['baseline'],
    claims: ['optimisers'],
    ...fits,
    by:
      (original: Fits): Fits =>
      (problem, options) =>
        original(problem, fast(options) ? { solver: 'gd', iterations: options.iterations } : options),
  },
  {
    id: 'descent-for-all',
    says: 'with gradient descent in place of every other optimiser',
    kinds: ['baseline', 'ingredient'],
    claims: ['if-and-only-if'],
    ...fits,
    by:
      (original: Fits): Fits =>
      (problem, { iterations }) =>
        original(problem, { solver: 'gd', iterations }),
  },
  {
    id: 'no-momentum',
    says: 'without momentum',
    kinds: ['ingredient'],
    claims: ['optimisers'],
    ...fits,
    by:
      (original: Fits): Fits =>
      (problem, options) =>
        original(problem, options.solver === 'momentum' ? { ...options, momentum: 0 } : options),
  },
  {
    id: 'no-weights',
    says: 'with zero as all weights',
    kinds: ['nothing'],
    claims: ['tiny-demo'],
    module: 'southwell/training/modelSize/ridgeFilter',
    name: 'ridgeFilter',
    by: () => (s: Float64Array) => new Float64Array(s.length),
  },
  {
    id: 'large-ridge',
    says: 'with a ridge of 1',
    kinds: ['baseline', 'ingredient'],
    claims: ['tiny-demo'],
    module: 'southwell/training/modelSize/ridgeFilter',
    name: 'ridgeFilter',
    by: () => (s: Float64Array) => s.map((v) => (v * v) / (v * v + 1)),
  },
  {
    id: 'untrained',
    says: 'without training',
    kinds: ['nothing'],
    claims: ['two-layer'],
    module: 'southwell/optimisers/stochastic/sgd',
    name: 'sgd',
    by:
      (sgd: Sgd): Sgd =>
      (options) =>
        sgd({ ...options, rate: 1e-30 }),
  },
  {
    id: 'one-rate',
    says: 'with one rate of 0.003 for all',
    kinds: ['baseline', 'ingredient'],
    claims: ['two-layer'],
    module: 'southwell/optimisers/stochastic/sgd',
    name: 'sgd',
    by:
      (sgd: Sgd): Sgd =>
      (options) =>
        sgd({ ...options, rate: 0.003 }),
  },
]);

import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Filter = (
  s: ArrayLike<number>,
  options: { readonly iterations: number; readonly momentum?: number },
) => Float64Array;
type Sgd = (options: { readonly rate: unknown }) => unknown;

export default nulls(record, [
  {
    id: 'no-filter',
    says: 'with every direction fitted, whatever the budget',
    kinds: ['ingredient'],
    claims: ['budget'],
    module: 'southwell/training/modelSize/spectralFilter',
    name: 'gdSpectralFilter',
    by: (): Filter => (s) => Float64Array.from(s, (v) => (v > 0 ? 1 : 0)),
  },
  {
    id: 'no-momentum',
    says: 'with momentum left out of the filter',
    kinds: ['ingredient'],
    claims: ['optimisers'],
    module: 'southwell/training/modelSize/spectralFilter',
    name: 'gdSpectralFilter',
    by:
      (filter: Filter): Filter =>
      (s, options) =>
        filter(s, { ...options, momentum: 0 }),
  },
  {
    id: 'large-ridge',
    says: 'with a ridge of 1',
    kinds: ['ingredient'],
    claims: ['tiny-demo'],
    module: 'southwell/training/modelSize/ridgeFilter',
    name: 'ridgeFilter',
    by: () => (s: Float64Array) => s.map((v) => (v * v) / (v * v + 1)),
  },
  {
    id: 'one-rate',
    says: 'with one rate of 0.003 for all',
    kinds: ['ingredient'],
    claims: ['two-layer'],
    module: 'southwell/optimisers/stochastic/sgd',
    name: 'sgd',
    by:
      (sgd: Sgd): Sgd =>
      (options) =>
        sgd({ ...options, rate: 0.003 }),
  },
]);

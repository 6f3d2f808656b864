import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Filter = (
  s: ArrayLike<number>,
  options: { readonly iterations: number; readonly momentum?: number },
) => Float64Array;
type Sgd = (options: { readonly rate: unknown }) => unknown;

export default ablations(record, [
  {
    id: 'no-filter',
    says: 'every direction fitted, whatever the budget',
    turns: ['budget'],
    module: 'southwell/training/modelSize/spectralFilter',
    name: 'gdSpectralFilter',
    by: (): Filter => (s) => Float64Array.from(s, (v) => (v > 0 ? 1 : 0)),
  },
  {
    id: 'no-momentum',
    says: 'momentum left out of the filter',
    turns: ['optimisers'],
    module: 'southwell/training/modelSize/spectralFilter',
    name: 'gdSpectralFilter',
    by:
      (filter: Filter): Filter =>
      (s, options) =>
        filter(s, { ...options, momentum: 0 }),
  },
  {
    id: 'large-ridge',
    says: 'a ridge of 1',
    turns: ['tiny-demo'],
    module: 'southwell/training/modelSize/ridgeFilter',
    name: 'ridgeFilter',
    by: () => (s: Float64Array) => s.map((v) => (v * v) / (v * v + 1)),
  },
  {
    id: 'one-rate',
    says: 'one rate of 0.003 for all',
    turns: ['two-layer'],
    module: 'southwell/optimisers/stochastic/sgd',
    name: 'sgd',
    by:
      (sgd: Sgd): Sgd =>
      (options) =>
        sgd({ ...options, rate: 0.003 }),
  },
]);

import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type LinearDecay = (options: { readonly rate: number }) => (step: number) => number;
type RefinedWeights = (norms: Float64Array, power: 1 | 2) => Float64Array;

/** Claims that do not hold in the shipped version cannot be turned by an ablation. */
export default ablations(record, [
  {
    id: 'no-decay',
    says: 'the rate stays as it is',
    turns: ['linear-decay', 'worst-case', 'real-sets'],
    module: 'southwell/optimisers/stochastic/schedules/schedules',
    name: 'linearDecay',
    by:
      (): LinearDecay =>
      ({ rate }) =>
      () =>
        rate,
  },
  {
    id: 'equal-weights',
    says: 'all steps weigh the same',
    turns: ['shape'],
    module: 'southwell/optimisers/stochastic/schedules/refinedWeights',
    name: 'refinedWeights',
    by: (): RefinedWeights => (norms) => norms.map(() => 1),
  },
]);

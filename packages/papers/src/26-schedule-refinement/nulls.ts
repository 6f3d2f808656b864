import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type LinearDecay = (options: { readonly rate: number }) => (step: number) => number;
type RefinedWeights = (norms: Float64Array, power: 1 | 2) => Float64Array;

/** Claims that do not hold in the shipped version cannot be turned by an ablation. */
export default nulls(record, [
  {
    id: 'no-decay',
    says: 'with the rate stays as it is',
    kinds: ['ingredient'],
    claims: ['linear-decay', 'worst-case', 'real-sets'],
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
    says: 'with all steps weigh the same',
    kinds: ['ingredient'],
    claims: ['shape'],
    module: 'southwell/optimisers/stochastic/schedules/refinedWeights',
    name: 'refinedWeights',
    by: (): RefinedWeights => (norms) => norms.map(() => 1),
  },
]);

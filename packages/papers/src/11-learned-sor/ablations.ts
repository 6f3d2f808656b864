import { ablations } from '../ablation.ts';
import { record } from './record.ts';

export default ablations(record, [
  {
    id: 'even-odds',
    says: 'the same odds for every arm, whatever it cost',
    turns: ['near-best-fixed'],
    module: 'southwell/linear-systems/tuning/tsallisWeights',
    name: 'tsallisWeights',
    by: () => (losses: Float64Array) => losses.map(() => 1 / losses.length),
  },
  {
    id: 'flat-curves',
    says: 'one cost for each arm, the same in every context',
    turns: ['context', 'heat'],
    module: 'southwell/linear-systems/tuning/chebyshev',
    name: 'chebyshev',
    by: () => (_: number, terms: number) => Float64Array.from({ length: terms }, (__, j) => (j === 0 ? 1 : 0)),
  },
]);

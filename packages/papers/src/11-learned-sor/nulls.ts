import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

export default nulls(record, [
  {
    id: 'even-odds',
    says: 'with the same odds for every arm, whatever it cost',
    kinds: ['ingredient'],
    claims: ['near-best-fixed'],
    module: 'southwell/linear-systems/tuning/tsallisWeights',
    name: 'tsallisWeights',
    by: () => (losses: Float64Array) => losses.map(() => 1 / losses.length),
  },
  {
    id: 'flat-curves',
    says: 'with one cost for each arm, the same in every context',
    kinds: ['ingredient'],
    claims: ['context', 'heat'],
    module: 'southwell/linear-systems/tuning/chebyshev',
    name: 'chebyshev',
    by: () => (_: number, terms: number) => Float64Array.from({ length: terms }, (__, j) => (j === 0 ? 1 : 0)),
  },
]);

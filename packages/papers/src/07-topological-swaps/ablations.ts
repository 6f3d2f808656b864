import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Pairs = ReadonlyArray<readonly [number, number]>;
type Candidates = (coefficients: Float64Array, order: ArrayLike<number>, count: number, knowledge?: unknown) => Pairs;

const module = 'southwell/structure-learning/candidates';

export default ablations(record, [
  {
    id: 'half',
    says: 'half of the candidate swaps',
    turns: ['reaches-true-score'],
    module,
    name: 'candidates',
    by:
      (original: Candidates): Candidates =>
      (coefficients, order, count, knowledge) =>
        original(coefficients, order, Math.ceil(count / 2), knowledge),
  },
  {
    id: 'none',
    says: 'no candidate swaps',
    turns: ['reaches-true-score', 'repairs-notears', 'monotone'],
    module,
    name: 'candidates',
    by: () => () => [],
  },
  {
    id: 'all-at-once',
    says: 'every swap that lowers the score by itself, all at once',
    turns: ['monotone'],
    module,
    name: 'disjoint',
    by: () => (pairs: Pairs) => pairs,
  },
]);

import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Pairs = Array<readonly [number, number]>;
type Candidates = (coefficients: Float64Array, order: ArrayLike<number>, count: number, knowledge?: unknown) => Pairs;

type SearchOf = (d: number, options: object) => { readonly small: number; readonly large: number };

const module = 'southwell/structure-learning/candidates';

export default ablations(record, [
  {
    id: 'half',
    says: 'half of the candidate sets',
    turns: ['reaches-true-score'],
    module: 'southwell/structure-learning/candidates',
    name: 'searchOf',
    by:
      (original: SearchOf): SearchOf =>
      (d, options) => {
        const search = original(d, options);
        return { ...search, small: Math.ceil(search.small / 2), large: Math.ceil(search.large / 2) };
      },
  },
  {
    id: 'skipped',
    says: 'every second candidate swap is left out',
    turns: ['reaches-true-score'],
    module,
    name: 'candidates',
    by:
      (original: Candidates): Candidates =>
      (...args) =>
        original(...args).filter((_, k) => k % 2 === 0),
  },
  {
    id: 'reversed',
    says: 'swaps of the largest acyclicity gradient first',
    turns: ['reaches-true-score'],
    module,
    name: 'candidates',
    by:
      (original: Candidates): Candidates =>
      (coefficients, order, count, knowledge) =>
        original(coefficients, order, order.length ** 2, knowledge)
          .reverse()
          .slice(0, count),
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

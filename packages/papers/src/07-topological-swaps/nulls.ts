import { Random } from 'southwell';
import { type Moments, type TopoOptions, varianceOrder } from 'southwell/structure-learning';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Pairs = Array<readonly [number, number]>;
type Candidates = (coefficients: Float64Array, order: ArrayLike<number>, count: number, knowledge?: unknown) => Pairs;
type SearchOf = (d: number, options: object) => { readonly small: number; readonly large: number };
type Search = (method: unknown, data: Moments, options: TopoOptions, signal: unknown) => unknown;

const module = 'southwell/structure-learning/orders/candidates';

/** The part of the order-factor class that nulls use. */
interface Factor {
  score(): number;
  swapGain(a: number, b: number): number;
  swap(pairs: Pairs): void;
}
type FactorClass = new (...args: unknown[]) => Factor;

export default nulls(record, [
  {
    id: 'none',
    says: 'without swaps',
    kinds: ['nothing', 'ingredient'],
    claims: ['reaches-true-score', 'by-gradient', 'lower-scores', 'repairs-notears', 'monotone'],
    module,
    name: 'candidates',
    by: () => () => [],
  },
  {
    id: 'by-variance',
    says: 'with the order by variance in place of swaps',
    kinds: ['baseline'],
    claims: ['reaches-true-score', 'lower-scores'],
    module: 'papers/07-topological-swaps/lab',
    name: 'search',
    by:
      (original: Search): Search =>
      (method, data, options, signal) =>
        original(
          method,
          data,
          { ...options, order: varianceOrder(data), small: 0, large: 0, largeSearches: 0 },
          signal,
        ),
  },
  {
    id: 'neighbours',
    says: 'with swaps of neighbours in the order only',
    kinds: ['baseline'],
    claims: ['reaches-true-score', 'lower-scores', 'repairs-notears'],
    module,
    name: 'candidates',
    by:
      (original: Candidates): Candidates =>
      (coefficients, order, count, knowledge) =>
        original(coefficients, order, order.length ** 2, knowledge)
          .filter(([a, b]) => b - a === 1)
          .slice(0, count),
  },
  {
    id: 'told',
    says: 'with any swaps, told as if they lowered the score',
    kinds: ['baseline'],
    claims: ['monotone'],
    module: 'southwell/structure-learning/orders/orderFactor',
    name: 'OrderFactor',
    by: (Original: FactorClass): FactorClass =>
      class extends Original {
        private rounds = 0;
        private told: number | undefined;
        override swapGain(a: number, b: number): number {
          return this.rounds > 20 ? 0 : -Math.abs(super.swapGain(a, b));
        }
        override swap(pairs: Pairs): void {
          this.rounds++;
          this.told = this.score() - 1e-3;
          super.swap(pairs);
        }
        override score(): number {
          return this.told ?? super.score();
        }
      },
  },
  {
    id: 'random',
    says: 'with as many swaps at random',
    kinds: ['baseline', 'ingredient'],
    claims: ['reaches-true-score', 'by-gradient'],
    module,
    name: 'candidates',
    by: (original: Candidates): Candidates => {
      const random = new Random(1);
      return (coefficients, order, count, knowledge) => {
        const all = original(coefficients, order, order.length ** 2, knowledge);
        return Array.from(random.permutation(all.length), (k) => all[k]).slice(0, count);
      };
    },
  },
  {
    id: 'edge',
    says: 'with swaps by the weight of the one edge, not of all walks',
    kinds: ['ingredient'],
    claims: ['reaches-true-score', 'by-gradient'],
    module,
    name: 'candidates',
    by:
      (original: Candidates): Candidates =>
      (coefficients, order, count, knowledge) => {
        const d = order.length;
        const weight = ([a, b]: Pairs[number]) => Math.abs(coefficients[b * d + a]);
        return original(coefficients, order, d ** 2, knowledge)
          .sort((x, y) => weight(x) - weight(y))
          .slice(0, count);
      },
  },
  {
    id: 'half',
    says: 'with half of the candidate sets',
    kinds: ['ingredient'],
    claims: ['reaches-true-score'],
    module,
    name: 'searchOf',
    by:
      (original: SearchOf): SearchOf =>
      (d, options) => {
        const search = original(d, options);
        return { ...search, small: Math.ceil(search.small / 2), large: Math.ceil(search.large / 2) };
      },
  },
  {
    id: 'all-at-once',
    says: 'with every swap that lowers the score by itself, all at once',
    kinds: ['ingredient'],
    claims: ['monotone'],
    module,
    name: 'disjoint',
    by: () => (pairs: Pairs) => pairs,
  },
]);

import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Pairs = Array<readonly [number, number]>;
type Candidates = (coefficients: Float64Array, order: ArrayLike<number>, count: number, knowledge?: unknown) => Pairs;

type SearchOf = (d: number, options: object) => { readonly small: number; readonly large: number };

const module = 'southwell/structure-learning/orders/candidates';

/** The part of the order-factor class that ablations use. */
interface Factor {
  score(): number;
  swapGain(a: number, b: number): number;
  swap(pairs: Pairs): void;
}
type FactorClass = new (...args: unknown[]) => Factor;

interface Filled {
  readonly data: Float64Array;
}

export default nulls(record, [
  {
    id: 'half',
    says: 'with half of the candidate sets',
    kinds: ['ingredient'],
    claims: ['reaches-true-score'],
    module: 'southwell/structure-learning/orders/candidates',
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
    says: 'with every second candidate swap is left out',
    kinds: ['ingredient'],
    claims: ['reaches-true-score'],
    module,
    name: 'candidates',
    by:
      (original: Candidates): Candidates =>
      (...args) =>
        original(...args).filter((_, k) => k % 2 === 0),
  },
  {
    id: 'reversed',
    says: 'with swaps of the largest acyclicity gradient first',
    kinds: ['ingredient'],
    claims: ['reaches-true-score'],
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
    id: 'edge',
    says: 'with swaps by the weight of the one edge, not of all walks',
    kinds: ['ingredient'],
    claims: ['reaches-true-score'],
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
    id: 'no-large',
    says: 'without large set',
    kinds: ['ingredient'],
    claims: ['reaches-true-score'],
    module,
    name: 'searchOf',
    by:
      (original: SearchOf): SearchOf =>
      (d, options) => {
        const search = original(d, options);
        return { ...search, large: search.small };
      },
  },
  {
    id: 'cyclic',
    says: 'with NOTEARS does not see cycles',
    kinds: ['ingredient'],
    claims: ['repairs-notears'],
    module: 'southwell/structure-learning/continuous/acyclicity',
    name: 'exponentialInto',
    by: () => (_W: Filled, _squares: Filled, E: Filled) => {
      E.data.fill(0);
      return 0;
    },
  },
  {
    id: 'told',
    says: 'with any swaps, told as if they lowered the score',
    kinds: ['ingredient'],
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
    id: 'none',
    says: 'without candidate swaps',
    kinds: ['ingredient'],
    claims: ['reaches-true-score', 'repairs-notears', 'monotone'],
    module,
    name: 'candidates',
    by: () => () => [],
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

import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import type { AggregateOptions, aggregate, flagIterates, Gradient } from 'southwell/distributed-methods';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Flag = typeof flagIterates;
type Aggregation = typeof aggregate;
type Subspaces = (
  columns: { readonly rank: number },
  m: number,
) => Generator<{ snapshot(): { readonly V: Float64Array } }>;

const aggregation = 'southwell/distributed-methods/aggregation';
const flag = { module: `${aggregation}/flag`, name: 'flagIterates' } as const;
const trained = ['worst-case', 'no-attack', 'lie', 'subspace', 'augmentation', 'fewer-iterations'] as const;

/** The flag aggregator with other weights of the p gradients, made from their inner products. */
const weighted =
  (weightsOf: (p: number) => Float64Array) =>
  (original: Flag): Flag =>
    function* (K, options) {
      const weights = weightsOf(Math.round(Math.sqrt(K.length)));
      for (const iterate of original(K, options))
        yield { ...iterate, snapshot: () => ({ ...iterate.snapshot(), weights }) };
    };

const random = new Random(40);

export default nulls(record, [
  {
    id: 'no-step',
    says: 'with zero as the direction',
    kinds: ['nothing'],
    claims: trained,
    ...flag,
    by: weighted((p) => new Float64Array(p)),
  },
  {
    id: 'mean',
    says: 'with the mean in its place',
    kinds: ['baseline'],
    claims: ['worst-case', 'lie', 'subspace', 'augmentation', 'fewer-iterations'],
    ...flag,
    by: weighted((p) => new Float64Array(p).fill(1 / p)),
  },
  {
    id: 'random-weights',
    says: 'with a random combination of the gradients',
    kinds: ['unequal'],
    claims: ['no-attack'],
    ...flag,
    by: weighted((p) => Float64Array.from({ length: p }, () => random.normal() / p)),
  },
  {
    id: 'all-dimensions',
    says: 'without a subspace, as the mean of unit gradients (m = p)',
    kinds: ['ingredient'],
    claims: trained,
    ...flag,
    by:
      (original: Flag): Flag =>
      (K, options) =>
        original(K, { ...options, m: Math.round(Math.sqrt(K.length)) }),
  },
  {
    id: 'random-subspace',
    says: 'with a random subspace of the span of the gradients',
    kinds: ['ingredient'],
    claims: trained,
    ...{ module: `${aggregation}/subspace`, name: 'subspaceIterates' },
    by: (original: Subspaces): Subspaces =>
      function* (columns, m) {
        const { rank } = columns;
        const entries = Float64Array.from({ length: rank * m }, () => random.normal());
        const { U } = svd(DenseMatrix.fromColumnMajor(entries, rank, m));
        for (const iterate of original(columns, m))
          yield { ...iterate, snapshot: () => ({ ...iterate.snapshot(), V: U.data.slice() }) };
      },
  },
  {
    id: 'decomposition',
    says: 'with a singular value decomposition of the gradients in each pass',
    kinds: ['unequal', 'ingredient'],
    claims: ['cost'],
    ...{ module: `${aggregation}/aggregate`, name: 'aggregate' },
    by:
      (original: Aggregation): Aggregation =>
      (gradients: readonly Gradient[], options: AggregateOptions = {}) => {
        const { rule = 'flag', iterations = 5 } = options;
        if (rule === 'flag') {
          const columns = gradients.map((g) => Float64Array.from(g));
          for (let pass = 0; pass < iterations; pass++) svd(DenseMatrix.fromColumns(columns));
        }
        return original(gradients, options);
      },
  },
]);

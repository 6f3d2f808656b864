import * as ad from '@southwell/autodiff';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type WithinViews = (...args: readonly [unknown, unknown, unknown, unknown, k: number]) => Float64Array;
type Batch = readonly Float64Array[];
type Gradient = (first: Batch, second: Batch, ...rest: readonly unknown[]) => { readonly gradients: Float64Array[] };
type WithinCodes = (...args: readonly unknown[]) => ad.Tensor;

/** The diagonal of a matrix, with zeros elsewhere. */
function diagonalOf(V: ad.Tensor): ad.Tensor {
  const [k] = V.shape;
  const ones = Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? 1 : 0));
  return ad.mul(V, ad.tensor(ones, { shape: [k, k], dtype: V.dtype }));
}

export default nulls(record, [
  {
    id: 'no-penalty-across',
    says: 'with only the variances of scores are penalised, not their covariances',
    kinds: ['ingredient'],
    claims: ['small-batches', 'no-false-minima', 'wide-pls'],
    module: 'southwell/factorisation/correlation/viewScores',
    name: 'withinViews',
    by:
      (original: WithinViews): WithinViews =>
      (...args) =>
        original(...args).map((v, at) => (at % (args[4] + 1) === 0 ? v : 0)),
  },
  {
    id: 'tenth-penalty',
    says: 'with a tenth of the penalty',
    kinds: ['ingredient'],
    claims: ['no-false-minima', 'wide-pls'],
    module: 'southwell/factorisation/correlation/viewScores',
    name: 'withinViews',
    by:
      (original: WithinViews): WithinViews =>
      (...args) =>
        original(...args).map((v) => v / 10),
  },
  {
    id: 'one-batch',
    says: 'with one batch, used twice',
    kinds: ['ingredient'],
    claims: ['two-batches'],
    module: 'southwell/factorisation/correlation/eckartYoung',
    name: 'eyGradient',
    by:
      (original: Gradient): Gradient =>
      (first, _, ...rest) =>
        original(first, first, ...rest),
  },
  {
    id: 'half-penalty',
    says: 'with half of the penalty, as without the term of the second batch',
    kinds: ['ingredient'],
    claims: ['two-batches'],
    module: 'southwell/factorisation/correlation/eckartYoung',
    name: 'eyGradient',
    by:
      (original: Gradient): Gradient =>
      (first, second, ...rest) => {
        const whole = original(first, second, ...rest);
        // Rows of zeros have no variance.
        const none = original(
          first,
          second.map((X) => X.map(() => 0)),
          ...rest,
        );
        return {
          ...whole,
          gradients: whole.gradients.map((g, v) => g.map((value, at) => (value + none.gradients[v][at]) / 2)),
        };
      },
  },
  {
    id: 'no-penalty-across-codes',
    says: 'with only the variances of outputs are penalised, not their covariances',
    kinds: ['ingredient'],
    claims: ['deep-cca', 'deep-narrow-batches'],
    module: 'southwell/training/views/terms',
    name: 'withinViews',
    by:
      (original: WithinCodes): WithinCodes =>
      (...args) =>
        diagonalOf(original(...args)),
  },
]);

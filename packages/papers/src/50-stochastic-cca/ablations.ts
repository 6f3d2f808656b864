import * as ad from '@southwell/autodiff';
import { ablations } from '../ablation.ts';
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

export default ablations(record, [
  {
    id: 'no-penalty-across',
    says: 'only the variances of scores are penalised, not their covariances',
    turns: ['small-batches', 'no-false-minima', 'wide-pls'],
    module: 'southwell/factorisation/correlation/viewScores',
    name: 'withinViews',
    by:
      (original: WithinViews): WithinViews =>
      (...args) =>
        original(...args).map((v, at) => (at % (args[4] + 1) === 0 ? v : 0)),
  },
  {
    id: 'tenth-penalty',
    says: 'a tenth of the penalty',
    turns: ['no-false-minima', 'wide-pls'],
    module: 'southwell/factorisation/correlation/viewScores',
    name: 'withinViews',
    by:
      (original: WithinViews): WithinViews =>
      (...args) =>
        original(...args).map((v) => v / 10),
  },
  {
    id: 'one-batch',
    says: 'one batch, used twice',
    turns: ['two-batches'],
    module: 'southwell/factorisation/correlation/eckartYoung',
    name: 'eyGradient',
    by:
      (original: Gradient): Gradient =>
      (first, _, ...rest) =>
        original(first, first, ...rest),
  },
  {
    id: 'half-penalty',
    says: 'half of the penalty, as without the term of the second batch',
    turns: ['two-batches'],
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
    says: 'only the variances of outputs are penalised, not their covariances',
    turns: ['deep-cca', 'deep-narrow-batches'],
    module: 'southwell/training/views/terms',
    name: 'withinViews',
    by:
      (original: WithinCodes): WithinCodes =>
      (...args) =>
        diagonalOf(original(...args)),
  },
]);

import { DenseMatrix } from 'southwell';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Loss = (activations: Float64Array, labels: Int32Array) => number;
type Data = (X: unknown, y: unknown, options?: { readonly covariates?: DenseMatrix }) => unknown;

/** Activations are replaced by their gradient, times a factor. */
const gradientTimes =
  (factor: number) =>
  (original: Loss): Loss =>
  (activations, labels) => {
    const loss = original(activations, labels);
    for (let k = 0; k < activations.length; k++) activations[k] *= factor;
    return loss;
  };

interface Projection {
  project(): void;
  readonly F: { readonly data: Float64Array; readonly rows: number };
}

export default nulls(record, [
  {
    id: 'labels-unseen',
    says: 'with the dictionary takes no step for the labels',
    kinds: ['ingredient'],
    claims: ['accuracy-and-reconstruction', 'exponential-convergence'],
    module: 'southwell/factorisation/dictionary/softmax',
    name: 'softmaxLoss',
    by: gradientTimes(0),
  },
  {
    id: 'gradient-tenfold',
    says: 'with the gradient of the labels is ten times too long',
    kinds: ['ingredient'],
    claims: ['exponential-convergence', 'white-samples'],
    module: 'southwell/factorisation/dictionary/softmax',
    name: 'softmaxLoss',
    by: gradientTimes(10),
  },
  {
    id: 'rank-one-less',
    says: 'with the projection leaves out its last direction',
    kinds: ['ingredient'],
    claims: ['exponential-convergence'],
    module: 'southwell/factorisation/dictionary/lowRankProjection',
    name: 'LowRankProjection',
    by: (original: new (...args: readonly unknown[]) => Projection) =>
      class extends original {
        override project(): void {
          super.project();
          this.F.data.fill(0, this.F.data.length - this.F.rows);
        }
      },
  },
  {
    id: 'projections-skipped',
    says: 'with every third projection is that of the step before',
    kinds: ['ingredient'],
    claims: ['exponential-convergence'],
    module: 'southwell/factorisation/dictionary/lowRankProjection',
    name: 'LowRankProjection',
    by: (original: new (...args: readonly unknown[]) => Projection) =>
      class extends original {
        private count = 0;
        override project(): void {
          if (++this.count % 3 > 0) super.project();
        }
      },
  },
  {
    id: 'covariates-blank',
    says: 'with covariates of the fit are zeros',
    kinds: ['ingredient'],
    claims: ['covariates'],
    module: 'southwell/factorisation/dictionary/supervisedData',
    name: 'supervisedData',
    by:
      (original: Data): Data =>
      (X, y, { covariates, ...options } = {}) =>
        original(X, y, { ...options, covariates: covariates && DenseMatrix.create(covariates.rows, covariates.cols) }),
  },
]);

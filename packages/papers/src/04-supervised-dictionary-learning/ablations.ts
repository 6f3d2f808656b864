import { DenseMatrix } from 'southwell';
import { ablations } from '../ablation.ts';
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

export default ablations(record, [
  {
    id: 'labels-unseen',
    says: 'the dictionary takes no step for the labels',
    turns: ['accuracy-and-reconstruction', 'exponential-convergence'],
    module: 'southwell/factorisation/dictionary/softmax',
    name: 'softmaxLoss',
    by: gradientTimes(0),
  },
  {
    id: 'gradient-tenfold',
    says: 'the gradient of the labels is ten times too long',
    turns: ['exponential-convergence', 'white-samples'],
    module: 'southwell/factorisation/dictionary/softmax',
    name: 'softmaxLoss',
    by: gradientTimes(10),
  },
  {
    id: 'rank-one-less',
    says: 'the projection leaves out its last direction',
    turns: ['exponential-convergence'],
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
    says: 'every third projection is that of the step before',
    turns: ['exponential-convergence'],
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
    says: 'covariates of the fit are zeros',
    turns: ['covariates'],
    module: 'southwell/factorisation/dictionary/supervisedData',
    name: 'supervisedData',
    by:
      (original: Data): Data =>
      (X, y, { covariates, ...options } = {}) =>
        original(X, y, { ...options, covariates: covariates && DenseMatrix.create(covariates.rows, covariates.cols) }),
  },
]);

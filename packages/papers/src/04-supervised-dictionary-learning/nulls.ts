import { DenseMatrix } from 'southwell';
import { nulls } from '../verdicts/nulls.ts';
import type { Method } from './models.ts';
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

/** The library's method with other fits or other steps. */
const method = { module: 'papers/04-supervised-dictionary-learning/models', name: 'libraryMethod' } as const;

export default nulls(record, [
  {
    ...method,
    id: 'half',
    says: 'with the probability ½ for every sample',
    kinds: ['nothing'],
    claims: ['accuracy-and-reconstruction', 'covariates'],
    by: ({ estimator, ...rest }: Method): Method => ({
      ...rest,
      estimator: (options) => {
        const own = estimator(options);
        return new Proxy(own, {
          get(target, name) {
            if (name !== 'fitAsync') return Reflect.get(target, name);
            return async (...given: Parameters<typeof own.fitAsync>) => {
              const fit = await own.fitAsync(...given);
              fit.predictProba = (X) => {
                const P = DenseMatrix.create((X as DenseMatrix).rows, 2);
                P.data.fill(0.5);
                return P;
              };
              return fit;
            };
          },
        });
      },
    }),
  },
  {
    ...method,
    id: 'no-step',
    says: 'without a step from the start',
    kinds: ['nothing'],
    claims: ['exponential-convergence', 'white-samples'],
    by: ({ lifted, ...rest }: Method): Method => ({
      ...rest,
      *lifted(...given) {
        for (const iterate of lifted(...given)) {
          yield { ...iterate, done: 'converged' as const };
          return;
        }
      },
    }),
  },
  {
    id: 'labels-unseen',
    says: 'without steps of the dictionary for the labels',
    kinds: ['baseline', 'ingredient'],
    claims: ['accuracy-and-reconstruction'],
    module: 'southwell/factorisation/dictionary/softmax',
    name: 'softmaxLoss',
    by: gradientTimes(0),
  },
  {
    id: 'gradient-tenfold',
    says: 'with a gradient of the labels that is ten times too long',
    kinds: ['ingredient'],
    claims: ['exponential-convergence', 'white-samples'],
    module: 'southwell/factorisation/dictionary/softmax',
    name: 'softmaxLoss',
    by: gradientTimes(10),
  },
  {
    id: 'no-projection',
    says: 'with gradient steps that are not projected to the rank',
    kinds: ['baseline'],
    claims: ['exponential-convergence', 'white-samples'],
    module: 'southwell/factorisation/dictionary/lowRankProjection',
    name: 'LowRankProjection',
    by: (original: new (...args: readonly unknown[]) => Projection) =>
      class extends original {
        private count = 0;
        override project(): void {
          if (this.count++ === 0) super.project();
        }
      },
  },
  {
    id: 'covariates-blank',
    says: 'with covariates that are zero',
    kinds: ['baseline', 'ingredient'],
    claims: ['covariates'],
    module: 'southwell/factorisation/dictionary/supervisedData',
    name: 'supervisedData',
    by:
      (original: Data): Data =>
      (X, y, { covariates, ...options } = {}) =>
        original(X, y, { ...options, covariates: covariates && DenseMatrix.create(covariates.rows, covariates.cols) }),
  },
]);

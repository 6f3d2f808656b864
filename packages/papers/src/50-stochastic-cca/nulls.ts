import * as ad from '@southwell/autodiff';
import type { DenseMatrix } from 'southwell';
import { nulls } from '../verdicts/nulls.ts';
import type { DeepMethod } from './deepLab.ts';
import type { Method } from './lab.ts';
import { record } from './record.ts';

type WithinViews = (...args: readonly [unknown, unknown, unknown, unknown, k: number]) => Float64Array;
type Batch = readonly Float64Array[];
interface Found {
  readonly gradients: Float64Array[];
  readonly within: number;
}
type Gradient = (
  ...args: readonly [first: Batch, second: Batch, weights: Batch, alpha: unknown, count: number, k: number]
) => Found;
type WithinCodes = (...args: readonly unknown[]) => ad.Tensor;

/** The diagonal of a matrix, with zeros elsewhere. */
function diagonalOf(V: ad.Tensor): ad.Tensor {
  const [k] = V.shape;
  const ones = Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? 1 : 0));
  return ad.mul(V, ad.tensor(ones, { shape: [k, k], dtype: V.dtype }));
}

/** Scores of rows, centred. */
function centred(X: Float64Array, U: Float64Array, count: number, k: number): Float64Array {
  const [Z, mean, d] = [new Float64Array(count * k), new Float64Array(k), U.length / k];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < d; j++) for (let c = 0; c < k; c++) Z[i * k + c] += X[i * d + j] * U[j * k + c];
    for (let c = 0; c < k; c++) mean[c] += Z[i * k + c] / count;
  }
  return Z.map((z, at) => z - mean[at % k]);
}

/** The direction of the generalised Hebbian algorithm, BU(UᵀAU) − AU, of the first batch of two views. */
function hebbian([X, Y]: Batch, [U, W]: Batch, count: number, k: number): Found {
  const Z = [centred(X, U, count, k), centred(Y, W, count, k)];
  const between = new Float64Array(k * k);
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < k; a++) {
      for (let c = 0; c < k; c++) {
        const [p, q] = [i * k + a, i * k + c];
        between[a * k + c] += (Z[0][p] * Z[1][q] + Z[1][p] * Z[0][q]) / (count - 1);
      }
    }
  }
  const gradients = [X, Y].map((rows, v) => {
    const d = rows.length / count;
    const g = new Float64Array(d * k);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < k; c++) {
        let pull = -Z[1 - v][i * k + c];
        for (let a = 0; a < k; a++) pull += Z[v][i * k + a] * between[a * k + c];
        for (let j = 0; j < d; j++) g[j * k + c] += (rows[i * d + j] * pull) / (count - 1);
      }
    }
    return g;
  });
  return { gradients, within: 0 };
}

const gradient = { module: 'southwell/factorisation/correlation/eckartYoung', name: 'eyGradient' } as const;
const within = { module: 'southwell/factorisation/correlation/viewScores', name: 'withinViews' } as const;
const nets = { module: 'papers/50-stochastic-cca/deepLab', name: 'libraryNets' } as const;

export default nulls(record, [
  {
    id: 'no-gradient',
    says: 'with zero as the gradient',
    kinds: ['nothing'],
    claims: ['small-batches', 'eigen-game', 'two-batches', 'no-false-minima', 'wide-pls'],
    ...gradient,
    by:
      (): Gradient =>
      (...[, , weights]) => ({ gradients: weights.map((U) => new Float64Array(U.length)), within: 0 }),
  },
  {
    id: 'hebbian',
    says: 'with the direction of the generalised Hebbian algorithm in place of the gradient',
    kinds: ['baseline'],
    claims: ['small-batches', 'eigen-game', 'no-false-minima'],
    ...gradient,
    by:
      (): Gradient =>
      (...[first, , weights, , count, k]) =>
        hebbian(first, weights, count, k),
  },
  {
    id: 'no-penalty-across',
    says: 'with only the variances of scores penalised, not their covariances',
    kinds: ['ingredient'],
    claims: ['small-batches', 'eigen-game', 'no-false-minima', 'wide-pls'],
    ...within,
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
    ...within,
    by:
      (original: WithinViews): WithinViews =>
      (...args) =>
        original(...args).map((v) => v / 10),
  },
  {
    id: 'one-batch',
    says: 'with one batch, used twice',
    kinds: ['baseline', 'ingredient'],
    claims: ['two-batches'],
    ...gradient,
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
    ...gradient,
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
    id: 'exact',
    says: 'with exact analysis, which keeps the cross-covariance',
    kinds: ['baseline'],
    claims: ['wide-pls'],
    module: 'papers/50-stochastic-cca/lab',
    name: 'libraryMethod',
    by: (original: Method): Method => ({
      ...original,
      *steps(views: readonly DenseMatrix[], { components, ridge }) {
        const found = original.exact(views, { components, ridge });
        const lengths = found.eigenvalues.map(Math.sqrt);
        const weights = found.weights.map(({ rows, cols, data }) =>
          Float64Array.from({ length: rows * cols }, (_, at) => {
            const [j, c] = [Math.floor(at / cols), at % cols];
            return lengths[c] * data[c * rows + j];
          }),
        );
        const kept = new Float64Array(views[0].cols * views[1].cols);
        yield { weights, checkpoint: () => ({ kept }) as never };
        return found;
      },
    }),
  },
  {
    id: 'untrained',
    says: 'with networks that are not trained',
    kinds: ['nothing'],
    claims: ['deep-cca', 'deep-narrow-batches', 'deep-noi'],
    ...nets,
    by: (original: DeepMethod): DeepMethod => ({
      ...original,
      nets: (views, options) => original.nets(views, { ...options, rate: 1e-30 }),
    }),
  },
  {
    id: 'stol',
    says: 'with STOL in place of the loss',
    kinds: ['baseline'],
    claims: ['deep-cca', 'deep-narrow-batches', 'deep-noi'],
    ...nets,
    by: (original: DeepMethod): DeepMethod => ({
      ...original,
      nets: (views, options) => original.rivals('STOL', views, options),
    }),
  },
  {
    id: 'lines',
    says: 'with linear functions in place of networks',
    kinds: ['baseline'],
    claims: ['deep-cca', 'deep-narrow-batches'],
    ...nets,
    by: (original: DeepMethod): DeepMethod => ({
      ...original,
      nets: (views, options) => original.nets(views, { ...options, hidden: [] }),
    }),
  },
  {
    id: 'no-penalty-across-codes',
    says: 'with only the variances of outputs penalised, not their covariances',
    kinds: ['ingredient'],
    claims: ['deep-cca', 'deep-narrow-batches', 'deep-noi'],
    module: 'southwell/training/views/terms',
    name: 'withinViews',
    by:
      (original: WithinCodes): WithinCodes =>
      (...args) =>
        diagonalOf(original(...args)),
  },
]);

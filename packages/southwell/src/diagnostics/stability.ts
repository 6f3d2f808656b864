import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  flagOption,
  limitOption,
  numberOption,
  type OptionsOf,
  wholeNumber,
} from '@southwell/numerics/core';
import { eigenSymmetric, gramMatrix } from '@southwell/numerics/linalg';
import { extremeEigenvalues } from './extremes.ts';
import { secondMoments } from './secondMoments.ts';

const samplingRecords = {
  /** Batch size, at least 1; Infinity for full batches. Default 1. */
  batch: limitOption(1),
  /** Whether to sample with replacement. Default true; without, a batch has at most all examples. */
  replacement: flagOption(),
};

const criticalRecords = {
  ...samplingRecords,
  /** Relative tolerance of the critical eigenvalue. Default 1e-10. */
  tol: numberOption({ min: 0, max: 1, open: true }),
};

const stabilityRecords = {
  ...criticalRecords,
  /** Learning rate to test. */
  rate: numberOption({ min: 0, open: true, finite: true }),
};

/** How stochastic gradient descent samples batches. */
export interface SamplingOptions extends OptionsOf<typeof samplingRecords> {}
export interface CriticalRateOptions extends OptionsOf<typeof criticalRecords> {}
export interface StabilityOptions extends OptionsOf<typeof stabilityRecords> {}

/** A Jacobian given by its products: of n outputs with respect to p parameters. */
export interface JacobianOperator {
  readonly n: number;
  readonly p: number;
  /** out ← Jv. */
  jvp(v: Float64Array, out: Float64Array): void;
  /** out ← Jᵀu. */
  vjp(u: Float64Array, out: Float64Array): void;
}

/** The derivative of the outputs at an interpolating solution: a row for each example. */
export type Jacobian = DenseMatrix | JacobianOperator;

/**
 * Upper bounds on the learning rate from the curvature H = JᵀJ/n: each is necessary for stability, but only `exact` is
 * sufficient with batches.
 */
export interface RateBounds {
  /** 2/λ_max: the bound for full gradients, necessary for batches too. */
  readonly descent: number;
  /** 2·tr H/((1 − c)‖H‖² + c·E‖∇f‖⁴), where c is the fraction of the noise: 1/B with replacement. */
  readonly fourthMoment: number;
  /** 2/(c·tr H), which for single examples is 2/tr H (Wu & Su, ICML 2023); infinite for full gradients. */
  readonly trace: number;
}

export interface Stability {
  readonly trace: number;
  /** Frobenius norm of H. */
  readonly frobenius: number;
  readonly lambdaMax: number;
  /** The mean over examples of ‖∇f‖⁴. */
  readonly fourthMoment: number;
  readonly bounds: RateBounds;
  /** The largest rate at which squared distances do not grow on average. */
  readonly criticalRate: number;
  /**
   * With a rate: the asymptotic growth factor of squared distances in a step, in the directions spanned by the
   * gradients of examples.
   */
  readonly spectralRadius?: number;
  /** With a rate: whether it is at most the critical rate. */
  readonly stable?: boolean;
}

/**
 * Mean-square stability of stochastic gradient descent at an interpolating solution of least squares, (1/2n)Σ(f(xᵢ) −
 * yᵢ)², and the resulting bounds on the curvature there (Wu & Su, ICML 2023, arXiv 2305.17490). Steps are linearised,
 * which is exact if all residuals are 0 and outputs are smooth. The second moment M of the distance follows M ← M −
 * η(HM + MH) + η²D(M). As this map is symmetric and preserves positive semi-definite matrices, the critical rate needs
 * no search: 1/η is the largest eigenvalue of D relative to HM + MH, here by Lanczos. Momentum, decay and clipping give
 * other maps.
 *
 * @param jacobian a DenseMatrix with a row for each example, or products with it, n of each.
 * @throws INVALID_SHAPE for no examples; INVALID_PARAMETER for a zero Jacobian, or invalid options; NON_FINITE;
 * NUMERICAL if Lanczos does not converge. O(n²p + products · n³), n²·(products + n) numbers of memory.
 */
export function stabilityAnalysis(jacobian: Jacobian, options: StabilityOptions = {}): Stability {
  checkOptions('stabilityAnalysis', stabilityRecords, options);
  const { rate } = options;
  const { tol, ...analysed } = analyse(jacobian, options);
  const { curvatures, norms, noise, moments, unit } = analysed;
  const trace = sumOf(curvatures);
  const square = sumOf(curvatures.map((h) => h * h));
  const fourthMoment = sumOf(norms.map((v) => v * v)) / norms.length;
  const lambdaMax = curvatures.reduce((a, b) => Math.max(a, b), 0);
  const criticalRate = criticalOf(analysed, tol);
  const result = {
    ...{ trace: unit * trace, frobenius: unit * Math.sqrt(square), lambdaMax: unit * lambdaMax },
    ...{ fourthMoment: unit * unit * fourthMoment, criticalRate },
    bounds: {
      descent: 2 / lambdaMax / unit,
      fourthMoment: (2 * trace) / ((1 - noise) * square + noise * fourthMoment) / unit,
      trace: noise > 0 ? 2 / (noise * trace) / unit : Number.POSITIVE_INFINITY,
    },
  };
  if (rate === undefined) return result;
  // All other eigenvalues exceed the negative of the largest, since the map is positive.
  const { value } = largestOf((v, out) => moments.step(rate * unit, v, out), moments.size, tol);
  return { ...result, spectralRadius: value, stable: rate <= criticalRate };
}

/**
 * The largest learning rate at which stochastic gradient descent with such batches is stable at a solution: see {@link
 * stabilityAnalysis}.
 * @throws as that.
 */
export function criticalLearningRate(jacobian: Jacobian, options: CriticalRateOptions = {}): number {
  checkOptions('criticalLearningRate', criticalRecords, options);
  const { tol, ...analysed } = analyse(jacobian, options);
  return criticalOf(analysed, tol);
}

interface Analysed {
  /** Scale of H, so that its squares neither overflow nor underflow. */
  readonly unit: number;
  /** Non-zero eigenvalues of H. */
  readonly curvatures: Float64Array;
  /** ‖∇f‖² of each example. */
  readonly norms: Float64Array;
  /** Noise of a batch relative to that of single examples: 1/B. */
  readonly noise: number;
  readonly moments: ReturnType<typeof secondMoments>;
}

function analyse(jacobian: Jacobian, { batch = 1, replacement = true, tol = 1e-10 }: CriticalRateOptions) {
  const K = kernelOf(jacobian);
  const n = K.rows;
  if (batch !== Number.POSITIVE_INFINITY) wholeNumber('batch', batch, 1, replacement ? undefined : n);
  const full = batch === Number.POSITIVE_INFINITY;
  const noise = full ? 0 : replacement ? 1 / batch : n === 1 ? 0 : (n - batch) / (batch * (n - 1));
  const { values, vectors } = eigenSymmetric(K);
  const most = values[n - 1];
  if (!(most > 0)) fail('INVALID_PARAMETER', 'The Jacobian is 0, so that there is no critical rate.');
  // Rounding errors of zero eigenvalues are discarded.
  const kept = Array.from(values.keys()).filter((k) => values[k] > 8 * n * Number.EPSILON * most);
  // Gradients in the directions spanned by those of examples, over √unit: row i is √(values/unit) ∘ (row i of the
  // vectors).
  const unit = most;
  const G = DenseMatrix.create(n, kept.length);
  kept.forEach((k, a) => {
    const [from, to, root] = [vectors.column(k), G.column(a), Math.sqrt(values[k] / unit)];
    for (let i = 0; i < n; i++) to[i] = root * from[i];
  });
  const curvatures = Float64Array.from(kept, (k) => values[k] / unit / n);
  const norms = Float64Array.from({ length: n }, (_, i) => K.get(i, i) / unit);
  return { unit, curvatures, norms, noise, moments: secondMoments(G, curvatures, noise), tol };
}

const criticalOf = ({ moments, unit }: Analysed, tol: number): number =>
  1 / largestOf(moments.noiseOverDrift, moments.size, tol).value / unit;

function largestOf(product: (v: Float64Array, out: Float64Array) => void, size: number, tol: number) {
  const { largest, converged } = extremeEigenvalues(product, size, { largest: 1, smallest: 0, tol, maxProducts: 400 });
  if (!converged && largest[0].residual > 1e-6 * Math.abs(largest[0].value)) {
    fail('NUMERICAL', `The largest eigenvalue has converged only to ${largest[0].residual} after 400 products.`);
  }
  return largest[0];
}

/** JJᵀ. */
function kernelOf(jacobian: Jacobian): DenseMatrix {
  if (jacobian instanceof DenseMatrix) {
    const { rows: n, cols: p } = jacobian;
    if (n === 0 || p === 0) fail('INVALID_SHAPE', `A Jacobian of ${n} × ${p} has no examples or no parameters.`);
    const bad = jacobian.data.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      fail(
        'NON_FINITE',
        `The Jacobian has ${jacobian.data[bad]} in row ${(bad % n) + 1}, column ${Math.floor(bad / n) + 1}.`,
      );
    }
    const K = DenseMatrix.create(n, n, { arena: jacobian.arena });
    gramMatrix(jacobian, K, { transpose: true });
    return K;
  }
  const { n, p } = jacobian;
  wholeNumber('n', n, 1);
  wholeNumber('p', p, 1);
  const K = DenseMatrix.create(n, n);
  const [unit, along] = [new Float64Array(n), new Float64Array(p)];
  const image = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    unit.fill(0);
    unit[i] = 1;
    jacobian.vjp(unit, along);
    jacobian.jvp(along, image);
    const bad = image.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) fail('NON_FINITE', `J(Jᵀe) of example ${i + 1} has ${image[bad]} at index ${bad}.`);
    K.column(i).set(image);
  }
  return K;
}

const sumOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

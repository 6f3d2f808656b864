import { DenseMatrix, type Iterate, runAsync } from 'southwell';
import {
  type ColideOptions,
  colideIterates,
  type GraphPoint,
  golemIterates,
  graphEstimate,
  type Moments,
  moments,
} from 'southwell/structure-learning';
import { type ExperimentContext, type Parameter, parameterValue } from '../experiment.ts';
import { locked } from './locked.ts';
import { covariance, dagma, dagOf, residualDeviations, sortedRegressions } from './rival.ts';

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (data: Moments, options: ColideOptions) => Iterable<Iterate<GraphPoint>>;

export const libraryMethod: Method = colideIterates;

const { quick, full } = locked.claims['one-weight'].sizes;

export const iterations: Parameter = {
  name: 'iterations',
  title: 'Iterations of a stage, at most (the last has 3.5 times as many)',
  default: { quick: quick.iterations, full: full.iterations },
  min: 100,
  max: 100_000,
  integer: true,
};
export const lambda: Parameter = {
  name: 'lambda',
  title: 'Sparsity weight',
  default: { quick: quick.lambda, full: full.lambda },
  min: 0,
  max: 10,
};
export const names = { none: 'least squares (DAGMA)', equal: 'CoLiDE-EV', unequal: 'CoLiDE-NV' } as const;
export type Variance = keyof typeof names;

/** Independent draws for each seed of the run. */
export const graphSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + draw;
export const dataSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + 100 + draw;

/** A method's estimates from data. */
export interface Learned {
  readonly dag: DenseMatrix;
  /** The standard deviations of the noise: CoLiDE's estimates; for least squares, the residuals before thresholding. */
  readonly sigma: Float64Array;
  readonly seconds: number;
}

/** Least squares is the rival, which has no code in common with the method. */
export async function fit(
  method: Method,
  X: DenseMatrix,
  variance: Variance,
  context: ExperimentContext,
): Promise<Learned> {
  const { signal } = context;
  const steps = parameterValue(iterations, context);
  const shared = {
    lambda: parameterValue(lambda, context),
    iterations: steps,
    lastIterations: Math.round(3.5 * steps),
  };
  if (variance === 'none') {
    const began = performance.now();
    const [C, d] = [covariance(X), X.cols];
    const W = dagma(C, d, { ...shared, signal });
    const seconds = (performance.now() - began) / 1000;
    return { dag: dagFrom(W, d), sigma: residualDeviations(C, W, d), seconds };
  }
  const data = moments(X);
  const solution = await runAsync(method(data, { ...shared, variance }), { signal });
  signal?.throwIfAborted();
  const { dag, sigma, seconds } = graphEstimate(solution, data);
  return { dag, sigma: sigma!, seconds };
}

/** The rivals without λ: GOLEM-NV with the library's defaults, and SortNRegress. */
export const rivals = { golem: 'GOLEM-NV', sorted: 'SortNRegress' } as const;

/** The graph of a rival. */
export async function rivalGraph(
  X: DenseMatrix,
  rival: keyof typeof rivals,
  { signal }: ExperimentContext,
): Promise<DenseMatrix> {
  if (rival === 'sorted') return dagFrom(sortedRegressions(covariance(X), X.cols), X.cols);
  const data = moments(X);
  const solution = await runAsync(golemIterates(data, { variance: 'unequal' }), { signal });
  signal?.throwIfAborted();
  return graphEstimate(solution, data).dag;
}

const dagFrom = (W: Float64Array, d: number) => DenseMatrix.fromRowMajor(dagOf(W, d), d, d);

/** The initial scales of the noise: the variance of a variable without parents is that of its noise. */
export function columnVariances(X: DenseMatrix): Float64Array {
  const C = covariance(X);
  return Float64Array.from({ length: X.cols }, (_, j) => C[j * X.cols + j]);
}

import { DenseMatrix, type Iterate, runAsync } from 'southwell';
import {
  type ColideOptions,
  colideIterates,
  type GraphPoint,
  graphEstimate,
  type Moments,
  moments,
} from 'southwell/structure-learning';
import { type ExperimentContext, type Parameter, parameterValue } from '../experiment.ts';
import { covariance, dagma, dagOf, residualDeviations } from './rival.ts';

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (data: Moments, options: ColideOptions) => Iterable<Iterate<GraphPoint>>;

export const libraryMethod: Method = colideIterates;

export const iterations: Parameter = {
  name: 'iterations',
  title: 'Iterations of a stage, at most (the last has 3.5 times as many)',
  default: { quick: 4000, full: 20_000 },
  min: 100,
  max: 100_000,
  integer: true,
};
export const lambda: Parameter = {
  name: 'lambda',
  title: 'Sparsity weight',
  default: { quick: 0.05, full: 0.05 },
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
    return { dag: DenseMatrix.fromRowMajor(dagOf(W, d), d, d), sigma: residualDeviations(C, W, d), seconds };
  }
  const data = moments(X);
  const solution = await runAsync(method(data, { ...shared, variance }), { signal });
  signal?.throwIfAborted();
  const { dag, sigma, seconds } = graphEstimate(solution, data);
  return { dag, sigma: sigma!, seconds };
}

/** The initial scales of the noise: the variance of a variable without parents is that of its noise. */
export function columnVariances(X: DenseMatrix): Float64Array {
  const C = covariance(X);
  return Float64Array.from({ length: X.cols }, (_, j) => C[j * X.cols + j]);
}

import { type DenseMatrix, type Iterate, runAsync } from 'southwell';
import {
  type ColideOptions,
  colideIterates,
  type GraphEstimate,
  type GraphPoint,
  graphEstimate,
  type Moments,
  moments,
} from 'southwell/structure-learning';
import { type ExperimentContext, type Parameter, parameterValue } from '../experiment.ts';

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (data: Moments, options: ColideOptions) => Iterable<Iterate<GraphPoint>>;

export const libraryMethod: Method = colideIterates;

export const iterations: Parameter = {
  name: 'iterations',
  title: 'Iterations of a stage, at most (the last has 3.5 times as many)',
  default: { quick: 8000, full: 20_000 },
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

export async function fit(
  method: Method,
  X: DenseMatrix,
  variance: Variance,
  context: ExperimentContext,
): Promise<GraphEstimate> {
  const data = moments(X);
  const steps = parameterValue(iterations, context);
  const options = {
    variance,
    lambda: parameterValue(lambda, context),
    iterations: steps,
    lastIterations: Math.round(3.5 * steps),
  };
  const { signal } = context;
  const solution = await runAsync(method(data, options), { signal });
  signal?.throwIfAborted();
  return graphEstimate(solution, data);
}

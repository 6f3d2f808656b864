import { type Iterate, runAsync } from 'southwell';
import {
  type GraphPoint,
  graphEstimate,
  type Moments,
  moments,
  orderScore,
  simulateGraph,
  simulateSem,
  type TopoOptions,
  topoIterates,
  topologicalOrder,
} from 'southwell/structure-learning';
import { type ExperimentContext, type Parameter, parameterValue } from '../experiment.ts';

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (data: Moments, options: TopoOptions) => Iterable<Iterate<GraphPoint>>;

export const libraryMethod: Method = topoIterates;

export interface Setting {
  readonly nodes: number;
  readonly edges: number;
  readonly small: number;
  readonly large: number;
  readonly searches: number;
  readonly draws: number;
}

export const ten: Setting = { nodes: 10, edges: 20, small: 15, large: 45, searches: 1, draws: 3 };
export const twenty: Setting = { nodes: 20, edges: 80, small: 100, large: 190, searches: 1, draws: 5 };
export const hundred: Setting = { nodes: 100, edges: 400, small: 150, large: 2500, searches: 15, draws: 3 };

export const smallSet: Parameter = {
  name: 'small',
  title: 'Swaps tried first, as a share of the usual number',
  default: { quick: 1, full: 1 },
  min: 0.05,
  max: 20,
};

/** A graph with data of unit noise, not centred, as in the study. */
export function draw(setting: Setting, context: ExperimentContext, at: number) {
  const seed = 1000 * context.seed + at;
  const truth = simulateGraph({ nodes: setting.nodes, edges: setting.edges, seed });
  const data = moments(simulateSem(truth, { n: 1000, seed: seed + 100 }), { centre: false });
  return { truth, data, best: orderScore(data.C, topologicalOrder(truth)!), seed };
}

export const optionsOf = (setting: Setting, context: ExperimentContext): TopoOptions => ({
  small: Math.max(1, Math.round(setting.small * parameterValue(smallSet, context))),
  large: setting.large,
  largeSearches: setting.searches,
});

/** Runs to the end, with the score after each round. */
export async function search(method: Method, data: Moments, options: TopoOptions, signal: AbortSignal | undefined) {
  const solution = await runAsync(method(data, options), { signal });
  signal?.throwIfAborted();
  const rounds = solution.trace.filter((t, k, all) => k === 0 || t.iteration !== all[k - 1].iteration);
  return { estimate: graphEstimate(solution, data), rounds };
}

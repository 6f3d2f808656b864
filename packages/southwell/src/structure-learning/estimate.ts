import type { DenseMatrix, MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { orderWithin, thresholdToDag } from './graphs/graphs.ts';
import { type Knowledge, knowledgeRecords, missingEdges } from './knowledge.ts';
import { type GraphData, type MomentOptions, type Moments, moments } from './moments.ts';
import { type SampleOptions, type Samples, sampleRecords } from './samples.ts';
import { type NodeNoise, type VarianceOrder, variancesAlong } from './varsortability.ts';

/** The result of a method at an iterate. */
export interface GraphPoint {
  /** W[i, j] is the weight of i → j, before thresholding. */
  readonly W: DenseMatrix;
  /** Standard deviations of the noise, one for each node, where the method estimates them. */
  readonly sigma?: Float64Array;
  /** Order of the nodes, causes first, where the method has one. */
  readonly order?: Int32Array;
  /** The networks whose norms are W, where the method fits networks. */
  readonly networks?: NodeNetworks;
  /** Present if the units of the columns do not matter to the order. */
  readonly scaleFree?: true;
}

/** A network for each node, with one hidden layer of sigmoid units and a linear output. */
export interface NodeNetworks {
  readonly hidden: number;
  /**
   * One for each node: the weights into its units (d for each unit, that of node i at [u · d + i]), the biases of the
   * units, their output weights, and the bias of the output: (d + 2) · hidden + 1 numbers.
   */
  readonly each: readonly Float64Array[];
}

export interface GraphEstimate extends Solution<GraphPoint> {
  readonly W: DenseMatrix;
  /** W without weak edges and cycles. */
  readonly dag: DenseMatrix;
  /** Topological order, causes first: the method's own, or one of the DAG. */
  readonly order: Int32Array;
  readonly sigma?: Float64Array;
  /** See {@link variancesAlong}; absent from {@link graphEstimate}. */
  readonly varsortability?: number;
  readonly warnings: readonly string[];
}

export const estimateRecords = {
  ...sampleRecords,
  ...knowledgeRecords,
  /** Edge threshold: edges with |weight| up to this are removed, except required ones. Default 0.3. */
  threshold: numberOption(
    { min: 0 },
    {
      title: 'Threshold',
      about: 'remove edges with weights up to this size, then the smallest until the graph is acyclic',
      argument: 'weight',
      form: { hint: 'auto' },
    },
  ),
};

export interface EstimateOptions extends OptionsOf<typeof estimateRecords>, RunOptions<GraphPoint> {}

const sampleKeys = keysOf(sampleRecords);
const estimateKeys: OptionKeys<EstimateOptions> = { ...runKeys, ...keysOf(estimateRecords) };

/**
 * Splits options into those of a method and those of its estimate.
 * @throws INVALID_PARAMETER if some belong to neither.
 */
export function split<O extends object>(where: string, options: O & EstimateOptions, keys: OptionKeys<O>) {
  knownKeys(where, options, { ...keys, ...estimateKeys });
  checkGiven(estimateRecords, options);
  return { own: only<O>(options, keys), estimate: only<EstimateOptions>(options, estimateKeys) };
}

/** Makes iterates from moments; `resume` is the state from a checkpoint of an earlier run. */
export type GraphMethod = (moments: Moments, resume?: unknown) => Iterable<Iterate<GraphPoint>>;

/** Makes iterates from rows. */
export type SampleMethod = (data: Samples, resume?: unknown) => Iterable<Iterate<GraphPoint>>;

export const scoreRecords = {
  /** 'gaussian' (default) needs only {@link moments}; 'logistic' is for binary variables, given as rows. */
  score: choiceOption({ gaussian: 'linear effects', logistic: 'binary variables' }),
};

export interface ScoreOption extends OptionsOf<typeof scoreRecords> {}

/** The thresholded graph of a finished run, with a warning for each required edge whose weight is 0. */
export function graphEstimate(
  solution: Solution<GraphPoint>,
  data: { readonly warnings: readonly string[] },
  options: { readonly threshold?: number; readonly knowledge?: Knowledge } = {},
): GraphEstimate {
  checkOptions('graphEstimate', { threshold: estimateRecords.threshold, ...knowledgeRecords }, options);
  const { W, sigma, order } = solution.point;
  const { threshold = 0.3, knowledge } = options;
  const dag = thresholdToDag(W, threshold, knowledge);
  const warnings = [...data.warnings, ...missingEdges(W, knowledge)];
  return { ...solution, W, dag, order: order ?? orderWithin(dag, knowledge)!, sigma, warnings };
}

/**
 * {@link variancesAlong} of an estimate, with a sentence (`told`) if its directions may come from the units of the
 * columns. They cannot if the order of the method does not depend on units, or for binary variables, which have none.
 */
export function unitsAlong(
  { dag, point }: GraphEstimate,
  data: Moments | Samples,
  knowledge: Knowledge | undefined,
): VarianceOrder & { readonly told?: string } {
  const along = variancesAlong(dag, data, { knowledge });
  if (!along.byUnits || point.scaleFree || ('binary' in data && data.binary)) return { ...along, byUnits: false };
  const [small, large] = along.noise;
  const noise = ({ node, deviation }: NodeNoise) =>
    `${deviation.toPrecision(2)} (${data.names?.[node] ?? `column ${node}`})`;
  const told = `The order follows the variances of the columns (varsortability ${along.varsortability!.toPrecision(2)}), while the standard deviations of the noise differ, from ${noise(small)} to ${noise(large)}: the directions of edges may come from the units of the columns, however often a bootstrap finds them.`;
  return { ...along, told };
}

/** The estimate with its varsortability, and with a warning if its directions may come from the units of the columns. */
function withUnits(estimate: GraphEstimate, data: Moments | Samples, knowledge: Knowledge | undefined): GraphEstimate {
  const { varsortability, told } = unitsAlong(estimate, data, knowledge);
  const advice = `${told} Compare with standardised columns, or with a method whose order does not depend on units.`;
  return { ...estimate, varsortability, warnings: told ? [...estimate.warnings, advice] : estimate.warnings };
}

/**
 * Runs a method on data to its end and thresholds the result. Warns if the directions may come from the units of the
 * columns.
 * @throws as {@link moments} and the method do.
 */
export function estimateGraph(X: GraphData, method: GraphMethod, options: EstimateOptions = {}): GraphEstimate {
  knownKeys('estimateGraph', options, estimateKeys);
  checkGiven(estimateRecords, options);
  const data = moments(X, only<MomentOptions>(options, sampleKeys));
  const { threshold, knowledge } = options;
  const solution = run(method(data), only<RunOptions<GraphPoint>>(options, runKeys));
  return withUnits(graphEstimate(solution, data, { threshold, knowledge }), data, knowledge);
}

/**
 * Like {@link estimateGraph}, on the rows themselves, which {@link samples} or {@link binarySamples} copies.
 * @throws INVALID_PARAMETER.
 */
export function estimateFromRows(
  X: GraphData,
  method: SampleMethod,
  options: EstimateOptions,
  prepare: (X: MatrixLike, options: SampleOptions) => Samples,
): GraphEstimate {
  if (typeof X === 'object' && 'C' in X) fail('INVALID_PARAMETER', 'This score needs the rows, not their moments.');
  const data = prepare(X, only<SampleOptions>(options, sampleKeys));
  try {
    const { threshold, knowledge } = options;
    const solution = run(method(data), only<RunOptions<GraphPoint>>(options, runKeys));
    return withUnits(graphEstimate(solution, data, { threshold, knowledge }), data, knowledge);
  } finally {
    data.X.free();
  }
}

import type { DenseMatrix, MatrixLike } from '@southwell/numerics/arrays';
import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { orderWithin, thresholdToDag } from './graphs/graphs.ts';
import { type Knowledge, type KnowledgeOption, missingEdges } from './knowledge.ts';
import { type GraphData, type MomentOptions, type Moments, moments } from './moments.ts';
import { type SampleOptions, type Samples, sampleKeys } from './samples.ts';

/** What a method has at an iterate. */
export interface GraphPoint {
  /** W[i, j] is the weight of i → j; not yet thresholded. */
  readonly W: DenseMatrix;
  /** Standard deviations of the noise, one a node, where the method estimates them. */
  readonly sigma?: Float64Array;
  /** Order of the nodes, causes first, where the method has one. */
  readonly order?: Int32Array;
  /** The networks of which W are the norms, where the method has them. */
  readonly networks?: NodeNetworks;
}

/** A network for each node, with one hidden layer of sigmoid units and a linear output. */
export interface NodeNetworks {
  readonly hidden: number;
  /**
   * One a node: the weights into its units (d for each unit, that of node i at [u · d + i]), the biases of the units, their
   * weights in the output, and the bias of the output: (d + 2) · hidden + 1 numbers.
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
  readonly warnings: readonly string[];
}

export interface EstimateOptions extends RunOptions<GraphPoint>, MomentOptions, KnowledgeOption {
  /** Edge threshold: edges with |weight| up to this are removed, except required ones. Default 0.3. */
  readonly threshold?: number;
}

const estimateKeys: OptionKeys<EstimateOptions> = { ...runKeys, ...sampleKeys, threshold: true, knowledge: true };

/**
 * The options of a method and those of its estimate, each by itself.
 * @throws INVALID_PARAMETER if some are of neither.
 */
export function split<O extends object>(where: string, options: O & EstimateOptions, keys: OptionKeys<O>) {
  knownKeys(where, options, { ...keys, ...estimateKeys });
  return { own: only<O>(options, keys), estimate: only<EstimateOptions>(options, estimateKeys) };
}

/** Makes iterates from moments; the method may go on from what a checkpoint of an earlier run kept. */
export type GraphMethod = (moments: Moments, resume?: unknown) => Iterable<Iterate<GraphPoint>>;

/** The same from rows. */
export type SampleMethod = (data: Samples, resume?: unknown) => Iterable<Iterate<GraphPoint>>;

export interface ScoreOption {
  /** 'gaussian' (default) needs only {@link moments}; 'logistic' is for binary variables, given as rows. */
  readonly score?: 'gaussian' | 'logistic';
}

/** What a finished run says of the graph; a required edge whose weight is 0 is a warning. */
export function graphEstimate(
  solution: Solution<GraphPoint>,
  data: { readonly warnings: readonly string[] },
  options: { readonly threshold?: number; readonly knowledge?: Knowledge } = {},
): GraphEstimate {
  knownKeys('graphEstimate', options, { threshold: true, knowledge: true } satisfies OptionKeys<typeof options>);
  const { W, sigma, order } = solution.point;
  const { threshold = 0.3, knowledge } = options;
  const dag = thresholdToDag(W, threshold, knowledge);
  const warnings = [...data.warnings, ...missingEdges(W, knowledge)];
  return { ...solution, W, dag, order: order ?? orderWithin(dag, knowledge)!, sigma, warnings };
}

/**
 * Runs a method on data to its end and thresholds what it gives.
 * @throws as {@link moments} and the method do.
 */
export function estimateGraph(X: GraphData, method: GraphMethod, options: EstimateOptions = {}): GraphEstimate {
  knownKeys('estimateGraph', options, estimateKeys);
  const data = moments(X, only<MomentOptions>(options, sampleKeys));
  return graphEstimate(run(method(data), only<RunOptions<GraphPoint>>(options, runKeys)), data, {
    threshold: options.threshold,
    knowledge: options.knowledge,
  });
}

/**
 * The same on the rows themselves, copied by {@link samples} or {@link binarySamples}.
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
    return graphEstimate(run(method(data), only<RunOptions<GraphPoint>>(options, runKeys)), data, {
      threshold: options.threshold,
      knowledge: options.knowledge,
    });
  } finally {
    data.X.free();
  }
}

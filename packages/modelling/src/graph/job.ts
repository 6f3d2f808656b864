import { designMatrix, type Table } from '@southwell/data';
import { DenseMatrix, type Iterate, type RunOptions, runAsync, type Status } from 'southwell';
import {
  bootstrapIterates,
  colideIterates,
  dagmaDefaults,
  edgesOf,
  type GraphMethod,
  type GraphPoint,
  graphEstimate,
  moments,
  notearsIterates,
  topoIterates,
} from 'southwell/structure-learning';
import { RequestError } from '../errors.ts';
import type { JobProgress, JobTools } from '../progress.ts';

export const graphMethods = ['colide', 'dagma', 'notears', 'topo'] as const;

export interface LearnRequest {
  readonly data: string;
  readonly method: (typeof graphMethods)[number];
  readonly variance: 'equal' | 'unequal';
  readonly lambda?: number;
  readonly threshold: number;
  /** How many samples with replacement. */
  readonly bootstrap?: number;
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly format?: string;
  readonly timeLimit?: number;
  readonly seed: number;
}

export interface LearnedEdge {
  readonly from: string;
  readonly to: string;
  readonly weight: number;
  /** Share of the samples with replacement in which it was found. */
  readonly confidence?: number;
}

/** Plain data: what the command prints and writes. */
export interface LearnedGraph {
  readonly data: { readonly name: string; readonly rows: number; readonly notes: readonly string[] };
  readonly method: string;
  readonly lambda?: number;
  readonly threshold: number;
  readonly nodes: readonly string[];
  /** Strongest first. */
  readonly edges: readonly LearnedEdge[];
  /** Causes first. */
  readonly order: readonly string[];
  /** Standard deviation of each node's noise, where the method estimates it. */
  readonly noise?: Readonly<Record<string, number>>;
  readonly bootstrap?: { readonly asked: number; readonly done: number };
  readonly warnings: readonly string[];
  readonly status: Status;
  readonly objective: number;
  readonly iterations: number;
  readonly seconds: number;
}

/** Reads and learns. Throws where the request or the data are at fault; what was found until a stop is given. */
export async function graphJob(request: LearnRequest, tools: JobTools): Promise<LearnedGraph> {
  const start = performance.now();
  const { signal, progress } = tools;
  const table = await tools.read();
  const { X, names, notes } = numbers(table, request);
  const data = moments(X, { names });
  const { method, lambda } = methodOf(request);
  const what = request.method;
  const onIterate: RunOptions<GraphPoint>['onIterate'] = (it) => progress(progressOf(what, it));
  const solution = await runAsync(method(data), { signal, timeLimit: request.timeLimit, onIterate });
  const estimate = graphEstimate(solution, data, request);

  let shares: DenseMatrix | undefined;
  let samples = 0;
  if (request.bootstrap !== undefined && !signal.aborted) {
    const { bootstrap: resamples, seed, threshold } = request;
    const resampled = bootstrapIterates(X, method, { resamples, seed, threshold, names, signal });
    const { point, iterations } = await runAsync(resampled, {
      signal,
      onIterate: (it) => progress({ text: `bootstrap: sample ${it.iteration} of ${resamples}` }),
    });
    samples = iterations;
    if (samples > 0) shares = point;
  }
  return {
    data: { name: table.name, rows: X.rows, notes: [...table.notes, ...notes] },
    method: what === 'colide' ? `colide, ${request.variance} noise` : what,
    lambda,
    threshold: request.threshold,
    nodes: names,
    edges: edgesOf(estimate.dag).map(({ from, to, weight }) => ({
      from: names[from],
      to: names[to],
      weight,
      ...(shares && { confidence: shares.get(from, to) }),
    })),
    order: Array.from(estimate.order, (v) => names[v]),
    ...(estimate.sigma && { noise: Object.fromEntries(names.map((name, v) => [name, estimate.sigma![v]])) }),
    ...(request.bootstrap !== undefined && { bootstrap: { asked: request.bootstrap, done: samples } }),
    warnings: estimate.warnings,
    status: signal.aborted ? 'aborted' : estimate.status,
    objective: estimate.objective,
    iterations: estimate.iterations,
    seconds: (performance.now() - start) / 1000,
  };
}

/** All columns as numbers: categories have no place in a linear model of causes. */
function numbers(table: Table, { features, drop = [], missing }: LearnRequest) {
  const used = (name: string) => !drop.includes(name) && (features === undefined || features.includes(name));
  const texts = table.columns.filter((c) => c.type !== 'number' && used(c.name)).map((c) => c.name);
  if (texts.length > 0) {
    throw new RequestError(`Graphs are learned from numbers, but ${texts.join(', ')} is text; leave it out by --drop.`);
  }
  const design = designMatrix(table, { features, drop, missing, sparse: false });
  const { X, featureNames: names, notes } = design;
  if (X.kind === 'dense') return { X, names, notes };
  const dense = DenseMatrix.create(X.rows, X.cols);
  for (let j = 0; j < X.cols; j++) {
    for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) dense.set(X.rowIndices[k], j, X.values[k]);
  }
  return { X: dense, names, notes };
}

function methodOf({ method, lambda, variance, seed }: LearnRequest): { method: GraphMethod; lambda?: number } {
  switch (method) {
    case 'colide':
      return { method: (m) => colideIterates(m, { variance, lambda }), lambda: lambda ?? 0.05 };
    case 'dagma': {
      const options = { ...dagmaDefaults, ...(lambda !== undefined && { lambda }) };
      return { method: (m) => colideIterates(m, options), lambda: options.lambda };
    }
    case 'notears':
      return { method: (m) => notearsIterates(m, { lambda }), lambda: lambda ?? 0.1 };
    case 'topo':
      return { method: (m) => topoIterates(m, { seed }) };
  }
}

function progressOf(
  method: string,
  it: Iterate<GraphPoint> & { readonly stage?: number; readonly most?: number },
): JobProgress {
  const of = it.most === undefined ? '' : ` of at most ${it.most}`;
  const stage = it.stage === undefined ? '' : `, stage ${it.stage + 1}`;
  const text = `${method}: iteration ${it.iteration}${of}${stage}, objective ${it.objective.toPrecision(6)}`;
  return { text, iteration: it.iteration, objective: it.objective };
}

import { designMatrix, type Table } from '@southwell/data';
import { DenseMatrix, type Iterate, type MatrixLike, type RunOptions, runAsync, type Status } from 'southwell';
import {
  binarySamples,
  bootstrapIterates,
  colideIterates,
  dagmaDefaults,
  edgesOf,
  type GraphMethod,
  type GraphPoint,
  golemIterates,
  graphEstimate,
  type Moments,
  moments,
  notearsIterates,
  notearsMlpIterates,
  penalisedTopoIterates,
  refined,
  type SampleMethod,
  type SampleOptions,
  type Samples,
  samples,
  topoIterates,
  topoMlpIterates,
} from 'southwell/structure-learning';
import { RequestError } from '../errors.ts';
import type { JobProgress, JobTools } from '../progress.ts';

export const graphMethods = ['colide', 'dagma', 'golem', 'notears', 'topo'] as const;
type MethodName = (typeof graphMethods)[number];

/** The scores of each method: Gaussian ones need only second moments. */
export const graphScores = ['gaussian', 'logistic', 'mlp'] as const;
type ScoreName = (typeof graphScores)[number];
const scoresOf: Readonly<Record<MethodName, readonly ScoreName[]>> = {
  colide: ['gaussian'],
  dagma: ['gaussian', 'logistic'],
  golem: ['gaussian'],
  notears: ['gaussian', 'logistic', 'mlp'],
  topo: ['gaussian', 'logistic', 'mlp'],
};

export interface LearnRequest {
  readonly data: string;
  readonly method: MethodName;
  /** Default gaussian. */
  readonly score?: ScoreName;
  /** Of colide (default unequal) and golem (default equal). */
  readonly variance?: 'equal' | 'unequal';
  readonly lambda?: number;
  /** Of the logistic score. Default true. */
  readonly intercepts?: boolean;
  readonly threshold: number;
  /** Whether swaps of the order found, and regressions along it, come after the method. */
  readonly refine?: boolean;
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
  const learner = learnerOf(request);
  const prepared = learner.prepare ? learner.prepare(X, { names }) : moments(X, { names });
  const iterates = learner.prepare ? learner.method(prepared as Samples) : learner.method(prepared as Moments);
  const what = request.method;
  const onIterate: RunOptions<GraphPoint>['onIterate'] = (it) => progress(progressOf(what, it));
  const solution = await runAsync(iterates, { signal, timeLimit: request.timeLimit, onIterate });
  const estimate = graphEstimate(solution, prepared, request);

  let shares: DenseMatrix | undefined;
  let samples = 0;
  if (request.bootstrap !== undefined && !signal.aborted) {
    const { bootstrap: resamples, seed, threshold } = request;
    const options = { resamples, seed, threshold, names, signal };
    const resampled = learner.prepare
      ? bootstrapIterates(X, learner.method, { ...options, prepare: learner.prepare })
      : bootstrapIterates(X, learner.method, options);
    const { point, iterations } = await runAsync(resampled, {
      signal,
      onIterate: (it) => progress({ text: `bootstrap: sample ${it.iteration} of ${resamples}` }),
    });
    samples = iterations;
    if (samples > 0) shares = point;
  }
  return {
    data: { name: table.name, rows: X.rows, notes: [...table.notes, ...notes] },
    method: learner.title,
    lambda: learner.lambda,
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

/** Either of moments, or of rows with what prepares them. */
type Learner = { readonly title: string; readonly lambda?: number } & (
  | { readonly method: GraphMethod; readonly prepare?: undefined }
  | { readonly method: SampleMethod; readonly prepare: (X: MatrixLike, options: SampleOptions) => Samples }
);

/** Throws a sentence where options do not go together. */
function learnerOf(request: LearnRequest): Learner {
  const { method, score = 'gaussian', lambda, intercepts = true, variance, seed, refine = false } = request;
  if (!scoresOf[method].includes(score)) {
    const others = graphMethods.filter((name) => scoresOf[name].includes(score));
    throw new RequestError(`The ${score} score does not go with the method ${method}, but with ${others.join(', ')}.`);
  }
  if (refine && method === 'topo') throw new RequestError('--refine adds swaps of the order, which topo is itself.');
  if (!intercepts && score !== 'logistic') throw new RequestError('--no-intercepts goes with --score logistic.');
  if (score === 'mlp') {
    const options = { lambda: lambda ?? 0.01, seed };
    const learn: SampleMethod = (data) => (method === 'topo' ? topoMlpIterates : notearsMlpIterates)(data, options);
    const swaps = (data: Samples, order?: Int32Array, point?: GraphPoint) =>
      topoMlpIterates(data, { ...options, order, networks: point?.networks });
    return {
      title: `${method}, networks${refine ? ', then swaps' : ''}`,
      lambda: options.lambda,
      method: refine ? refined(learn, swaps) : learn,
      prepare: samples,
    };
  }
  if (score === 'logistic') {
    const options = { lambda: lambda ?? (method === 'dagma' ? 0.02 : 0.01), intercepts };
    const learn: SampleMethod =
      method === 'topo'
        ? (data) => penalisedTopoIterates(data, { ...options, seed })
        : method === 'dagma'
          ? (data) => colideIterates(data, { ...dagmaDefaults, ...options })
          : (data) => notearsIterates(data, options);
    const swaps = (data: Samples, order?: Int32Array) => penalisedTopoIterates(data, { ...options, order });
    return {
      title: `${method}, logistic score${refine ? ', then swaps' : ''}`,
      lambda: options.lambda,
      method: refine ? refined(learn, swaps) : learn,
      prepare: binarySamples,
    };
  }
  const learner = ((): Learner & { readonly method: GraphMethod } => {
    switch (method) {
      case 'colide': {
        const options = { variance: variance ?? 'unequal', lambda: lambda ?? 0.05 };
        const title = `colide, ${options.variance} noise`;
        return { title, lambda: options.lambda, method: (m) => colideIterates(m, options) };
      }
      case 'golem': {
        const options = { variance: variance ?? 'equal', lambda: lambda ?? (variance === 'unequal' ? 0.002 : 0.02) };
        const title = `golem, ${options.variance} noise`;
        return { title, lambda: options.lambda, method: (m) => golemIterates(m, options) };
      }
      case 'dagma': {
        const options = { ...dagmaDefaults, ...(lambda !== undefined && { lambda }) };
        return { title: method, lambda: options.lambda, method: (m) => colideIterates(m, options) };
      }
      case 'notears':
        return { title: method, lambda: lambda ?? 0.1, method: (m) => notearsIterates(m, { lambda }) };
      case 'topo':
        return { title: method, method: (m) => topoIterates(m, { seed }) };
    }
  })();
  if (!refine) return learner;
  return { title: `${learner.title}, then swaps`, lambda: learner.lambda, method: refined(learner.method) };
}

function progressOf(
  method: string,
  it: Iterate<GraphPoint> & { readonly stage?: number; readonly most?: number; readonly evaluations?: number },
): JobProgress {
  const of = it.most === undefined ? '' : ` of at most ${it.most}`;
  const stage = it.stage === undefined ? '' : `, stage ${it.stage + 1}`;
  const swaps = it.evaluations === undefined ? '' : `, ${it.evaluations} swaps tried`;
  const text = `${method}: iteration ${it.iteration}${of}${stage}${swaps}, objective ${it.objective.toPrecision(6)}`;
  return { text, iteration: it.iteration, objective: it.objective };
}

import { designMatrix, type Table } from '@southwell/data';
import { fingerprint, finished } from '@southwell/numerics/core';
import { DenseMatrix, type Iterate, type MatrixLike, type RunOptions, runAsync, type Status } from 'southwell';
import {
  type BootstrapState,
  binarySamples,
  bootstrapIterates,
  type ColideState,
  colideIterates,
  dagmaDefaults,
  edgesOf,
  type GolemState,
  type GraphMethod,
  type GraphPoint,
  golemIterates,
  graphEstimate,
  type Moments,
  moments,
  type NetworksState,
  type NotearsOptions,
  notearsIterates,
  notearsMlpIterates,
  penalisedTopoIterates,
  type RegressionsState,
  refined,
  type SampleMethod,
  type SampleOptions,
  type Samples,
  samples,
  type TopoState,
  topoIterates,
  topoMlpIterates,
} from 'southwell/structure-learning';
import { Stages } from '../checkpoints.ts';
import { RequestError } from '../errors.ts';
import type { JobProgress, JobTools } from '../progress.ts';

/** What the command calls it. */
export const learnVerb = ['graph', 'learn'] as const;

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
  /** How many samples there were to be, were drawn, and had a fit that ended as it should. */
  readonly bootstrap?: { readonly asked: number; readonly done: number; readonly finished: number };
  readonly warnings: readonly string[];
  /** Of the fit; where that has ended as it should, of the samples after it if they have not. */
  readonly status: Status;
  /** What to try next, a sentence, where it did not end as asked. */
  readonly next?: string;
  /** Of a fit that failed: what went wrong. */
  readonly error?: string;
  readonly objective: number;
  readonly iterations: number;
  readonly seconds: number;
}

/**
 * Reads and learns, then the samples with replacement; a checkpoint has both. Throws where the request or the data are at
 * fault; what was found until a stop is given.
 */
export async function graphJob(request: LearnRequest, tools: JobTools): Promise<LearnedGraph> {
  const start = performance.now();
  const { signal, progress } = tools;
  const table = await tools.read();
  const { X, names, notes } = numbers(table, request);
  const learner = learnerOf(request);
  const stages = new Stages(learnVerb.join(' '), problemOf(request, X, names), tools.checkpoint);
  const prepared = learner.prepare ? learner.prepare(X, { names }) : moments(X, { names });
  const { resume, ...keeping } = stages.stage<unknown>('fit');
  const iterates = learner.prepare
    ? learner.method(prepared as Samples, resume)
    : learner.method(prepared as Moments, resume);
  const what = request.method;
  const onIterate: RunOptions<GraphPoint>['onIterate'] = (it) => progress(progressOf(what, it));
  const solution = await runAsync(iterates, { signal, timeLimit: request.timeLimit, onIterate, ...keeping });
  const estimate = graphEstimate(solution, prepared, { threshold: request.threshold });

  let shares: DenseMatrix | undefined;
  let bootstrap: LearnedGraph['bootstrap'];
  let { status, next } = estimate;
  if (request.bootstrap !== undefined) {
    const { bootstrap: resamples, seed, threshold } = request;
    const { resume: earlier, ...keepingShares } = stages.stage<BootstrapState>('bootstrap');
    const options = { resamples, seed, threshold, names, signal, resume: earlier };
    const resampled = learner.prepare
      ? bootstrapIterates(X, learner.method, { ...options, prepare: learner.prepare })
      : bootstrapIterates(X, learner.method, options);
    const drawn = await runAsync(resampled, {
      signal,
      onIterate: (it) => progress({ text: `bootstrap: sample ${it.iteration} of ${resamples}` }),
      ...keepingShares,
    });
    const done = drawn.iterations;
    bootstrap = { asked: resamples, done, finished: Math.round(drawn.metrics!.finished * done) };
    if (done > 0) shares = drawn.point;
    if (finished(status) && !finished(drawn.status)) ({ status, next } = drawn);
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
    ...(bootstrap && { bootstrap }),
    warnings: estimate.warnings,
    status,
    ...(next !== undefined && { next }),
    ...(estimate.error && { error: estimate.error.message }),
    objective: estimate.objective,
    iterations: estimate.iterations,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Of all that shapes the course of the job. */
function problemOf(request: LearnRequest, X: DenseMatrix, names: readonly string[]): string {
  const { method, score, variance, lambda, intercepts, threshold, refine, bootstrap, seed } = request;
  const options = { method, score, variance, lambda, intercepts, threshold, refine, bootstrap, seed };
  return fingerprint(X.data, X.rows, names, options);
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

/** Where swaps after a method start. */
interface SwapsStart {
  readonly order: Int32Array;
  readonly point: GraphPoint;
  readonly resume?: unknown;
}

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
    const learn: SampleMethod = (data, resume) =>
      method === 'topo'
        ? topoMlpIterates(data, { ...options, resume: resume as NetworksState })
        : notearsMlpIterates(data, { ...options, resume: resume as NotearsOptions['resume'] });
    const swaps = (data: Samples, { order, point, resume }: SwapsStart) =>
      topoMlpIterates(data, { ...options, order, networks: point.networks, resume: resume as NetworksState });
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
        ? (data, resume) => penalisedTopoIterates(data, { ...options, seed, resume: resume as RegressionsState })
        : method === 'dagma'
          ? (data, resume) => colideIterates(data, { ...dagmaDefaults, ...options, resume: resume as ColideState })
          : (data, resume) => notearsIterates(data, { ...options, resume: resume as NotearsOptions['resume'] });
    const swaps = (data: Samples, { order, resume }: SwapsStart) =>
      penalisedTopoIterates(data, { ...options, order, resume: resume as RegressionsState });
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
        const title = `colide, ${options.variance} noise variances`;
        const learn: GraphMethod = (m, resume) => colideIterates(m, { ...options, resume: resume as ColideState });
        return { title, lambda: options.lambda, method: learn };
      }
      case 'golem': {
        const options = { variance: variance ?? 'equal', lambda: lambda ?? (variance === 'unequal' ? 0.002 : 0.02) };
        const title = `golem, ${options.variance} noise variances`;
        const learn: GraphMethod = (m, resume) => golemIterates(m, { ...options, resume: resume as GolemState });
        return { title, lambda: options.lambda, method: learn };
      }
      case 'dagma': {
        const options = { ...dagmaDefaults, ...(lambda !== undefined && { lambda }) };
        const learn: GraphMethod = (m, resume) => colideIterates(m, { ...options, resume: resume as ColideState });
        return { title: method, lambda: options.lambda, method: learn };
      }
      case 'notears': {
        const learn: GraphMethod = (m, resume) =>
          notearsIterates(m, { lambda, resume: resume as NotearsOptions['resume'] });
        return { title: method, lambda: lambda ?? 0.1, method: learn };
      }
      case 'topo':
        return { title: method, method: (m, resume) => topoIterates(m, { seed, resume: resume as TopoState }) };
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

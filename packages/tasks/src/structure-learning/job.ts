import { designMatrix, type Table } from '@southwell/data';
import { fingerprint, finished } from '@southwell/numerics/core';
import { DenseMatrix, type Iterate, type RunOptions, runAsync } from 'southwell';
import {
  type BootstrapDraws,
  type BootstrapIteratesOptions,
  type BootstrapState,
  bootstrapDraws,
  bootstrapIterates,
  edgesOf,
  type GraphPoint,
  graphEstimate,
  type Knowledge,
  type Moments,
  moments,
  type Samples,
  unitsAlong,
} from 'southwell/structure-learning';
import { Stages } from '../checkpoints.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import type { JobProgress } from '../progress.ts';
import { fromFirst } from '../spread/ranks.ts';
import { moments as columnMoments } from '../stats.ts';
import { codeNotes } from './codes.ts';
import { knownOf } from './known.ts';
import { type Learner, learnerOf, scaleFree } from './methods.ts';
import { drawShare, sharedSamples } from './onRanks.ts';
import type { LearnRequest } from './options.ts';
import type { LearnedGraph } from './result.ts';

/**
 * Reads the data, learns a graph, and then draws the bootstrap samples; a checkpoint includes both. With several ranks,
 * all of which read all rows, the first rank learns and all draw samples. Throws if the request or the data are
 * invalid; a stopped run returns what it has found so far.
 */
export async function learnJob(request: LearnRequest, asked: TaskTools): Promise<LearnedGraph> {
  const start = performance.now();
  const tools = asked.whole ? { ...asked, read: asked.whole } : asked;
  const table = await tools.read();
  const { X: given, names, notes } = numbers(table, request, tools);
  const coded = codeNotes(given, names, request, tools.spell);
  const X = request.standardize ? standardized(given) : given;
  const knowledge = await knownOf(request, names, tools);
  const learner = learnerOf(request.method, request.score)!({ ...request, knowledge });
  const threshold = request.threshold ?? learner.threshold ?? 0.3;
  const first = !tools.ranks || tools.ranks.rank === 0;
  const problem = problemOf({ ...request, threshold }, X, names, knowledge);
  const stages = new Stages('graph learn', problem, first ? tools.checkpoint : undefined);
  const known = {
    start,
    X,
    names,
    notes: [...table.notes, ...notes, ...coded],
    table: table.name,
    knowledge,
    learner,
    threshold,
    stages,
  };
  const { ranks } = tools;
  const { bootstrap: resamples } = request;
  if (!ranks || ranks.size === 1 || resamples === undefined) return learn(request, tools, known);
  const after = fromFirst(ranks, stages.stage<BootstrapState>('bootstrap').resume?.samples ?? 0);
  if (!first) {
    const told = (b: number) => tools.progress({ text: `bootstrap: sample ${b} of ${resamples}` });
    const draws = (signal: AbortSignal) => drawsOf(request, known, signal);
    drawShare(ranks, tools.signal, { after, resamples }, draws, told);
    return fromFirst<LearnedGraph>(ranks, undefined);
  }
  const shared = sharedSamples(ranks, tools.signal, { nodes: X.cols, after, resamples });
  const learned = await learn(request, { ...tools, signal: shared.signal }, known, shared.sample);
  shared.end();
  return fromFirst(ranks, learned);
}

/** The data, and the method. */
interface Known {
  readonly start: number;
  readonly X: DenseMatrix;
  readonly names: readonly string[];
  readonly notes: readonly string[];
  /** Name of the table. */
  readonly table: string;
  readonly knowledge: Knowledge | undefined;
  readonly learner: Learner;
  readonly threshold: number;
  readonly stages: Stages;
}

/** The options that determine the samples. */
const drawing = ({ seed }: LearnRequest, { names, knowledge, threshold }: Known, signal: AbortSignal) => ({
  ...{ seed, names, knowledge, threshold, signal },
});

function drawsOf(request: LearnRequest, known: Known, signal: AbortSignal): BootstrapDraws {
  const { X, learner } = known;
  const options = drawing(request, known, signal);
  return learner.prepare
    ? bootstrapDraws(X, learner.method, { ...options, prepare: learner.prepare })
    : bootstrapDraws(X, learner.method, options);
}

async function learn(
  request: LearnRequest,
  tools: TaskTools,
  known: Known,
  sample?: BootstrapIteratesOptions['sample'],
): Promise<LearnedGraph> {
  const { signal, progress } = tools;
  const { X, names, knowledge, learner, threshold, stages, start } = known;
  const prepared = learner.prepare ? learner.prepare(X, { names }) : moments(X, { names });
  const { resume, ...keeping } = stages.stage<unknown>('fit');
  const iterates = learner.prepare
    ? learner.method(prepared as Samples, resume)
    : learner.method(prepared as Moments, resume);
  const what = request.method;
  const onIterate: RunOptions<GraphPoint>['onIterate'] = (it) => progress(progressOf(what, it));
  const solution = await runAsync(iterates, { signal, timeLimit: request.timeLimit, onIterate, ...keeping });
  const estimate = graphEstimate(solution, prepared, { threshold, knowledge });
  const units = unitsAlong(estimate, prepared, knowledge);
  const { spell } = tools;
  const compare = `Compare with ${spell('standardize', true)}, or with ${spell('method')} ${scaleFree.join(' or ')}, whose order does not depend on units.`;

  let shares: DenseMatrix | undefined;
  let bootstrap: LearnedGraph['bootstrap'];
  let { status } = estimate;
  if (request.bootstrap !== undefined) {
    const { bootstrap: resamples } = request;
    const { resume: earlier, ...keepingShares } = stages.stage<BootstrapState>('bootstrap');
    const options = { ...drawing(request, known, signal), resamples, sample, resume: earlier };
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
    if (finished(status) && !finished(drawn.status)) ({ status } = drawn);
  }
  return {
    command: tools.command,
    data: { name: known.table, rows: X.rows, notes: known.notes },
    method: learner.title,
    lambda: learner.lambda,
    threshold,
    nodes: names,
    edges: edgesOf(estimate.dag).map(({ from, to, weight }) => ({
      from: names[from],
      to: names[to],
      weight,
      ...(shares && { confidence: shares.get(from, to) }),
    })),
    order: Array.from(estimate.order, (v) => names[v]),
    ...(estimate.sigma && { noise: Object.fromEntries(names.map((name, v) => [name, estimate.sigma![v]])) }),
    ...(request.standardize && { standardized: true as const }),
    ...(units.varsortability !== undefined && { varsortability: units.varsortability }),
    ...(bootstrap && { bootstrap }),
    warnings: [...estimate.warnings, ...(units.told === undefined ? [] : [`${units.told} ${compare}`])],
    status,
    ...(estimate.error && { error: estimate.error.message }),
    objective: estimate.objective,
    iterations: estimate.iterations,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Identifies everything that determines the course of the job, for checkpoints. */
function problemOf(request: LearnRequest, X: DenseMatrix, names: readonly string[], knowledge?: Knowledge): string {
  const { method, score, variance, lambda, intercepts, threshold, refine, bootstrap, seed } = request;
  const options = { method, score, variance, lambda, intercepts, threshold, refine, bootstrap, seed };
  return fingerprint(
    X.data,
    X.rows,
    names,
    options,
    ...(knowledge ? [knowledge.allowed, knowledge.required, knowledge.before] : []),
  );
}

/** All columns as numbers; categories cannot be used in a linear model of causes. */
function numbers(table: Table, { features, drop = [], missing }: LearnRequest, { spell }: TaskTools) {
  const used = (name: string) => !drop.includes(name) && (features === undefined || features.includes(name));
  const texts = table.columns.filter((c) => c.type !== 'number' && used(c.name)).map((c) => c.name);
  if (texts.length > 0) {
    throw new RequestError(
      `Graphs are learned from numbers, but ${texts.join(', ')} ${texts.length === 1 ? 'is text; leave it' : 'are texts; leave them'} out with ${spell('drop', texts)}.`,
    );
  }
  const design = designMatrix(table, { features, drop, missing, sparse: false, spell });
  const { X, featureNames: names, notes } = design;
  if (X.kind === 'dense') return { X, names, notes };
  const dense = DenseMatrix.create(X.rows, X.cols);
  for (let j = 0; j < X.cols; j++) {
    for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) dense.set(X.rowIndices[k], j, X.values[k]);
  }
  return { X: dense, names, notes };
}

/** The columns divided by their standard deviations; constants, which are refused later, as they are. */
function standardized(X: DenseMatrix): DenseMatrix {
  const scaled = DenseMatrix.create(X.rows, X.cols);
  for (let j = 0; j < X.cols; j++) {
    const { sd } = columnMoments(X.column(j));
    scaled.column(j).set(sd > 0 ? X.column(j).map((value) => value / sd) : X.column(j));
  }
  return scaled;
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

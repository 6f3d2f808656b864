import type { Table } from '@southwell/data';
import { ThreadPool } from '@southwell/numerics/arrays';
import { fail, fingerprint } from '@southwell/numerics/core';
import {
  alphaGrid,
  type CrossValidationState,
  elasticNet,
  type FitOptions,
  type ModelKind,
  type ModelOptions,
  type PathOptions,
  type PathState,
  saveModel,
} from 'southwell/linear-models';
import { type CheckpointStore, Stages } from '../checkpoints.ts';
import { RequestError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { columnDeviations } from '../stats.ts';
import { curvesOf, type Fitted, resultOf } from './gather.ts';
import { modelKind } from './models.ts';
import { checkGrid, type Problem, problemOf } from './problem.ts';
import type { FitOutcome, FitRequest } from './request.ts';

export interface Hooks {
  /** The table that `request.data` names. */
  read(): Promise<Table>;
  /** Threads to use where the request leaves that open and the data are large. */
  readonly cores: number;
  readonly signal: AbortSignal;
  progress(p: Progress): void;
  /** Where a path or a cross-validation keeps what it needs to go on, if that is wanted. */
  readonly checkpoint?: CheckpointStore;
}

/** Reads, fits and gathers; writes nothing. Throws {@link RequestError} or SouthwellError with a sentence for people. */
export async function fitJob(request: FitRequest, hooks: Hooks): Promise<FitOutcome> {
  const started = performance.now();
  const table = await hooks.read();
  const p = problemOf(table, request);
  const kind = modelKind(p.modelName);
  const mode = !kind.penalised || request.alpha !== undefined ? 'fit' : request.path ? 'path' : 'cv';
  const tol = request.tol ?? 1e-6;
  const deviations = columnDeviations(p.design.X);
  if (mode !== 'fit') checkGrid(p, deviations, mode === 'cv' ? foldsOf(request) : undefined, request);
  const options = estimatorOptions(request, p, mode === 'fit' && kind.penalised, tol);
  const fitted = await fit(mode, p, kind, options, request, hooks);
  const seconds = (performance.now() - started) / 1000;
  const result = resultOf(fitted, p, request, { tol, seconds, deviations });
  const modelText = saveModel(fitted.model, {
    encoding: p.design.encoding,
    kind: p.modelName,
    target: p.summary.target,
    targets: p.targets,
    offset: request.offset,
    command: request.command,
  });
  return { result, modelText, curves: request.wantReport ? curvesOf(fitted, p, deviations) : undefined };
}

const foldsOf = (request: FitRequest): number => request.cv ?? 10;

const estimatorOptions = (request: FitRequest, p: Problem, withAlpha: boolean, tol: number): ModelOptions => ({
  ...(withAlpha && { alpha: request.alpha }),
  l1Ratio: request.l1Ratio,
  standardize: request.standardize,
  // Left open otherwise: models differ in what they do by default.
  ...(request.fitIntercept === false && { fitIntercept: false }),
  positive: request.positive,
  tol,
  maxIter: request.maxIter,
  delta: request.delta,
  quantile: request.quantile,
  gamma: request.gamma,
  q: request.q,
  grouped: request.grouped,
  groups: p.groups,
});

/** Fits at one alpha, along a path, or along a path and in folds, and chooses. */
async function fit(
  mode: 'fit' | 'path' | 'cv',
  p: Problem,
  kind: ModelKind,
  options: ModelOptions,
  request: FitRequest,
  hooks: Hooks,
): Promise<Fitted> {
  const { X } = p.design;
  const estimator = kind.make(options);
  const watch = watcher(hooks);
  const fitOptions: FitOptions<unknown> = {
    sampleWeight: p.sampleWeight,
    offset: p.offset,
    featureNames: p.design.featureNames,
    signal: hooks.signal,
    timeLimit: request.timeLimit,
    onIterate: watch.iterate,
  };
  const pathOptions = mode === 'fit' ? {} : pathOptionsOf(mode, p, kind, options, request);
  // Starting threads takes longer than a fit of a small table.
  const pooled = mode !== 'cv' && X.rows * X.cols >= 1e7 ? (request.threads ?? hooks.cores) : 1;
  const pool = await ThreadPool.create({ arena: X.arena, threads: pooled });
  try {
    if (mode === 'fit') {
      const model = estimator.fit(X, p.y, { ...fitOptions, pool });
      return { model, status: model.status, chosenBy: 'alpha' };
    }
    const stages = new Stages('fit', hooks.checkpoint ? problemPrint(p, request) : '', hooks.checkpoint);
    if (mode === 'path') {
      const stage = stages.stage<PathState>('path');
      const path = estimator.path(X, p.y, { ...fitOptions, pool, ...pathOptions, ...stage, onPoint: watch.point });
      if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
      return { model: path.best('bic'), path, status: path.status, chosenBy: 'bic' };
    }
    const cv = await estimator.crossValidate(X, p.y, {
      ...fitOptions,
      ...pathOptions,
      ...stages.stage<CrossValidationState>('folds'),
      folds: foldsOf(request),
      seed: request.seed,
      // Starting threads takes longer than the folds of a small table.
      threads: request.threads ?? (X.rows * X.cols < 1e5 ? 1 : hooks.cores),
      ...(request.scoring !== undefined && { scoring: request.scoring }),
      onProgress: watch.folds,
    });
    const { path, status } = cv;
    if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
    // Interrupted before any fold was whole: no score to choose by.
    if (cv.folds.length === 0) return { model: path.best('bic'), path, status, chosenBy: 'bic' };
    return { model: request.rule === '1se' ? cv.oneStandardError : cv.best, path, cv, status, chosenBy: request.rule };
  } finally {
    await pool.close();
  }
}

/** Of the data and of all that shapes the course of a fit. */
function problemPrint(p: Problem, request: FitRequest): string {
  const { X } = p.design;
  const numbers = X.kind === 'dense' ? [X.data] : [X.colPointers, X.rowIndices, X.values];
  const { command: _, data: __, format: ___, wantReport: ____, timeLimit: _____, threads: ______, ...shape } = request;
  return fingerprint(numbers, p.y, p.sampleWeight, p.offset, { ...shape, checkpoint: undefined, resume: undefined });
}

/** Turns what happens in a fit into progress. */
function watcher(hooks: Hooks) {
  let position: { index: number; count: number } | undefined;
  let folded: { done: number; total: number } | undefined;
  let seen: { objective: number; gap?: number; active?: number } | undefined;
  return {
    iterate: ((it) => {
      seen = { objective: it.objective, gap: it.certificate?.relative, active: it.active };
      hooks.progress({
        phase: 'fitting',
        ...seen,
        ...(position && { alphaIndex: position.index + 1, alphas: position.count }),
        ...folded,
      });
    }) satisfies FitOptions<unknown>['onIterate'],
    point: (_: unknown, index: number, count: number) => {
      position = { index: index + 1, count };
    },
    folds: (done: number, total: number) => {
      folded = { done, total };
      // Folds in threads of their own show no iterates.
      hooks.progress({ phase: 'fitting', ...seen, ...folded });
      seen = undefined;
    },
  };
}

/** The grid of alphas, which a ridge needs help with. */
function pathOptionsOf(
  mode: 'path' | 'cv',
  p: Problem,
  kind: ModelKind,
  options: ModelOptions,
  request: FitRequest,
): PathOptions {
  const asked: PathOptions = { nAlphas: request.nAlphas, eps: request.eps };
  if (kind.sparse(options)) return asked;
  if (mode === 'path') {
    throw new RequestError(
      '--path chooses by BIC, which counts features; a ridge keeps them all. Use --cv or --alpha.',
    );
  }
  // No alpha empties a ridge: the grid starts where an L1 share of a thousandth would, as in glmnet.
  const { X } = p.design;
  const nearly = { ...options, l1Ratio: 1e-3 };
  const watch = { sampleWeight: p.sampleWeight, offset: p.offset };
  const probe = kind.sparse(nearly)
    ? kind.make(nearly).prepare(X, p.y, watch)
    : elasticNet(nearly).prepare(X, p.y as never, watch);
  const { alphaMax } = probe;
  probe.release();
  return { alphas: alphaGrid(alphaMax, X.rows, X.cols, { ...asked, eps: request.eps ?? 1e-6 }) };
}

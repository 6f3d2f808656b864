import { ThreadPool } from '@southwell/numerics/arrays';
import { askedNames, fail } from '@southwell/numerics/core';
import {
  alphaGrid,
  type CrossValidationState,
  type FitOptions,
  linearModels,
  type ModelKind,
  type ModelOptions,
  modelRecords,
  type PathOptions,
  type PathState,
  saveModel,
} from 'southwell/linear-models';
import { Stages } from '../checkpoints.ts';
import { codeLike } from '../codeLike.ts';
import { given } from '../declaration/option.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { rowsOf } from '../spread/splitRows.ts';
import { columnDeviations } from '../stats.ts';
import { curvesOf, type Fitted, resultOf } from './gather.ts';
import { collapsing } from './hierarchy.ts';
import { assessed, splitTable } from './holdout.ts';
import { hasProbabilities, isSeparated, judged } from './judged.ts';
import type { FitRequest } from './options.ts';
import { checkFeatures, checkGrid, type Problem, problemOf } from './problem.ts';
import { problemPrint } from './problemPrint.ts';
import { Explainer } from './report/explain.ts';
import type { FitResult } from './result.ts';
import { storedPath } from './savedPath.ts';
import { scoringsOf } from './takers.ts';

/** Reads, fits and gathers; writes nothing. Throws {@link RequestError} or SouthwellError with a message for users. */
export async function fitJob(request: FitRequest, tools: TaskTools): Promise<FitResult> {
  if (request.federated) return (await import('./federated/job.ts')).federatedJob(request, tools);
  const started = performance.now();
  const table = await tools.read();
  const { holdout } = request;
  const rows = rowsOf(tools.ranks, table);
  const split = holdout === undefined ? undefined : splitTable(table, request, holdout, tools.spell, rows);
  const p = split
    ? problemOf(split.fit, { ...request, model: split.model }, tools.spell, split.fitRows, tools.ranks)
    : problemOf(table, request, tools.spell, rows, tools.ranks);
  const kind = linearModels[p.modelName];
  checkTaken(request, p.modelName, tools.spell);
  const mode = !kind.penalised || request.alpha !== undefined ? 'fit' : request.path ? 'path' : 'cv';
  const deviations = columnDeviations(p.design.X, p.spread, p.spreads);
  if (mode !== 'fit')
    checkGrid(p, mode === 'cv' ? (p.folds?.count ?? foldsOf(request)) : undefined, request, tools.spell);
  checkFeatures(p, deviations, request);
  const options = estimatorOptions(request, p, mode === 'fit' && kind.penalised);
  const fitted = await fit(mode, p, kind, options, request, tools);
  const seconds = (performance.now() - started) / 1000;
  const notes = request.model === undefined ? codedTarget(p, tools.spell) : [];
  const { command } = tools;
  const explanation = fitted.explainer?.result(fitted.threads ?? 1, tools.ranks);
  const modelText = saveModel(fitted.model, {
    encoding: p.design.encoding,
    kind: p.modelName,
    target: p.summary.target,
    targets: p.targets,
    offset: request.offset,
    strata: p.strata,
    command,
    ...(fitted.path && { path: storedPath(fitted.path) }),
  });
  const held = split && assessed(split, modelText, hasProbabilities(fitted.model));
  return {
    command,
    ...resultOf(fitted, p, request, { seconds, deviations, notes, spell: tools.spell }),
    ...(held && { holdout: held.told }),
    ...(fitted.model.classes && { classification: judged(fitted.model, p, split, held?.columns) }),
    explanation,
    modelText,
    curves: tools.pictures ? curvesOf(fitted, p, deviations) : undefined,
  };
}

/** A note on a target that looks like codes of classes, for which a model of numbers was chosen. */
function codedTarget(p: Problem, spell: TaskTools['spell']): string[] {
  if (p.targets || linearModels[p.modelName].target !== 'number') return [];
  const found = codeLike(p.y as ArrayLike<number>, p.spread);
  if (!found) return [];
  const others = Object.keys(linearModels).filter((name) => linearModels[name].target === 'classes');
  return [
    `The target '${p.summary.target}' has ${found.length} different whole numbers (${found.join(', ')}), which are predicted as amounts: ${spell('model')} ${others.join(' or ')} takes them as classes.`,
  ];
}

/** Options that only some models have. */
const restricted = ([...askedNames(modelRecords), 'penaltyFactor', 'lower', 'upper', 'solver'] as const).filter(
  (name) => Object.values(linearModels).some(({ takes }) => takes.includes(name)),
);

/** If no model was named, incompatible options can only be detected once it has been chosen for the target. */
function checkTaken(request: FitRequest, name: string, spell: TaskTools['spell']): void {
  const { takes } = linearModels[name];
  const { scoring } = request;
  if (scoring !== undefined && !scoringsOf(name).includes(scoring)) {
    throw new RequestError(
      `${spell('scoring')} ${scoring} cannot be combined with ${name}, the model for this target, only with ${scoringsOf(name).join(', ')}.`,
    );
  }
  const { target } = linearModels[name];
  if (given(request.classWeight) && target !== 'class' && target !== 'classes') {
    throw new RequestError(
      `${spell('classWeight')} cannot be combined with ${name}, the model for this target, which has no classes.`,
    );
  }
  for (const key of restricted) {
    if (!given(request[key]) || takes.includes(key)) continue;
    const takers = Object.keys(linearModels).filter((other) => linearModels[other].takes.includes(key));
    throw new RequestError(
      `${spell(key)} cannot be combined with ${name}, the model for this target, only with ${takers.join(', ')}: name one with ${spell('model')}.`,
    );
  }
}

const foldsOf = (request: FitRequest): number => request.cv ?? 10;

const estimatorOptions = (request: FitRequest, p: Problem, withAlpha: boolean): ModelOptions => ({
  ...Object.fromEntries(askedNames(modelRecords).map((name) => [name, request[name]])),
  ...(withAlpha && { alpha: request.alpha }),
  // Omitted otherwise, since defaults differ between models.
  ...(!request.intercept && { fitIntercept: false }),
  tol: request.tol,
  maxIter: request.maxIter,
  ...p.columnOptions,
  groups: p.groups,
  solver: request.solver,
  ...(linearModels[p.modelName].draws && { seed: request.seed }),
});

/** Fits at one alpha, along a path, or along a path with cross-validation, and chooses a model. */
async function fit(
  mode: 'fit' | 'path' | 'cv',
  p: Problem,
  kind: ModelKind,
  options: ModelOptions,
  request: FitRequest,
  tools: TaskTools,
): Promise<Fitted & { readonly explainer?: Explainer; readonly threads?: number }> {
  const { featureNames } = p.design;
  const { X } = p.overlap ?? p.design;
  const back = p.overlap && collapsing(p.overlap, featureNames);
  const estimator = kind.make(options);
  const watch = watcher(tools);
  const explainer = request.explain ? new Explainer() : undefined;
  const fitOptions: FitOptions<unknown> = {
    sampleWeight: p.sampleWeight,
    offset: p.offset,
    ...(!back && { featureNames }),
    signal: tools.ranks?.signal ?? tools.signal,
    rows: p.spread,
    timeLimit: request.timeLimit,
    onIterate: watch.iterate,
    onExplain: explainer?.onExplain,
  };
  // BIC keeps too many features where there are many to choose from.
  const criterion = !back && p.design.X.cols > p.summary.rows ? 'ebic' : 'bic';
  const pathOptions = mode === 'fit' ? {} : pathOptionsOf(mode, p, kind, options, request, tools.spell);
  // Starting threads takes longer than fitting a small table. Folds use threads of their own, except on ranks, which
  // fit them together.
  const shared = X.rows * X.cols >= 1e7 && (mode !== 'cv' || tools.ranks !== undefined);
  const pooled = shared ? (request.threads ?? (tools.ranks ? 1 : (tools.cores ?? 1))) : 1;
  const pool = await ThreadPool.create({ arena: X.arena, threads: pooled });
  try {
    if (mode === 'fit') {
      const fitted = estimator.fit(X, p.y, { ...fitOptions, pool });
      const model = back ? back.model(fitted) : fitted;
      const status = request.alpha === 0 && isSeparated(model, p) ? 'unbounded' : model.status;
      return { model, status, chosenBy: 'alpha', explainer };
    }
    const stages = new Stages('fit', tools.checkpoint ? problemPrint(p, request) : '', tools.checkpoint);
    if (mode === 'path') {
      const stage = stages.stage<PathState>('path');
      const whole = estimator.path(X, p.y, { ...fitOptions, pool, ...pathOptions, ...stage, onPoint: watch.point });
      const path = back ? back.path(whole) : whole;
      if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
      return { model: path.best(criterion), path, status: path.status, chosenBy: criterion, explainer };
    }
    // Starting threads takes longer than the folds of a small table.
    const threads = tools.ranks ? 1 : (request.threads ?? (X.rows * X.cols < 1e5 ? 1 : (tools.cores ?? 1)));
    const folds = await estimator.crossValidate(X, p.y, {
      ...fitOptions,
      ...(tools.ranks && { pool }),
      ...pathOptions,
      ...stages.stage<CrossValidationState>('folds'),
      ...(p.folds ? { foldOf: p.folds.of } : { folds: foldsOf(request), seed: request.seed ?? 0 }),
      threads,
      ...(p.foldMatrix && { foldMatrix: p.foldMatrix }),
      ...(request.scoring !== undefined && { scoring: request.scoring }),
      onProgress: watch.folds,
    });
    const cv = back ? back.folds(folds) : folds;
    const { path, status } = cv;
    if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
    // Interrupted before any fold was complete, so that there are no scores.
    if (cv.folds.length === 0)
      return { model: path.best(criterion), path, status, chosenBy: criterion, explainer, threads };
    const model = request.rule === '1se' ? cv.oneStandardError : cv.best;
    const kept = request.rule === '1se' ? (cv.relaxed?.oneStandardError.path ?? path) : path;
    return { model, path: kept, cv, status, chosenBy: request.rule, explainer, threads };
  } finally {
    await pool.close();
  }
}

/** Milliseconds between progress reports on iterates: more frequent ones would slow down a small fit. */
const WORDS_MS = 50;

/** Converts the events of a fit to progress reports. */
function watcher({ progress }: TaskTools) {
  let told = Number.NEGATIVE_INFINITY;
  /** The current part of the fit: the path or the folds. */
  let at: { where: string; done?: number; total?: number } = { where: 'fitting' };
  let seen: { objective: number; gap?: number; active?: number } | undefined;
  const tell = () => {
    const { where, ...parts } = at;
    if (!seen) return progress({ text: where, ...parts });
    const { objective, gap, active } = seen;
    const certificate = gap === undefined ? '' : `, gap ${gap.toExponential(1)}`;
    const features = active === undefined ? '' : `, ${count(active, 'feature')}`;
    progress({ text: `${where}: objective ${number(objective, 6)}${certificate}${features}`, gap, ...parts });
  };
  return {
    iterate: ((it) => {
      const now = performance.now();
      if (now - told < WORDS_MS) return;
      told = now;
      seen = { objective: it.objective, gap: it.certificate?.relative, active: it.active };
      tell();
    }) satisfies FitOptions<unknown>['onIterate'],
    point: (_: unknown, index: number, total: number) => {
      // Number of the next alpha.
      const done = index + 2;
      at = { where: `path ${done}/${total}`, done, total };
    },
    folds: (done: number, total: number) => {
      // Folds in threads of their own report no iterates, and those of the path before are not theirs.
      if (!at.where.startsWith('cross-validating')) seen = undefined;
      at = { where: `cross-validating ${done}/${total}`, done, total };
      tell();
    },
  };
}

/** The grid of alphas; a ridge needs an explicit one. */
function pathOptionsOf(
  mode: 'path' | 'cv',
  p: Problem,
  kind: ModelKind,
  options: ModelOptions,
  request: FitRequest,
  spell: TaskTools['spell'],
): PathOptions {
  const { alphas } = request;
  const asked: PathOptions = alphas ? { alphas: [...new Set(alphas)] } : { nAlphas: request.nAlphas, eps: request.eps };
  if (kind.sparse(options)) return asked;
  if (mode === 'path') {
    throw new RequestError(
      `${spell('path')} chooses by BIC, which counts features; a ridge keeps them all. Use ${spell('cv')} or ${spell('alpha')}.`,
    );
  }
  if (alphas) return asked;
  // A ridge has no alphaMax: the grid starts at that of an L1 ratio of 0.001, as in glmnet.
  const { X } = p.design;
  const nearly = { ...options, l1Ratio: 1e-3 };
  const watch = { sampleWeight: p.sampleWeight, offset: p.offset, rows: p.spread };
  const probe = kind.sparse(nearly)
    ? kind.make(nearly).prepare(X, p.y, watch)
    : linearModels['elastic-net'].make(nearly).prepare(X, p.y, watch);
  const { alphaMax } = probe;
  probe.release();
  return { alphas: alphaGrid(alphaMax, p.summary.rows, X.cols, { ...asked, eps: request.eps ?? 1e-6 }) };
}

import type { Table } from '@southwell/data';
import { ThreadPool } from 'southwell/arrays';
import { fail, type Status } from 'southwell/core';
import {
  type AnyModel,
  alphaGrid,
  type CrossValidation,
  elasticNet,
  type FitOptions,
  LinearModel,
  type ModelOptions,
  type PathOptions,
  type RegularisationPath,
  type Scoring,
  saveModel,
} from 'southwell/linear-models';
import { advise } from './advice.ts';
import { RequestError } from './errors.ts';
import { count, number } from './format.ts';
import { modelKind } from './models.ts';
import { checkGrid, problemOf } from './problem.ts';
import type { Progress } from './progress.ts';
import { columnDeviations } from './stats.ts';

/** Everything the fit command was asked for: plain data, so that it can be sent to a worker. */
export interface FitRequest extends Omit<ModelOptions, 'groups'> {
  readonly data: string;
  readonly format?: string;
  readonly target?: string;
  /** What a multitask lasso predicts. */
  readonly targets?: readonly string[];
  /** Lists of columns that enter a group lasso together. */
  readonly groups?: ReadonlyArray<readonly string[]>;
  readonly model?: string;
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly weights?: string;
  readonly offset?: string;
  readonly time?: string;
  readonly event?: string;
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly path: boolean;
  /** Folds, if cross-validation was asked for. */
  readonly cv?: number;
  readonly rule: 'min' | '1se';
  readonly seed: number;
  readonly nAlphas?: number;
  readonly eps?: number;
  readonly scoring?: Scoring;
  /** For the folds; several only where the data are large enough to gain by it. */
  readonly threads?: number;
  readonly timeLimit?: number;
  /** The command as typed, for the report and the saved model. */
  readonly command: string;
  readonly wantReport: boolean;
}

export interface Coefficient {
  readonly name: string;
  /** The class or target that it counts for, where there are several. */
  readonly response?: string;
  readonly value: number;
  /** The effect of one standard deviation of the feature. */
  readonly perSd: number;
}

/** Everything the fit command has to tell: plain data, for the table, --json and the report. */
export interface FitResult {
  readonly data: {
    readonly name: string;
    readonly rows: number;
    readonly features: number;
    readonly density: number;
    readonly target: string;
    readonly classes?: ReadonlyArray<{ readonly label: string; readonly rows: number }>;
    readonly targetMean?: number;
    readonly targetSd?: number;
    readonly events?: number;
    readonly notes: readonly string[];
  };
  readonly model: {
    readonly kind: string;
    readonly title: string;
    readonly loss: string;
    readonly alpha: number;
    readonly l1Ratio?: number;
    readonly standardize: boolean;
    /** By class or target where there are several. */
    readonly intercept: number | Readonly<Record<string, number>>;
    /** Features with a coefficient that is not zero. */
    readonly active: number;
    /** Non-zero, largest effect of one standard deviation first. */
    readonly coefficients: readonly Coefficient[];
  };
  readonly fit: {
    readonly status: Status;
    readonly objective: number;
    readonly gap?: number;
    readonly certificate?: string;
    readonly iterations: number;
    readonly seconds: number;
    readonly message: string;
  };
  readonly path?: {
    readonly alphas: readonly number[];
    readonly active: readonly number[];
    readonly devianceRatio: readonly number[];
    readonly aic: readonly number[];
    readonly bic: readonly number[];
    readonly chosenBy: string;
  };
  readonly crossValidation?: {
    readonly folds: number;
    readonly scoring: string;
    readonly greaterIsBetter: boolean;
    readonly alphas: readonly number[];
    readonly mean: readonly number[];
    readonly standardError: readonly number[];
    readonly min: ChosenPoint;
    readonly oneStandardError: ChosenPoint;
    readonly rule: 'min' | '1se';
  };
  /** What might make a better model: sentences. */
  readonly advice: readonly string[];
  /** The relative gap asked for. */
  readonly tol: number;
  /** Seconds of everything: reading, fitting, cross-validating. */
  readonly seconds: number;
}

export interface ChosenPoint {
  readonly index: number;
  readonly alpha: number;
  readonly score: number;
  readonly standardError: number;
  readonly active: number;
}

/** What only the report draws. */
export interface Curves {
  readonly path?: {
    readonly alphas: number[];
    readonly lines: Array<{ name: string; values: number[] }>;
    left: number;
  };
  /** For each strength: seconds since its fit began, relative gap. */
  readonly convergence: Array<{ kept: boolean; seconds: number[]; gap: Array<number | null> }>;
}

export interface FitOutcome {
  readonly result: FitResult;
  readonly modelText: string;
  readonly curves?: Curves;
}

export interface Hooks {
  /** The table that `request.data` names. */
  read(): Promise<Table>;
  /** Threads to use where the request leaves that open and the data are large. */
  readonly cores: number;
  readonly signal: AbortSignal;
  progress(p: Progress): void;
}

/** Reads, fits and gathers; writes nothing. Throws {@link RequestError} or SouthwellError with a sentence for people. */
export async function fitJob(request: FitRequest, hooks: Hooks): Promise<FitOutcome> {
  const started = performance.now();
  const table = await hooks.read();
  const p = problemOf(table, request);
  const kind = modelKind(p.modelName);
  const mode = !kind.penalised || request.alpha !== undefined ? 'fit' : request.path ? 'path' : 'cv';
  const folds = request.cv ?? 10;
  const tol = request.tol ?? 1e-6;
  const deviations = columnDeviations(p.design.X);
  if (mode !== 'fit') checkGrid(p, deviations, mode === 'cv' ? folds : undefined, request);
  const estimatorOptions: ModelOptions = {
    ...(mode === 'fit' && kind.penalised && { alpha: request.alpha }),
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
  };
  const estimator = kind.make(estimatorOptions);
  let position: { index: number; count: number } | undefined;
  let folded: { done: number; total: number } | undefined;
  let seen: { objective: number; gap?: number; active?: number } | undefined;
  const fitOptions: FitOptions<unknown> = {
    sampleWeight: p.sampleWeight,
    offset: p.offset,
    featureNames: p.design.featureNames,
    signal: hooks.signal,
    timeLimit: request.timeLimit,
    onIterate: (it) => {
      seen = { objective: it.objective, gap: it.certificate?.relative, active: it.active };
      hooks.progress({
        phase: 'fitting',
        ...seen,
        ...(position && { alphaIndex: position.index + 1, alphas: position.count }),
        ...folded,
      });
    },
  };
  const { X } = p.design;
  let pathOptions: PathOptions = { nAlphas: request.nAlphas, eps: request.eps };
  if (mode !== 'fit' && !kind.sparse(estimatorOptions)) {
    if (mode === 'path') {
      throw new RequestError(
        '--path chooses by BIC, which counts features; a ridge keeps them all. Use --cv or --alpha.',
      );
    }
    // No strength empties a ridge: the grid starts where an L1 share of a thousandth would, as in glmnet.
    const nearly = { ...estimatorOptions, l1Ratio: 1e-3 };
    const watch = { sampleWeight: p.sampleWeight, offset: p.offset };
    const probe = kind.sparse(nearly)
      ? kind.make(nearly).prepare(X, p.y, watch)
      : elasticNet(nearly).prepare(X, p.y as never, watch);
    const { alphaMax } = probe;
    probe.release();
    pathOptions = { alphas: alphaGrid(alphaMax, X.rows, X.cols, { ...pathOptions, eps: request.eps ?? 1e-6 }) };
  }

  let model: AnyModel;
  let path: RegularisationPath<AnyModel> | undefined;
  let cv: CrossValidation<AnyModel> | undefined;
  let status: Status;
  let chosenBy = 'alpha';
  // Starting threads takes longer than a fit of a small table.
  const pooled = mode !== 'cv' && X.rows * X.cols >= 1e7 ? (request.threads ?? hooks.cores) : 1;
  const pool = await ThreadPool.create({ arena: X.arena, threads: pooled });
  if (mode === 'fit') {
    model = estimator.fit(X, p.y, { ...fitOptions, pool });
    status = model.status;
  } else if (mode === 'path') {
    path = estimator.path(X, p.y, {
      ...fitOptions,
      pool,
      ...pathOptions,
      onPoint: (_point, index, count_) => {
        position = { index: index + 1, count: count_ };
      },
    });
    if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
    model = path.best('bic');
    chosenBy = 'bic';
    status = path.status;
  } else {
    cv = await estimator.crossValidate(X, p.y, {
      ...fitOptions,
      ...pathOptions,
      folds,
      seed: request.seed,
      // Starting threads takes longer than the folds of a small table.
      threads: request.threads ?? (X.rows * X.cols < 1e5 ? 1 : hooks.cores),
      ...(request.scoring !== undefined && { scoring: request.scoring }),
      onProgress: (done, total) => {
        folded = { done, total };
        // Folds in threads of their own show no iterates.
        hooks.progress({ phase: 'fitting', ...seen, ...folded });
        seen = undefined;
      },
    });
    path = cv.path;
    if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
    status = cv.status;
    chosenBy = request.rule;
    // Interrupted before any fold was whole: no score to choose by.
    if (cv.folds.length === 0) {
      model = path.best('bic');
      chosenBy = 'bic';
      cv = undefined;
    } else model = request.rule === '1se' ? cv.oneStandardError : cv.best;
  }
  await pool.close();
  const seconds = (performance.now() - started) / 1000;
  const names = p.design.featureNames;
  const responses = responsesOf(model, p.targets);
  const coefficients = vectorsOf(model).flatMap(({ indices, values }, r) =>
    Array.from(
      indices,
      (j, k): Coefficient => ({
        name: names[j],
        ...(responses && { response: responses[r] }),
        value: values[k],
        perSd: values[k] * deviations[j],
      }),
    ),
  );
  coefficients.sort((a, b) => Math.abs(b.perSd) - Math.abs(a.perSd));
  const chosenPoint = (index: number, from: CrossValidation<AnyModel>): ChosenPoint => ({
    index,
    alpha: from.alphas[index],
    score: from.mean[index],
    standardError: from.standardError[index],
    active: from.path.models[index] ? activeFeatures(from.path.models[index]) : Number.NaN,
  });
  const result: FitResult = {
    data: p.summary,
    model: {
      kind: p.modelName,
      title: kind.title,
      loss: model.loss,
      alpha: model.alpha,
      l1Ratio: request.l1Ratio,
      standardize: request.standardize ?? false,
      intercept:
        model instanceof LinearModel
          ? model.intercept
          : Object.fromEntries(Array.from(model.intercepts, (b, r) => [responses![r], b])),
      active: activeFeatures(model),
      coefficients,
    },
    fit: {
      status,
      objective: model.report.objective,
      gap: model.report.certificate?.relative,
      certificate: model.report.certificate?.kind,
      iterations: model.report.iterations,
      seconds: model.report.seconds,
      message: model.report.message,
    },
    path: path && {
      alphas: path.models.map((m) => m.alpha),
      active: path.models.map(activeFeatures),
      devianceRatio: Array.from(path.devianceRatio),
      aic: Array.from(path.aic),
      bic: Array.from(path.bic),
      chosenBy,
    },
    crossValidation: cv && {
      folds: cv.folds.length,
      scoring: cv.scoring,
      greaterIsBetter: cv.greaterIsBetter,
      alphas: Array.from(cv.alphas),
      mean: Array.from(cv.mean),
      standardError: Array.from(cv.standardError),
      min: chosenPoint(cv.bestIndex, cv),
      oneStandardError: chosenPoint(cv.oneStandardErrorIndex, cv),
      rule: request.rule,
    },
    advice: advise(kind.penalised && !request.standardize && model.alpha > 0 ? deviations : undefined, cv),
    tol,
    seconds,
  };
  const modelText = saveModel(model, {
    encoding: p.design.encoding,
    kind: p.modelName,
    target: p.summary.target,
    targets: p.targets,
    offset: request.offset,
    command: request.command,
  });
  return {
    result,
    modelText,
    curves: request.wantReport ? curvesOf(model, path, names, deviations, responses) : undefined,
  };
}

const MAX_LINES = 60;
/** Where a gap of zero is drawn on a logarithmic axis. */
const SMALLEST_GAP = 1e-17;

const vectorsOf = (model: AnyModel) => (model instanceof LinearModel ? [model.sparseCoef] : model.sparseCoef);

const activeFeatures = (model: AnyModel): number =>
  model instanceof LinearModel ? model.activeCount : model.activeFeatures.length;

/** What the vectors of coefficients belong to, where there are several. */
const responsesOf = (model: AnyModel, targets: readonly string[] | undefined): readonly string[] | undefined =>
  model instanceof LinearModel ? undefined : (model.classes?.map(String) ?? targets);

/** How people read intercepts. */
export const interceptText = (intercept: FitResult['model']['intercept']): string =>
  typeof intercept === 'number'
    ? `intercept ${number(intercept)}`
    : `intercepts ${Object.entries(intercept)
        .map(([response, b]) => `${response} ${number(b)}`)
        .join(', ')}`;

/** How people read a coefficient: by feature, and class or target if there are several. */
export const coefficientName = ({ name, response }: Pick<Coefficient, 'name' | 'response'>): string =>
  response === undefined ? name : `${name} → ${response}`;

function curvesOf(
  model: AnyModel,
  path: RegularisationPath<AnyModel> | undefined,
  names: readonly string[],
  deviations: Float64Array,
  responses: readonly string[] | undefined,
): Curves {
  const short = (v: number) => Number(v.toPrecision(5));
  const convergence = (path?.models ?? [model]).map((m) => ({
    kept: m === model,
    seconds: m.report.trace.map((t) => short(t.seconds)),
    gap: m.report.trace.map((t) => (t.certificate === undefined ? null : short(Math.max(t.certificate, SMALLEST_GAP)))),
  }));
  if (!path || path.models.length < 2) return { convergence };
  // A line for each feature, or feature and response: number r·p + j.
  const p = names.length;
  const peaks = new Map<number, number>();
  for (const m of path.models) {
    vectorsOf(m).forEach(({ indices, values }, r) => {
      indices.forEach((j, k) => {
        const at = r * p + j;
        peaks.set(at, Math.max(peaks.get(at) ?? 0, Math.abs(values[k] * deviations[j])));
      });
    });
  }
  const entered = [...peaks].filter(([, peak]) => peak > 0).sort((a, b) => b[1] - a[1]);
  const drawn = entered.slice(0, MAX_LINES).map(([at]) => ({ r: Math.floor(at / p), j: at % p }));
  const lines = drawn.map(({ r, j }) => ({
    name: coefficientName({ name: names[j], response: responses?.[r] }),
    values: [] as number[],
  }));
  for (const m of path.models) {
    const dense = vectorsOf(m).map((v) => v.dense);
    drawn.forEach(({ r, j }, k) => {
      lines[k].values.push(short(dense[r][j] * deviations[j]));
    });
  }
  return {
    convergence,
    path: {
      alphas: path.models.map((m) => m.alpha),
      lines,
      left: entered.length - drawn.length,
    },
  };
}

/** One sentence for people: what came out. */
export function headline(r: FitResult): string {
  const { data, model, fit, crossValidation: cv, path } = r;
  const kept = `${model.title} keeps ${model.active} of ${count(data.features, 'feature')} of ${data.name}`;
  const strength = model.kind === 'nnls' ? '' : ` at alpha = ${number(model.alpha)}`;
  if (cv) {
    const point = cv.rule === '1se' ? cv.oneStandardError : cv.min;
    const rule = cv.rule === '1se' ? 'one-standard-error rule' : 'best score';
    return `${kept}${strength} (${rule}); ${cv.folds}-fold cross-validated ${scoreName(cv.scoring)} ${number(point.score)} ± ${number(point.standardError, 2)}.`;
  }
  if (path) {
    const i = path.alphas.indexOf(model.alpha);
    return `${kept}${strength} (smallest BIC on the path), explaining ${number(100 * path.devianceRatio[i], 3)} % of the deviance.`;
  }
  return `${kept}${strength}; objective ${number(fit.objective, 6)}.`;
}

const SCORES: Readonly<Record<string, string>> = {
  deviance: 'mean loss',
  mse: 'mean squared error',
  mae: 'mean absolute error',
  r2: 'R²',
  logLoss: 'log-loss',
  error: 'error rate',
  accuracy: 'accuracy',
  rocAuc: 'area under ROC',
  concordance: 'concordance',
};

export function scoreName(scoring: string): string {
  return SCORES[scoring] ?? scoring;
}

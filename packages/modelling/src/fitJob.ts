import { bundledSet, designMatrix, type Table } from '@southwell/data';
import { ThreadPool } from 'southwell/arrays';
import { fail, nearestName, type Status } from 'southwell/core';
import {
  alphaGrid,
  type CrossValidation,
  elasticNet,
  type FitOptions,
  type LinearModel,
  type ModelOptions,
  type PathOptions,
  type PathPoint,
  type RegularisationPath,
  type Scoring,
  saveModel,
} from 'southwell/linear-models';
import { RequestError } from './errors.ts';
import { count, number } from './format.ts';
import { modelKind } from './models.ts';
import type { Progress } from './progress.ts';
import { columnDeviations, density } from './stats.ts';

/** Everything the fit command was asked for: plain data, so that it can be sent to a worker. */
export interface FitRequest extends ModelOptions {
  readonly data: string;
  readonly format?: string;
  readonly target?: string;
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
    readonly intercept: number;
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
  };
  const estimator = kind.make(estimatorOptions);
  let position: { index: number; count: number } | undefined;
  let folded: { done: number; total: number } | undefined;
  let seen: { objective: number; gap?: number; active?: number } | undefined;
  const fitOptions: FitOptions = {
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
  if (mode !== 'fit' && (!kind.sparse || (request.l1Ratio !== undefined && request.l1Ratio < 1e-3))) {
    if (mode === 'path') {
      throw new RequestError(
        '--path chooses by BIC, which counts features; a ridge keeps them all. Use --cv or --alpha.',
      );
    }
    // No strength empties a ridge: the grid starts where an L1 share of a thousandth would, as in glmnet.
    const nearly = { ...estimatorOptions, l1Ratio: 1e-3 };
    const probe = (kind.sparse ? kind.make(nearly) : elasticNet(nearly)).prepare(X, p.y as never, {
      sampleWeight: p.sampleWeight,
      offset: p.offset,
    });
    const { alphaMax } = probe.problem;
    probe.problem.release();
    pathOptions = { alphas: alphaGrid(alphaMax, X.rows, X.cols, { ...pathOptions, eps: request.eps ?? 1e-6 }) };
  }

  let model: LinearModel;
  let path: RegularisationPath | undefined;
  let cv: CrossValidation | undefined;
  let status: Status;
  let chosenBy = 'alpha';
  // Starting threads takes longer than a fit of a small table.
  const pooled = mode !== 'cv' && X.rows * X.cols >= 1e7 ? (request.threads ?? hooks.cores) : 1;
  const pool = await ThreadPool.create({ arena: X.arena, threads: pooled });
  if (mode === 'fit') {
    model = estimator.fit(X, p.y as never, { ...fitOptions, pool });
    status = model.status;
  } else if (mode === 'path') {
    path = estimator.path(X, p.y as never, {
      ...fitOptions,
      pool,
      ...pathOptions,
      onPoint: (_point: PathPoint, index: number, count_: number) => {
        position = { index: index + 1, count: count_ };
      },
    });
    if (path.models.length === 0) fail('NUMERICAL', 'Stopped before there was a model.');
    model = path.best('bic');
    chosenBy = 'bic';
    status = path.status;
  } else {
    cv = await estimator.crossValidate(X, p.y as never, {
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
  const { indices, values } = model.sparseCoef;
  const coefficients: Coefficient[] = Array.from(indices, (j, k) => ({
    name: names[j],
    value: values[k],
    perSd: values[k] * deviations[j],
  }));
  coefficients.sort((a, b) => Math.abs(b.perSd) - Math.abs(a.perSd));
  const chosenPoint = (index: number, from: CrossValidation): ChosenPoint => ({
    index,
    alpha: from.alphas[index],
    score: from.mean[index],
    standardError: from.standardError[index],
    active: from.path.models[index]?.activeCount ?? Number.NaN,
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
      intercept: model.intercept,
      active: model.activeCount,
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
      active: path.models.map((m) => m.activeCount),
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
    tol,
    seconds,
  };
  const modelText = saveModel(model, {
    encoding: p.design.encoding,
    kind: p.modelName,
    target: p.summary.target,
    offset: request.offset,
    command: request.command,
  });
  return { result, modelText, curves: request.wantReport ? curvesOf(model, path, names, deviations) : undefined };
}

const MAX_LINES = 60;
/** Where a gap of zero is drawn on a logarithmic axis. */
const SMALLEST_GAP = 1e-17;

function curvesOf(
  model: LinearModel,
  path: RegularisationPath | undefined,
  names: readonly string[],
  deviations: Float64Array,
): Curves {
  const short = (v: number) => Number(v.toPrecision(5));
  const convergence = (path?.models ?? [model]).map((m) => ({
    kept: m === model,
    seconds: m.report.trace.map((t) => short(t.seconds)),
    gap: m.report.trace.map((t) => (t.certificate === undefined ? null : short(Math.max(t.certificate, SMALLEST_GAP)))),
  }));
  if (!path || path.models.length < 2) return { convergence };
  const peak = new Float64Array(names.length);
  for (const m of path.models) {
    const { indices, values } = m.sparseCoef;
    indices.forEach((j, k) => {
      peak[j] = Math.max(peak[j], Math.abs(values[k] * deviations[j]));
    });
  }
  const entered = Array.from(peak.keys()).filter((j) => peak[j] > 0);
  const drawn = entered.sort((a, b) => peak[b] - peak[a]).slice(0, MAX_LINES);
  return {
    convergence,
    path: {
      alphas: path.models.map((m) => m.alpha),
      lines: drawn.map((j) => ({ name: names[j], values: path.models.map((m) => short(m.coef[j] * deviations[j])) })),
      left: entered.length - drawn.length,
    },
  };
}

type Problem = ReturnType<typeof problemOf>;

/** Matrix, target, weights and offset of a table, and what to say about them. */
function problemOf(table: Table, request: FitRequest) {
  const bundled = request.data.startsWith('bundled:') ? bundledSet(request.data) : undefined;
  const survival = request.model === 'cox' || request.time !== undefined || request.event !== undefined;
  if (survival && request.model !== undefined && request.model !== 'cox') {
    throw new RequestError('--time and --event go with --model cox.');
  }
  if (survival && (request.time === undefined || request.event === undefined)) {
    throw new RequestError('A Cox model needs --time COLUMN (when) and --event COLUMN (1 seen, 0 censored).');
  }
  if (survival && request.target !== undefined) {
    throw new RequestError('A Cox model takes --time and --event instead of --target.');
  }
  const target = survival ? undefined : (request.target ?? bundled?.target);
  if (!survival && target === undefined && !table.sparse?.y) {
    const names = table.columns.map((c) => c.name);
    const list = names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '');
    throw new RequestError(
      table.sparse
        ? `${table.name} has no labels to predict: use a LIBSVM file, or a table with columns.`
        : `Which column is to be predicted? Give --target NAME; ${table.name} has ${list}.`,
    );
  }
  const special = [request.weights, request.offset, request.time, request.event].filter((c) => c !== undefined);
  for (const name of special) numberColumn(table, name);
  for (const name of special) {
    if (name === target) throw new RequestError(`'${name}' cannot be both the target and weights or offset.`);
    if (request.features?.includes(name)) throw new RequestError(`'${name}' cannot also be a feature.`);
  }
  const design = designMatrix(table, {
    target,
    features: request.features,
    drop: [...(request.drop ?? []), ...special.filter((name) => !request.drop?.includes(name))],
    missing: request.missing,
  });
  const { X, y: values, classes } = design;
  const column = (name: string) => {
    const all = numberColumn(table, name);
    const picked = design.rows ? Float64Array.from(design.rows, (i) => all[i]) : all;
    const bad = picked.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      const line = design.rows ? design.rows[bad] : bad;
      fail(
        'NON_FINITE',
        `${table.name}: column '${name}' has no number in row ${line + 1}. Fill it in or drop the row.`,
      );
    }
    return picked;
  };
  const modelName = request.model ?? (survival ? 'cox' : defaultModel(values!, classes, table.name));
  const kind = modelKind(modelName);
  let y: unknown;
  const summary = {
    name: request.data.startsWith('bundled:') ? request.data : table.name,
    rows: X.rows,
    features: X.cols,
    density: density(X),
    notes: [...table.notes, ...design.notes],
  };
  let told: Partial<FitResult['data']>;
  if (survival) {
    const time = column(request.time!);
    const event = column(request.event!);
    y = { time, event };
    told = { target: `${request.time}, ${request.event}`, events: event.reduce((a, b) => a + (b !== 0 ? 1 : 0), 0) };
  } else if (kind.target === 'class') {
    y = classes ? Array.from(values!, (k) => classes[k]) : values!;
    const tally = new Map<string, number>();
    for (const label of y as ArrayLike<number | string> & Iterable<number | string>) {
      const text = String(label);
      tally.set(text, (tally.get(text) ?? 0) + 1);
      if (tally.size > CLASSES_TOLD) break;
    }
    if (tally.size !== 2) failClasses(table.name, modelName, [...tally.keys()]);
    told = {
      target: target ?? 'label',
      classes: [...tally].map(([label, rows]) => ({ label, rows })),
    };
  } else {
    if (classes) {
      const fits = classes.length === 2 ? 'logistic or svc' : 'none here';
      fail(
        'INVALID_TARGET',
        `The target '${target}' holds words (${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ', …' : ''}), but ` +
          `--model ${modelName} predicts numbers. Models for such a target: ${fits}.`,
      );
    }
    y = values!;
    // From the first value, so that a constant has itself as its mean.
    const first = values![0];
    let mean = first;
    for (const v of values!) mean += (v - first) / values!.length;
    let variance = 0;
    for (const v of values!) variance += (v - mean) ** 2 / values!.length;
    told = { target: target ?? 'label', targetMean: mean, targetSd: Math.sqrt(variance) };
  }
  return {
    design,
    y,
    modelName,
    sampleWeight: request.weights === undefined ? undefined : column(request.weights),
    offset: request.offset === undefined ? undefined : column(request.offset),
    summary: { ...summary, ...told } as FitResult['data'],
  };
}

function numberColumn(table: Table, name: string): Float64Array {
  const found = table.columns.find((c) => c.name === name);
  if (!found) {
    const near = nearestName(
      name,
      table.columns.map((c) => c.name),
    );
    fail('INVALID_PARAMETER', `${table.name} has no column '${name}'${near ? `; did you mean '${near}'?` : '.'}`);
  }
  if (found.type !== 'number') fail('INVALID_PARAMETER', `${table.name}: column '${name}' holds words, not numbers.`);
  return found.values;
}

const CLASSES_TOLD = 20;

function failClasses(name: string, model: string, classes: readonly string[]): never {
  if (classes.length < 2) {
    const only = classes[0] ?? '(none)';
    fail('INVALID_TARGET', `${name}: the target has one class only, ${only}: there is nothing to tell apart.`);
  }
  const many = classes.length > CLASSES_TOLD ? `more than ${CLASSES_TOLD}` : String(classes.length);
  const some = `${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ', …' : ''}`;
  const numbers = classes.every((label) => Number.isFinite(Number(label)));
  fail(
    'INVALID_TARGET',
    `${name}: the target has ${many} classes (${some}), but --model ${model} tells two apart. Keep the rows of two of them` +
      `${numbers ? ', or predict the number with --model lasso' : ''}.`,
  );
}

/** What leaves a path without a strongest penalty, or folds without rows, said in the words of the command. */
function checkGrid(
  { design, y, summary }: Problem,
  deviations: Float64Array,
  folds: number | undefined,
  request: FitRequest,
): void {
  const { rows } = design.X;
  const { name, target } = summary;
  if (folds !== undefined && folds > rows) {
    fail(
      'INVALID_PARAMETER',
      rows < 2
        ? `${name} has 1 row, and cross-validation needs at least 2: fit at one strength with --alpha.`
        : `${name} has ${count(rows, 'row')}, too few for ${folds} folds: ask for fewer with --cv ${Math.min(5, rows)}, or fit at ` +
            'one strength with --alpha.',
    );
  }
  const values = y instanceof Float64Array && request.offset === undefined ? y : undefined;
  if (summary.targetMean !== undefined && values?.every((v) => v === values[0])) {
    fail(
      'INVALID_TARGET',
      `${name}: the target '${target}' is ${values[0]} in every row, so there is nothing to predict, and no strength to choose.`,
    );
  }
  if (deviations.every((sd) => sd === 0)) {
    fail('INVALID_TARGET', `${name}: every feature is constant, so nothing can be predicted from them.`);
  }
}

/** Two values ask for a classifier, numbers for the lasso. */
function defaultModel(y: Float64Array, classes: readonly string[] | undefined, name: string): string {
  if (classes) return classes.length === 2 ? 'logistic' : failClasses(name, 'logistic', classes);
  const seen = new Set<number>();
  for (const v of y) {
    seen.add(v);
    if (seen.size > 2) return 'lasso';
  }
  return seen.size === 2 ? 'logistic' : 'lasso';
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

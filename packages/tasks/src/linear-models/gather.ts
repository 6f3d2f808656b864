import type { Status } from '@southwell/numerics/core';
import {
  type AnyModel,
  type CrossValidation,
  LinearModel,
  linearModels,
  type RegularisationPath,
} from 'southwell/linear-models';
import type { Spell } from '../declaration/check.ts';
import { advise } from './advice.ts';
import type { FitRequest } from './options.ts';
import type { Problem } from './problem.ts';
import { survivalCurves } from './report/survival-curves.ts';
import { coefficientName } from './report/text.ts';
import type { ChosenPoint, Coefficient, Curves, FitResult } from './result.ts';

/** The chosen model, and the path and cross-validation from which it was chosen. */
export interface Fitted {
  readonly model: AnyModel;
  readonly path?: RegularisationPath<AnyModel>;
  readonly cv?: CrossValidation<AnyModel>;
  readonly status: Status;
  readonly chosenBy: string;
}

const separated = (spell: Spell): string =>
  `No finite estimate: the features separate the classes, so that the likelihood grows with the coefficients for ever. ${spell('alpha')} above 0 makes them finite.`;

const relaxedBic = (spell: Spell): string =>
  `BIC counts the features of relaxed fits as if they had been known, and so keeps too many where there are many to choose from: ${spell('cv')} judges by rows that a fit has not seen.`;

/** The result of a fit, as plain data. */
export function resultOf(
  fitted: Fitted,
  p: Problem,
  request: FitRequest,
  context: {
    readonly seconds: number;
    readonly deviations: Float64Array;
    /** Notes on the fit, besides those on the data. */
    readonly notes: readonly string[];
    readonly spell: Spell;
  },
): Omit<FitResult, 'command' | 'modelText' | 'curves' | 'explanation'> {
  const { model, path, cv, status, chosenBy } = fitted;
  const { deviations, notes, spell } = context;
  const kind = linearModels[p.modelName];
  const { report } = model;
  const responses = responsesOf(model, p.targets);
  return {
    data: { ...p.summary, notes: [...p.summary.notes, ...notes] },
    model: {
      kind: p.modelName,
      title: kind.title,
      loss: model.loss,
      alpha: model.alpha,
      ...(gammaOf(model) !== undefined && { gamma: gammaOf(model) }),
      l1Ratio: request.l1Ratio,
      standardize: request.standardize ?? false,
      intercept:
        model instanceof LinearModel
          ? model.intercept
          : Object.fromEntries(Array.from(model.intercepts, (b, r) => [responses![r], b])),
      active: activeFeatures(model),
      coefficients: coefficientsOf(model, p.design.featureNames, deviations, responses),
    },
    fit: {
      status,
      objective: report.objective,
      gap: report.certificate?.relative,
      certificate: report.certificate?.kind,
      iterations: report.iterations,
      seconds: report.seconds,
      message: status === 'unbounded' ? separated(spell) : report.message,
    },
    path: path && {
      alphas: path.models.map((m) => m.alpha),
      active: path.models.map(activeFeatures),
      devianceRatio: Array.from(path.devianceRatio),
      aic: Array.from(path.aic),
      bic: Array.from(path.bic),
      ...(request.relax && { notRelaxed: path.models.filter(lacksUnpenalised).length }),
      chosenBy,
    },
    crossValidation: cv && foldsResult(cv, request),
    advice: [
      ...advise(
        kind.penalised && !request.standardize && model.alpha > 0
          ? { deviations, names: p.design.featureNames }
          : undefined,
        cv,
        request.alphas !== undefined,
        spell,
      ),
      ...(request.relax && chosenBy.endsWith('bic') ? [relaxedBic(spell)] : []),
      ...crowded(fitted, p.summary.rows),
    ],
    tol: request.tol,
    status,
    seconds: context.seconds,
  };
}

/** What the choice by an information criterion left out. */
function crowded({ path, model, chosenBy }: Fitted, rows: number): string[] {
  if (!path || (chosenBy !== 'bic' && chosenBy !== 'ebic')) return [];
  const values = path[chosenBy];
  const least = values.reduce((best, v, k) => (v < values[best] ? k : best), 0);
  if (path.models[least].alpha === model.alpha) return [];
  return [
    `Models with more than ${Math.floor(rows / 2)} parameters, half as many as there are rows, were left out of the choice: fits that nearly interpolate have the smallest BIC, whatever the target.`,
  ];
}

function coefficientsOf(
  model: AnyModel,
  names: readonly string[],
  deviations: Float64Array,
  responses: readonly string[] | undefined,
): Coefficient[] {
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
  return coefficients.sort((a, b) => Math.abs(b.perSd) - Math.abs(a.perSd));
}

const gammaOf = (model: AnyModel): number | undefined =>
  model instanceof LinearModel ? model.relaxed?.gamma : undefined;

const lacksUnpenalised = (model: AnyModel): boolean =>
  model instanceof LinearModel && model.relaxed !== undefined && model.relaxed.unpenalised === undefined;

function foldsResult(cv: CrossValidation<AnyModel>, request: FitRequest): NonNullable<FitResult['crossValidation']> {
  const { relaxed } = cv;
  const summaries = relaxed?.gammas.map((gamma, g) => ({
    gamma,
    mean: Array.from(relaxed.mean[g]),
    standardError: Array.from(relaxed.standardError[g]),
  }));
  const point = (index: number, chosen?: { readonly gamma: number }): ChosenPoint => {
    const { mean, standardError } = summaries?.find(({ gamma }) => gamma === chosen?.gamma) ?? cv;
    return {
      index,
      alpha: cv.alphas[index],
      ...(chosen && { gamma: chosen.gamma }),
      score: mean[index],
      standardError: standardError[index],
      active: cv.path.models[index] ? activeFeatures(cv.path.models[index]) : null,
    };
  };
  const chosen = request.rule === '1se' ? relaxed?.oneStandardError : relaxed?.min;
  const kept = summaries?.find(({ gamma }) => gamma === chosen?.gamma) ?? cv;
  return {
    folds: cv.folds.length,
    ...(request.foldColumn !== undefined && { foldColumn: request.foldColumn }),
    scoring: cv.scoring,
    greaterIsBetter: cv.greaterIsBetter,
    alphas: Array.from(cv.alphas),
    mean: Array.from(kept.mean),
    standardError: Array.from(kept.standardError),
    ...(summaries && { gammas: summaries }),
    min: point(cv.bestIndex, relaxed?.min),
    oneStandardError: point(cv.oneStandardErrorIndex, relaxed?.oneStandardError),
    rule: request.rule,
  };
}

const MAX_LINES = 60;
/** The value at which a gap of zero is drawn on a logarithmic axis. */
const SMALLEST_GAP = 1e-17;

const vectorsOf = (model: AnyModel) => (model instanceof LinearModel ? [model.sparseCoef] : model.sparseCoef);

const activeFeatures = (model: AnyModel): number =>
  model instanceof LinearModel ? model.activeCount : model.activeFeatures.length;

/** The names of the coefficient vectors, if there are several. */
const responsesOf = (model: AnyModel, targets: readonly string[] | undefined): readonly string[] | undefined =>
  model instanceof LinearModel ? undefined : (model.classes?.map(String) ?? targets);

/** Data of the report's charts: coefficients along the path, certificates over time. */
export function curvesOf({ model, path }: Fitted, p: Problem, deviations: Float64Array): Curves {
  const names = p.design.featureNames;
  const responses = responsesOf(model, p.targets);
  const short = (v: number) => Number(v.toPrecision(5));
  const convergence = (path?.models ?? [model]).map((m) => ({
    kept: m === model,
    seconds: m.report.trace.map((t) => short(t.seconds)),
    gap: m.report.trace.map((t) => (t.certificate === undefined ? null : short(Math.max(t.certificate, SMALLEST_GAP)))),
  }));
  const survival = survivalCurves(model, p);
  const others = { convergence, ...(survival && { survival }) };
  if (!path || path.models.length < 2) return others;
  // A line for each feature, or each pair of feature and response: number r·width + j.
  const width = names.length;
  const peaks = new Map<number, number>();
  for (const m of path.models) {
    vectorsOf(m).forEach(({ indices, values }, r) => {
      indices.forEach((j, k) => {
        const at = r * width + j;
        peaks.set(at, Math.max(peaks.get(at) ?? 0, Math.abs(values[k] * deviations[j])));
      });
    });
  }
  const entered = [...peaks].filter(([, peak]) => peak > 0).sort((a, b) => b[1] - a[1]);
  const drawn = entered.slice(0, MAX_LINES).map(([at]) => ({ r: Math.floor(at / width), j: at % width }));
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
    ...others,
    path: {
      alphas: path.models.map((m) => m.alpha),
      lines,
      left: entered.length - drawn.length,
    },
  };
}

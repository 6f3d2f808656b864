import type { Cell } from '@southwell/data';
import { judgedText } from '../../classes/text.ts';
import { confusionTable } from '../../classes/view.ts';
import type { View, ViewTable } from '../../declaration/view.ts';
import { count, grouped, number, printable } from '../../format.ts';
import type { ChosenPoint, FitResult } from '../result.ts';
import { fitCharts } from './charts.ts';
import { explanationTable } from './explain.ts';
import { federatedNotes, federatedTables } from './federated.ts';
import { coefficientName, headline, interceptText, scoreName, strataText } from './text.ts';

/** The presentation of a fit. */
export function fitView(r: FitResult): View {
  const { data, model, fit, crossValidation: cv, path } = r;
  return {
    status: r.status,
    about: aboutData(data),
    headline: headline(r),
    ending: fit.message,
    advice: r.advice,
    work: cv
      ? `${count(cv.alphas.length, 'alpha')} × ${cv.folds} folds and the full path`
      : path
        ? count(path.alphas.length, 'alpha')
        : undefined,
    seconds: r.seconds,
    notes: [
      ...data.notes,
      ...notRelaxed(path),
      ...federatedNotes(r),
      ...(r.holdout?.notes ?? []).map((note) => `Of the rows held out: ${note}`),
    ],
    charts: Object.values(fitCharts(r)),
    tables: [
      ...(cv ? [foldsTable(cv)] : path ? [pathTable(path, model.alpha)] : []),
      largest(model),
      ...(r.classification ? [confusionTable(r.classification, judgedText(r.classification, !r.federated))] : []),
      ...explanationTable(r),
      ...federatedTables(r),
      {
        title: 'Coefficients',
        columns: ['feature', 'coefficient', 'per standard deviation'],
        rows: [
          ...intercepts(model.intercept),
          ...model.coefficients.slice(0, 200).map((c) => [coefficientName(c), c.value, c.perSd]),
        ],
        on: 'page',
      },
    ],
    pictures: [],
  };
}

/** Alphas of a relaxed path for which no unpenalised fit exists. */
const notRelaxed = (path: FitResult['path']): string[] =>
  path?.notRelaxed
    ? [
        `${path.notRelaxed} of ${count(path.alphas.length, 'alpha')} keep the penalised fit, as their features have no unpenalised one (more than the rows allow, or separable rows).`,
      ]
    : [];

/** What an interrupt keeps. */
export function keptText({ model, fit }: FitResult): string {
  const gap = fit.gap === undefined ? '' : `, gap ${fit.gap.toExponential(1)}`;
  return `Stopped on request. Best model so far: alpha ${number(model.alpha)}, ${count(model.active, 'active feature')}${gap}.`;
}

function aboutData(data: FitResult['data']): string {
  const about = data.classes
    ? `${data.target} (${data.classes
        .slice(0, 12)
        .map((c) => `${printable(c.label)} ${grouped(c.rows)}`)
        .join(', ')}${data.classes.length > 12 ? `, and ${data.classes.length - 12} more` : ''})`
    : data.events !== undefined
      ? `${data.target} (${count(data.events, 'event')}${data.strata === undefined ? '' : `, ${strataText(data.strata)}`})`
      : data.targetMean === undefined
        ? data.target
        : `${data.target} (mean ${number(data.targetMean)}, sd ${number(data.targetSd)})`;
  return `${data.name}: ${count(data.rows, 'row')}, ${count(data.features, 'feature')}, target ${about}`;
}

function foldsTable(cv: NonNullable<FitResult['crossValidation']>): ViewTable {
  const relaxed = cv.gammas !== undefined;
  const row = (name: string, { alpha, gamma, score, standardError, active }: ChosenPoint, kept: boolean): Cell[] => [
    name,
    alpha,
    ...(relaxed ? [gamma ?? null] : []),
    score,
    standardError,
    active,
    kept ? '← kept' : '',
  ];
  return {
    title: 'Rules',
    columns: ['rule', 'alpha', ...(relaxed ? ['gamma'] : []), scoreName(cv.scoring), 'se', 'features', ''],
    rows: [
      row('best score', cv.min, cv.rule === 'min'),
      row('one standard error', cv.oneStandardError, cv.rule === '1se'),
    ],
    digits: { se: 2 },
  };
}

function pathTable(path: NonNullable<FitResult['path']>, alpha: number): ViewTable {
  const step = Math.max(1, Math.ceil(path.alphas.length / 15));
  const shown = path.alphas.map((_, i) => i).filter((i) => i % step === 0 || path.alphas[i] === alpha);
  return {
    title: 'Path',
    columns: ['alpha', 'features', 'deviance explained', 'BIC', ''],
    rows: shown.map((i) => [
      path.alphas[i],
      path.active[i],
      `${(100 * path.devianceRatio[i]).toFixed(1)} %`,
      path.bic[i],
      path.alphas[i] === alpha ? '← kept' : '',
    ]),
    digits: { BIC: 5 },
  };
}

/** The largest coefficients with bars, for the shell. */
function largest({ coefficients, intercept }: FitResult['model']): ViewTable {
  const top = coefficients.slice(0, 10);
  const most = Math.abs(top[0]?.perSd ?? 0) || 1;
  return {
    title: 'Largest coefficients',
    columns: [
      coefficients.length > top.length ? `largest ${top.length} of ${coefficients.length}` : 'feature',
      'coefficient',
      'per sd',
      '',
    ],
    rows: top.map((c) => [
      coefficientName(c),
      c.value,
      c.perSd,
      (c.perSd < 0 ? '−' : '+') + '█'.repeat(Math.max(1, Math.round((16 * Math.abs(c.perSd)) / most))),
    ]),
    below: interceptText(intercept),
    on: 'shell',
  };
}

const intercepts = (b: FitResult['model']['intercept']): Cell[][] =>
  typeof b === 'number'
    ? [['(intercept)', b, null]]
    : Object.entries(b).map(([name, value]) => [`(intercept) → ${name}`, value, null]);

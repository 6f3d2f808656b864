import { finished } from '@southwell/numerics/core';
import {
  type ChosenPoint,
  type Coefficient,
  coefficientName,
  count,
  duration,
  type FitResult,
  headline,
  interceptText,
  number,
  scoreName,
} from '@southwell/tasks';
import pc from '../../colours.ts';
import { printable, table, wrap } from '../../text.ts';

/** What an interrupt keeps. */
export function stoppedText(r: FitResult): string {
  const { model, fit } = r;
  const gap = fit.gap === undefined ? '' : `, gap ${fit.gap.toExponential(1)}`;
  return `Stopped on request. Best model so far: alpha ${number(model.alpha)}, ${count(model.active, 'active feature')}${gap}.`;
}

/** What the command prints of a fit. */
export function fitText(r: FitResult): string {
  const { data, model, crossValidation: cv, path } = r;
  const lines: string[] = ['', dataText(data)];
  for (const note of data.notes.slice(0, 5)) lines.push(pc.dim(wrap(printable(note), '  ')));
  lines.push('', pc.bold(wrap(headline(r))), '');
  if (cv) lines.push(foldsTable(cv), '');
  else if (path) lines.push(pathTable(path, model.alpha), '');
  if (model.coefficients.length > 0) lines.push(coefficientTable(model.coefficients));
  lines.push(pc.dim(wrap(printable(interceptText(model.intercept)), '  ')), '', endText(r));
  return lines.join('\n');
}

function dataText(data: FitResult['data']): string {
  const about = data.classes
    ? `${data.target} (${data.classes
        .slice(0, 12)
        .map((c) => `${printable(c.label)} ${c.rows.toLocaleString('en')}`)
        .join(', ')}${data.classes.length > 12 ? `, and ${data.classes.length - 12} more` : ''})`
    : data.events !== undefined
      ? `${data.target} (${count(data.events, 'event')})`
      : data.targetMean === undefined
        ? data.target
        : `${data.target} (mean ${number(data.targetMean)}, sd ${number(data.targetSd)})`;
  return wrap(`${data.name}: ${count(data.rows, 'row')}, ${count(data.features, 'feature')}, target ${about}`);
}

function foldsTable(cv: NonNullable<FitResult['crossValidation']>): string {
  const row = (name: string, point: ChosenPoint, kept: boolean) => [
    name,
    number(point.alpha),
    number(point.score),
    number(point.standardError, 2),
    String(point.active),
    kept ? '← kept' : '',
  ];
  return table(
    [
      { title: 'rule' },
      { title: 'alpha', align: 'right' },
      { title: scoreName(cv.scoring), align: 'right' },
      { title: 'se', align: 'right' },
      { title: 'features', align: 'right' },
      { title: '' },
    ],
    [row('best score', cv.min, cv.rule === 'min'), row('one standard error', cv.oneStandardError, cv.rule === '1se')],
  );
}

function pathTable(path: NonNullable<FitResult['path']>, alpha: number): string {
  const step = Math.max(1, Math.ceil(path.alphas.length / 15));
  const shown = path.alphas.map((_, i) => i).filter((i) => i % step === 0 || path.alphas[i] === alpha);
  return table(
    [
      { title: 'alpha', align: 'right' },
      { title: 'features', align: 'right' },
      { title: 'deviance explained', align: 'right' },
      { title: 'BIC', align: 'right' },
      { title: '' },
    ],
    shown.map((i) => [
      number(path.alphas[i]),
      String(path.active[i]),
      `${(100 * path.devianceRatio[i]).toFixed(1)} %`,
      number(path.bic[i], 5),
      path.alphas[i] === alpha ? '← kept' : '',
    ]),
  );
}

function coefficientTable(coefficients: readonly Coefficient[]): string {
  const top = coefficients.slice(0, 10);
  const largest = Math.abs(top[0].perSd) || 1;
  return table(
    [
      {
        title: coefficients.length > top.length ? `largest ${top.length} of ${coefficients.length}` : 'feature',
      },
      { title: 'coefficient', align: 'right' },
      { title: 'per sd', align: 'right' },
      { title: '' },
    ],
    top.map((c) => [
      coefficientName(c),
      number(c.value),
      number(c.perSd),
      (c.perSd < 0 ? '−' : '+') + '█'.repeat(Math.max(1, Math.round((16 * Math.abs(c.perSd)) / largest))),
    ]),
  );
}

function endText(r: FitResult): string {
  const { fit, crossValidation: cv, path } = r;
  const done = cv
    ? `${count(cv.alphas.length, 'alpha')} × ${cv.folds} folds and the full path`
    : path
      ? count(path.alphas.length, 'alpha')
      : count(fit.iterations, 'working set');
  const message = finished(fit.status) ? pc.green(fit.message) : pc.yellow(fit.message);
  return [
    message,
    ...r.advice.map((sentence) => wrap(sentence)),
    pc.dim(`${done} in ${duration(r.seconds)}, reading included.`),
  ].join('\n');
}

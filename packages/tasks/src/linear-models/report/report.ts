import { finished } from '@southwell/numerics/core';
import { classesSection, drawnCalibration } from '../../classes/report.ts';
import { judgedText } from '../../classes/text.ts';
import { count, duration, grouped, number } from '../../format.ts';
import { html, type PlotAssets, page } from '../../report/page.ts';
import type { FitResult } from '../result.ts';
import { charts } from './charts.ts';
import { coefficientName, headline, interceptText, scoreName, strataText, survivalText } from './text.ts';

const upper = (text: string) => text[0].toUpperCase() + text.slice(1);

type CrossValidation = NonNullable<FitResult['crossValidation']>;
type Lines = NonNullable<NonNullable<FitResult['curves']>['path']>;
type Fits = NonNullable<NonNullable<FitResult['curves']>['convergence']>;
type Survival = NonNullable<NonNullable<FitResult['curves']>['survival']>;

function pathsSection(lines: Lines): string {
  const left = lines.left > 0 ? ` The ${count(lines.left, 'smallest line')} of those that enter are left out.` : '';
  return `<section><h2>How the coefficients enter</h2>
<p>Each line is one feature. From left to right the penalty weakens; a line leaves zero where its feature enters the model.${left}</p>
<figure><div id="paths" class="plot"></div>
<figcaption class="read" id="paths-read" data-hint="Point at a line to read it; drag to zoom, double-click to return.">Point at a line to read it; drag to zoom, double-click to return.</figcaption></figure></section>`;
}

function crossValidationSection(cv: CrossValidation, path: FitResult['path']): string {
  const name = scoreName(cv.scoring);
  const hint = `${cv.greaterIsBetter ? 'Higher' : 'Lower'} is better.`;
  const row = (label: string, p: typeof cv.min, kept: boolean) =>
    `<tr${kept ? ' class="kept"' : ''}><th scope="row">${label}${p.gamma === undefined ? '' : `, gamma ${number(p.gamma)}`}${kept ? ' (kept)' : ''}</th><td>${number(p.alpha)}</td><td>${number(p.score)}</td><td>${number(p.standardError, 2)}</td><td>${p.active ?? '–'}</td></tr>`;
  return `<section><h2>Cross-validation</h2>
<p>${html(upper(name))} on rows that the fit had not seen, over ${cv.folds} folds.</p>
<figure><div id="cv" class="plot"></div><figcaption class="read" id="cv-read" data-hint="${hint}">${hint}</figcaption></figure>
<div class="scroll"><table><thead><tr><th scope="col">rule</th><th scope="col">alpha</th><th scope="col">${html(name)}</th><th scope="col">se</th><th scope="col">features</th></tr></thead><tbody>
${row('best score', cv.min, cv.rule === 'min')}
${row('one standard error', cv.oneStandardError, cv.rule === '1se')}
</tbody></table></div>
<details><summary>All ${cv.alphas.length} alphas</summary><div class="scroll"><table><thead><tr><th scope="col">alpha</th><th scope="col">${html(name)}</th><th scope="col">se</th><th scope="col">features</th></tr></thead><tbody>
${cv.alphas.map((a, i) => `<tr><td>${number(a)}</td><td>${number(cv.mean[i])}</td><td>${number(cv.standardError[i], 2)}</td><td>${path?.active[i] ?? '–'}</td></tr>`).join('\n')}
</tbody></table></div></details></section>`;
}

function coefficientsSection(model: FitResult['model']): string {
  const largest = Math.abs(model.coefficients[0]?.perSd ?? 0) || 1;
  const bar = (v: number) => {
    const b = `<b class="${v < 0 ? 'neg' : 'pos'}" style="width:${((100 * Math.abs(v)) / largest).toFixed(1)}%"></b>`;
    return `<div class="bar" aria-hidden="true"><i>${v < 0 ? b : ''}</i><i>${v < 0 ? '' : b}</i></div>`;
  };
  const coefficientTable = (list: typeof model.coefficients) =>
    `<div class="scroll"><table class="coefs"><thead><tr><th scope="col">feature</th><th scope="col">coefficient</th><th scope="col">per sd</th><td aria-hidden="true"></td></tr></thead><tbody>
${list.map((c) => `<tr><th scope="row">${html(coefficientName(c))}</th><td>${number(c.value)}</td><td>${number(c.perSd)}</td><td class="bars">${bar(c.perSd)}</td></tr>`).join('\n')}
</tbody></table></div>`;
  const first = model.coefficients.slice(0, 25);
  const rest = model.coefficients.slice(25, 1000);
  const about =
    model.active === 0
      ? 'The model is a constant: no feature entered.'
      : `The effect of one standard deviation of each feature on the ${model.loss === 'cox' ? 'log hazard' : 'linear predictor'}, largest first. ${html(upper(interceptText(model.intercept)))}.`;
  return `<section><h2>Coefficients</h2>
<p>${about}</p>
${first.length > 0 ? coefficientTable(first) : ''}
${rest.length > 0 ? `<details><summary>${25 + rest.length < model.coefficients.length ? 'More' : 'The other'} ${rest.length}</summary>${coefficientTable(rest)}</details>` : ''}</section>`;
}

function survivalSection(survival: Survival, result: FitResult): string {
  const left = survival.left > 0 ? ` Left out: the ${strataText(survival.left)} of fewest rows.` : '';
  return `<section><h2>Survival</h2>
<p>The share without an event up to a time, ${html(survivalText(result))}.${left}</p>
<figure><div id="survival" class="plot"></div><figcaption id="survival-names"></figcaption></figure></section>`;
}

const measured = (f: Fits[number]) => f.gap.some((g) => g !== null);

function convergenceSection(path: FitResult['path']): string {
  return `<section><h2>Convergence</h2>
<p>${path ? 'The strong line is the fit that was kept; the thin ones are the other alphas of the path, each from the solution before it.' : 'From zero to the solution.'} The dashed line is the tolerance.</p>
<figure><div id="convergence" class="plot"></div><figcaption>Gap between the objective and its lower bound (where there is one; else the stationarity residual), relative to the start; gaps of zero are drawn at 1e-17.</figcaption></figure></section>`;
}

function dataSection(result: FitResult): string {
  const { command, data, model } = result;
  const facts: Array<[string, string]> = [
    ['data', data.name],
    ['rows', grouped(data.rows)],
    ['features', `${grouped(data.features)}, ${number(100 * data.density, 3)} % of the entries not zero`],
    ['target', data.target],
  ];
  if (data.classes) facts.push(['classes', data.classes.map((c) => `${c.label}: ${count(c.rows, 'row')}`).join(', ')]);
  if (data.targetMean !== undefined) {
    facts.push(['target values', `mean ${number(data.targetMean)}, sd ${number(data.targetSd)}`]);
  }
  if (data.events !== undefined) facts.push(['events', `${data.events} of ${data.rows}`]);
  if (data.strata !== undefined) facts.push(['strata', String(data.strata)]);
  facts.push([
    'model',
    `${model.title}${model.l1Ratio === undefined ? '' : `, L1 ratio ${model.l1Ratio}`}${model.standardize ? ', features standardised' : ''}${model.gamma === undefined ? '' : `, relaxed with gamma ${number(model.gamma)}`}`,
  ]);
  if (result.holdout) facts.push(['held out', count(result.holdout.rows, 'row')]);
  facts.push(['time', `${duration(result.seconds)} in all`]);
  if (data.notes.length > 0) facts.push(['notes', data.notes.join(' ')]);
  return `<section><h2>Data</h2><dl>
${facts.map(([k, v]) => `<dt>${html(k)}</dt><dd>${html(v)}</dd>`).join('\n')}
</dl></section>
<section><h2>Reproduce this result</h2><pre><code>${html(command)}</code></pre><p class="soft">The same command gives the same numbers: folds are drawn from --seed.</p></section>`;
}

/** The marks on the axis of alphas. */
function marksOf({ crossValidation: cv, path, model }: FitResult) {
  return cv
    ? [
        { x: cv.min.alpha, label: 'min' },
        { x: cv.oneStandardError.alpha, label: '1se' },
      ]
    : path && model.alpha > 0
      ? [{ x: model.alpha, label: 'kept' }]
      : [];
}

/** The HTML report of a fit. */
export function reportHtml(result: FitResult, uplot: PlotAssets): string {
  const { curves, data, model, fit, crossValidation: cv, path, classification } = result;
  const lines = curves?.path;
  // uPlot requires ascending x; alphas are descending.
  const order = lines?.alphas
    .map((_, i) => i)
    .filter((i) => lines.alphas[i] > 0)
    .reverse();
  const drawPaths = lines !== undefined && order !== undefined && order.length > 1 && lines.lines.length > 0;
  const cvOrder = cv?.alphas
    .map((_, i) => i)
    .filter((i) => cv.alphas[i] > 0 && Number.isFinite(cv.mean[i]))
    .reverse();
  const survival = curves?.survival;
  const drawn = classification ? drawnCalibration(classification) : [];
  const fits = curves?.convergence ?? [];
  const kept = fits.find((f) => f.kept);
  const drawGap = kept !== undefined && fits.some(measured);
  const sections = [
    ...(drawPaths ? [pathsSection(lines)] : []),
    ...(cv ? [crossValidationSection(cv, path)] : []),
    coefficientsSection(model),
    ...(survival ? [survivalSection(survival, result)] : []),
    ...(classification ? [classesSection(classification, judgedText(classification))] : []),
    ...(drawGap ? [convergenceSection(path)] : []),
    dataSection(result),
  ];
  const DATA = {
    marks: marksOf(result),
    ...(drawPaths && {
      path: {
        alphas: order.map((i) => lines.alphas[i]),
        lines: lines.lines.map((l) => ({ name: l.name, values: order.map((i) => l.values[i]) })),
      },
    }),
    ...(cv &&
      cvOrder && {
        cv: {
          name: scoreName(cv.scoring),
          alphas: cvOrder.map((i) => cv.alphas[i]),
          mean: cvOrder.map((i) => cv.mean[i]),
          low: cvOrder.map((i) => cv.mean[i] - cv.standardError[i]),
          high: cvOrder.map((i) => cv.mean[i] + cv.standardError[i]),
        },
      }),
    ...(survival && { survival }),
    ...(drawn.length > 0 && { calibration: drawn }),
    ...(drawGap && { convergence: { kept, others: fits.filter((f) => f !== kept && measured(f)), tol: result.tol } }),
  };
  const good = finished(fit.status);
  const title = `${model.title} of ${data.name}`;
  return page({
    title,
    charts,
    uplot,
    data: DATA,
    body: `<h1>${html(title)}</h1>
<p class="lead">${html(headline(result))}</p>
<p><span class="status ${good ? 'good' : 'bad'}">${html(fit.status.replace('-', ' '))}</span> <span class="soft">${html(fit.message.replace(/^Converged: /, ''))}</span></p>
${result.advice.map((sentence) => `<p>${html(sentence)}</p>`).join('\n')}
${sections.join('\n')}`,
  });
}

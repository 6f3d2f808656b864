import { type ChartSpec, figureHtml } from '@southwell/charts';
import { finished } from '@southwell/numerics/core';
import { classesSection } from '../../classes/report.ts';
import { judgedText } from '../../classes/text.ts';
import { count, duration, grouped, number } from '../../format.ts';
import { html, page } from '../../report/page.ts';
import type { FitResult } from '../result.ts';
import { fitCharts } from './charts.ts';
import { federatedNotes, federatedTables } from './federated.ts';
import { coefficientName, headline, interceptText, scoreName, strataText, survivalText } from './text.ts';

const upper = (text: string) => text[0].toUpperCase() + text.slice(1);

type CrossValidation = NonNullable<FitResult['crossValidation']>;
type Lines = NonNullable<NonNullable<FitResult['curves']>['path']>;
type Survival = NonNullable<NonNullable<FitResult['curves']>['survival']>;

function pathsSection(chart: ChartSpec, lines: Lines): string {
  const left = lines.left > 0 ? ` The ${count(lines.left, 'smallest line')} of those that enter are left out.` : '';
  return `<section><h2>How the coefficients enter</h2>
<p>Each line is one feature. From left to right the penalty weakens; a line leaves zero where its feature enters the model.${left}</p>
${figureHtml('paths', chart)}</section>`;
}

function crossValidationSection(chart: ChartSpec, cv: CrossValidation, path: FitResult['path']): string {
  const name = scoreName(cv.scoring);
  const hint = `${cv.greaterIsBetter ? 'Higher' : 'Lower'} is better.`;
  const row = (label: string, p: typeof cv.min, kept: boolean) =>
    `<tr${kept ? ' class="kept"' : ''}><th scope="row">${label}${p.gamma === undefined ? '' : `, gamma ${number(p.gamma)}`}${kept ? ' (kept)' : ''}</th><td>${number(p.alpha)}</td><td>${number(p.score)}</td><td>${number(p.standardError, 2)}</td><td>${p.active ?? '–'}</td></tr>`;
  return `<section><h2>Cross-validation</h2>
<p>${html(upper(name))} on rows that the fit had not seen, over ${cv.folds} folds.</p>
${figureHtml('cv', chart, hint)}
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

function survivalSection(chart: ChartSpec, survival: Survival, result: FitResult): string {
  const left = survival.left > 0 ? ` Left out: the ${strataText(survival.left)} of fewest rows.` : '';
  return `<section><h2>Survival</h2>
<p>The share without an event up to a time, ${html(survivalText(result))}.${left}</p>
${figureHtml('survival', chart)}</section>`;
}

function convergenceSection(chart: ChartSpec, path: FitResult['path']): string {
  return `<section><h2>Convergence</h2>
<p>${path ? 'The strong line is the fit that was kept; the thin ones are the other alphas of the path, each from the solution before it.' : 'From zero to the solution.'} The dashed line is the tolerance.</p>
${figureHtml('convergence', chart)}
<p class="soft">Gap between the objective and its lower bound (where there is one; else the stationarity residual), relative to the start; gaps of zero are drawn at 1e-17.</p></section>`;
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

function federatedSection(result: FitResult): string {
  const [table] = federatedTables(result);
  const cells = (tag: string, of: readonly unknown[]) =>
    of.map((cell) => `<${tag}>${html(String(cell))}</${tag}>`).join('');
  const rows = table?.rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<section><h2>Federated fit</h2>
${federatedNotes(result)
  .map((note) => `<p>${html(note)}</p>`)
  .join('\n')}
${table ? `<h3>${table.title}</h3><div class="scroll"><table><thead><tr>${cells('th', table.columns)}</tr></thead><tbody>\n${rows}\n</tbody></table></div>` : ''}</section>`;
}

/** The HTML report of a fit. */
export function reportHtml(result: FitResult, script: string): string {
  const { curves, data, model, fit, crossValidation: cv, path, classification } = result;
  const charts = fitCharts(result);
  const sections = [
    ...(charts.paths && curves?.path ? [pathsSection(charts.paths, curves.path)] : []),
    ...(charts.cv && cv ? [crossValidationSection(charts.cv, cv, path)] : []),
    coefficientsSection(model),
    ...(charts.survival && curves?.survival ? [survivalSection(charts.survival, curves.survival, result)] : []),
    ...(classification
      ? [classesSection(classification, judgedText(classification, !result.federated), charts.calibration)]
      : []),
    ...(charts.convergence ? [convergenceSection(charts.convergence, path)] : []),
    ...(result.federated ? [federatedSection(result)] : []),
    dataSection(result),
  ];
  const good = finished(fit.status);
  const title = `${model.title} of ${data.name}`;
  return page({
    ...{ title, charts: { ...charts }, script },
    body: `<h1>${html(title)}</h1>
<p class="lead">${html(headline(result))}</p>
<p><span class="status ${good ? 'good' : 'bad'}">${html(fit.status.replace('-', ' '))}</span> <span class="soft">${html(fit.message.replace(/^Converged: /, ''))}</span></p>
${result.advice.map((sentence) => `<p>${html(sentence)}</p>`).join('\n')}
${sections.join('\n')}`,
  });
}

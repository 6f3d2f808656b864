import { figureHtml, pictureSvg } from '@southwell/charts';
import { finished } from '@southwell/numerics/core';
import { classesSection } from '../classes/report.ts';
import { judgedText } from '../classes/text.ts';
import { calibrationCharts } from '../classes/view.ts';
import { count, duration, grouped, number } from '../format.ts';
import { html, page } from '../report/page.ts';
import type { TrainResult } from './result.ts';
import { headline, historyCharts, worstTables } from './view.ts';

/** The report page of a training run. */
export function reportHtml(result: TrainResult, script: string): string {
  const { data, network, training, classification, status } = result;
  const curves = Object.fromEntries(historyCharts(result).map((chart, at) => [`curve-${at}`, chart]));
  const sections = Object.entries(curves).map(
    ([id, chart]) => `<section><h2>${html(chart.title)}</h2>
${figureHtml(id, chart)}</section>`,
  );
  const calibration = classification && calibrationCharts(classification)[0];
  if (classification) sections.push(classesSection(classification, judgedText(classification), calibration));
  for (const { title, columns, rows } of worstTables(result)) {
    const cells = (row: readonly unknown[]) =>
      row.map((cell) => `<td>${html(typeof cell === 'number' ? number(cell) : String(cell ?? '–'))}</td>`).join('');
    sections.push(`<section><h2>${title}</h2>
<div class="scroll"><table><thead><tr>${columns.map((name) => `<th scope="col">${html(name)}</th>`).join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}
</tbody></table></div></section>`);
  }
  if (result.text)
    sections.push(`<section><h2>A sample</h2><pre style="white-space:pre-wrap">${html(result.text.sample)}</pre>
<p class="soft">Sampled from the network at a temperature of 0.8.</p></section>`);
  const { pictures = [] } = result;
  if (pictures.length > 0)
    sections.push(`<section><h2>Images with the worst predictions</h2>
<div style="display:flex;flex-wrap:wrap;gap:1rem">
${pictures.map(({ title, width, height, values }) => `<figure style="margin:0">${pictureSvg({ type: 'image', width, height, values }, title, { width: 193, small: true })}<figcaption>${html(title)}</figcaption></figure>`).join('\n')}
</div></section>`);
  const facts: Array<[string, string]> = [
    ['data', data.name],
    [
      result.text ? 'characters' : 'rows',
      `${grouped(data.rows)}, ${grouped(result.validation)} of them for validation${result.holdout === undefined ? '' : `, ${grouped(result.holdout)} held out`}`,
    ],
    [result.text ? 'context' : 'features', grouped(data.features)],
    ['target', data.target],
    ['layers', network.layers],
    ['parameters', grouped(network.parameters)],
    [
      'optimiser',
      `${training.optimiser}, rate ${number(training.rate)}, ${count(training.batch, result.text ? 'window' : 'row')} per step`,
    ],
    ['epochs', `${training.epochs} of ${training.planned}`],
    ['time', `${duration(result.seconds)} in all`],
    ...(data.notes.length > 0 ? [['notes', data.notes.join(' ')] as [string, string]] : []),
  ];
  sections.push(`<section><h2>Data and training</h2><dl>
${facts.map(([name, text]) => `<dt>${html(name)}</dt><dd>${html(text)}</dd>`).join('\n')}
</dl></section>
<section><h2>Do it again</h2><pre><code>${html(result.command)}</code></pre><p class="soft">The same command gives the same numbers: all random numbers are determined by --seed.</p></section>`);
  const title = `A network for ${data.target} of ${data.name}`;
  return page({
    ...{ title, charts: { ...curves, ...(calibration && { calibration }) }, script },
    body: `<h1>${html(title)}</h1>
<p class="lead">${html(headline(result))}</p>
<p><span class="status ${finished(status) ? 'good' : 'bad'}">${html(status.replace('-', ' '))}</span> <span class="soft">${html(result.ended)}</span></p>
${sections.join('\n')}`,
  });
}

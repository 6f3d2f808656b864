import { finished } from '@southwell/numerics/core';
import { calibrationChart, classesSection, drawnCalibration } from '../classes/report.ts';
import { judgedText } from '../classes/text.ts';
import { count, duration, grouped, number } from '../format.ts';
import { chartTools } from '../report/chart-tools.ts';
import { html, type PlotAssets, page } from '../report/page.ts';
import type { TrainResult } from './result.ts';
import { headline, historyCharts, worstTables } from './view.ts';

/** Draws each chart of DATA.curves in its element. */
const charts = `
(() => {
${chartTools}
  DATA.curves.forEach((of, at) => chart('curve-' + at, (el) => {
    const palette = colours();
    const names = document.getElementById('curve-' + at + '-names');
    names.replaceChildren(...(of.curves.length < 2 ? [] : of.curves.map((c, k) => {
      const name = document.createElement('span');
      name.textContent = '■ ' + c.name + '  ';
      name.style.color = palette[k];
      return name;
    })));
    return {
      label: of.title + ' against ' + of.xLabel + ': ' + of.curves.map((c) => c.name + ' ends at ' + fmt(c.y[c.y.length - 1])).join(', ') + '.',
      data: [of.curves[0].x, ...of.curves.map((c) => c.y)],
      options: {
        padding: [14, 28, 0, 0],
        scales: { x: of.logX ? { time: false, distr: 3 } : { time: false } },
        axes: [axis(of.xLabel, { size: 34, values: (u, s) => s.map((v) => fmt(v, 2)) }), axis(of.yLabel, { size: 58, values: (u, s) => s.map((v) => fmt(v)) })],
        cursor: { drag: { x: true, y: true, uni: 20 } },
        series: [{}, ...of.curves.map((c, k) => ({ label: c.name, stroke: palette[k], width: 2, points: { show: c.x.length < 3 } }))],
      },
    };
  }));
${calibrationChart}
  DATA.pictures.forEach(({ width, height, values }, at) => {
    const canvas = document.getElementById('picture-' + at), low = Math.min(...values), high = Math.max(...values);
    Object.assign(canvas, { width, height });
    const g = canvas.getContext('2d'), image = g.createImageData(width, height);
    values.forEach((v, k) => image.data.set([0, 0, 0].map(() => 255 * (v - low) / (high - low || 1)).concat(255), 4 * k));
    g.putImageData(image, 0, 0);
  });
})();
`;

/** The report page of a training run. */
export function reportHtml(result: TrainResult, uplot: PlotAssets): string {
  const { data, network, training, classification, status } = result;
  const curves = historyCharts(result);
  const sections = curves.map(
    ({ title }, at) => `<section><h2>${html(title)}</h2>
<figure><div id="curve-${at}" class="plot"></div><figcaption id="curve-${at}-names"></figcaption></figure></section>`,
  );
  if (classification) sections.push(classesSection(classification, judgedText(classification)));
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
${pictures.map(({ title }, at) => `<figure style="margin:0"><canvas id="picture-${at}" style="width:7rem;image-rendering:pixelated" role="img" aria-label="${html(title)}"></canvas><figcaption>${html(title)}</figcaption></figure>`).join('\n')}
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
  const drawn = classification ? drawnCalibration(classification) : [];
  return page({
    ...{ title, charts, uplot },
    data: { curves, calibration: drawn, pictures },
    body: `<h1>${html(title)}</h1>
<p class="lead">${html(headline(result))}</p>
<p><span class="status ${finished(status) ? 'good' : 'bad'}">${html(status.replace('-', ' '))}</span> <span class="soft">${html(result.ended)}</span></p>
${sections.join('\n')}`,
  });
}

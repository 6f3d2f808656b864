import { finished } from '@southwell/numerics/core';
import type { View } from '../declaration/view.ts';
import { duration, number } from '../format.ts';
import { chartTools } from './chart-tools.ts';
import { html, type PlotAssets, page } from './page.ts';

/** Draws each of DATA.charts in its place; the curves of a chart share one x axis. */
const script = `
(() => {
${chartTools}
  DATA.charts.forEach((of, at) => chart('chart-' + at, (el) => {
    const palette = colours();
    const names = document.getElementById('chart-' + at + '-names');
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
        scales: { x: of.logX ? { time: false, distr: 3 } : { time: false }, y: of.logY ? { distr: 3 } : {} },
        axes: [axis(of.xLabel, { size: 34, values: (u, s) => s.map((v) => fmt(v, 4)) }), axis(of.yLabel, { size: 64, values: (u, s) => s.map((v) => fmt(v)) })],
        cursor: { drag: { x: true, y: true, uni: 20 } },
        series: [{}, ...of.curves.map((c, k) => ({ label: c.name, stroke: palette[k], width: 2, points: { show: c.x.length < 30 } }))],
      },
    };
  }));
})();
`;

/** A self-contained HTML page of a result's view: its sentences, charts and tables. */
export function viewPage(title: string, view: View, command: string, uplot: PlotAssets): string {
  const charts = view.charts ?? [];
  const cell = (value: unknown) => html(typeof value === 'number' ? number(value) : String(value ?? '–'));
  const tables = view.tables.map(
    ({ title: heading, columns, rows }) => `<section><h2>${html(heading)}</h2>
<div class="scroll"><table><thead><tr>${columns.map((name) => `<th scope="col">${html(name)}</th>`).join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${row.map((value) => `<td>${cell(value)}</td>`).join('')}</tr>`).join('\n')}
</tbody></table></div></section>`,
  );
  const drawn = charts.map(
    (of, at) => `<section><h2>${html(of.title)}</h2>
<figure><div id="chart-${at}" class="plot"></div><figcaption id="chart-${at}-names"></figcaption></figure></section>`,
  );
  const sentences = [...(view.advice ?? []), ...view.notes].map((text) => `<p>${html(text)}</p>`);
  return page({
    ...{ title, charts: script, uplot, data: { charts } },
    body: `<h1>${html(title)}</h1>
<p class="lead">${html(view.headline ?? view.about)}</p>
<p><span class="status ${finished(view.status) ? 'good' : 'bad'}">${html(view.status.replace('-', ' '))}</span> <span class="soft">${html(view.ending ?? '')}</span></p>
<p class="soft">${html(view.about)}; ${duration(view.seconds)}, reading included.</p>
${[...sentences, ...tables, ...drawn].join('\n')}
<section><h2>Reproduce this result</h2><pre><code>${html(command)}</code></pre></section>`,
  });
}

import { figureHtml, pictureSvg } from '@southwell/charts';
import { finished } from '@southwell/numerics/core';
import type { View } from '../declaration/view.ts';
import { duration, number } from '../format.ts';
import { html, page } from './page.ts';

/** The width of pictures, that of the page. */
const WIDTH = 760;
/** The number of characters from which a cell is broken into lines. */
const LONG = 60;

/** A self-contained HTML page of a result's view: its sentences, pictures, charts and tables. */
export function viewPage(title: string, view: View, command: string, script: string): string {
  const charts = Object.fromEntries((view.charts ?? []).map((chart, at) => [`chart-${at}`, chart]));
  const cell = (value: unknown) => html(typeof value === 'number' ? number(value) : String(value ?? '–'));
  const td = (value: unknown) =>
    `<td${typeof value === 'string' && value.length > LONG ? ' class="prose"' : ''}>${cell(value)}</td>`;
  const tables = view.tables.map(
    ({ title: heading, columns, rows, below }) => `<section><h2>${html(heading)}</h2>
<div class="scroll"><table><thead><tr>${columns.map((name) => `<th scope="col">${html(name)}</th>`).join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${row.map(td).join('')}</tr>`).join('\n')}
</tbody></table></div>${below === undefined ? '' : `\n<p class="below">${html(below)}</p>`}</section>`,
  );
  const drawn = Object.entries(charts).map(
    ([id, chart]) => `<section><h2>${html(chart.title)}</h2>
${figureHtml(id, chart)}</section>`,
  );
  const pictures = view.pictures.map(
    ({ title: heading, picture }, at) => `<section><h2>${html(heading)}</h2>
<figure><div data-picture="picture-${at}">${pictureSvg(picture, heading, { width: WIDTH })}</div></figure>${picture.type === 'scatter' && picture.below ? `\n<p class="below">${html(picture.below)}</p>` : ''}</section>`,
  );
  const sentences = [...(view.advice ?? []), ...view.notes].map((text) => `<p>${html(text)}</p>`);
  return page({
    ...{ title, charts, script },
    body: `<h1>${html(title)}</h1>
<p class="lead">${html(view.headline ?? view.about)}</p>
<p><span class="status ${finished(view.status) ? 'good' : 'bad'}">${html(view.status.replace('-', ' '))}</span> <span class="soft">${html(view.ending ?? '')}</span></p>
<p class="soft">${view.headline === undefined ? '' : `${html(view.about)}; `}${duration(view.seconds)}, reading included.</p>
${[...sentences, ...pictures, ...tables, ...drawn].join('\n')}
<section><h2>Reproduce this result</h2><pre><code>${html(command)}</code></pre></section>`,
  });
}

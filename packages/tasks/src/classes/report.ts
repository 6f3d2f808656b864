import { type ChartSpec, figureHtml } from '@southwell/charts';
import { number } from '../format.ts';
import { html } from '../report/page.ts';
import type { Classification } from './result.ts';

/** The section of a report on classification; `below` says which rows were used. */
export function classesSection(of: Classification, below: string, chart: ChartSpec | undefined): string {
  const { labels, confusion, calibration = [] } = of;
  const drawn = calibration.filter(({ bins }) => bins.length > 0);
  const head = (names: readonly string[]) => names.map((name) => `<th scope="col">${html(name)}</th>`).join('');
  const figure =
    !chart || drawn.length === 0
      ? ''
      : `<p>Of the rows to which the model gives about the same probability, the share that are of the class, in bins of a tenth: on the grey line the two agree.</p>
${figureHtml('calibration', chart)}
<details><summary>All bins</summary><div class="scroll"><table><thead><tr>${head(['class', 'from', 'to', 'rows', 'mean probability', 'share of the class'])}</tr></thead><tbody>
${drawn.flatMap(({ label, bins }) => bins.map((b) => `<tr><th scope="row">${html(label)}</th><td>${number(b.from)}</td><td>${number(b.to)}</td><td>${b.rows}</td><td>${number(b.predicted)}</td><td>${number(b.observed)}</td></tr>`)).join('\n')}
</tbody></table></div></details>`;
  return `<section><h2>Classes</h2>
<p>Rows by their class, and by the class that was predicted, ${html(below)}.</p>
<div class="scroll"><table><thead><tr>${head(['class', ...labels.map((label) => `→ ${label}`)])}</tr></thead><tbody>
${labels.map((label, k) => `<tr><th scope="row">${html(label)}</th>${confusion[k].map((n) => `<td>${n}</td>`).join('')}</tr>`).join('\n')}
</tbody></table></div>
${figure}</section>`;
}

import { number } from '../format.ts';
import { html } from '../report/page.ts';
import type { Classification } from './result.ts';

/** The non-empty calibration curves: `calibration` in the DATA of a report. */
export const drawnCalibration = ({ calibration = [] }: Classification) =>
  calibration.filter(({ bins }) => bins.length > 0);

/** The section of a report on classification; `below` says which rows were used. */
export function classesSection(of: Classification, below: string): string {
  const { labels, confusion } = of;
  const drawn = drawnCalibration(of);
  const head = (names: readonly string[]) => names.map((name) => `<th scope="col">${html(name)}</th>`).join('');
  const figure =
    drawn.length === 0
      ? ''
      : `<p>Of the rows to which the model gives about the same probability, the share that are of the class, in bins of a tenth: on the dashed line the two agree.</p>
<figure><div id="calibration" class="plot"></div><figcaption id="calibration-names"></figcaption></figure>
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

/** The part of a report's script that draws `DATA.calibration`, if the page has a place for it. */
export const calibrationChart = `
  chart('calibration', () => {
    const palette = colours();
    const curves = DATA.calibration.slice(0, palette.length);
    const names = document.getElementById('calibration-names');
    names.replaceChildren(...(curves.length < 2 ? [] : curves.map((c, k) => {
      const name = document.createElement('span');
      name.textContent = '■ ' + c.label + '  ';
      name.style.color = palette[k];
      return name;
    })));
    const x = [...new Set([0, 1, ...curves.flatMap((c) => c.bins.map((b) => b.predicted))])].sort((a, b) => a - b);
    const at = (bins) => { const by = new Map(bins.map((b) => [b.predicted, b.observed])); return x.map((v) => by.get(v) ?? null); };
    return {
      label: 'Share of the class against the probability that the model gives it; the values are in the table below.',
      data: [x, x, ...curves.map((c) => at(c.bins))],
      options: {
        padding: [14, 28, 0, 0],
        scales: { x: { time: false, range: () => [0, 1] }, y: { range: () => [0, 1] } },
        axes: [axis('probability', { size: 34 }), axis('share of the class', { size: 58 })],
        cursor: { drag: { x: false, y: false } },
        series: [{}, { stroke: css('--faint'), width: 1, dash: [6, 4], points: { show: false } }, ...curves.map((c, k) => ({ label: c.label, stroke: palette[k], width: 2, spanGaps: true, points: { show: true, size: 6 } }))],
      },
    };
  });
`;

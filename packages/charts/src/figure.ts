import { chartSvg } from './draw.ts';
import { colourName, dashOf, named } from './layout.ts';
import type { ChartSpec } from './spec.ts';
import { escaped } from './text.ts';

/** Charts in self-contained pages of HTML. */

const HINT = 'Point at the chart or use the arrow keys to read it; drag to zoom, double-click to return.';
/** The width of the drawing that is seen without scripts. */
const WIDTH = 760;

/**
 * A chart as a figure: a drawing with a legend, which the embedded script replaces by a live one. `hint` is shown while
 * nothing is read.
 */
export function figureHtml(id: string, spec: ChartSpec, hint = HINT): string {
  const keys = spec.series.filter(named).map((series) => {
    const colour = series.colour ?? spec.series.indexOf(series);
    const dash = dashOf(colour).length > 0 ? 'dashed' : 'solid';
    return `<li><i style="border-top-style:${dash};border-color:var(${colourName(colour)})"></i>${escaped(series.name)}</li>`;
  });
  const legend = keys.length > 1 ? `<ul class="legend">${keys.join('')}</ul>` : '';
  return `<figure><div class="chart" id="${escaped(id)}" data-chart="${escaped(id)}">${chartSvg(spec, { width: WIDTH })}</div>
${legend}<figcaption class="read">${escaped(hint)}</figcaption></figure>`;
}

const finite = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

/** The scripts of a page with figures: what the charts show, and the script of `embedded.ts` as text. */
export const figureScripts = (specs: Readonly<Record<string, ChartSpec>>, script: string): string =>
  // Neither can end the element that it is in.
  `<script type="application/json" id="charts">${JSON.stringify(specs, finite).replaceAll('<', '\\u003c')}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>`;

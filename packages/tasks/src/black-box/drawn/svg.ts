import { clip } from '../../format.ts';
import type { Minimum } from '../result.ts';
import { historyOf, pictureOf, type Scatter } from './picture.ts';

const [SIDE, LEFT, TOP, RIGHT, BOTTOM] = [640, 70, 74, 16, 64];
/** Colours from early to late, and of the best. */
const COLOURS = ['#9ecae1', '#4292c6', '#08519c'];
const BEST = '#d1495b';
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The search as an SVG: evaluations of one or two coordinates, or with more the best value so far. */
export function minimizeSvg(m: Minimum): string {
  const picture = pictureOf(m)?.picture ?? historyPicture(m);
  return picture ? svgOf(clip(m.objective, 64), picture) : NOTHING;
}

const NOTHING = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} 40"><text x="10" y="25" font-family="sans-serif">No value was a finite number: there is nothing to draw.</text></svg>\n`;

function historyPicture(m: Minimum): Scatter | undefined {
  const { title, xLabel, curves } = historyOf(m);
  const [{ x, y }] = curves;
  if (x.length === 0) return undefined;
  const points = x.map((at, i) => ({ x: at, y: Math.log10(y[i]), group: 0 }));
  const line = { x: points.map((p) => p.x), y: points.map((p) => p.y), shade: 0.7 };
  const yLabel = `log10 of how far ${title.toLowerCase()}`;
  return { type: 'scatter', xLabel, yLabel, points, groups: ['best so far'], lines: [line] };
}

/** About five round numbers within an interval. */
function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((k) => k * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  const length = Math.max(0, Math.floor(to / step) - first + 1);
  return Number.isFinite(length) ? Array.from({ length }, (_, k) => Number(((first + k) * step).toPrecision(12))) : [];
}

const short = (v: number): string =>
  v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e6) ? v.toExponential() : String(v);

/** One axis: the position of values in the picture. */
function scaleOf(range: readonly [number, number] | undefined, values: readonly number[], low: number, high: number) {
  let [from, to] = range ?? [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (!range || from === to) {
    const margin = 0.04 * (to - from) || 1;
    [from, to] = [from - margin, to + margin];
  }
  return { at: (v: number) => low + ((high - low) * (v - from)) / (to - from), ticks: ticks(from, to) };
}

function svgOf(
  title: string,
  { points, lines = [], groups = [], xRange, yRange, xLabel, yLabel, below }: Scatter,
): string {
  const all = (axis: 'x' | 'y') => [...points.map((p) => p[axis]), ...lines.flatMap((line) => line[axis])];
  const x = scaleOf(xRange, all('x'), LEFT, SIDE - RIGHT);
  const y = scaleOf(yRange, all('y'), SIDE - BOTTOM, TOP);
  const last = Math.max(...points.map(({ group = 0 }) => group));
  const colour = (group: number) => (group === last && last > 0 ? BEST : COLOURS[last < 3 ? 2 : group % 3]);
  const text = (across: number, down: number, words: string, more = '') =>
    `<text x="${across.toFixed(1)}" y="${down.toFixed(1)}"${more}>${escaped(words)}</text>`;
  const [middle, end] = [' text-anchor="middle"', ' text-anchor="end"'];
  const path = (line: { readonly x: readonly number[]; readonly y: readonly number[] }) =>
    line.x.map((v, i) => `${i === 0 ? 'M' : 'L'}${x.at(v).toFixed(1)},${y.at(line.y[i]).toFixed(1)}`).join('');
  const key = groups
    .map((name, g) => `<tspan fill="${colour(g)}">● </tspan><tspan>${escaped(name)}   </tspan>`)
    .join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}" role="img" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${SIDE}" height="${SIDE}" fill="#fff"/>`,
    text(LEFT, 24, title, ' font-weight="bold"'),
    `<text x="${LEFT}" y="44" xml:space="preserve" font-size="12">${key}</text>`,
    ...(below === undefined ? [] : [text(LEFT, 62, below, ' font-size="12" fill="#555"')]),
    `<clipPath id="box"><rect x="${LEFT}" y="${TOP}" width="${SIDE - RIGHT - LEFT}" height="${SIDE - BOTTOM - TOP}"/></clipPath>`,
    '<g clip-path="url(#box)" fill="none" stroke="#000" stroke-width="1.2">',
    ...lines.map(
      (line) => `<path d="${path(line)}" stroke-opacity="${(0.15 + 0.6 * (line.shade ?? 0.5)).toFixed(2)}"/>`,
    ),
    '</g>',
    ...points.map(
      (p) =>
        `<circle cx="${x.at(p.x).toFixed(1)}" cy="${y.at(p.y).toFixed(1)}" r="${p.marked ? 6 : 3}" fill="${colour(p.group ?? 0)}"${p.marked ? ' stroke="#fff" stroke-width="1.5"' : ''}/>`,
    ),
    `<path d="M${LEFT},${TOP}V${SIDE - BOTTOM}H${SIDE - RIGHT}" fill="none" stroke="#444"/>`,
    ...x.ticks.map((v) => text(x.at(v), SIDE - BOTTOM + 18, short(v), middle)),
    ...y.ticks.map((v) => text(LEFT - 8, y.at(v) + 4, short(v), end)),
    text((LEFT + SIDE - RIGHT) / 2, SIDE - BOTTOM + 42, xLabel, middle),
    text(0, 0, yLabel, `${middle} transform="translate(18 ${(TOP + SIDE - BOTTOM) / 2}) rotate(-90)"`),
    '</svg>\n',
  ].join('\n');
}

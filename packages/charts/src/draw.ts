import { area, line } from 'd3-shape';
import { isWhole, lineHeight } from './labels.ts';
import { type ChartOptions, type DrawnCurve, type Layout, layoutOf, named, TITLE, titleHeight } from './layout.ts';
import type { ChartSpec } from './spec.ts';
import { escaped, textWidth } from './text.ts';

/** Charts as markup. Colours are custom properties, so that one drawing suits light and dark pages. */

export const round = (v: number): string => String(Math.round(v * 10) / 10);

/** An element with attributes; those that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  inside?: string,
): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? round(value) : escaped(value)}"`],
  );
  return inside === undefined ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${inside}</${name}>`;
}

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: number;
  /** A halo in the colour of the page. */
  readonly halo?: boolean;
  /** The whole text, where it is shortened. */
  readonly full?: string;
}

/** A text whose middle is at the height y. */
export function text(
  words: string,
  x: number,
  y: number,
  { anchor, size, fill = 'var(--soft)', weight, halo, full }: TextOptions = {},
): string {
  const attributes = {
    ...{ x, y: y + 0.35 * (size ?? 12), fill, 'text-anchor': anchor === 'start' ? undefined : anchor },
    ...{ 'font-size': size, 'font-weight': weight },
    ...(halo && { stroke: 'var(--paper)', 'stroke-width': 3, 'paint-order': 'stroke', 'stroke-linejoin': 'round' }),
  };
  const title = full !== undefined && full !== words ? `<title>${escaped(full)}</title>` : '';
  return element('text', attributes, `${escaped(words)}${title}`);
}

/** The root element; text that is read instead of the drawing is its label. */
export const root = (width: number, height: number, size: number, label: string, inside: string): string =>
  element(
    'svg',
    {
      ...{ width, height, viewBox: `0 0 ${round(width)} ${round(height)}`, role: 'img', 'aria-label': label },
      ...{ 'font-size': size, 'font-family': 'system-ui, sans-serif', style: 'font-variant-numeric: tabular-nums' },
    },
    inside,
  );

/** A tenth of a pixel; rounded here, since d3-shape's own rounding takes longer than all the rest. */
const tenth = (v: number): number => Math.round(v * 10) / 10;
const pathOf = line<{ x: number; y: number }>(
  (p) => tenth(p.x),
  (p) => tenth(p.y),
).digits(null);
const bandOf = area<{ x: number; low: number; high: number }>()
  .x((p) => tenth(p.x))
  .y0((p) => tenth(p.low))
  .y1((p) => tenth(p.high))
  .digits(null);

function curve({ series, place, points, band, colour, dash, markers }: DrawnCurve, small: boolean): string {
  const ink = `var(${colour})`;
  const faint = series.style === 'faint';
  const width = faint ? 0.8 : small ? 1.6 : 2;
  const parts: string[] = [];
  if (band.length > 1) parts.push(element('path', { d: bandOf(band) ?? '', fill: ink, 'fill-opacity': '0.18' }));
  if (points.length > 1) {
    parts.push(
      element('path', {
        ...{ d: pathOf(points) ?? '', fill: 'none', stroke: ink, 'stroke-width': width, 'stroke-linejoin': 'round' },
        'stroke-dasharray': dash.length > 0 ? dash.join(' ') : undefined,
      }),
    );
  }
  if (markers || points.length === 1) {
    parts.push(...points.map((p) => element('circle', { cx: p.x, cy: p.y, r: small ? 2 : 3, fill: ink })));
  }
  const opacity = series.style === 'ghost' ? '0.35' : faint ? '0.55' : undefined;
  return element('g', { class: 'curve', 'data-series': String(place), opacity }, parts.join(''));
}

function axes({ box, x, y, size, small, width, xLabel, yLabel, title }: Layout): string {
  const line = lineHeight(size);
  const parts: string[] = [];
  title.forEach((words, k) => {
    const at = (k + 0.5) * lineHeight(TITLE);
    parts.push(text(words, 0, at, { size: TITLE, fill: 'var(--ink)', weight: 600 }));
  });
  const first = titleHeight(title);
  yLabel.forEach((words, k) => {
    parts.push(text(words, 1, first + (k + 0.5) * line, { size }));
  });
  for (const { value, text: words } of y.ticks) {
    const at = y.at(value);
    parts.push(element('path', { d: `M${round(box.left)} ${round(at)}H${round(box.right)}`, stroke: 'var(--grid)' }));
    parts.push(text(words, box.left - 6, at, { anchor: 'end', size }));
  }
  const floor = round(box.bottom);
  parts.push(element('path', { d: `M${round(box.left)} ${floor}H${round(box.right)}`, stroke: 'var(--rule)' }));
  for (const { value, text: words } of x.ticks) {
    const at = x.at(value);
    const half = textWidth(words, size) / 2;
    const middle = Math.min(Math.max(at, half), width - half);
    parts.push(element('path', { d: `M${round(at)} ${floor}v4`, stroke: 'var(--rule)' }));
    parts.push(text(words, middle, box.bottom + (small ? 6 : 9) + line / 2, { anchor: 'middle', size }));
  }
  const below = box.bottom + line + (small ? 7 : 10);
  const long = xLabel.some((words) => textWidth(words, size) > box.right - 2);
  xLabel.forEach((words, k) => {
    const at = below + (k + 0.5) * line;
    parts.push(long ? text(words, 0, at, { size }) : text(words, box.right, at, { anchor: 'end', size }));
  });
  return element('g', { class: 'axes', fill: 'none' }, parts.join(''));
}

/** Rules with their labels; one that would lie on another is moved below it. */
function rules({ spec, box, x, y, size }: Layout): string {
  const parts: string[] = [];
  const taken: Array<readonly [left: number, right: number, top: number]> = [];
  const line = lineHeight(size);
  for (const rule of spec.rules ?? []) {
    const upright = 'x' in rule;
    const at = upright ? x.at(rule.x) : y.at(rule.y);
    const inside = upright ? at >= box.left - 1 && at <= box.right + 1 : at >= box.top - 1 && at <= box.bottom + 1;
    if (!inside || Number.isNaN(at)) continue;
    const d = upright
      ? `M${round(at)} ${round(box.top)}V${round(box.bottom)}`
      : `M${round(box.left)} ${round(at)}H${round(box.right)}`;
    parts.push(element('path', { d, stroke: 'var(--ink)', 'stroke-dasharray': '4 4', fill: 'none' }));
    if (rule.label === undefined) continue;
    const width = textWidth(rule.label, size);
    const left = upright ? (at + 5 + width <= box.right ? at + 5 : Math.max(0, at - 5 - width)) : box.right - width - 2;
    let top = upright ? box.top : at - line - 1 >= box.top ? at - line - 1 : at + 1;
    while (taken.some(([l, r, t]) => left < r + 4 && left + width > l - 4 && Math.abs(t - top) < line)) top += line;
    taken.push([left, left + width, top]);
    parts.push(text(rule.label, left, top + line / 2, { size, fill: 'var(--ink)', halo: true }));
  }
  return parts.join('');
}

/** Labels in the margin, each with a thin line from its curve where the two are apart. */
function labels({ labels: list, curves, box, size }: Layout): string {
  const column = box.right + 9;
  const line = lineHeight(size);
  const coloured = curves.filter((c) => c.series.style !== 'faint');
  const colours = new Map(coloured.map((c) => [c.series.name, `var(${c.colour})`]));
  const parts = (list ?? []).map((label) => {
    const fill = colours.get(label.name) ?? 'var(--ink)';
    const apart = label.x < box.right - 12 || Math.abs(label.at - label.y) > line * 0.6;
    const lead = apart
      ? element('path', {
          ...{
            d: `M${round(Math.min(label.x + 4, box.right))} ${round(label.y)}L${round(box.right)} ${round(label.y)}L${round(column - 2)} ${round(label.at)}`,
          },
          ...{ stroke: fill, 'stroke-width': 0.8, 'stroke-opacity': '0.4', fill: 'none' },
        })
      : '';
    const top = label.at - (label.lines.length * line) / 2;
    const full = isWhole(label.lines, label.name) ? undefined : label.name;
    const words = label.lines.map((one, k) => text(one, column, top + (k + 0.5) * line, { size, fill, full }));
    return lead + words.join('');
  });
  return element('g', { class: 'labels' }, parts.join(''));
}

const SWATCH_LENGTH = 18;

function legend({ legend: keys, size }: Layout): string {
  const line = lineHeight(size);
  const parts = keys.map(({ name, curve: { colour, dash, markers, series }, x, y }) => {
    const middle = y + line / 2;
    return (
      element('path', {
        ...{ d: `M${round(x)} ${round(middle)}h${SWATCH_LENGTH}`, stroke: `var(${colour})`, 'stroke-width': 2.5 },
        'stroke-dasharray': dash.length > 0 ? dash.join(' ') : undefined,
      }) +
      (markers ? element('circle', { cx: x + SWATCH_LENGTH / 2, cy: middle, r: 3, fill: `var(${colour})` }) : '') +
      text(name, x + 24, middle, { size, fill: 'var(--ink)', full: series.name })
    );
  });
  return parts.length > 0 ? element('g', { class: 'legend' }, parts.join('')) : '';
}

/** What a chart shows, in a sentence. */
export function saidOf({ title, x, y, series }: ChartSpec): string {
  const names = series.filter(named).map((s) => s.name);
  const listed = names.length > 8 ? `${names.length} curves` : names.join(', ');
  return `${title}: ${y.label} against ${x.label}${listed === '' ? '' : `; ${listed}`}`;
}

/** A chart's frame with markup inside, which ends at it except for the width of a line and for markers. */
export function framed(layout: Layout, inside: string): string {
  const { left, right, top, bottom } = layout.box;
  const beyond = 5;
  const [x, y, width, height] = [left - beyond, top - beyond, right - left + 2 * beyond, bottom - top + 2 * beyond];
  const viewBox = [x, y, width, height].map(round).join(' ');
  return axes(layout) + element('svg', { x, y, width, height, viewBox, overflow: 'hidden' }, inside);
}

/** A layout as markup. */
export function drawn(layout: Layout): string {
  const order = (c: DrawnCurve) => (c.series.style === 'faint' ? 0 : c.series.style === 'ghost' ? 1 : 2);
  const curves = layout.curves
    .toSorted((a, b) => order(a) - order(b))
    .map((c) => curve(c, layout.small))
    .join('');
  const inside = framed(layout, curves) + rules(layout) + labels(layout) + legend(layout);
  return root(layout.width, layout.height, layout.size, saidOf(layout.spec), inside);
}

/** A chart as an SVG element. */
export const chartSvg = (spec: ChartSpec, options: ChartOptions): string => drawn(layoutOf(spec, options));

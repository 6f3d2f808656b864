import { overlaps, type Point, pointsOf } from './curves.ts';
import { columnWidth, isWhole, type Label, labelsOf, labelTexts, lineHeight } from './labels.ts';
import { areWhole, drawable, extent, rangeOf, type Scale, scaleOf } from './scale.ts';
import type { ChartSpec, Series } from './spec.ts';
import { textWidth, wrapped } from './text.ts';

/** Where everything of a chart is drawn. */

export interface ChartOptions {
  /** In pixels. */
  readonly width: number;
  /** Of the plot, without title and legend. Default: from the width. */
  readonly height?: number;
  /** A thumbnail: smaller type, fewer ticks. */
  readonly small?: boolean;
  /** The part of the x axis that is shown. */
  readonly view?: readonly [from: number, to: number];
  /** With its title and, unless each curve has a label, a legend: for files. */
  readonly whole?: boolean;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface DrawnCurve {
  readonly series: Series;
  /** Its place in the list. */
  readonly place: number;
  readonly points: readonly Point[];
  readonly band: ReadonlyArray<{ readonly x: number; readonly low: number; readonly high: number }>;
  /** A custom property's name. */
  readonly colour: string;
  /** Lengths of dashes and gaps; empty if solid. */
  readonly dash: readonly number[];
  readonly markers: boolean;
}

export interface Key {
  readonly name: string;
  readonly curve: DrawnCurve;
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly spec: ChartSpec;
  readonly width: number;
  readonly height: number;
  readonly small: boolean;
  /** The size of its type. */
  readonly size: number;
  readonly box: Box;
  readonly x: Scale;
  readonly y: Scale;
  readonly curves: readonly DrawnCurve[];
  /** Undefined where not all have room. */
  readonly labels: readonly Label[] | undefined;
  readonly title: readonly string[];
  readonly xLabel: readonly string[];
  readonly yLabel: readonly string[];
  readonly legend: readonly Key[];
}

/** Curves with at most this many points have markers. */
export const FEW = 16;
const FEW_SMALL = 12;
const COLOURS = 8;
/** Of the first eight colours, the next eight, and so on. */
const DASHES: ReadonlyArray<readonly number[]> = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
/** Of the second, third … of curves that coincide: the first is seen through the gaps. */
const GAPS: ReadonlyArray<readonly number[]> = [
  [7, 7],
  [3, 11],
  [2, 16],
];
export const TITLE = 15;
/** From the swatch of a key to its name, and from there to the next key. */
const [SWATCH, BESIDE] = [24, 16];
/** The least width of the box of a chart, and what labels at its right need beyond their own. */
const [NARROWEST, BEYOND] = [20, 13];

/** Whether a series has a label and a key, and is not only context for the others. */
export const named = (s: Series): boolean => s.style === undefined;

/** The dashes of a series with this place among the colours. */
export const dashOf = (colour: number): readonly number[] => DASHES[Math.floor(colour / COLOURS) % DASHES.length];
export const colourName = (colour: number): string => `--c${((colour % COLOURS) + COLOURS) % COLOURS}`;

function heightOf({ width, height, small }: ChartOptions): number {
  if (height !== undefined) return height;
  if (small) return Math.round((width * 144) / 248);
  return width < 500 ? 260 : Math.round(Math.min(400, Math.max(290, width * 0.5)));
}

/** The y values within the part of x that is shown, and the rules. */
function verticalExtent(spec: ChartSpec, view: readonly [number, number] | undefined) {
  const lists: Array<ArrayLike<number | null>> = [];
  for (const s of spec.series) {
    const columns = [s.y, s.low, s.high].filter((list) => list !== undefined);
    if (!view) lists.push(...columns);
    else {
      const shown = s.x.map((v) => v >= view[0] && v <= view[1]);
      for (const column of columns) lists.push(column.map((v, i) => (shown[i] ? v : null)));
    }
  }
  lists.push((spec.rules ?? []).map((rule) => ('y' in rule ? rule.y : null)));
  return extent(lists, spec.y.log);
}

/**
 * Labels in a column at the right: whole names if these have room, otherwise shortened ones; undefined if not all have. A
 * thumbnail, which has no legend, names as many curves as it can, with whole names if possible.
 */
function labelColumn(
  ends: ReadonlyArray<{ readonly name: string; readonly x: number; readonly y: number }>,
  {
    width,
    small,
    size,
    box,
  }: { width: number; small: boolean; size: number; box: Pick<Box, 'left' | 'top' | 'bottom'> },
) {
  if (!small && width < 440) return undefined;
  const room = Math.min(width * (small ? 0.42 : 0.28), width - box.left - NARROWEST - BEYOND);
  if (room < textWidth('…', size)) return undefined;
  const counts = small ? ends.map((_, k) => ends.length - k) : ends.length > 0 ? [ends.length] : [];
  for (const whole of [true, false]) {
    for (const count of counts) {
      const some = ends.slice(0, count);
      const names = some.map((end) => end.name);
      for (const lines of [3, 2, 1]) {
        const texts = labelTexts(names, room, size, lines);
        if (whole && texts.some((text, k) => !isWhole(text, names[k]))) continue;
        const labels = labelsOf(some, texts, size, box.top - 5, box.bottom + 5);
        if (labels) return { labels, width: columnWidth(texts, size) };
      }
    }
  }
  return undefined;
}

/** The rightmost point of a series within the part that is shown. */
function endOf({ x: xAxis, y: yAxis }: ChartSpec, { x, y }: Series, view: readonly [number, number] | undefined) {
  let at = -1;
  for (let i = 0; i < x.length; i++) {
    if (!drawable(x[i], xAxis.log ?? false) || !drawable(y[i], yAxis.log ?? false)) continue;
    if (view && (x[i] < view[0] || x[i] > view[1])) continue;
    if (at < 0 || (xAxis.reversed ? x[i] <= x[at] : x[i] >= x[at])) at = i;
  }
  return at < 0 ? undefined : { x: x[at], y: y[at] as number };
}

/** Where labels belong: at the ends of curves, and of earlier courses of those that have no point yet. */
function labelEnds(
  spec: ChartSpec,
  view: readonly [number, number] | undefined,
  y: Scale,
  { top, bottom }: Pick<Box, 'top' | 'bottom'>,
) {
  const ends = new Map<string, { name: string; x: number; y: number }>();
  for (const style of [undefined, 'ghost']) {
    for (const series of spec.series.filter((s) => s.style === style)) {
      const end = endOf(spec, series, view);
      if (!end || (style === 'ghost' && ends.has(series.name))) continue;
      ends.set(series.name, { name: series.name, x: end.x, y: Math.min(Math.max(y.at(end.y), top), bottom) });
    }
  }
  return [...ends.values()];
}

/** Keys in rows from left to right. */
function legendRows(curves: readonly DrawnCurve[], width: number, size: number, top: number) {
  const keys: Key[] = [];
  let [x, y] = [0, top];
  for (const curve of curves) {
    const name = wrapped(curve.series.name, width - SWATCH, size, 1)[0] ?? '';
    const wide = SWATCH + textWidth(name, size);
    if (x > 0 && x + wide > width) {
      x = 0;
      y += lineHeight(size) + 3;
    }
    keys.push({ name, curve, x, y });
    x += wide + BESIDE;
  }
  return { keys, bottom: keys.length > 0 ? y + lineHeight(size) : top };
}

/** Where what is below the title begins: other fonts, of letters that the first lacks, are higher. */
export const titleHeight = (title: readonly string[]): number =>
  title.length > 0 ? title.length * lineHeight(TITLE) + 6 : 3;

/** Lays out a chart. */
export function layoutOf(spec: ChartSpec, options: ChartOptions): Layout {
  const { view, small = false, whole = false } = options;
  const width = Math.max(120, options.width);
  const size = small ? 10 : 12;
  const line = lineHeight(size);
  const [xLog, yLog] = [spec.x.log ?? false, spec.y.log ?? false];

  const title = whole ? wrapped(spec.title, width, TITLE * 1.08, 3) : [];
  const yLabel = wrapped(spec.y.label, width, size, small ? 1 : 3);
  const xLabel = wrapped(spec.x.label, width, size, small ? 1 : 3);
  const titled = titleHeight(title);
  const plotted = (title.length > 0 ? titled : 0) + heightOf({ ...options, width });
  const box = {
    top: titled + yLabel.length * line + (small ? 7 : 10),
    bottom: plotted - xLabel.length * line - line - (small ? 7 : 10),
  };

  const xs = view ?? spec.x.range ?? rangeOf(extent([...spec.series.map((s) => s.x), ruleXs(spec)], xLog), xLog, 0);
  const ys = spec.y.range ?? rangeOf(verticalExtent(spec, view), yLog, 0.04);
  const y = scaleOf(spec.y, ys, {
    ...{ from: box.bottom, to: box.top, size, across: false },
    whole: spec.series.length > 0 && areWhole(spec.series.map((s) => s.y)),
  });

  const left = Math.ceil(Math.max(4, ...y.ticks.map((t) => textWidth(t.text, size))) + 8);
  const column = labelColumn(labelEnds(spec, view, y, box), { width, small, size, box: { ...box, left } });
  const right = Math.max(Math.floor(width - (column ? column.width + BEYOND : small ? 8 : 12)), left + NARROWEST);
  const x = scaleOf(spec.x, xs, {
    ...{ from: left, to: right, size, across: true },
    whole: spec.series.length > 0 && areWhole(spec.series.map((s) => s.x)),
  });
  const curves = drawnCurves(spec, x, y, small);
  const legend =
    whole && !column
      ? legendRows(
          curves.filter((c) => named(c.series)),
          width,
          size,
          plotted + 8,
        )
      : { keys: [], bottom: plotted };
  return {
    ...{ spec, width, height: Math.ceil(legend.bottom), small, size, x, y, curves, title, xLabel, yLabel },
    box: { ...box, left, right },
    labels: column?.labels.map((label) => ({ ...label, x: x.at(label.x) })),
    legend: legend.keys,
  };
}

const ruleXs = (spec: ChartSpec): number[] => (spec.rules ?? []).flatMap((rule) => ('x' in rule ? [rule.x] : []));

function drawnCurves(spec: ChartSpec, x: Scale, y: Scale, small: boolean): DrawnCurve[] {
  const all = spec.series.map((series) => pointsOf(series, x, y));
  const covering = overlaps(all.map((points, k) => (named(spec.series[k]) ? points : [])));
  return spec.series.map((series, k) => {
    const colour = series.colour ?? k;
    const own = series.style === 'faint' ? [] : dashOf(colour);
    const gaps = GAPS[Math.min(covering[k], GAPS.length) - 1];
    const { low, high } = series;
    const band =
      low && high
        ? series.x.flatMap((v, i) =>
            drawable(v, x.log) && drawable(low[i], y.log) && drawable(high[i], y.log)
              ? [{ x: x.at(v), low: y.at(low[i]), high: y.at(high[i]) }]
              : [],
          )
        : [];
    return {
      ...{ series, place: k, points: all[k], band, colour: series.style === 'faint' ? '--soft' : colourName(colour) },
      dash: gaps && own.length === 0 ? gaps : own,
      markers: series.style === undefined && series.x.length <= (small ? FEW_SMALL : FEW),
    };
  });
}

import type uPlot from 'uplot';

/** Chart helpers other than drawing: axis ranges and ticks, file names, label positions. */

/**
 * The range of a logarithmic axis: that of the values plus a margin. uPlot's own extends to the next powers of ten,
 * which leaves half the plot empty if values span less than two.
 */
export function logRange(min: number | null, max: number | null, margin: number): [number, number] {
  if (min === null || max === null || !(min > 0) || !(max > 0)) return [1, 10];
  if (min === max) return [min / 2, max * 2];
  const [low, high] = [Math.log10(min), Math.log10(max)];
  const pad = margin * (high - low);
  return [10 ** (low - pad), 10 ** (high + pad)];
}

/**
 * Ticks of a logarithmic axis: powers of ten, over many decades every second, third … of them; 1, 2 and 5 within one or
 * two decades, and round steps within less than half of one. uPlot's own search does not terminate for values near
 * 1e-26.
 */
export function logSplits(min: number, max: number): number[] {
  if (!(min > 0) || !(max > min)) return [];
  const span = Math.log10(max / min);
  if (span < 0.5) return linearSplits(min, max);
  const [low, high] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const step = Math.max(1, Math.ceil((high - low) / 8));
  const factors = high - low > 3 ? [1] : span > 1.2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let e = Math.ceil(low / step) * step; e <= high; e += step) {
    for (const m of factors) {
      const v = Number(`${m}e${e}`);
      if (v >= min * (1 - 1e-9) && v <= max * (1 + 1e-9)) ticks.push(v);
    }
  }
  return ticks;
}

/** About four round numbers from `min` to `max`. */
export function linearSplits(min: number, max: number, about = 4): number[] {
  if (!(max > min)) return [min];
  const raw = (max - min) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => raw <= m * power) ?? 10);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/**
 * The interval [min, max] of an axis scaled by `times` about its middle and shifted by `shift` of its length,
 * restricted to the full range.
 */
export function zoomed(
  [min, max]: readonly [number, number],
  [low, high]: readonly [number, number],
  times: number,
  shift: number,
  log: boolean,
): [number, number] {
  const [to, back] = log ? [Math.log10, (v: number) => 10 ** v] : [Number, Number];
  const [first, last] = [to(low), to(high)];
  const length = to(max) - to(min);
  const size = Math.min(last - first, length * times);
  const start = (to(min) + to(max) - size) / 2 + shift * length;
  const from = Math.min(Math.max(start, first), last - size);
  // The exact ends, without rounding errors.
  return [from === first ? low : back(from), from + size === last ? high : back(from + size)];
}

export interface LineEnd {
  readonly text: string;
  readonly colour: string;
  readonly x: number;
  readonly y: number;
}

/** Label positions without overlaps: overlapping labels are moved apart about their common middle. */
export function spread(ends: readonly LineEnd[], gap: number, top: number, bottom: number): LineEnd[] {
  const sorted = ends.toSorted((a, b) => a.y - b.y);
  // Runs of adjacent labels, by the position of the first.
  const groups: Array<{ first: number; size: number; wanted: number }> = [];
  for (const { y } of sorted) {
    let group = { first: y, size: 1, wanted: y };
    for (let last = groups.at(-1); last && last.first + last.size * gap > group.first; last = groups.at(-1)) {
      groups.pop();
      const wanted = last.wanted + group.wanted - last.size * group.size * gap;
      const size = last.size + group.size;
      group = { first: wanted / size, size, wanted };
    }
    groups.push(group);
  }
  const y = groups.flatMap(({ first, size }) => Array.from({ length: size }, (_, k) => first + k * gap));
  for (let k = 0, least = top; k < y.length; k++, least = y[k - 1] + gap) y[k] = Math.max(y[k], least);
  for (let k = y.length - 1, limit = bottom; k >= 0; k--, limit = y[k + 1] - gap) y[k] = Math.min(y[k], limit);
  return sorted.map((e, k) => ({ ...e, y: y[k] }));
}

/** Groups of labels that overlap horizontally: curves may end at different x. */
export function neighbours(ends: readonly LineEnd[], width: (text: string) => number): LineEnd[][] {
  const groups: LineEnd[][] = [];
  let right = Number.NEGATIVE_INFINITY;
  for (const end of ends.toSorted((a, b) => a.x - b.x)) {
    if (end.x < right) groups.at(-1)!.push(end);
    else groups.push([end]);
    right = Math.max(right, end.x + width(end.text));
  }
  return groups;
}

/** Draws the labels at the ends of curves, with a halo in the page's colour. */
export function drawEnds(u: uPlot, ends: readonly LineEnd[], ratio: number, paper: string): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * ratio;
  const [gap, top, bottom] = [14 * ratio, bbox.top + 6 * ratio, bbox.top + bbox.height - 6 * ratio];
  const beside = neighbours(ends, (text) => textWidth(text) * ratio);
  for (const end of beside.flatMap((some) => spread(some, gap, top, bottom))) {
    ctx.strokeStyle = paper;
    ctx.strokeText(end.text, end.x + 7 * ratio, end.y);
    ctx.fillStyle = end.colour;
    ctx.fillText(end.text, end.x + 7 * ratio, end.y);
  }
  ctx.restore();
}

let measuring: CanvasRenderingContext2D | undefined;
const LABEL = '12px system-ui, sans-serif';
/** Width of a text in pixels, by default in the font of labels. */
export function textWidth(text: string, font = LABEL): number {
  measuring ??= document.createElement('canvas').getContext('2d')!;
  measuring.font = font;
  return measuring.measureText(text).width;
}

/** The text, truncated to a width. */
export function fitted(text: string, width: number, font = LABEL): string {
  if (textWidth(text, font) <= width) return text;
  let end = text.length - 1;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`, font) > width) end--;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** A file name made of words. */
export const slug = (...words: readonly string[]): string =>
  words
    .join('-')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '') || 'chart';

/** The terms that occur in any of the names. */
export const termsIn = (
  names: readonly string[],
  terms: Readonly<Record<string, string>> = {},
): Array<[string, string]> =>
  Object.entries(terms).filter(([term]) => names.some((name) => name.split(PARTS).includes(term)));

const PARTS = /[\s,;:()+/=-]+/;

/** Explains the abbreviations in a name: `GS-VB` with terms for GS and VB gives both. */
export function spelt(name: string, terms: Readonly<Record<string, string>> | undefined): string | undefined {
  if (!terms) return undefined;
  if (Object.hasOwn(terms, name)) return `${name}: ${terms[name]}`;
  const words = [...new Set(name.split(PARTS))].filter((word) => Object.hasOwn(terms, word));
  return words.length > 0 ? words.map((word) => `${word}: ${terms[word]}`).join('; ') : undefined;
}

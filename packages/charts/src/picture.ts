import type { Picture } from '@southwell/data';
import { element, root, round, text } from './draw.ts';
import { colourMap, mapTicks, pngUrl, pooled } from './field.ts';
import { graphSvg } from './graph.ts';
import { lineHeight } from './labels.ts';
import { TITLE } from './layout.ts';
import { axisMarks } from './marks.ts';
import { scatterSvg } from './scatter.ts';
import { textWidth, tickText, wrapped } from './text.ts';

/** Pictures of data and results as SVG elements. */

export interface PictureOptions {
  readonly width: number;
  /** A thumbnail, in a box of 248 × 144 or its proportions: without legends, and of an image nothing else. */
  readonly small?: boolean;
  /** With its title and what it says of itself, for files. */
  readonly whole?: boolean;
  /** Every cell of an image as a square, wider and higher than asked. */
  readonly long?: boolean;
}

type Image = Extract<Picture, { type: 'image' }>;

/** The largest ratio of the sides of an image; its longest side; and the side of a cell where each is drawn. */
const [RATIO, SIDE, CELL] = [3, 416, 8];

/** How many columns and rows of an image are drawn as one: there are not more of them than pixels. */
export const blocksOf = ({
  width,
  height,
}: Pick<Image, 'width' | 'height'>): readonly [across: number, down: number] => [
  Math.max(1, Math.ceil(width / SIDE)),
  Math.max(1, Math.ceil(height / SIDE)),
];

/** The sides of an image, within a width: those of long ones are at most three to one. */
function sidesOf({ width, height }: Pick<Image, 'width' | 'height'>, most: number): readonly [number, number] {
  const ratio = Math.min(RATIO, Math.max(1 / RATIO, width / height));
  const w = Math.min(most, SIDE, SIDE * ratio);
  return [w, w / ratio];
}

/** A sentence on cells that are drawn together, or not as squares; undefined if the image is drawn as it is. */
export function cappedText(picture: Picture): string | undefined {
  if (picture.type !== 'image') return undefined;
  const { width, height } = picture;
  const [across, down] = blocksOf(picture);
  const parts = [...(down > 1 ? [`${down} rows`] : []), ...(across > 1 ? [`${across} columns`] : [])];
  if (parts.length > 0) return `Each cell is the mean of ${parts.join(' and ')}.`;
  if (height > RATIO * width) return 'Cells are drawn wider than high.';
  return width > RATIO * height ? 'Cells are drawn higher than wide.' : undefined;
}

function imageSvg(image: Image, title: string, { width, long = false }: PictureOptions): string {
  const [size, line] = [12, lineHeight(12)];
  const [across, down] = long ? [1, 1] : blocksOf(image);
  const field = pooled(image, across, down);
  const map = colourMap(field.values);
  const marks = {
    x: image.x && axisMarks(image.x, image.width),
    y: image.y && axisMarks(image.y, image.height),
  };
  const left = marks.y ? Math.ceil(Math.max(0, ...marks.y.map((m) => textWidth(m.text, size)))) + 6 : 1;
  const room = Math.max(40, Math.min(width, left + SIDE) - left - 1);
  const [w, h] = long ? [CELL * field.width, CELL * field.height] : sidesOf(image, room);
  const yLabel = image.y ? wrapped(`${image.y.label} ${downwards(image.y) ? '↓' : '↑'}`, width, size, 2) : [];
  const top = yLabel.length * line + (yLabel.length > 0 ? 4 : 1);
  const parts = yLabel.map((words, k) => text(words, 0, (k + 0.5) * line, { size }));
  parts.push(
    element('image', {
      ...{ x: left, y: top, width: w, height: h, href: pngUrl(field, map), preserveAspectRatio: 'none' },
      style: 'image-rendering: pixelated',
    }),
    element('rect', { x: left, y: top, width: w, height: h, fill: 'none', stroke: 'var(--rule)' }),
  );
  let last = -Infinity;
  for (const { share, text: words } of marks.y ?? []) {
    const at = top + share * h;
    if (at - last < line) continue;
    last = at;
    parts.push(text(words, left - 5, at, { anchor: 'end', size }));
  }
  let bottom = top + h;
  if (marks.x && image.x) {
    let end = -Infinity;
    for (const { share, text: words } of marks.x) {
      const half = textWidth(words, size) / 2;
      const at = Math.min(Math.max(left + share * w, half), width - half);
      if (at - half < end + 5) continue;
      end = at + half;
      parts.push(text(words, at, bottom + 3 + line / 2, { anchor: 'middle', size }));
    }
    const label = wrapped(image.x.label, width, size, 2);
    label.forEach((words, k) => {
      parts.push(text(words, left, bottom + 5 + (k + 1.5) * line, { size }));
    });
    bottom += (1 + label.length) * line + 5;
  }
  const bar = colourBar(image, map, { left: 0, top: bottom + 10, width: Math.min(width, 220), size });
  return root(Math.max(width, left + w + 1), bar.bottom, size, title, parts.join('') + bar.inside);
}

/** Whether larger values of the axis are further down. */
const downwards = (axis: NonNullable<Image['y']>): boolean => 'at' in axis || axis.to >= axis.from;

/** The colours of a map with their values, and what they are. */
function colourBar(
  { value }: Image,
  map: ReturnType<typeof colourMap>,
  { left, top, width, size }: { left: number; top: number; width: number; size: number },
) {
  const line = lineHeight(size);
  const label = value === undefined ? [] : wrapped(value, width, size, 2);
  const parts = label.map((words, k) => text(words, left, top + (k + 0.5) * line, { size }));
  const bar = top + label.length * line + 3;
  const steps = 64;
  const ramp = Array.from({ length: steps }, (_, k) => map.low + (map.high - map.low) * (k / (steps - 1)));
  const href = pngUrl({ width: steps, height: 1, values: ramp }, map);
  parts.push(element('image', { x: left, y: bar, width, height: 9, href, preserveAspectRatio: 'none' }));
  let end = -Infinity;
  for (const value of mapTicks(map, 3)) {
    const words = tickText(value);
    const half = textWidth(words, size) / 2;
    const share = map.high > map.low ? (value - map.low) / (map.high - map.low) : 0.5;
    const at = Math.min(Math.max(left + share * width, left + half), left + width - half);
    if (at - half < end + 6) continue;
    end = at + half;
    parts.push(
      element('path', { d: `M${round(left + share * width)} ${round(bar + 9)}v3`, stroke: 'var(--soft)' }),
      text(words, at, bar + 13 + line / 2, { anchor: 'middle', size }),
    );
  }
  return { inside: parts.join(''), bottom: Math.ceil(bar + 15 + line) };
}

/** An image in a thumbnail: as large as fits, and nothing else. */
function smallImage(image: Image, title: string, width: number): string {
  const field = pooled(image, ...blocksOf(image));
  const height = Math.round((width * 144) / 248);
  const [wide, high] = sidesOf(image, width);
  const fits = Math.min(width / wide, height / high);
  const [w, h] = [wide * fits, high * fits];
  const inside = element('image', {
    ...{ width: w, height: h, href: pngUrl(field, colourMap(field.values)) },
    ...{ preserveAspectRatio: 'none', style: 'image-rendering: pixelated' },
  });
  return root(w, h, 10, title, inside);
}

function drawing(picture: Picture, title: string, options: PictureOptions): string {
  const { width, small = false } = options;
  if (picture.type === 'graph') return graphSvg(picture, title, width, small);
  if (picture.type === 'scatter') return scatterSvg(picture, title, width, small);
  const image =
    picture.width * picture.height > 0 ? picture : { ...picture, width: 1, height: 1, values: [Number.NaN] };
  return small ? smallImage(image, title, width) : imageSvg(image, title, options);
}

/** A picture as an SVG element. */
export function pictureSvg(picture: Picture, title: string, options: PictureOptions): string {
  const inner = drawing(picture, title, options);
  if (!options.whole) return inner;
  const [width, height] = (/viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(inner) ?? []).slice(1).map(Number);
  const said = [picture.type === 'scatter' ? picture.below : undefined, cappedText(picture)];
  const titles = wrapped(title, width, TITLE * 1.08, 3);
  const notes = said.flatMap((sentence) => (sentence === undefined ? [] : wrapped(sentence, width, 12, 4)));
  const top = titles.length * lineHeight(TITLE) + 8;
  const texts = [
    ...titles.map((words, k) => {
      return text(words, 0, (k + 0.5) * lineHeight(TITLE), { size: TITLE, fill: 'var(--ink)', weight: 600 });
    }),
    ...notes.map((words, k) => text(words, 0, top + height + 8 + (k + 0.5) * lineHeight(12), { size: 12 })),
  ];
  const bottom = top + height + (notes.length > 0 ? 8 + notes.length * lineHeight(12) : 0);
  return root(width, bottom, 12, title, texts.join('') + inner.replace('<svg', `<svg y="${top}"`));
}

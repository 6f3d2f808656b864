import type { Picture } from '@southwell/papers';
import { fitted } from './chart.ts';

/** Layout of small pictures. */

/** A scale that maps values to positions between two ends; with the minimum and maximum. */
export function axisOf(values: readonly number[], log: boolean, from: number, to: number) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const scale = (v: number) => (log ? Math.log(v) : v);
  const range = scale(high) - scale(low);
  const at = (v: number) => from + (to - from) * (range > 0 ? (scale(v) - scale(low)) / range : 0.5);
  return { low, high, at };
}

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: ReadonlyArray<{ readonly x: number; readonly y: number }>;
}

/** Minimum distance of labels. */
const GAP = 10.5;
export const FONT = '10px system-ui, sans-serif';

/** Labels at the ends of curves, moved apart to avoid overlaps; as many as fit. */
export function endLabels(lines: readonly Line[], right: number, top: number, bottom: number, width: number) {
  const room = Math.floor((bottom - top) / GAP) + 1;
  const labels = lines
    .filter((l) => l.points.length > 0)
    .slice(0, room)
    .map(({ name, colour, points }) => {
      const last = points.reduce((a, b) => (b.x >= a.x ? b : a));
      // A curve that ends early has its label at the height of its end, too.
      const short = fitted(name, width, `600 ${FONT}`);
      return { name, short, colour, y: last.x <= right ? last.y : bottom };
    })
    .sort((a, b) => a.y - b.y);
  for (let k = 0; k < labels.length; k++) {
    labels[k].y = Math.max(labels[k].y, k > 0 ? labels[k - 1].y + GAP : top);
  }
  for (let k = labels.length - 1; k >= 0; k--) {
    labels[k].y = Math.min(labels[k].y, k < labels.length - 1 ? labels[k + 1].y - GAP : bottom);
  }
  return labels;
}

const LEVELS = 10;

/** The pixels of an image as one path per grey level, `share` in per cent of the brightest. */
export function levelsOf({ width, values }: Extract<Picture, { type: 'image' }>) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const paths = new Map<number, string>();
  values.forEach((v, i) => {
    const level = high > low ? Math.round((LEVELS * (v - low)) / (high - low)) : LEVELS / 2;
    const pixel = `M${i % width} ${Math.floor(i / width)}h1v1h-1z`;
    paths.set(level, (paths.get(level) ?? '') + pixel);
  });
  return [...paths].map(([level, path]) => ({ share: (100 * level) / LEVELS, path }));
}

import type { ImageAxis } from '@southwell/data';
import { ticks } from 'd3-array';
import { tickText } from './text.ts';

export interface Mark {
  /** Its place along the axis, from 0 to 1. */
  readonly share: number;
  readonly text: string;
}

/** The texts along an axis of an image of `length` columns or rows: at the middles of pixels, or at round values. */
export function axisMarks(axis: ImageAxis, length: number): Mark[] {
  if ('at' in axis) {
    return axis.at.map((v, k) => ({
      share: (k + 0.5) / Math.max(1, axis.at.length),
      text: typeof v === 'number' ? tickText(v) : (v ?? ''),
    }));
  }
  const { from, to } = axis;
  if (!Number.isFinite(to - from) || from === to) return [{ share: 0.5, text: tickText(from) }];
  const count = Math.min(5, Math.max(2, length));
  return ticks(Math.min(from, to), Math.max(from, to), count)
    .map((v) => ({ share: (v - from) / (to - from), text: tickText(v) }))
    .sort((a, b) => a.share - b.share);
}

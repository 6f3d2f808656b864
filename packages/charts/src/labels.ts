import { textWidth, wrapped } from './text.ts';

/** Labels beside the ends of curves. */

export interface LabelEnd {
  readonly name: string;
  /** Where the curve ends. */
  readonly x: number;
  readonly y: number;
}

export interface Label extends LabelEnd {
  readonly lines: readonly string[];
  /** The middle of the text. */
  readonly at: number;
  readonly height: number;
}

/**
 * Moves blocks of given heights apart so that they do not overlap, as little as possible, within top and bottom; the
 * order is that of their wanted middles. Undefined if they have no room.
 */
export function spread(
  blocks: ReadonlyArray<{ readonly y: number; readonly height: number }>,
  top: number,
  bottom: number,
): number[] | undefined {
  const total = blocks.reduce((sum, b) => sum + b.height, 0);
  if (total > bottom - top + 1e-9) return undefined;
  const order = blocks.map((_, k) => k).sort((a, b) => blocks[a].y - blocks[b].y);
  // Groups of touching blocks, each at the mean of the places that its blocks want.
  const groups: Array<{ start: number; size: number; wanted: number; members: number[] }> = [];
  for (const k of order) {
    const { y, height } = blocks[k];
    let group = { start: y - height / 2, size: height, wanted: y - height / 2, members: [k] };
    for (let last = groups.at(-1); last && last.start + last.size > group.start; last = groups.at(-1)) {
      groups.pop();
      const n = last.members.length;
      const m = group.members.length;
      const wanted = last.wanted + group.wanted - m * last.size;
      group = {
        start: wanted / (n + m),
        size: last.size + group.size,
        wanted,
        members: [...last.members, ...group.members],
      };
    }
    groups.push(group);
  }
  const starts = new Array<number>(blocks.length).fill(0);
  let least = top;
  for (const group of groups) {
    let start = Math.max(group.start, least);
    for (const k of group.members) {
      starts[k] = start;
      start += blocks[k].height;
    }
    least = start;
  }
  let limit = bottom;
  for (const k of [...groups.flatMap((g) => g.members)].reverse()) {
    starts[k] = Math.min(starts[k], limit - blocks[k].height);
    limit = starts[k];
  }
  return starts.map((start, k) => start + blocks[k].height / 2);
}

/** Texts of labels in a column of a width; with `lines` of them at most. */
export const labelTexts = (names: readonly string[], width: number, size: number, lines: number): string[][] =>
  names.map((name) => wrapped(name, width, size, lines));

/** Whether the lines of a label are its name, without an omission. */
export const isWhole = (lines: readonly string[], name: string): boolean =>
  lines.join(' ') === name.trim().split(/\s+/).join(' ');

export const columnWidth = (texts: ReadonlyArray<readonly string[]>, size: number): number =>
  Math.max(0, ...texts.flat().map((line) => textWidth(line, size)));

/** Labels of curves without overlaps; undefined if not all have room. */
export function labelsOf(
  ends: readonly LabelEnd[],
  texts: ReadonlyArray<readonly string[]>,
  size: number,
  top: number,
  bottom: number,
): Label[] | undefined {
  const blocks = ends.map((end, k) => ({ y: end.y, height: lineHeight(size) * texts[k].length + 2 }));
  const places = spread(blocks, top, bottom);
  return places && ends.map((end, k) => ({ ...end, lines: texts[k], at: places[k], height: blocks[k].height }));
}

export const lineHeight = (size: number): number => Math.ceil(1.25 * size);

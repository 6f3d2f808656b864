import { finished, type Status } from '@southwell/numerics/core';
import { clip, endedText, printable, shellWord, wrap } from '@southwell/tasks';
import pc from './terminal/colours.ts';

export { clip, printable, shellWord, wrap };

export interface ColumnSpec {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Rows under a header, separated by two spaces; the widest left-aligned column is truncated if the width would be
 * exceeded.
 */
export function table(columns: readonly ColumnSpec[], rows: ReadonlyArray<readonly string[]>, width = 80): string {
  const widths = columns.map((c, j) => Math.max(c.title.length, ...rows.map((r) => printable(r[j]).length)));
  const total = () => widths.reduce((a, b) => a + b, 0) + 2 * columns.length;
  for (let over = total() - width; over > 0; over = total() - width) {
    const flexible = columns.map((c, j) => (c.align === 'right' ? 0 : widths[j]));
    const j = flexible.indexOf(Math.max(...flexible));
    const next = Math.max(8, widths[j] - over);
    if (next === widths[j]) break;
    widths[j] = next;
  }
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, j) => {
        const text = clip(cell, widths[j]);
        return columns[j].align === 'right' ? text.padStart(widths[j]) : text.padEnd(widths[j]);
      })
      .join('  ')
      .trimEnd()}`;
  return [pc.dim(line(columns.map((c) => c.title))), ...rows.map(line)].join('\n');
}

/** How a run ended, in colour, as the beginning of a sentence. */
export const endingText = (status: Status): string =>
  finished(status) ? pc.green(endedText(status)) : pc.yellow(endedText(status));

/** A multi-line text that is safe to print. */
export const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');

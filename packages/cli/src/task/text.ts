import { count, duration, number, type View, type ViewCell } from '@southwell/tasks';
import pc from '../colours.ts';
import { endingText, printable, table, wrap } from '../text.ts';

/** Rows and notes that are printed; `--json` and files have all. */
const ROWS = 50;
const NOTES = 5;

/** A result at the shell. */
export function viewText(view: View): string {
  const lines = ['', wrap(printable(view.about))];
  for (const note of view.notes.slice(0, NOTES)) lines.push(pc.dim(wrap(printable(note), '  ')));
  const left = view.notes.length - NOTES;
  if (left > 0) lines.push(pc.dim(`  and ${count(left, 'more note')}`));
  for (const { columns, rows, wide } of view.tables) {
    if (wide) continue;
    const shown = rows.slice(0, ROWS);
    const specs = columns.map((title, j) => ({
      title,
      align: shown.every((row) => measured(row[j])) ? 'right' : 'left',
    }));
    lines.push(
      '',
      table(
        specs as Parameters<typeof table>[0],
        shown.map((row) => row.map(cellText)),
      ),
    );
    if (rows.length > shown.length) lines.push(pc.dim(`  and ${rows.length - shown.length} more`));
  }
  const outcome = view.outcome === undefined ? '' : `: ${view.outcome}`;
  lines.push(
    '',
    wrap(`${endingText(view.status)}${outcome}.`),
    pc.dim(`In ${duration(view.seconds)}, reading included.`),
  );
  return lines.join('\n');
}

/** Numbers and shares stand to the right. */
const measured = (cell: ViewCell): boolean => typeof cell !== 'string' || cell.endsWith(' %');

const cellText = (cell: ViewCell): string =>
  typeof cell === 'string' ? cell : Number.isInteger(cell) ? cell!.toLocaleString('en') : number(cell);

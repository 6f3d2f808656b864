import type { Cell } from '@southwell/data';
import { count, duration, grouped, number, type View, type ViewTable } from '@southwell/tasks';
import pc from '../terminal/colours.ts';
import { endingText, printable, table, wrap } from '../text.ts';

/** Maximum number of rows and notes printed; `--json` and files have all. */
const ROWS = 50;
const NOTES = 5;

/** A result as text: depends on whether it ended normally, and whether files were read. */
export function viewText(view: View, how: { readonly done: boolean; readonly reads: boolean }): string {
  const lines = ['', wrap(printable(view.about))];
  for (const note of view.notes.slice(0, NOTES)) lines.push(pc.dim(wrap(printable(note), '  ')));
  const left = view.notes.length - NOTES;
  if (left > 0) lines.push(pc.dim(`  and ${count(left, 'more note')}`));
  if (view.headline !== undefined) lines.push('', pc.bold(wrap(printable(view.headline))));
  for (const of of view.tables) if (of.on !== 'page') lines.push('', ...tableText(of));
  lines.push('', endText(view, how.done), ...(view.advice ?? []).map((sentence) => wrap(printable(sentence))));
  const reading = how.reads ? ', reading included' : '';
  lines.push(pc.dim(`${view.work ?? ''}${view.work ? ' in' : 'In'} ${duration(view.seconds)}${reading}.`));
  return lines.join('\n');
}

/** The summary printed along with an output on standard output. */
export const briefText = ({ notes, headline }: View): string =>
  [...notes, ...(headline === undefined ? [] : [headline])].map(printable).join('\n');

function endText({ status, outcome, ending }: View, done: boolean): string {
  if (ending !== undefined) return (done ? pc.green : pc.yellow)(printable(ending));
  return wrap(`${endingText(status)}${outcome === undefined ? '' : `: ${outcome}`}.`);
}

function tableText({ columns, rows, digits = {}, below }: ViewTable): string[] {
  const shown = rows.slice(0, ROWS);
  const specs = columns.map((title, j) => ({
    title,
    align: shown.every((row) => measured(row[j])) ? ('right' as const) : ('left' as const),
  }));
  const cells = shown.map((row) => row.map((cell, j) => cellText(cell, digits[columns[j]])));
  return [
    ...(rows.length > 0 ? [table(specs, cells)] : []),
    ...(rows.length > shown.length ? [pc.dim(`  and ${rows.length - shown.length} more`)] : []),
    ...(below === undefined ? [] : [pc.dim(wrap(printable(below), '  '))]),
  ];
}

/** Numbers and percentages are right-aligned. */
const measured = (cell: Cell): boolean => typeof cell !== 'string' || cell.endsWith(' %');

const cellText = (cell: Cell, digits?: number): string =>
  typeof cell === 'string'
    ? cell
    : digits === undefined && Number.isSafeInteger(cell)
      ? grouped(cell!)
      : number(cell, digits);

import { barText, type PaperRecord, search, stateOf } from '@southwell/papers';
import { count } from '@southwell/tasks';
import { EXIT } from '../../errors.ts';
import { table } from '../../text.ts';
import { printJson, tableWidth, twoDigits } from './shared.ts';

export interface ListOptions {
  readonly family?: string;
  readonly state?: string;
  readonly search?: string;
  readonly json?: boolean;
}

/** A record as a document: with its state, and its bars in words beside those that are data. */
export const withState = (record: PaperRecord) => ({
  ...record,
  claims: record.claims.map((c) => ({ ...c, bar: { quick: barText(c, 'quick'), full: barText(c, 'full') } })),
  state: stateOf(record),
});

/** Papers by number, or those that a search finds, best first. */
export function listCommand(options: ListOptions): number {
  const { family, state, json } = options;
  const found = search(options.search ?? '')
    .map(withState)
    .filter((r) => (family === undefined || r.family === family) && (state === undefined || r.state === state));
  if (json) printJson(found);
  else if (found.length === 0) console.log('No paper matches.');
  else {
    const rows = found.map((r) => [twoDigits(r.number), r.date, r.family, r.state === 'runs' ? 'runs' : '', r.title]);
    const columns = [{ title: 'no' }, { title: 'date' }, { title: 'family' }, { title: 'state' }, { title: 'title' }];
    console.log(`${table(columns, rows, tableWidth())}\n\n${count(found.length, 'paper')}`);
  }
  return EXIT.done;
}

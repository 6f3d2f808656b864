import { barText, type PaperRecord, search, stateOf, toldSentence } from '@southwell/papers';
import { keptStanding } from '@southwell/papers/node';
import { count } from '@southwell/tasks';
import { EXIT } from '../../errors.ts';
import { table, wrap } from '../../text.ts';
import { printJson, resultStore, tableWidth, twoDigits } from './shared.ts';

export interface ListOptions {
  readonly family?: string;
  readonly state?: string;
  readonly search?: string;
  readonly json?: boolean;
}

/** A record as a JSON document: with its state, and its bars in words in addition to data. */
export const withState = (record: PaperRecord) => ({
  ...record,
  claims: record.claims.map((c) => ({ ...c, bar: { quick: barText(c, 'quick'), full: barText(c, 'full') } })),
  state: stateOf(record),
});

/** Lists papers by number, or search results, best first, with the outcomes of their claims if they run. */
export async function listCommand(options: ListOptions): Promise<number> {
  const { family, state, json } = options;
  const found = search(options.search ?? '').filter(
    (r) => (family === undefined || r.family === family) && (state === undefined || stateOf(r) === state),
  );
  const kept = found.some((r) => stateOf(r) === 'runs') ? await resultStore().list() : [];
  const stand = await Promise.all(
    found.map(async (r) => (stateOf(r) === 'runs' ? await keptStanding(r, kept) : undefined)),
  );
  const tallies = stand.map((of) => of?.tally);
  if (json) printJson(found.map((r, k) => ({ ...withState(r), verdicts: tallies[k] ?? null })));
  else if (found.length === 0) console.log('No paper matches.');
  else {
    const rows = found.map((r, k) => [
      twoDigits(r.number),
      r.date,
      r.family,
      stateOf(r) === 'runs' ? 'runs' : 'planned',
      tallies[k] ? `${tallies[k].text}${tallies[k].own > 0 ? ' · with your runs' : ''}` : '',
      r.title,
    ]);
    const columns = ['no', 'date', 'family', 'state', 'verdicts', 'title'].map((title) => ({ title }));
    console.log(`${table(columns, rows, tableWidth())}\n\n${count(found.length, 'paper')}`);
    const alike = found.flatMap((r, k) =>
      (stand[k]?.claims ?? []).flatMap((s) =>
        s.outcome === 'holds' && s.asWell
          ? [`${twoDigits(r.number)} ${toldSentence(r.claims.find((c) => c.id === s.claim)!, s)}`]
          : [],
      ),
    );
    if (alike.length > 0)
      console.log(`\nNot told apart from a control:\n${alike.map((line) => wrap(line, '  ')).join('\n')}`);
  }
  return EXIT.done;
}

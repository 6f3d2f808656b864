import { readPart } from '@southwell/data/node';
import { rowChunk, rowsOfRank } from '@southwell/distributed';
import {
  type AnyRequest,
  count,
  flagOf,
  grouped,
  type Reading,
  readingOf,
  type Spelling,
  type Task,
  without,
} from '@southwell/tasks';
import type { Place } from '../ranks/ranks.ts';
import { stoppable } from '../terminal/stoppable.ts';
import { table, wrap } from '../text.ts';

/** Number of rows read to determine the encoding of columns; further rows are only counted. */
const ROWS = 5000;
/** Maximum number of ranks printed; `--json` has all. */
const SHOWN = 32;

/** Prints the distribution of rows, the memory of each rank and the communication; does nothing else. */
export async function dryRun(
  task: Task,
  request: AnyRequest,
  { size }: Place,
  spelling: Spelling,
  { json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<number> {
  const { drop, ...reading } = readingOf(request as Reading, flagOf);
  const some = await stoppable(quiet, (signal, progress) =>
    readPart(request.data as string, {
      ...reading,
      signal,
      onProgress: (_, rows) => progress(`reading: ${grouped(rows)} rows`),
      rank: 0,
      size: 1,
      rowsOf: (all) => [0, Math.min(all, ROWS)],
      gather: async (bytes) => [bytes],
    }),
  );
  const { all = some.rows } = some;
  const plan = task.plan!(request, without(some, drop), spelling.option);
  const ranks = Array.from({ length: size }, (_, rank) => {
    const [first, end] = rowsOfRank(all, rank, size);
    return { rank, first, rows: end - first, bytes: Math.round((end - first) * plan.bytesARow + plan.bytes) };
  });
  const exchanges = plan.exchanges.map(({ what, doubles }) => ({ what, doubles, bytes: size > 1 ? 8 * doubles : 0 }));
  const chunk = rowChunk(all);
  if (json) {
    const document = { southwell: 1, rows: all, chunk, about: plan.about, ranks, exchanges, exitCode: 0 };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else if (!quiet) {
    const right = (title: string) => ({ title, align: 'right' as const });
    const empty = ranks.filter(({ rows }) => rows === 0).length;
    const lines = [
      '',
      wrap(
        `${some.name}: ${count(all, 'row')} in chunks of ${grouped(chunk)}, ${plan.about}; ${count(size, 'rank')}. Nothing was fitted.`,
      ),
      '',
      table(
        [right('rank'), right('first row'), right('rows'), right('memory, MB')],
        ranks.slice(0, SHOWN).map((r) => [String(r.rank), grouped(r.first + 1), grouped(r.rows), megabytes(r.bytes)]),
      ),
      ...(size > SHOWN ? [`  and ${count(size - SHOWN, 'more rank')}`] : []),
      ...(empty > 0 ? [wrap(`${count(empty, 'rank')} of these would have no rows: take fewer.`)] : []),
      '',
      table(
        [{ title: 'summed over all ranks', align: 'left' }, right('numbers'), right('sent a rank, MB')],
        exchanges.map((e) => [e.what, grouped(e.doubles), megabytes(e.bytes)]),
      ),
      '',
    ];
    process.stdout.write(lines.join('\n'));
  }
  return 0;
}

const megabytes = (bytes: number): string => (bytes === 0 ? '0' : bytes < 1e5 ? '< 0.1' : (bytes / 1e6).toFixed(1));

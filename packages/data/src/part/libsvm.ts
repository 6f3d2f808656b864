import { peek, piecesOf, type Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';
import { LibsvmReader } from '../text/libsvm.ts';
import type { Company } from './company.ts';
import { locateRows } from './locate.ts';
import { LibsvmScan } from './scan.ts';
import type { RowsOf } from './whole.ts';

/** The rows of this rank of a LIBSVM file, with the number of columns of all rows. */
export async function libsvmPart(
  source: Source,
  context: ReadContext,
  company: Company,
  rowsOf: RowsOf,
): Promise<Table> {
  let from = 0;
  await company.agree(async () => {
    const [a, b, c] = (await peek(source, 3)).head;
    if (a === 0xef && b === 0xbb && c === 0xbf) from = 3;
  });
  const scan = (position: number) => new LibsvmScan(position);
  const place = await locateRows({ source, from, line: 0, cr: false, quotes: false, scan, rowsOf }, company);
  const reader = new LibsvmReader(context, place.line);
  const evidence = await company.reading(place.longest, async (beat) => {
    let done = 0;
    for await (const piece of piecesOf(source, place.from, place.to)) {
      reader.feed(piece);
      context.progress(reader.rows);
      done += piece.length;
      await beat(done);
    }
    reader.end();
    return reader.evidence;
  });
  return { ...reader.finish(evidence), before: place.first, all: place.all };
}

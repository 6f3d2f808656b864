import { ColumnSink, type ColumnSummary, openParquet } from '../binary/parquet.ts';
import type { Source } from '../io/source.ts';
import type { Column, ReadContext, Table } from '../table.ts';
import type { Company } from './company.ts';
import type { RowsOf } from './whole.ts';

/**
 * The rows of this rank of a Parquet file: the row groups that contain them are decoded, one column after the other.
 */
export async function parquetPart(
  source: Source,
  context: ReadContext,
  company: Company,
  rowsOf: RowsOf,
): Promise<Table> {
  const { name, notes } = context;
  let file!: Awaited<ReturnType<typeof openParquet>>;
  await company.agree(async () => {
    file = await openParquet(source, context);
  });
  const { flat, rows: all, starts, attempt, decode } = file;
  const [before, end] = rowsOf(all, company.rank);
  const columns: Column[] = [];
  // Column by column, so that the first erroneous column is reported.
  for (const element of flat) {
    const sink = new ColumnSink(element.name, end - before);
    const seen = await company.agree<ColumnSummary>(async () => {
      await attempt(async () => {
        for (const [g, start] of starts.entries()) {
          const last = starts[g + 1] ?? all;
          const [from, to] = [Math.max(start, before), Math.min(last, end)];
          if (from >= to) continue;
          const values = await decode(element, g);
          if (values.length !== last - start) throw new Error('its pages and rows do not agree');
          sink.take(values.slice(from - start, to - start), from - before, to - before);
        }
      });
      return sink.summary;
    });
    const texts = sink.settle(seen)
      ? (await company.agree(() => sink.words)).map((words) => words as readonly string[])
      : undefined;
    columns.push(await attempt(async () => sink.finish(notes, name, seen, texts)));
    context.progress(end - before);
  }
  return { name, format: 'parquet', rows: end - before, before, all, columns, notes };
}

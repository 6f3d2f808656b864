import type { Source } from '../io/source.ts';
import { pieces } from '../io/window.ts';
import type { ReadContext, Table } from '../table.ts';
import { CsvReader } from './csv.ts';

/** See {@link CsvReader}. A second pass is made only if a text turned up in a column after numbers. */
export async function readCsv(source: Source, context: ReadContext): Promise<Table> {
  const once = async (reader: CsvReader) => {
    for await (const piece of pieces(source.stream())) {
      reader.feed(piece);
      context.progress(reader.rows);
    }
    const found = reader.finish();
    context.progress(reader.rows);
    return found;
  };
  const notesBefore = context.notes.length;
  const reader = new CsvReader(context);
  let found = await once(reader);
  const { respelled } = reader;
  if (respelled.size > 0 && source.restartable) {
    // Now the numbers among the texts can be kept as they are spelled (007, 1.50). The notes stay those of pass one.
    const notes = context.notes.splice(notesBefore);
    found = await once(new CsvReader(context, { categories: respelled }));
    context.notes.splice(notesBefore, Number.POSITIVE_INFINITY, ...notes);
  } else if (respelled.size > 0) {
    context.notes.push('In these columns numbers before the first text were kept by value: 007 and 7.0 became 7.');
  }
  return { name: context.name, format: 'csv', rows: reader.rows, ...found, notes: context.notes };
}

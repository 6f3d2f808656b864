import { datePartsOf } from '../forms.ts';
import type { Source } from '../io/source.ts';
import { pieces } from '../io/window.ts';
import type { Column, NumberColumn, ReadContext, Table } from '../table.ts';
import { CsvReader } from './csv.ts';
import {
  type ColumnDecision,
  categoryOf,
  decideColumns,
  evidenceOf,
  numberColumn,
  numbersDiffer,
  type RawColumn,
  withIndex,
} from './csv-columns.ts';

/** See {@link CsvReader}. A second pass is made only if a text followed numbers in some column. */
export async function readCsv(source: Source, context: ReadContext): Promise<Table> {
  const { name, notes } = context;
  const once = async (quiet: ReadContext, categories?: ReadonlySet<string>) => {
    const reader = new CsvReader(quiet, { categories });
    for await (const piece of pieces(source.stream(true))) {
      reader.feed(piece);
      context.progress(reader.rows);
    }
    reader.end();
    context.progress(reader.rows);
    return reader;
  };
  const reader = await once(context);
  const { rows, blankLines } = reader;
  const layout = reader.found;
  const about = { layout, spell: context.options.spell, options: context.options };
  let raw = reader.raw();
  const types = raw.map(({ typed }) => typed);
  const decided = decideColumns([evidenceOf(raw, about, 0)], types, about);
  if (blankLines > 0) notes.push(blanks(blankLines));
  notes.push(...decided.notes);
  const respelled = new Set(respelledIn(raw, decided.columns));
  if (respelled.size > 0 && source.restartable) {
    raw = [];
    // Numbers among texts now keep their spelling (007, 1.50). Notes were complete after the first pass.
    raw = (await once({ ...context, notes: [] }, respelled)).raw();
  }
  const columns: Column[] = [];
  raw.forEach((column, j) => {
    const decision = decided.columns[j];
    if (decision.as === 'number') columns.push(...inParts(numberColumn(column, decision, layout.mark), context));
    if (decision.as !== 'category') return;
    columns.push(categoryOf(column, decision, column.data as Int32Array, column.dictionary!.words().words));
  });
  const typed = new Map(raw.map((column) => [column.name, column.typed]));
  const [first] = columns;
  const candidate = layout.unnamed && first?.name === layout.names[0] && !typed.get(first.name);
  const { index, ...found } = withIndex(columns, typed, rows, candidate && allDiffer(first));
  notes.push(...found.notes);
  if (respelled.size > 0 && !source.restartable) {
    notes.push('In these columns numbers before the first text were kept by value: 7.0 became 7.');
  }
  return { name, format: 'csv', rows, columns: found.columns, ...(index && { index }), notes };
}

export const blanks = (count: number): string => `${count} blank line(s) between the rows were skipped.`;

/** The categories whose numbers were kept by value. */
const respelledIn = (raw: readonly RawColumn[], decided: readonly ColumnDecision[]): string[] =>
  raw.filter(({ respelled }, j) => respelled && decided[j].as === 'category').map(({ name }) => name);

/** A column, or the parts of its dates if they are asked for. */
export function inParts(column: NumberColumn, { options }: ReadContext): readonly NumberColumn[] {
  const parts = options.dateParts ? datePartsOf(column) : [];
  return parts.length > 0 ? parts : [column];
}

/** Whether a column has a distinct value in every row. */
const allDiffer = (column: Column): boolean =>
  column.type === 'number'
    ? numbersDiffer(column.values)
    : column.levels.length === column.codes.length && !column.codes.includes(-1);

import { SouthwellError } from '@southwell/numerics/core';
import { piecesOf, type Source } from '../io/source.ts';
import { pieces } from '../io/window.ts';
import type { Column, ReadContext, Table } from '../table.ts';
import { CsvReader, failBinary, noRows } from '../text/csv.ts';
import {
  type ColumnEvidence,
  categoryOf,
  decideColumns,
  evidenceOf,
  type FirstText,
  numberColumn,
  numbersDiffer,
  type RawColumn,
  rises,
  withIndex,
} from '../text/csv-columns.ts';
import type { Layout } from '../text/csv-layout.ts';
import { Dictionary } from '../text/dictionary.ts';
import { blanks, inParts } from '../text/read-csv.ts';
import type { Company, Told } from './company.ts';
import { type Located, locateRows } from './locate.ts';
import { locateOwn, sameNames } from './own.ts';
import { CsvScan, LAST } from './scan.ts';
import type { RowsOf } from './whole.ts';

/** The result of reading the rows of a rank. */
type Outcome =
  | { readonly evidence: ColumnEvidence[] }
  | { readonly error: Told; readonly firsts: ReadonlyArray<FirstText | null> };

/**
 * The rows of this rank of a CSV file. They are located first and then read, with column types as they seem from these
 * rows; if all rows together imply other types, they are read again.
 * @param own The collective name of the files, if each rank has a file of its own, all rows of which are then returned.
 * @throws INVALID_FORMAT, INVALID_PARAMETER.
 */
export async function csvPart(
  source: Source,
  context: ReadContext,
  company: Company,
  rowsOf: RowsOf,
  own?: string,
): Promise<Table> {
  const { notes } = context;
  const name = own ?? context.name;
  let layout!: Layout;
  const layouts = await company.agree(async () => {
    layout = await layoutOf(source, context);
    // Not sent unless needed, because the names can be many.
    return own === undefined ? undefined : { ...layout, file: context.name };
  });
  if (own !== undefined) sameNames(layouts.map((other) => other!));
  const { header, unnamed, notes: laidOut } = layouts[0] ?? layout;
  const { names, delimiter, mark, dataStart, dataLine } = layout;
  const scan = (position: number, quoted: boolean) => new CsvScan(position, quoted, delimiter, names.length);
  const place =
    own === undefined
      ? await locateRows({ source, from: dataStart, line: dataLine, cr: true, quotes: true, scan, rowsOf }, company)
      : await locateOwn(source, dataStart, dataLine, scan(dataStart, false), company);
  const { all, first: before } = place;
  if (all === 0) noRows(name, names, header);
  const rows = place.end - before;
  const about = { layout: { ...layout, header }, spell: context.options.spell, options: context.options };
  let raw: RawColumn[] = [];
  const outcomes = await company.reading<Outcome>(place.longest, async (beat) => {
    const reader = readerOf(context, layout, place);
    try {
      await readRows(reader, source, context, place, beat);
      raw = reader.raw();
      return { evidence: evidenceOf(raw, about, before, true) };
    } catch (error) {
      if (!(error instanceof SouthwellError) || error.code === 'FILE') throw error;
      return { error: company.told(error), firsts: Array.from(reader.firstTexts, (first) => first ?? null) };
    }
  });
  const files = layouts.map((other) => other?.file);
  const evidence = settled(outcomes, files, name, company);
  if (place.broken)
    throw new Error(`${name} has a row that cannot be told from the next, but nothing is wrong with it.`);
  const typed = raw.map((column) => column.typed);
  const decided = decideColumns(evidence, typed, about);
  notes.push(...laidOut);
  if (place.blank > 0) notes.push(blanks(place.blank));
  notes.push(...decided.notes);
  // Numbers in columns that other ranks found to be text must keep their spelling.
  const texts = new Set(
    raw
      .filter(({ dictionary, respelled }, j) => {
        const here = evidence[company.rank][j].known > 0;
        return decided.columns[j].as === 'category' && here && (dictionary === undefined || respelled);
      })
      .map((column) => column.name),
  );
  await company.reading(place.longest, async (beat) => {
    if (texts.size === 0) return;
    raw = [];
    const reader = readerOf(context, layout, place, texts);
    await readRows(reader, source, context, place, beat);
    raw = reader.raw();
  });
  const columns: Column[] = [];
  for (const [j, column] of raw.entries()) {
    const decision = decided.columns[j];
    if (decision.as === 'number') {
      const numbers = numberColumn(column, decision, mark);
      const written = decision.form && (await wordsOfAll(column, rows, company));
      columns.push(...inParts(written ? { ...numbers, written } : numbers, context));
    }
    if (decision.as !== 'category') continue;
    const { codes, levels } = await wordsOfAll(column, rows, company);
    columns.push(categoryOf(column, decision, codes, levels));
  }
  const types = new Map(raw.map((column) => [column.name, column.typed]));
  const [first] = columns;
  const candidate = unnamed && first?.name === names[0] && !types.get(first.name) && decided.columns[0].known === all;
  const { index, ...found } = withIndex(
    columns,
    types,
    all,
    candidate && (await allDiffer(first, all, company, context.options.stay)),
  );
  notes.push(...found.notes);
  return {
    name,
    format: 'csv',
    rows,
    before,
    all,
    columns: found.columns,
    ...(index && { index }),
    notes,
  };
}

/** The words of a column on all ranks, in order of appearance, and those of the rows of this rank. */
async function wordsOfAll(
  column: RawColumn,
  rows: number,
  company: Company,
): Promise<{ readonly codes: Int32Array; readonly levels: string[] }> {
  const merged = new Dictionary();
  const packed = await company.bytes(() => (column.dictionary ?? new Dictionary()).pack());
  const codes = packed.map((words) => merged.merge(words))[company.rank];
  const own = column.dictionary
    ? (column.data as Int32Array).map((code) => (code < 0 ? -1 : codes[code]))
    : new Int32Array(rows).fill(-1);
  return { codes: own, levels: merged.words().words };
}

/** The layout as a single rank finds it, including errors at the beginning of the file. */
async function layoutOf(source: Source, context: ReadContext): Promise<Layout> {
  return (await lookAt(source, new CsvReader({ ...context, size: undefined, notes: [] }))).layout;
}

/**
 * The layout found at the beginning of a file, and the number of pieces examined; LAST if that required the end of the
 * file.
 */
export async function lookAt(source: Source, reader: CsvReader): Promise<{ layout: Layout; head: number }> {
  let head = 0;
  for await (const piece of pieces(source.stream(true))) {
    head++;
    const layout = reader.look(piece);
    if (layout) return { layout, head };
  }
  return { layout: reader.look()!, head: LAST };
}

const readerOf = (
  context: ReadContext,
  layout: Layout,
  { line, first: before, end }: Located,
  categories?: ReadonlySet<string>,
) => new CsvReader({ ...context, notes: [] }, { categories, part: { layout, line, before, rows: end - before } });

async function readRows(
  reader: CsvReader,
  source: Source,
  context: ReadContext,
  { from, to }: Located,
  beat: (bytes: number) => Promise<void>,
): Promise<void> {
  let done = 0;
  for await (const piece of piecesOf(source, from, to)) {
    reader.feed(piece);
    context.progress(reader.rows);
    done += piece.length;
    await beat(done);
  }
  reader.end();
}

/** Combines the evidence of all ranks. Throws the first error, as a single rank would. */
function settled(
  outcomes: readonly Outcome[],
  files: ReadonlyArray<string | undefined>,
  name: string,
  company: Company,
): ColumnEvidence[][] {
  const firsts = outcomes.map((outcome) =>
    'error' in outcome ? outcome.firsts : outcome.evidence.map((column) => column.first),
  );
  const seen = new Set<number>();
  return outcomes.map((outcome, r) => {
    let binary: FirstText | undefined;
    firsts[r].forEach((first, j) => {
      if (!first || seen.has(j)) return;
      // Binary data among numbers are an error, but may be a text among texts.
      if (first.binary && (!binary || first.at < binary.at)) binary = first;
    });
    if (binary) failBinary(files[r] ?? name, binary.line);
    if ('error' in outcome) return company.raise(outcome.error);
    outcome.evidence.forEach((column, j) => {
      if (column.texts) seen.add(j);
    });
    const file = files[r];
    if (file === undefined) return outcome.evidence;
    return outcome.evidence.map((column) => ({ ...column, ...(column.first && { first: { ...column.first, file } }) }));
  });
}

/** Whether all values of a column without missing values are distinct, over all ranks. */
async function allDiffer(column: Column, all: number, company: Company, stay = false): Promise<boolean> {
  if (column.type !== 'number') return column.levels.length === all;
  const { values } = column;
  // Row numbers of separate files may be the same.
  if (stay) return (await company.agree(() => numbersDiffer(values) || values.length === 0)).every(Boolean);
  const ends = Float64Array.of(values.length, Number(rises(values)), values[0], values[values.length - 1]);
  const parts = (await company.bytes(() => bytesOf(ends))).map(numbersIn).filter(([length]) => length > 0);
  if (parts.every(([, rising, first], r) => rising && (r === 0 || first > parts[r - 1][3]))) return true;
  const others = (await company.bytes(() => bytesOf(values))).map(numbersIn);
  const together = new Float64Array(all);
  let at = 0;
  for (const part of others) {
    together.set(part, at);
    at += part.length;
  }
  return numbersDiffer(together);
}

const bytesOf = (values: Float64Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
/** Copied, so that it begins on an 8-byte boundary. */
const numbersIn = (bytes: Uint8Array) => new Float64Array(bytes.slice().buffer);

import { fail, SouthwellError } from '@southwell/numerics/core';
import {
  type DecodedArray,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { readBytes, type Source } from '../io/source.ts';
import {
  type Column,
  categoryColumn,
  columnIndices,
  type NumberColumn,
  type ReadContext,
  type Table,
  valuesIn,
  type Wanted,
} from '../table.ts';
import { checkPages } from './parquet-check.ts';
import { roundedNote, wholeText } from './rounded.ts';

/** Seconds since 1970 as doubles: exact to the microsecond for centuries to come. */
const PARSERS = {
  timestampFromMilliseconds: (t: bigint) => Number(t) / 1e3,
  timestampFromMicroseconds: (t: bigint) => Number(t) / 1e6,
  timestampFromNanoseconds: (t: bigint) => Number(t / 1000n) / 1e6 + Number(t % 1000n) / 1e9,
  dateFromDays: (days: number) => days * 86400,
};

/**
 * An open file: its flat columns, which can be decoded one row group at a time.
 * @throws INVALID_FORMAT.
 */
export async function openParquet(source: Source, context: ReadContext) {
  const { name, notes, options } = context;
  const random = source.slice && source.size !== undefined;
  const whole = random ? undefined : await readBytes(source);
  const byteLength = whole ? whole.length : source.size!;
  const file = {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      options.signal?.throwIfAborted();
      if (start < 0 || end > byteLength || start > end) throw new Error('a page lies outside the file');
      const part = whole ? whole.subarray(start, end) : await source.slice!(start, end);
      return part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength) as ArrayBuffer;
    },
  };
  /** Errors of hyparquet do not name the file; the caller's own errors, such as aborts, are passed on. */
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SouthwellError || options.signal?.aborted) throw error;
      return fail(
        'INVALID_FORMAT',
        `${name} is damaged, or not a supported Parquet file: ${(error as Error).message}.`,
      );
    }
  };
  const { scan, rows, elements } = await attempt(async () => {
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const count = Number(metadata.num_rows);
    const groups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    // A damaged count must not exhaust memory before the data disprove it.
    if (groups !== count || !(count >= 0 && count < 2 ** 31)) throw new Error(`it has ${count} rows, or ${groups}`);
    const prepared = await parquetScan({
      file,
      metadata,
      compressors,
      parsers: PARSERS,
      geoparquet: false,
      useOffsetIndex: false,
    });
    return { scan: prepared, rows: count, elements: parquetSchema(metadata).children };
  });
  const isFlat = (child: SchemaTree) => child.children.length === 0 && child.element.repetition_type !== 'REPEATED';
  const nested = elements.filter((child) => !isFlat(child)).map((child) => child.element.name);
  if (nested.length > 0) notes.push(`Nested columns were left out: ${nested.join(', ')}.`);
  const flat = elements.filter(isFlat).map((child) => child.element);
  if (flat.length === 0) fail('INVALID_FORMAT', `${name} has no flat columns.`);
  if (rows === 0) fail('INVALID_FORMAT', `${name} has ${flat.length} columns but no rows.`);
  const groups = scan.metadata.row_groups;
  let start = 0;
  const starts = groups.map((group) => {
    start += Number(group.num_rows);
    return start - Number(group.num_rows);
  });
  /** Decodes a column of one row group. It is validated first, because hyparquet trusts damaged pages. */
  const decode = async ({ name: column, repetition_type }: SchemaElement, g: number): Promise<DecodedArray> => {
    const count = Number(groups[g].num_rows);
    // Compared by the first part of the path, as hyparquet does. With two such columns, the failure of one would be an
    // unhandled rejection.
    const found = groups[g].columns.filter((c) => c.meta_data?.path_in_schema[0] === column);
    const meta = found[0]?.meta_data;
    if (!meta || found.length > 1) throw new Error(`column '${column}' is not once in each row group`);
    const at = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const chunk = new Uint8Array(await file.slice(at, at + Number(meta.total_compressed_size)));
    checkPages(chunk, meta, repetition_type !== 'REQUIRED', count);
    if (count === 0) return [];
    // One column at a time: parquetRead's onChunk leaves an unhandled rejection when a page cannot be decoded.
    return scan.readColumn({ column, rowStart: starts[g], rowEnd: starts[g] + count });
  };
  return { flat, rows, starts, attempt, decode };
}

/**
 * Reads a flat Parquet file: numbers and booleans (1 and 0) as numbers, texts and dictionaries as categories, dates and
 * timestamps as seconds since 1970 UTC, nulls as missing values. Nested columns are skipped with a note. Columns are
 * read one after the other; with random access, only the current column is in memory undecoded.
 */
export async function readParquet(source: Source, context: ReadContext): Promise<Table> {
  const { name, notes } = context;
  const { flat, rows, starts, attempt, decode } = await openParquet(source, context);
  const columns: Column[] = [];
  for (const element of flat) {
    const column = await attempt(async () => {
      const sink = new ColumnSink(element.name, rows);
      for (const [g, start] of starts.entries()) sink.take(await decode(element, g), start, starts[g + 1] ?? rows);
      return sink.finish(notes, name);
    });
    columns.push(column);
    context.progress(rows);
  }
  return { name, format: 'parquet', rows, columns, notes };
}

/**
 * The wanted columns, one row group at a time.
 * @throws INVALID_PARAMETER, INVALID_FORMAT, and NOT_SUPPORTED for a stream, since the directory is at the end of the
 * file.
 */
export async function* parquetGroups(
  source: Source,
  context: ReadContext,
  wanted: Wanted,
): AsyncGenerator<readonly Column[], void> {
  const { name, notes } = context;
  if (!source.slice || source.size === undefined) {
    fail(
      'NOT_SUPPORTED',
      `${name} is a stream, but Parquet has its directory at the end: save or decompress it to a file.`,
    );
  }
  const { blocks, read } = await groupsOf(source, context, wanted);
  for (const { group, end } of blocks) {
    const own: string[] = [];
    const block = await read(group, own);
    notes.push(...own.filter((note) => !notes.includes(note)));
    context.progress(end);
    yield block;
  }
}

/** The non-empty row groups, with a function that reads the wanted columns of one. */
export async function groupsOf(source: Source, context: ReadContext, wanted: Wanted) {
  const { name } = context;
  const { flat, rows, starts, attempt, decode } = await openParquet(source, context);
  const names = flat.map((element) => element.name);
  const chosen = columnIndices(names, wanted, name);
  const types = typeof wanted === 'function' ? wanted(names, name) : undefined;
  const blocks = starts
    .map((start, group) => ({ group, start, end: starts[group + 1] ?? rows }))
    .filter(({ start, end }) => end > start);
  const read = async (group: number, notes: string[]): Promise<Column[]> => {
    const count = (starts[group + 1] ?? rows) - starts[group];
    const columns: Column[] = [];
    for (const j of chosen) {
      const column = await attempt(async () => {
        // Also for row groups without large integers.
        const type = types?.get(flat[j].name)?.type ?? 'number';
        const sink = new ColumnSink(flat[j].name, count, type);
        sink.take(await decode(flat[j], group), 0, count);
        return sink.finish(notes, name);
      });
      columns.push(column);
    }
    return columns;
  };
  return { rows, blocks, read };
}

/** Like {@link parquetGroups}, for numeric columns only: INVALID_FORMAT for texts. */
export async function* parquetBlocks(
  source: Source,
  context: ReadContext,
  wanted: readonly string[] | undefined,
): AsyncGenerator<readonly NumberColumn[], void> {
  for await (const block of parquetGroups(source, context, wanted)) {
    yield block.map((column) => {
      if (column.type === 'number') return column;
      return fail('INVALID_FORMAT', `${context.name}: column '${column.name}' holds texts, not numbers.`);
    });
  }
}

/** Summary of a column over some rows, as plain data. */
export interface ColumnSummary {
  readonly numbers: boolean;
  readonly texts: boolean;
  /** The first integer that a double would round. */
  readonly large?: string;
  /** Number of values that are not missing, for texts. */
  readonly known: number;
}

/** Whether numbers are read as texts: if asked, and by default if doubles would merge integers beyond 2⁵³. */
const coded = (parts: readonly ColumnSummary[], type: Column['type'] | undefined): boolean =>
  type === undefined ? parts.some(({ large }) => large !== undefined) : type !== 'number';

export class ColumnSink {
  private numbers: Float64Array | undefined;
  private codes: Int32Array | undefined;
  private readonly levels = new Map<string, number>();
  private filled = 0;
  /** Integers that doubles would round, by row. */
  private readonly large = new Map<number, bigint>();

  constructor(
    private readonly name: string,
    private readonly rows: number,
    /** The type as which the column is to be read, if not by its values. */
    private readonly type?: Column['type'],
  ) {}

  /** @throws Error if the data do not fit. */
  take(data: DecodedArray, rowStart: number, rowEnd: number): void {
    if (data.length !== rowEnd - rowStart || rowEnd > this.rows) throw new Error('its pages and rows do not agree');
    this.filled += data.length;
    for (let k = 0; k < data.length; k++) {
      const value: unknown = data[k];
      if (value === null || value === undefined) continue;
      if (typeof value === 'string' || typeof value === 'object') this.setText(rowStart + k, textOf(value));
      else this.setNumber(rowStart + k, value);
    }
  }

  private setNumber(row: number, value: unknown): void {
    if (this.codes) throw new Error(`column '${this.name}' mixes numbers and texts`);
    this.numbers ??= new Float64Array(this.rows).fill(Number.NaN);
    const number = Number(value);
    if (typeof value === 'bigint' && BigInt(number) !== value) this.large.set(row, value);
    this.numbers[row] = number;
  }

  private setText(row: number, value: string): void {
    if (this.numbers) throw new Error(`column '${this.name}' mixes numbers and texts`);
    this.codes ??= new Int32Array(this.rows).fill(-1);
    let code = this.levels.get(value);
    if (code === undefined) {
      code = this.levels.size;
      this.levels.set(value, code);
    }
    this.codes[row] = code;
  }

  get summary(): ColumnSummary {
    const { numbers, codes } = this;
    const [large] = this.large.values();
    return {
      numbers: numbers !== undefined,
      texts: codes !== undefined,
      ...(large !== undefined && { large: String(large) }),
      known: codes ? valuesIn(codes) : (numbers?.reduce((count, v) => count + Number(!Number.isNaN(v)), 0) ?? 0),
    };
  }

  /** Turns numbers into texts if the column has codes, given the summaries of all parts; returns whether it has texts. */
  settle(parts: readonly ColumnSummary[] = [this.summary]): boolean {
    if (!coded(parts, this.type)) return parts.some(({ texts }) => texts);
    const { numbers } = this;
    this.numbers = undefined;
    numbers?.forEach((v, row) => {
      if (!Number.isNaN(v)) this.setText(row, this.large.get(row)?.toString() ?? textOfNumber(v));
    });
    return true;
  }

  /** The distinct texts in order of appearance. */
  get words(): string[] {
    return [...this.levels.keys()];
  }

  /**
   * The column or, given the summaries and distinct texts of all parts, this part of it.
   * @throws INVALID_FORMAT.
   */
  finish(
    notes: string[],
    file: string,
    parts: readonly ColumnSummary[] = [this.summary],
    words: ReadonlyArray<readonly string[]> | undefined = this.settle(parts) ? [this.words] : undefined,
  ): Column {
    const { name } = this;
    const large = parts.find((part) => part.large !== undefined)?.large;
    const isCoded = coded(parts, this.type);
    if (words && !isCoded && parts.some(({ numbers }) => numbers))
      throw new Error(`column '${name}' mixes numbers and texts`);
    if (this.filled !== this.rows) {
      fail('INVALID_FORMAT', `${file}: column '${name}' has ${this.filled} values where there are ${this.rows} rows.`);
    }
    if (isCoded && large !== undefined) {
      notes.push(roundedNote(name, large));
    } else if (large !== undefined) notes.push(`Column '${name}' has integers beyond 2^53, which were rounded.`);
    if (words) {
      const place = new Map<string, number>();
      for (const word of words.flat()) if (!place.has(word)) place.set(word, place.size);
      const own = this.words.map((word) => place.get(word)!);
      const codes = this.codes?.map((code) => (code < 0 ? -1 : own[code])) ?? new Int32Array(this.rows).fill(-1);
      const known = parts.reduce((sum, part) => sum + part.known, 0);
      return categoryColumn(name, codes, [...place.keys()], undefined, known);
    }
    return { name, type: 'number', values: this.numbers ?? new Float64Array(this.rows).fill(Number.NaN) };
  }
}

const textOfNumber = (value: number): string => (Number.isInteger(value) ? wholeText(value) : String(value));

function textOf(value: string | object): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return new TextDecoder('latin1').decode(value);
  return JSON.stringify(value);
}

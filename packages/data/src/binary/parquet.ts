import { type ColumnData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { fail, SouthwellError } from 'southwell';
import { readBytes, type Source } from '../io/source.ts';
import { type Column, categoryColumn, type ReadContext, type Table } from '../table.ts';

/** Seconds since 1970, as doubles: exact to the microsecond for centuries to come. */
const PARSERS = {
  timestampFromMilliseconds: (t: bigint) => Number(t) / 1e3,
  timestampFromMicroseconds: (t: bigint) => Number(t) / 1e6,
  timestampFromNanoseconds: (t: bigint) => Number(t / 1000n) / 1e6 + Number(t % 1000n) / 1e9,
  dateFromDays: (days: number) => days * 86400,
};

/**
 * A flat Parquet file: numbers and booleans (1 and 0) as numbers, texts and dictionaries as categories, dates and
 * timestamps as seconds since 1970 UTC, nulls as missing. Nested columns are left out with a note. Column by column;
 * with random access only the column at hand is in memory undecoded.
 */
export async function readParquet(source: Source, context: ReadContext): Promise<Table> {
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
  try {
    const metadata = await parquetMetadataAsync(file);
    const rows = Number(metadata.num_rows);
    const groups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    if (groups !== rows || !(rows >= 0)) throw new Error(`its ${rows} rows are ${groups} in the row groups`);
    const schema = parquetSchema(metadata);
    const flat = schema.children.filter((child) => child.children.length === 0);
    const nested = schema.children.filter((child) => child.children.length > 0).map((child) => child.element.name);
    const repeated = flat.filter((child) => child.element.repetition_type === 'REPEATED').map((c) => c.element.name);
    const left = [...nested, ...repeated];
    if (left.length > 0) notes.push(`Nested columns were left out: ${left.join(', ')}.`);
    const columns: Column[] = [];
    for (const { element } of flat) {
      if (left.includes(element.name)) continue;
      const sink = new ColumnSink(element.name, rows);
      await parquetRead({
        file,
        metadata,
        columns: [element.name],
        compressors,
        parsers: PARSERS,
        geoparquet: false,
        onChunk: (chunk) => sink.take(chunk),
      });
      columns.push(sink.finish(notes, name));
      context.progress(rows);
    }
    if (columns.length === 0) fail('INVALID_FORMAT', `${name} has no flat columns.`);
    if (rows === 0) fail('INVALID_FORMAT', `${name} has ${columns.length} columns but no rows.`);
    return { name, format: 'parquet', rows, columns, notes };
  } catch (error) {
    if (error instanceof SouthwellError || options.signal?.aborted) throw error;
    fail('INVALID_FORMAT', `${name} is damaged or not Parquet as known here: ${(error as Error).message}.`);
  }
}

class ColumnSink {
  private numbers: Float64Array | undefined;
  private codes: Int32Array | undefined;
  private readonly levels = new Map<string, number>();
  private filled = 0;
  private rounded = false;
  private fault: Error | undefined;

  constructor(
    private readonly name: string,
    private readonly rows: number,
  ) {
    // A damaged count must not take all memory before the data prove it.
    if (rows > 2 ** 31) throw new Error(`it claims ${rows} rows`);
  }

  /** Keeps an error for {@link finish}: thrown in hyparquet's callback it would be nobody's. */
  take(chunk: ColumnData): void {
    try {
      if (!this.fault) this.add(chunk);
    } catch (error) {
      this.fault = error as Error;
    }
  }

  private add({ columnData, rowStart, rowEnd }: ColumnData): void {
    if (columnData.length !== rowEnd - rowStart || rowEnd > this.rows) throw new Error('pages and rows do not agree');
    this.filled += columnData.length;
    for (let k = 0; k < columnData.length; k++) {
      const value: unknown = columnData[k];
      if (value === null || value === undefined) continue;
      if (typeof value === 'string' || typeof value === 'object') this.setText(rowStart + k, textOf(value));
      else this.setNumber(rowStart + k, value);
    }
  }

  private setNumber(row: number, value: unknown): void {
    if (this.codes) throw new Error(`column '${this.name}' mixes numbers and texts`);
    this.numbers ??= new Float64Array(this.rows).fill(Number.NaN);
    const number = Number(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(number)) this.rounded = true;
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

  finish(notes: string[], file: string): Column {
    const { name } = this;
    if (this.fault) throw this.fault;
    if (this.filled !== this.rows) {
      fail('INVALID_FORMAT', `${file}: column '${name}' has ${this.filled} values where there are ${this.rows} rows.`);
    }
    if (this.rounded) notes.push(`Column '${name}' has integers beyond 2^53, which were rounded.`);
    if (this.codes) return categoryColumn(name, this.codes, [...this.levels.keys()]);
    return { name, type: 'number', values: this.numbers ?? new Float64Array(this.rows).fill(Number.NaN) };
  }
}

function textOf(value: string | object): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return new TextDecoder('latin1').decode(value);
  return JSON.stringify(value);
}

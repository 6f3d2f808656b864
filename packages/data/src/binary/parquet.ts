import { type DecodedArray, parquetMetadataAsync, parquetScan, parquetSchema, type SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { fail, SouthwellError } from 'southwell';
import { readBytes, type Source } from '../io/source.ts';
import { type Column, categoryColumn, type ReadContext, type Table } from '../table.ts';
import { checkPages } from './parquet-check.ts';

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
  /** hyparquet's errors name no file; the caller's own, as from an abort, are passed on. */
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SouthwellError || options.signal?.aborted) throw error;
      return fail('INVALID_FORMAT', `${name} is damaged or not Parquet as known here: ${(error as Error).message}.`);
    }
  };
  const { scan, rows, elements } = await attempt(async () => {
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const count = Number(metadata.num_rows);
    const groups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    // A damaged count must not take all memory before the data prove it.
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
  const flat = elements.filter(isFlat);
  if (flat.length === 0) fail('INVALID_FORMAT', `${name} has no flat columns.`);
  if (rows === 0) fail('INVALID_FORMAT', `${name} has ${flat.length} columns but no rows.`);
  const columns: Column[] = [];
  for (const { element } of flat) {
    const column = await attempt(async () => {
      for (const group of scan.metadata.row_groups) {
        // By first part, as hyparquet looks them up: of two it would leave one's failure unheard.
        const found = group.columns.filter((c) => c.meta_data?.path_in_schema[0] === element.name);
        const meta = found[0]?.meta_data;
        if (!meta || found.length > 1) throw new Error(`column '${element.name}' is not once in each row group`);
        const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
        const chunk = new Uint8Array(await file.slice(start, start + Number(meta.total_compressed_size)));
        checkPages(chunk, meta, element.repetition_type !== 'REQUIRED', Number(group.num_rows));
      }
      const sink = new ColumnSink(element.name, rows);
      for (const { rowStart, rowEnd } of scan.ranges) {
        // A column at a time: parquetRead's onChunk leaves a rejected promise behind when a page cannot be decoded.
        sink.take(await scan.readColumn({ column: element.name, rowStart, rowEnd }), rowStart, rowEnd);
      }
      return sink.finish(notes, name);
    });
    columns.push(column);
    context.progress(rows);
  }
  return { name, format: 'parquet', rows, columns, notes };
}

class ColumnSink {
  private numbers: Float64Array | undefined;
  private codes: Int32Array | undefined;
  private readonly levels = new Map<string, number>();
  private filled = 0;
  private rounded = false;

  constructor(
    private readonly name: string,
    private readonly rows: number,
  ) {}

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

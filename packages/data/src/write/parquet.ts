import { ByteWriter, ParquetWriter, parquetWriteBuffer, schemaFromColumnData } from 'hyparquet-writer';
import { plainColumns, type Writable } from './csv.ts';

type Values = ReadonlyArray<string | number | null>;

/**
 * Writes Parquet with Snappy compression: numbers as DOUBLE, texts and categories as STRING, missing values as nulls.
 * O(cells).
 */
export function writeParquet(data: Writable): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData: columnData(data) }));
}

const columnData = (data: Writable) =>
  plainColumns(data).map((column) => {
    const values = Array.from({ length: column.length }, (_, i) => {
      const value = column.at(i);
      return typeof value === 'number' && Number.isNaN(value) ? null : value;
    });
    return typed(
      column.name,
      values,
      values.some((value) => typeof value === 'string'),
      values.includes(null),
    );
  });

const typed = (name: string, values: Values, text: boolean, nullable: boolean) => ({
  name,
  data: text ? values.map((value) => (value === null ? null : String(value))) : [...values],
  type: text ? ('STRING' as const) : ('DOUBLE' as const),
  nullable,
});

/**
 * The same in blocks of rows, each a row group; `write` receives the bytes as they are produced. Blocks are held back
 * until each column has a value, which determines whether it is text; a single block is written as by {@link
 * writeParquet}.
 */
export class ParquetBlocks {
  private readonly bytes = new ByteWriter();
  private writer: ParquetWriter | undefined;
  private held: Array<ReturnType<typeof columnData>> = [];
  private texts: readonly boolean[] = [];

  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  append(data: Writable): void {
    const columns = columnData(data);
    this.held.push(columns);
    const known = columns.every((_, j) => this.held.some((block) => block[j].data.some((value) => value !== null)));
    if (this.writer || (this.held.length > 1 && known)) this.flush();
  }

  /** To be called once, after the last block. */
  finish(): void {
    if (!this.writer && this.held.length === 1) {
      this.write(new Uint8Array(parquetWriteBuffer({ columnData: this.held[0] })));
      return;
    }
    this.flush();
    this.writer?.finish();
    this.give();
  }

  private flush(): void {
    for (const columns of this.held) {
      this.writer ??= this.begin(columns);
      const columnSources = columns.map(({ name, data }, j) => ({
        name,
        data: typed(name, data, this.texts[j], true).data,
      }));
      this.writer.write({ columnData: columnSources, rowGroupSize: columns[0].data.length });
      this.give();
    }
    this.held = [];
  }

  private begin(columns: ReturnType<typeof columnData>): ParquetWriter {
    this.texts = columns.map((_, j) => this.held.some((block) => block[j].type === 'STRING'));
    const schema = schemaFromColumnData({
      columnData: columns.map(({ name, data }, j) => typed(name, data, this.texts[j], true)),
    });
    return new ParquetWriter({ writer: this.bytes, schema });
  }

  private give(): void {
    this.write(this.bytes.getBytes().slice());
    // The next block overwrites the buffer; offsets continue.
    this.bytes.index = 0;
  }
}

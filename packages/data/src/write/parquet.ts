import { parquetWriteBuffer } from 'hyparquet-writer';
import { plainColumns, type Writable } from './csv.ts';

/** Parquet with Snappy: numbers as DOUBLE, texts and categories as STRING, missing values as nulls. O(cells). */
export function writeParquet(data: Writable): Uint8Array {
  const columnData = plainColumns(data).map((column) => {
    const values = Array.from({ length: column.length }, (_, i) => {
      const value = column.at(i);
      return typeof value === 'number' && Number.isNaN(value) ? null : value;
    });
    const text = values.some((value) => typeof value === 'string');
    return {
      name: column.name,
      data: text ? values.map((value) => (value === null ? null : String(value))) : values,
      type: text ? ('STRING' as const) : ('DOUBLE' as const),
      nullable: values.includes(null),
    };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

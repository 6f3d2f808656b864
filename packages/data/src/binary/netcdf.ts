import { fail } from '@southwell/numerics/core';
import { NetCDFReader } from 'netcdfjs';
import { readBytes, type Source } from '../io/source.ts';
import type { NumberColumn, ReadContext, Table } from '../table.ts';

type Header = NetCDFReader['header'];
type Variable = Header['variables'][number];

/** For each data type: its size in bytes, its default fill value, and how to read a value. */
const TYPES: Readonly<Record<string, { bytes: number; fill: number; read(view: DataView, at: number): number }>> = {
  byte: { bytes: 1, fill: Number.NaN, read: (view, at) => view.getInt8(at) },
  short: { bytes: 2, fill: -32767, read: (view, at) => view.getInt16(at) },
  int: { bytes: 4, fill: -2147483647, read: (view, at) => view.getInt32(at) },
  float: { bytes: 4, fill: Math.fround(9.969209968386869e36), read: (view, at) => view.getFloat32(at) },
  double: { bytes: 8, fill: 9.969209968386869e36, read: (view, at) => view.getFloat64(at) },
};

/**
 * Reads a NetCDF file (classic format, or with 64-bit offsets) as a table with one row per point of its largest grid (on
 * ties, the one with more variables): columns for its coordinates, the last of which varies fastest, followed by the
 * variables on this grid, unpacked by scale and offset.
 * @throws INVALID_FORMAT.
 */
export async function readNetcdf(source: Source, context: ReadContext): Promise<Table> {
  const { name, notes } = context;
  const bytes = await readBytes(source);
  const header = headerOf(bytes, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { dimensions = [], recordDimension } = header;
  const variables = (header.variables ?? []).filter(({ type }) => Object.hasOwn(TYPES, type));
  if (variables.length === 0) fail('INVALID_FORMAT', `${name} holds no variable of numbers.`);
  const sizeOf = (d: number): number => (d === recordDimension.id ? recordDimension.length : dimensions[d].size);
  for (const { name: own, dimensions: ids } of variables) {
    if (ids.some((d) => dimensions[d] === undefined)) {
      fail('INVALID_FORMAT', `${name} is damaged: its variable '${own}' refers to a dimension that does not exist.`);
    }
  }
  const cells = ({ dimensions: ids }: Variable): number => ids.reduce((product, d) => product * sizeOf(d), 1);
  // The largest grid; on ties, the one with more variables.
  const gridOf = ({ dimensions: ids }: Variable): string => ids.join(' ');
  const shared = (v: Variable): number => variables.filter((other) => gridOf(other) === gridOf(v)).length;
  const largest = variables.reduce((a, b) => ((cells(b) - cells(a) || shared(b) - shared(a)) > 0 ? b : a));
  const rows = cells(largest);
  const grid = largest.dimensions;
  if (rows === 0)
    fail('INVALID_FORMAT', `${name} has no records: nothing was written along '${recordDimension.name}'.`);
  const coordinateOf = (d: number): Variable | undefined =>
    variables.find((v) => v.name === dimensions[d].name && v.dimensions.length === 1 && v.dimensions[0] === d);
  const own = variables.filter(
    (v) => gridOf(v) === gridOf(largest) && !(grid.length === 1 && v === coordinateOf(grid[0])),
  );
  const left = (header.variables ?? []).filter((v) => !own.includes(v) && !grid.some((d) => coordinateOf(d) === v));
  const step = recordStep(header);
  const read = (variable: Variable): Float64Array => valuesOf(view, variable, cells(variable), step, sizeOf, name);
  // Read first, so that a damaged header that promises more than the file contains is detected before memory is
  // allocated.
  const values = own.map(read);
  const columns: NumberColumn[] = [];
  let inner = rows;
  for (const d of grid) {
    const size = sizeOf(d);
    inner /= size;
    const coordinate = coordinateOf(d);
    const along = coordinate ? read(coordinate) : Float64Array.from({ length: size }, (_, i) => i + 1);
    const repeated = new Float64Array(rows);
    for (let i = 0; i < rows; i++) repeated[i] = along[Math.floor(i / inner) % size];
    columns.push({ name: dimensions[d].name, type: 'number', values: repeated });
  }
  own.forEach((variable, k) => {
    columns.push({ name: variable.name, type: 'number', values: values[k] });
  });
  if (grid.length > 0) {
    const shape = grid.map((d) => `${dimensions[d].name} ${sizeOf(d)}`).join(' × ');
    notes.push(`${name} is a grid of ${shape}, with one row per grid point and one column per variable.`);
  }
  if (left.length > 0) notes.push(`Not on that grid and left out: ${left.map((v) => v.name).join(', ')}.`);
  context.progress(rows);
  return { name, format: 'netcdf', rows, columns, notes };
}

/** @throws INVALID_FORMAT. */
function headerOf(bytes: Uint8Array, name: string): Header {
  try {
    return new NetCDFReader(bytes).header;
  } catch (error) {
    return fail('INVALID_FORMAT', `${name} is damaged, or not a supported NetCDF file: ${(error as Error).message}.`);
  }
}

/** Distance between records in bytes; a single variable is not padded to four bytes. */
function recordStep({ variables, recordDimension, dimensions }: Header): number {
  const records = variables.filter(({ record }) => record);
  if (records.length !== 1) return recordDimension.recordStep ?? 0;
  const [{ dimensions: ids, type }] = records;
  return ids.slice(1).reduce((product, d) => product * dimensions[d].size, TYPES[type]?.bytes ?? 1);
}

function valuesOf(
  view: DataView,
  { name, type, offset, record, attributes, dimensions: ids }: Variable,
  count: number,
  step: number,
  sizeOf: (d: number) => number,
  file: string,
): Float64Array {
  const { bytes, read, fill } = TYPES[type];
  const records = record ? sizeOf(ids[0]) : 1;
  const width = records > 0 ? count / records : 0;
  const end = offset + (records - 1) * step + width * bytes;
  if (count > 0 && end > view.byteLength) {
    fail(
      'INVALID_FORMAT',
      `${file} is cut short: '${name}' would end at byte ${end}, but there are ${view.byteLength}.`,
    );
  }
  const numbers = (attribute: string): number[] => {
    const { value, type } = (attributes as Header['globalAttributes']).find((a) => a.name === attribute) ?? {};
    const list = ([value].flat() as unknown[]).filter((v) => typeof v === 'number') as number[];
    // Bytes are read as unsigned.
    return type === 'byte' ? list.map((v) => (v << 24) >> 24) : list;
  };
  const known = [...numbers('_FillValue'), ...numbers('missing_value')];
  const missing = known.length > 0 ? known : [fill];
  const [scale = 1] = numbers('scale_factor');
  const [shift = 0] = numbers('add_offset');
  const values = new Float64Array(count);
  for (let r = 0; r < records; r++) {
    for (let k = 0; k < width; k++) {
      const raw = read(view, offset + r * step + k * bytes);
      values[r * width + k] = missing.includes(raw) ? Number.NaN : scale * raw + shift;
    }
  }
  return values;
}

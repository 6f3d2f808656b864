import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { guarded } from '../io/guard.ts';
import { FORMAT_NAMES } from '../io/sniff.ts';
import { type Input, peek, type Source } from '../io/source.ts';
import { open } from '../open.ts';
import { type Column, columnIndices, type ReadContext, type ReadOptions, type Table, type Wanted } from '../table.ts';
import { decodeItems } from './npy-decode.ts';
import { columnOfFile, fileColumn, type NpyLayout, npyHeader } from './npy-header.ts';
import { RoundedIntegers } from './rounded.ts';

const PIECE = 1 << 20;

/**
 * The header, and the source rewound to its beginning.
 * @throws INVALID_FORMAT.
 */
export async function npyLayout(input: Source, name: string): Promise<{ layout: NpyLayout; source: Source }> {
  for (let wanted = 4096; ; wanted *= 16) {
    const { head, source } = await peek(input, wanted);
    const layout = npyHeader(head, name);
    if (!layout) {
      if (head.length < wanted) fail('INVALID_FORMAT', `${name}: the file ends within its .npy header.`);
      input = source;
      continue;
    }
    if (source.size !== undefined && source.size < layout.end) failShort(name, layout, source.size);
    return { layout, source };
  }
}

function failShort(name: string, layout: NpyLayout, size: number): never {
  const shape = layout.shape.join(' × ') || 'one number';
  fail(
    'INVALID_FORMAT',
    `${name}: its header declares ${shape}, ${layout.end} bytes in all, but it ends after ${size}. Is it cut off?`,
  );
}

/**
 * Fills columns of doubles from the array. `column(j)` is called again for every piece, so that views of kernel memory
 * may be renewed. Doubles in Fortran order are read directly into the columns; everything else passes through a buffer
 * of about 1 MiB.
 * @throws INVALID_FORMAT for a file that ends before its last value.
 */
export async function fillColumns(
  source: Source,
  layout: NpyLayout,
  column: (j: number) => Float64Array,
  context: ReadContext,
  rounded?: RoundedIntegers,
): Promise<void> {
  const { rows, cols, itemSize, fortranOrder, start, end } = layout;
  const direct = fortranOrder && layout.kind === 'f' && itemSize === 8 && layout.littleEndian;
  const rowBytes = fortranOrder ? itemSize : itemSize * cols;
  const capacity = Math.max(1, Math.floor(PIECE / Math.max(1, rowBytes))) * rowBytes;
  const turnedColumn = (j: number) => column(columnOfFile(layout, j));
  const put = (bytes: Uint8Array, position: number) => {
    const first = (position - start) / itemSize;
    const values = decodeItems(bytes, bytes.length / itemSize, layout, (k, value) => {
      const [row, j] = placeOf(layout, first + k);
      rounded?.add(row, j, value);
    });
    if (fortranOrder) spreadColumns(values, first, rows, turnedColumn);
    else spreadRows(values, first / cols, cols, column);
  };
  if (source.readInto) {
    const buffer = new Uint8Array(capacity);
    for (let at = start; at < end; ) {
      // Each piece is read synchronously, so that no growth of kernel memory can detach the view midway.
      let target = buffer.subarray(0, Math.min(capacity, end - at));
      if (direct) {
        const index = (at - start) / 8;
        const j = Math.floor(index / rows);
        const rest = turnedColumn(j).subarray(index - j * rows, Math.min(rows, index - j * rows + (16 * PIECE) / 8));
        target = new Uint8Array(rest.buffer, rest.byteOffset, rest.byteLength) as Uint8Array<ArrayBuffer>;
      }
      const read = source.readInto(target, at);
      if (read < target.length) failShort(context.name, layout, at + read);
      if (!direct) put(target, at);
      at += read;
      context.progress(Math.floor((at - start) / (itemSize * cols)));
    }
    return;
  }
  for await (const { bytes, position } of dataPieces(source, layout, capacity, context)) put(bytes, position);
}

/**
 * The data of the array with their offsets, in pieces of `capacity` bytes (the last one may be shorter) that share one
 * buffer.
 */
async function* dataPieces(
  source: Source,
  layout: NpyLayout,
  capacity: number,
  context: ReadContext,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly position: number }, void> {
  const { start, end, itemSize, cols } = layout;
  const buffer = new Uint8Array(capacity);
  let used = 0;
  let position = 0; // of the next byte of the stream
  for await (const chunk of source.stream()) {
    let from = Math.max(0, Math.min(chunk.length, start - position));
    const to = Math.max(from, Math.min(chunk.length, end - position));
    while (from < to) {
      const count = Math.min(to - from, capacity - used);
      buffer.set(chunk.subarray(from, from + count), used);
      from += count;
      used += count;
      if (used === capacity) {
        yield { bytes: buffer, position: position + from - used };
        used = 0;
      }
    }
    position += chunk.length;
    context.progress(Math.floor(Math.max(0, Math.min(position, end) - start) / (itemSize * cols)));
  }
  if (position < end) failShort(context.name, layout, position);
  if (used > 0) yield { bytes: buffer.subarray(0, used), position: end - used };
}

/** Bytes of columns that {@link npyBlocks} holds at a time for an array in Fortran order. */
const STRIDED = 1 << 24;

/**
 * The wanted columns in blocks of rows: as rows arrive for C order; for Fortran order by reading each column's part of
 * the rows at its position.
 * @throws INVALID_PARAMETER, INVALID_FORMAT, and NOT_SUPPORTED for Fortran order in a stream.
 */
export async function* npyBlocks(
  input: Source,
  context: ReadContext,
  wanted: Wanted,
): AsyncGenerator<readonly Column[], void> {
  const { layout, source } = await npyLayout(input, context.name);
  const { rows, cols, itemSize } = layout;
  const names = npyNames(layout);
  const chosen = columnIndices(names, wanted, context.name);
  const finish = finishing(names, wanted, context);
  if (!layout.fortranOrder || cols === 1) {
    const rowBytes = itemSize * cols;
    const capacity = blockRows(layout, chosen.length) * rowBytes;
    for await (const { bytes } of dataPieces(source, layout, capacity, context)) {
      const count = bytes.length / rowBytes;
      const rounded = new RoundedIntegers();
      const values = decodeItems(bytes, count * cols, layout, (k, value) =>
        rounded.add(Math.floor(k / cols), k % cols, value),
      );
      yield chosen.map((j) =>
        finish(
          j,
          Float64Array.from({ length: count }, (_, i) => values[i * cols + j]),
          rounded,
        ),
      );
    }
    return;
  }
  if (!source.slice) {
    fail(
      'NOT_SUPPORTED',
      `${context.name} is in Fortran order, by columns, which needs random access: decompress it, or save it with numpy.ascontiguousarray.`,
    );
  }
  const most = blockRows(layout, chosen.length);
  for (let first = 0; first < rows; first += most) {
    yield await npyBlock(source, layout, chosen, first, context, finish);
    context.progress(Math.min(rows, first + most));
  }
}

/** Number of rows per block, given the number of wanted columns. */
export const blockRows = ({ itemSize, cols, fortranOrder }: NpyLayout, chosen: number): number =>
  Math.max(
    1,
    fortranOrder && cols > 1 ? Math.floor(STRIDED / (itemSize * chosen)) : Math.floor(PIECE / (itemSize * cols)),
  );

/**
 * The block of {@link npyBlocks} that begins at a given row, from a source with random access.
 * @throws INVALID_FORMAT.
 */
export async function npyBlock(
  source: Source,
  layout: NpyLayout,
  chosen: readonly number[],
  first: number,
  { name }: Pick<ReadContext, 'name'>,
  finish: Finish,
): Promise<Column[]> {
  const { rows, cols, itemSize, start, fortranOrder } = layout;
  const count = Math.min(blockRows(layout, chosen.length), rows - first);
  const items = async (at: number, length: number) => {
    const from = start + at * itemSize;
    const bytes = await source.slice!(from, from + length * itemSize);
    if (bytes.length < length * itemSize) failShort(name, layout, from + bytes.length);
    // Copied, so that it begins on an 8-byte boundary.
    return Float64Array.from(
      decodeItems(new Uint8Array(bytes), length, layout, (k, value) => {
        const [row, j] = placeOf(layout, at + k);
        rounded.add(row - first, j, value);
      }),
    );
  };
  const rounded = new RoundedIntegers();
  if (!fortranOrder || cols === 1) {
    const values = await items(first * cols, count * cols);
    return chosen.map((j) =>
      finish(
        j,
        Float64Array.from({ length: count }, (_, i) => values[i * cols + j]),
        rounded,
      ),
    );
  }
  const out: Column[] = [];
  for (const j of chosen) out.push(finish(j, await items(fileColumn(layout, j) * rows + first, count), rounded));
  return out;
}

export const npyNames = ({ cols }: NpyLayout) => Array.from({ length: cols }, (_, j) => `x${j + 1}`);

/** Row and column of the item at a place in the file. */
function placeOf(layout: NpyLayout, at: number): readonly [row: number, column: number] {
  const { rows, cols, fortranOrder } = layout;
  if (!fortranOrder) return [Math.floor(at / cols), at % cols];
  return [at % rows, columnOfFile(layout, Math.floor(at / rows))];
}

function spreadColumns(values: Float64Array, first: number, rows: number, column: (j: number) => Float64Array): void {
  for (let at = 0; at < values.length; ) {
    const j = Math.floor((first + at) / rows);
    const i = first + at - j * rows;
    const count = Math.min(values.length - at, rows - i);
    column(j).set(values.subarray(at, at + count), i);
    at += count;
  }
}

function spreadRows(values: Float64Array, firstRow: number, cols: number, column: (j: number) => Float64Array): void {
  const rows = values.length / cols;
  for (let j = 0; j < cols; j++) {
    const to = column(j);
    for (let i = 0, k = j; i < rows; i++, k += cols) to[firstRow + i] = values[k];
  }
}

export async function readNpy(input: Source, context: ReadContext): Promise<Table> {
  const { layout, source } = await npyLayout(input, context.name);
  const columns = npyNames(layout).map((name) => ({
    name,
    type: 'number' as const,
    values: new Float64Array(layout.rows),
  }));
  const rounded = new RoundedIntegers();
  await fillColumns(source, layout, (j) => columns[j].values, context, rounded);
  const { rows, shape } = layout;
  const { name, notes } = context;
  const read = columns.map((column, j) => rounded.column(column.name, j, column.values, notes));
  return { name, format: 'npy', rows, columns: read, ...(shape.length > 2 && { shape }), notes };
}

/** Makes a column of a block: texts if a category is wanted and doubles would merge its integers. */
export type Finish = (j: number, values: Float64Array, rounded: RoundedIntegers) => Column;

export function finishing(names: readonly string[], wanted: Wanted, { name: file, notes }: ReadContext): Finish {
  const types = typeof wanted === 'function' ? wanted(names, file) : undefined;
  return (j, values, rounded) => {
    const name = names[j];
    if (!rounded.firsts.some(([column]) => column === j)) return { name, type: 'number', values };
    if (types?.get(name)?.type === 'category') return rounded.category(name, j, values);
    const note = `Column '${name}' has integers beyond 2^53, which were rounded.`;
    if (!notes.includes(note)) notes.push(note);
    return { name, type: 'number', values };
  };
}

/**
 * Reads a .npy array into a matrix in kernel memory, without holding the file as well. A vector becomes one column;
 * each image becomes a row.
 * @throws as {@link readTable} does; INVALID_FORMAT also for files of other formats.
 */
export async function readNpyMatrix(input: Input, options: ReadOptions = {}): Promise<DenseMatrix> {
  const opened = await open(input, options);
  const { context, format } = opened;
  if (format !== 'npy') {
    fail('INVALID_FORMAT', `${context.name} holds ${FORMAT_NAMES[format]}, not NumPy .npy; read it with readTable.`);
  }
  return guarded(context.name, async () => {
    const { layout, source } = await npyLayout(opened.source, context.name);
    const matrix = DenseMatrix.create(layout.rows, layout.cols, { fill: false });
    try {
      await fillColumns(source, layout, (j) => matrix.column(j), context);
    } catch (error) {
      matrix.free();
      throw error;
    }
    return matrix;
  });
}

import { fail } from '@southwell/numerics/core';
import { itemsIn } from '../binary/npy-decode.ts';
import { readBytes, type Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';

/** Number types by the third byte of the file. */
const KINDS: Readonly<Record<number, readonly [kind: 'u' | 'i' | 'f', size: number]>> = {
  8: ['u', 1],
  9: ['i', 1],
  11: ['i', 2],
  12: ['i', 4],
  13: ['f', 4],
  14: ['f', 8],
};

/** Rows transposed at a time. */
const ROWS = 64;

/**
 * Whether bytes begin like an idx file (LeCun's format of MNIST): two zeros, a number type, and the number of
 * dimensions.
 */
export const isIdx = (b: Uint8Array): boolean =>
  b.length >= 8 && b[0] === 0 && b[1] === 0 && Object.hasOwn(KINDS, b[2]) && b[3] >= 1 && b[3] <= 4;

/**
 * Reads an idx array as a table: the first dimension counts the rows, the others are flattened to columns; for images
 * [n, height, width] and [n, height, width, channels] the table records their size. Labels [n] are one column.
 * O(bytes).
 * @throws INVALID_FORMAT for files that are not idx, are truncated or too long, and if images are to be resized.
 */
export async function readIdx(source: Source, { name, notes, progress, options }: ReadContext): Promise<Table> {
  const bytes = await readBytes(source);
  if (!isIdx(bytes))
    fail(
      'INVALID_FORMAT',
      `${name} does not begin like an idx file: 0, 0, a number type, and the number of dimensions.`,
    );
  const [kind, itemSize] = KINDS[bytes[2]];
  const start = 4 + 4 * bytes[3];
  if (bytes.length < start) fail('INVALID_FORMAT', `${name}: the file ends within its idx header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: bytes[3] }, (_, k) => view.getUint32(4 + 4 * k));
  const [rows, ...each] = shape;
  const cols = each.reduce((a, b) => a * b, 1);
  const end = start + rows * cols * itemSize;
  if (bytes.length !== end) {
    const why = bytes.length < end ? `ends after ${bytes.length}. Is it cut off?` : `goes on to ${bytes.length}.`;
    fail('INVALID_FORMAT', `${name}: its header declares ${shape.join(' × ')}, ${end} bytes in all, but it ${why}`);
  }
  if (rows * cols === 0) fail('INVALID_FORMAT', `${name} is ${shape.join(' × ')}: it is empty.`);
  const { resize, spell = (option) => option } = options;
  if (resize && each.length > 1 && (resize[0] !== each[0] || resize[1] !== each[1])) {
    fail(
      'INVALID_FORMAT',
      `${name} has images of ${each[0]} × ${each[1]}, not ${resize.join(' × ')}: ${spell('resize')} applies to PNG and JPEG only.`,
    );
  }
  // Copied, so that it begins on an 8-byte boundary.
  const layout = { kind, itemSize, littleEndian: false };
  const items = itemsIn(new Uint8Array(bytes.subarray(start)), rows * cols, layout);
  const column = (_: unknown, j: number) => {
    return { name: `x${j + 1}`, type: 'number' as const, values: new Float64Array(rows) };
  };
  const columns = Array.from({ length: cols }, column);
  // A few rows at a time; column by column, the whole memory would be read again for each.
  for (let first = 0; first < rows; first += ROWS) {
    const last = Math.min(rows, first + ROWS);
    for (let j = 0; j < cols; j++) {
      const { values } = columns[j];
      for (let i = first; i < last; i++) values[i] = items[i * cols + j];
    }
  }
  progress(rows);
  const [height, width, channels = 1] = each;
  return { name, format: 'idx', rows, columns, notes, ...(each.length > 1 && { images: { height, width, channels } }) };
}

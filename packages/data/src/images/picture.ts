import { fail } from '@southwell/numerics/core';
import { readBytes, type Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';
import { imageTable } from './image-table.ts';
import { checkSize, type Pixels } from './pixels.ts';
import { resized } from './resize.ts';

/** The kind of a picture file, by its signature. */
export const pictureKind = (b: Uint8Array): 'PNG' | 'JPEG' | undefined =>
  b[0] === 0x89 && b[1] === 0x50 && b[2] === 0x4e && b[3] === 0x47
    ? 'PNG'
    : b[0] === 0xff && b[1] === 0xd8 && b[2] === 0xff
      ? 'JPEG'
      : undefined;

/**
 * The pixels of a PNG or JPEG, 0 to 255; transparent pixels are blended with white. O(pixels).
 * @throws INVALID_FORMAT, naming the file, if it is neither, damaged or truncated.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Pixels> {
  const kind = pictureKind(bytes);
  if (!kind) fail('INVALID_FORMAT', `${name} is neither PNG nor JPEG${bytes.length === 0 ? ': it is empty' : ''}.`);
  // Checked here, because decoders fill in missing pixels.
  if (!endsAs(kind, bytes))
    fail('INVALID_FORMAT', `${name}: the ${kind} ends before the picture is complete. Is it cut off?`);
  try {
    return await (kind === 'PNG' ? png(bytes) : jpeg(bytes));
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/[.:\s]+$/, '');
    fail('INVALID_FORMAT', `${name} is not a readable ${kind}: ${why}.`);
  }
}

/** Whether the end marker is present: an IEND chunk, or FF D9. */
function endsAs(kind: 'PNG' | 'JPEG', b: Uint8Array): boolean {
  const mark = kind === 'PNG' ? [0x49, 0x45, 0x4e, 0x44] : [0xff, 0xd9];
  for (let at = b.length - mark.length; at > 0; at--) if (mark.every((byte, k) => b[at + k] === byte)) return true;
  return false;
}

async function png(bytes: Uint8Array): Promise<Pixels> {
  const { decode, convertIndexedToRgb } = await import('fast-png');
  const found = decode(bytes, { checkCrc: true });
  const { width, height, depth, palette } = found;
  if (palette) {
    const data = convertIndexedToRgb(found);
    return flattened({ width, height, data }, data.length / (width * height), 255);
  }
  const data = depth < 8 ? unpacked(found.data, width, height, depth) : found.data;
  return flattened({ width, height, data }, found.channels, 2 ** depth - 1);
}

/** Unpacks pixels of less than a byte; each row begins on a byte boundary. */
function unpacked(packed: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const [line, each] = [Math.ceil((width * depth) / 8), 8 / depth];
  const data = new Uint8Array(width * height);
  for (let at = 0; at < data.length; at++) {
    const [i, j] = [Math.floor(at / width), at % width];
    const byte = packed[i * line + Math.floor(j / each)];
    data[at] = (byte >> (8 - depth * ((j % each) + 1))) & (2 ** depth - 1);
  }
  return data;
}

async function jpeg(bytes: Uint8Array): Promise<Pixels> {
  const { decode } = (await import('jpeg-js')).default;
  const { width, height, data } = decode(bytes, { useTArray: true, formatAsRGBA: false, tolerantDecoding: false });
  return flattened({ width, height, data }, 3, 255);
}

/** Scales values to 255, removes transparency, and reduces to one channel if there is no colour. */
function flattened(
  { width, height, data }: { width: number; height: number; data: ArrayLike<number> },
  channels: number,
  most: number,
): Pixels {
  const [colours, alpha] = [channels > 2 ? 3 : 1, channels % 2 === 0];
  const size = width * height;
  const out = new Uint8Array(size * colours);
  let transparent = false;
  for (let at = 0; at < size; at++) {
    const share = alpha ? data[at * channels + channels - 1] / most : 1;
    transparent ||= share < 1;
    for (let k = 0; k < colours; k++)
      out[at * colours + k] = Math.round(255 * (1 + share * (data[at * channels + k] / most - 1)));
  }
  const grey = colours === 1 || out.every((value, at) => value === out[at - (at % 3)]);
  const shared = { width, height, transparent };
  if (!grey) return { ...shared, channels: 3, data: out };
  return { ...shared, channels: 1, data: colours === 1 ? out : out.filter((_, at) => at % 3 === 0) };
}

/** Reads a picture as a table with one row. */
export async function readPicture(source: Source, { name, notes, options }: ReadContext): Promise<Table> {
  const found = await decodePicture(await readBytes(source), name);
  const pixels = options.resize ? resized(found, options.resize) : found;
  checkSize(pixels, name, options.spell);
  return imageTable([pixels], { name, format: 'picture', notes });
}
